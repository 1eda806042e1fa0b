"""One small problem for three frameworks: inputs, weights, and a file for what each makes of it.

It needs only NumPy, so that each framework can have an environment of its own:

    python benchmarks/frameworks/with_torch.py
    python benchmarks/frameworks/with_jax.py      # where jax is installed
    python benchmarks/frameworks/with_keras.py    # where tensorflow and keras are installed
    python benchmarks/frameworks/compare.py

Each script replaces its own rows in outputs.csv; the last one compares them.
"""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

OUTPUTS = Path(__file__).with_name("outputs.csv")
COLUMNS = ["framework", "version", "cell", "quantity", "place", "value"]
TIME, BATCH, FEATURES, HIDDEN = 6, 2, 3, 4
# blocks of rows in a weight: the GRU with its reset gate after, and before, the matrix product
CELLS = {"tanh": 1, "lstm": 4, "gru": 3, "gru_before": 3}


def problem(cell: str) -> dict[str, np.ndarray]:
    """Draw inputs, weights in torch's layout and dL/d(outputs), in float64."""
    rng = np.random.default_rng(7)
    rows = CELLS[cell] * HIDDEN
    return {
        "inputs": rng.normal(size=(TIME, BATCH, FEATURES)),
        "weight_ih": 0.5 * rng.normal(size=(rows, FEATURES)),
        "weight_hh": 0.5 * rng.normal(size=(rows, HIDDEN)),
        "bias_ih": 0.5 * rng.normal(size=rows),
        "bias_hh": 0.5 * rng.normal(size=rows),
        "from_above": rng.normal(size=(TIME, BATCH, HIDDEN)),
    }


def store(framework: str, version: str, run: Callable[..., Mapping[str, np.ndarray]]) -> None:
    """Run all cells and replace the framework's rows in outputs.csv.

    `run` takes a cell and its problem and returns the outputs (time, batch, hidden) and the
    gradients of the inputs and of W_hh in torch's layout, for the loss Σ outputs ⊙ from_above.
    """
    others = [row for row in read() if row["framework"] != framework]
    for cell in CELLS:
        for quantity, values in run(cell, problem(cell)).items():
            if values.dtype != np.float64:
                raise TypeError(f"{quantity} of {framework} must be float64, got {values.dtype}")
            others += [
                dict(
                    zip(COLUMNS, (framework, version, cell, quantity, place, repr(v)), strict=True)
                )
                for place, v in enumerate(values.ravel().tolist())
            ]
    with OUTPUTS.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(others)
    print(f"{framework} {version}: stored")


def read() -> list[dict[str, str]]:
    """Read all rows of outputs.csv; none if the file does not exist."""
    if not OUTPUTS.exists():
        return []
    with OUTPUTS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
