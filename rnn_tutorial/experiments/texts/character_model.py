"""Character models of six tragedies: three cells with their seconds, and the two that are stored.

Settings were chosen with seed 0 on the last tenth of each training part; the test text was read
once, at the end. Numbers of updates are fixed, not seconds, so that a run can be repeated: those of
the three cells were chosen so that each takes about the same time of the processor here.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnn_tutorial.data.batching import Streams
from rnn_tutorial.data.plays import encoded_tragedies
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.models import LanguageModel
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
        Whose layers; each cell uses those that are faster here.
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
    # that of the chapter, cheap enough to be repeated by tests
    "live": Setup("rnn", 128, 550, 0.01, steps=50, engine="rnn_tutorial"),
}
# of the zoo, trained by `python -m rnn_tutorial.experiments.texts.character_checkpoints`
CHECKPOINTS = {
    "large": LARGE,
    "small": Setup("gru", 192, 1400, 0.01, engine="rnn_tutorial"),
}


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
        The number of symbols; the seed draws the initial weights; everything else is fixed.
    report : callable, optional
        See `rnn_tutorial.training.language.train_on_streams`.
    stop : int, optional
        Stop after this many updates of the schedule of the whole run.

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
    texts = encoded_tragedies()
    model, bits = train(setup, texts.train, len(texts.vocabulary), seed)
    measured = {
        "bits": bits_of(model, texts.test).mean().item(),
        "bits_reset": bits_of(model, texts.test, chunk=setup.steps, carry=False).mean().item(),
        "train_bits": float(np.mean(bits[-EVERY:])),
        "updates": setup.updates,
        "characters": setup.updates * setup.streams * setup.steps,
        "parameters": count_parameters(model),
    }
    return {"": [measured], "curves": curve(bits)}


COMPARED = Experiment(
    "character_cells",
    "Bits per character of tragedies: LSTM, GRU and tanh RNN, with the time of each",
    measure,
    CELLS,
    SEEDS,
    headline="bits",
)
OVER_SEEDS = Experiment(
    "character_large",
    "Bits per character of tragedies: the large GRU over seeds",
    measure,
    {"large": LARGE},
    SEEDS,
    headline="bits",
)
