"""Character models of six tragedies: three cells beside their seconds, and the two that are stored.

Settings were chosen with seed 0 on the last tenth of each training part; the test text was read
once, at the end. Numbers of updates are fixed, not seconds, so that a run can be repeated: those of
the three cells were chosen so that each takes about the same time of the processor here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from rnn_tutorial.data.batching import Streams
from rnn_tutorial.data.plays import tragedies
from rnn_tutorial.data.text import Vocabulary
from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.models import LanguageModel, quantization
from rnn_tutorial.networks.initialization import forget_bias_
from rnn_tutorial.training.language import bits_of, train_on_streams
from rnn_tutorial.training.loop import count_parameters

SEEDS = (10, 11, 12, 13, 14)  # not the one that settings were chosen with
EVERY = 50  # updates between two points of a curve


@dataclass(frozen=True)
class Setup:
    """How a character model is trained.

    Parameters
    ----------
    cell : {"lstm", "gru", "rnn"}
        The kind of recurrent layer.
    hidden_size : int
        Number of units.
    updates : int
        How many chunks it learns from.
    rate : float
        The largest learning rate of the schedule.
    streams, steps : int
        The shape of a chunk.
    engine : {"torch", "rnn_tutorial"}
        Whose layers; each cell has those that are faster here.
    """

    cell: str
    hidden_size: int
    updates: int
    rate: float
    streams: int = 32
    steps: int = 64
    engine: str = "torch"


LARGE = Setup("gru", 256, 1400, 0.01, engine="rnn_tutorial")
CELLS = {
    "lstm": Setup("lstm", 128, 540, 0.02),
    "gru": Setup("gru", 128, 470, 0.02, engine="rnn_tutorial"),
    "rnn": Setup("rnn", 128, 1200, 0.008, engine="rnn_tutorial"),
    # that of the chapter, and cheap enough to be repeated by tests
    "live": Setup("rnn", 128, 550, 0.01, steps=50, engine="rnn_tutorial"),
}
# trained by `python -m rnn_tutorial.experiments.texts.character_checkpoints`
CHECKPOINTS = {
    "large": LARGE,
    "small": Setup("gru", 192, 1400, 0.01, engine="rnn_tutorial"),
}
FOLDER = Path(__file__).parents[1] / "checkpoints"


@dataclass(frozen=True)
class Texts:
    """Training and test text as symbols.

    Parameters
    ----------
    train, test : Tensor of int64, (length,)
        The parts of `rnn_tutorial.data.plays.tragedies`.
    vocabulary : Vocabulary
        Of the characters of the training text, the most frequent first.
    """

    train: Tensor
    test: Tensor
    vocabulary: Vocabulary


@lru_cache(maxsize=1)
def load() -> Texts:
    """Return the six tragedies as symbols of a vocabulary of the training text."""
    train, test = tragedies()
    vocabulary = Vocabulary.from_tokens([list(train)])
    tokens = (torch.tensor(vocabulary.look_up(list(text))) for text in (train, test))
    return Texts(*tokens, vocabulary)


def build(setup: Setup, vocabulary_size: int, seed: int) -> LanguageModel:
    """Draw an untrained model: an embedding of 64, one layer, and a forget bias of 1."""
    torch.manual_seed(seed)
    model = LanguageModel(
        vocabulary_size,
        cell=setup.cell,
        hidden_size=setup.hidden_size,
        embedding_size=64,
        engine=setup.engine,
    )
    if setup.cell == "lstm":
        forget_bias_(model.recurrent, 1.0)
    return model


def train(
    setup: Setup,
    tokens: Tensor,
    vocabulary_size: int,
    seed: int,
    report: Callable[[int, float], None] | None = None,
    *,
    stop: int | None = None,
) -> tuple[LanguageModel, list[float]]:
    """Train a model with Adam, a learning rate that rises and falls, and clipping to norm 1.

    Parameters
    ----------
    setup : Setup
        What to train, and for how long.
    tokens : Tensor of int64, (length,)
        The training text.
    vocabulary_size, seed : int
        The number of symbols; the seed draws the initial weights, all else is fixed.
    report : callable, optional
        See `rnn_tutorial.training.language.train_on_streams`.
    stop : int, optional
        Stop after so many updates, with the schedule of the whole run.

    Returns
    -------
    model : LanguageModel
        Trained.
    bits : list of float
        Bits per character of each chunk before its update.
    """
    model = build(setup, vocabulary_size, seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=setup.rate)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, setup.rate, total_steps=setup.updates, pct_start=0.1
    )
    bits = train_on_streams(
        model,
        Streams(tokens, setup.streams, setup.steps),
        stop or setup.updates,
        optimizer=optimizer,
        scheduler=scheduler,
        report=report,
    )
    return model, bits


def load_checkpoint(name: str) -> tuple[LanguageModel, Vocabulary, dict[str, str]]:
    """Load a committed character model, on torch's layers, which are faster for single steps.

    Parameters
    ----------
    name : {"large", "small"}
        Which; see `CHECKPOINTS`.

    Returns
    -------
    model, vocabulary, about
        As `rnn_tutorial.models.quantization.load` returns them. ``about`` holds the command, the
        seed, the versions, and bits per character of the test text in 32 bits and in 8.

    Raises
    ------
    ValueError
        If there is no such model.
    """
    if name not in CHECKPOINTS:
        raise ValueError(f"name must be one of {', '.join(CHECKPOINTS)}, got {name!r}")
    return quantization.load(FOLDER / f"{name}.safetensors", engine="torch")


def load_log(name: str) -> pd.DataFrame:
    """Return the log of a committed model: bits and seconds by the clock and of the processor."""
    return pd.read_csv(FOLDER / f"{name}.csv")


def curve(bits: list[float]) -> list[dict[str, float]]:
    """Return the mean of the training bits over each stretch of `EVERY` updates."""
    return [
        {"updates": end, "bits": round(float(np.mean(bits[end - EVERY : end])), 4)}
        for end in range(EVERY, len(bits) + 1, EVERY)
    ]


def measure(setup: Setup, seed: int) -> dict[str, list[dict]]:
    """Train one model and read the test text once.

    Returns
    -------
    dict
        ``""``: bits per character of the test text, with the state carried and not, and of the end
        of training; ``"curves"``: bits during training.
    """
    texts = load()
    model, bits = train(setup, texts.train, len(texts.vocabulary), seed)
    measured = {
        "bits": bits_of(model, texts.test).mean().item(),
        "bits_reset": bits_of(model, texts.test, chunk=setup.steps, carry=False).mean().item(),
        "train_bits": float(np.mean(bits[-EVERY:])),
        "updates": setup.updates,
        "characters": setup.updates * setup.streams * setup.steps,
        "parameters": count_parameters(model),
    }
    return {"": [{k: round(v, 6) for k, v in measured.items()}], "curves": curve(bits)}


COMPARED = Experiment(
    "character_cells",
    "Bits per character of tragedies: LSTM, GRU and tanh RNN, with the time of each",
    lambda variant, seed: measure(CELLS[variant], seed),
    by_name(CELLS),
    SEEDS,
    headline="bits",
)
OVER_SEEDS = Experiment(
    "character_large",
    "Bits per character of tragedies: the large GRU over seeds",
    lambda variant, seed: measure(CHECKPOINTS[variant], seed),
    by_name(["large"]),
    SEEDS,
    headline="bits",
)
