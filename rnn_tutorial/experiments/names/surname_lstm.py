"""The command that trained the LSTM of chapter 6 whose gates the page shows.

``python -m rnn_tutorial.experiments.names.surname_lstm`` repeats a run of `cells_compared`, that of
the network whose gates are recorded unit by unit, and writes its weights with 8 bits each to
``models/weights/surname_lstm.safetensors``.
"""

import sys
from pathlib import Path

from rnn_tutorial.experiments.engine.runner import provenance
from rnn_tutorial.experiments.engine.tuning import chosen_rate
from rnn_tutorial.experiments.gating import cells_compared
from rnn_tutorial.models import checkpoint, zoo
from rnn_tutorial.training.next_symbol import surname_parts

SEED = cells_compared.TRACED
UNITS = cells_compared.UNITS["surnames"]


def make(folder: Path = zoo.WEIGHTS) -> dict[str, str]:
    """Train the network, write it, and return the metadata of the file."""
    rate = chosen_rate(cells_compared.EXPERIMENT.name, "surnames: LSTM")
    model, tables, _ = cells_compared.train_on_surnames("lstm", UNITS, SEED, rate)
    parts, vocabulary = surname_parts()
    about = {
        "cell": "lstm",
        "hidden_size": str(UNITS),
        "symbols": "".join(vocabulary.tokens[2:]),
        "classes": ",".join(parts.train.classes),
        "command": "python -m rnn_tutorial.experiments.names.surname_lstm",
        "seed": str(SEED),
        "accuracy": f"{tables[''][0]['score']:.4f}",
        **{key: str(value) for key, value in provenance().items()},
    }
    checkpoint.write(folder / "surname_lstm.safetensors", model.state_dict(), about)
    return about


def main() -> int:
    """Train the network and rewrite its file."""
    for key, value in make().items():
        print(f"{key} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
