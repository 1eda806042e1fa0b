"""Compare what the frameworks computed, and write the largest differences to differences.csv."""

import csv
from pathlib import Path

import numpy as np
from problem import CELLS, read

DIFFERENCES = Path(__file__).with_name("differences.csv")
NAMES = {
    "tanh": "tanh RNN",
    "lstm": "LSTM",
    "gru": "GRU, reset after",
    "gru_before": "GRU, reset before",
}


def values(rows, framework: str, cell: str) -> np.ndarray:
    """Return all numbers of a framework and a cell, outputs and gradients."""
    return np.array(
        [float(r["value"]) for r in rows if (r["framework"], r["cell"]) == (framework, cell)]
    )


def differences(rows) -> list[dict[str, str]]:
    """Return for each cell the largest absolute difference from PyTorch, and the largest number."""
    versions = {row["framework"]: f"{row['framework']} {row['version']}" for row in rows}
    others = [name for name in versions if name != "PyTorch"]
    table = []
    for cell in CELLS:
        ours = values(rows, "PyTorch", cell)
        line = {"cell": NAMES[cell], "numbers compared": str(len(ours))}
        line["largest number"] = f"{np.abs(ours).max():.1f}"
        for other in sorted(others):
            gap = np.abs(values(rows, other, cell) - ours).max()
            line[f"{versions[other]}"] = f"{gap:.1e}"
        table.append(line)
    return table


if __name__ == "__main__":
    lines = differences(read())
    with DIFFERENCES.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    print(DIFFERENCES.read_text(encoding="utf-8"))
