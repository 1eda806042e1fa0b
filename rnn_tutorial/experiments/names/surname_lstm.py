"""The trained LSTM of chapter 6 whose gates the page shows, and the command that made it.

``python -m rnn_tutorial.experiments.names.surname_lstm`` repeats a run of `cells_compared`, that of
the network whose gates are recorded unit by unit, and writes its weights with 8 bits each to
``checkpoints/surname_lstm.safetensors``.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from rnn_tutorial.data.text import Vocabulary
from rnn_tutorial.experiments.engine.runner import provenance
from rnn_tutorial.experiments.gating import cells_compared
from rnn_tutorial.experiments.names import surnames
from rnn_tutorial.models import RecurrentClassifier, quantization
from rnn_tutorial.training.loop import measure
from rnn_tutorial.training.next_symbol import surname_parts

PATH = Path(__file__).parents[1] / "checkpoints" / "surname_lstm.safetensors"
SEED = cells_compared.TRACED
UNITS, FEATURES = cells_compared.UNITS["surnames"], cells_compared.FEATURES["surnames"]


def make(path: Path = PATH) -> dict[str, str]:
    """Train the network, write it, and return what the header of the file says."""
    model, tables, _ = cells_compared.on_surnames("lstm", UNITS, SEED)
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
    quantization.write(path, model.state_dict(), about)
    return about


def load(path: Path = PATH) -> tuple[RecurrentClassifier, Vocabulary, tuple[str, ...]]:
    """Read the network with its rounded weights.

    Returns
    -------
    model : RecurrentClassifier
        In float32 and evaluation mode.
    vocabulary : Vocabulary
        The letters that it knows, in lower case.
    classes : tuple of str
        The lists that it tells apart.
    """
    weights, about = quantization.read(path)
    vocabulary = Vocabulary(about["symbols"], lowercase=True)
    classes = tuple(about["classes"].split(","))
    model = RecurrentClassifier(
        len(vocabulary), len(classes), cell="lstm", embedding_size=FEATURES, hidden_size=UNITS
    )
    model.float().load_state_dict(weights)
    return model.eval(), vocabulary, classes


def accuracies(shifts: Iterable[float] = (0.0,)) -> list[float]:
    """Return the share of right test names for each number that is added to the forget biases."""
    model, vocabulary, _ = load()
    model.double()  # the same on every processor
    bias = model.recurrent.bias_ih_l0.detach().chunk(4)[1]
    trained, (parts, _) = bias.clone(), surname_parts()
    batches = surnames.make_batches(parts.test, vocabulary, 256)
    found = []
    for shift in shifts:
        bias.copy_(trained + shift)
        found.append(measure(model, batches)[1])
    return found


def main() -> int:
    """Train the network and rewrite its file."""
    for key, value in make().items():
        print(f"{key} {value}")
    print(f"accuracy_rounded {accuracies()[0]:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
