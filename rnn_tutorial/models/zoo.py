"""Trained models that come with the package: two character models and a classifier of surnames.

``large`` and ``small`` are the character models of chapter 10, trained by
``python -m rnn_tutorial.experiments.texts.character_checkpoints``; ``surname_lstm`` is the
classifier of chapter 6 whose gates the page shows, trained by
``python -m rnn_tutorial.experiments.names.surname_lstm``.
"""

from pathlib import Path

from torch import nn

from rnn_tutorial import _arguments
from rnn_tutorial._extras import needs
from rnn_tutorial.data.text import Vocabulary
from rnn_tutorial.models import RecurrentClassifier, checkpoint

WEIGHTS = Path(__file__).parent / "weights"
MODELS = ("large", "small", "surname_lstm")


def load(name: str, folder: Path = WEIGHTS) -> tuple[nn.Module, Vocabulary, dict[str, str]]:
    """Load a trained model.

    Parameters
    ----------
    name : {"large", "small", "surname_lstm"}
        Which one.
    folder : Path
        Where its file is, if it was trained again.

    Returns
    -------
    model : LanguageModel or RecurrentClassifier
        In evaluation mode, with its rounded weights in float32. A character model is on torch's
        layers, which are faster for single steps.
    vocabulary : Vocabulary
        The characters that it knows.
    about : dict of str to str
        The command, the seed and the versions that made it; of a character model ``bits`` and
        ``bits_rounded``, bits per character of the test text in 32 bits a weight and in 8; of the
        classifier ``classes``, the lists that it tells apart, with commas between them.

    Raises
    ------
    ValueError
        If there is no such model.
    """
    _arguments.choice("name", name, MODELS)
    path = folder / f"{name}.safetensors"
    if name != "surname_lstm":
        return checkpoint.load(path, engine="torch")
    weights, about = checkpoint.read(path)
    vocabulary = Vocabulary(about["symbols"], lowercase=True)
    model = RecurrentClassifier(
        len(vocabulary),
        len(weights["output.bias"]),
        cell=about["cell"],
        embedding_size=weights["embedding.weight"].shape[1],
        hidden_size=int(about["hidden_size"]),
    )
    model.float().load_state_dict(weights)
    return model.eval(), vocabulary, about


def log(name: str, folder: Path = WEIGHTS):
    """Return updates, bits per character and seconds of the training of a character model.

    The columns ``seconds`` and ``cpu_seconds`` are those of the clock and of the processor.
    """
    needs("data", "pandas")

    import pandas as pd

    return pd.read_csv(folder / f"{name}.csv")
