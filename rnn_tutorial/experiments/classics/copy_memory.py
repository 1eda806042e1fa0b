"""Copy memory: repeat three symbols after twenty steps, against the floor of no memory."""

import math

import torch
from torch import nn

from rnn_tutorial import tasks
from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.experiments.engine.published import Published
from rnn_tutorial.experiments.engine.tuning import Search
from rnn_tutorial.models import SequenceModel
from rnn_tutorial.networks import layer_class
from rnn_tutorial.training import Batch, evaluation_mode, sequence_cross_entropy, train_fresh
from rnn_tutorial.training.fresh import generators
from rnn_tutorial.training.objectives import check_finite

SEEDS = tuple(range(200, 210))
SEARCH = Search("ratio", (900, 901, 902), smaller_is_better=True, margin=0.01)
CELLS = ("rnn", "lstm", "gru")
DELAY, LENGTH, SYMBOLS = 20, 3, 8
FLOOR = LENGTH * math.log(SYMBOLS) / (DELAY + 2 * LENGTH)  # nats a step
UNITS = 64
BATCH = 32
STEPS = 1200
TEST_SIZE = 2000


def draw(generator: torch.Generator, size: int = BATCH) -> Batch:
    """Draw a batch of sequences, the symbols as one-hot vectors."""
    options = {"length": LENGTH, "symbols": SYMBOLS}
    sequences = tasks.copy_memory(size, DELAY, generator=generator, **options)
    return sequences.one_hot(SYMBOLS + 2).batch


@torch.no_grad()
def judge(model: nn.Module, batch) -> tuple[float, float]:
    """Return the mean loss of a step, and the share of the remembered symbols that are right."""
    (inputs,), targets = batch
    with evaluation_mode(model):
        logits, _ = model(inputs)
    recalled = logits[:, -LENGTH:].argmax(-1) == targets[:, -LENGTH:]
    check_finite(logits)
    loss = sequence_cross_entropy(logits, targets).item()
    return loss, recalled.double().mean().item()


def run(cell: str, seed: int, rate: float) -> dict[str, list[dict]]:
    """Train on fresh sequences, then test on 2000 others.

    Returns
    -------
    dict
        ``""``: mean cross-entropy of a step on the test in nats, that over the floor, and the share
        of the symbols that are repeated correctly. ``"curves"``: for each hundred steps of
        training, the loss over the floor.
    """
    training, test = generators(seed)
    layer = layer_class(cell)(SYMBOLS + 2, UNITS)
    model = SequenceModel(layer, SYMBOLS + 1)
    records = train_fresh(
        model,
        draw,
        sequence_cross_entropy,
        generator=training,
        steps=STEPS,
        learning_rate=rate,
    )
    loss, recalled = judge(model, draw(test, TEST_SIZE))
    return {
        "": [
            {
                "loss": loss,
                "ratio": loss / FLOOR,
                "recalled": recalled,
            }
        ],
        "curves": [{"step": record["step"], "ratio": record["loss"] / FLOOR} for record in records],
    }


def holds(table):
    """Say whether a tanh RNN ends at the floor, and a gated network well below it."""
    at_floor = (table["variant"] == "rnn") & ((table["ratio"] - 1).abs() <= 0.05)
    below = (table["variant"] != "rnn") & (table["ratio"] < 0.85)
    return at_floor | below


EXPERIMENT = Experiment(
    "copy_memory",
    "Three symbols, repeated after twenty steps: a tanh RNN does no better than no memory",
    run,
    by_name(CELLS),
    SEEDS,
    search=SEARCH,
    headline="ratio",
    published=Published(
        changed=("task", "network", "training"),
        ours=("lstm", "gru"),
        reference="bai2018empirical",
        claim=(
            "A recurrent network that remembers nothing ends at a loss that can be calculated, "
            "and after a delay of 1000 steps RNN, LSTM and GRU all end there."
        ),
        number=(
            "RNN 0.0202, LSTM 0.0204, GRU 0.0197 nats a step after a delay of 1000; the floor is "
            "10 ln 8 / 1020 = 0.0204"
        ),
        read_from="table",
        brief="delay of 1000, floor 0.0204: RNN 0.0202, LSTM 0.0204, GRU 0.0197",
        compared={"loss": "delay of 20, floor 0.240"},
        setup=(
            f"{LENGTH} symbols of {SYMBOLS}, {DELAY - 1} blanks, a marker, {LENGTH} blanks; "
            f"{UNITS} units and a linear readout of every step; {STEPS} batches of {BATCH} fresh "
            f"sequences; tested on {TEST_SIZE} fresh ones; the floor is {LENGTH} ln {SYMBOLS} / "
            f"{DELAY + 2 * LENGTH} = {FLOOR:.4f}"
        ),
        deviations=(
            "a delay of 20 in place of 1000, and 3 symbols in place of 10; that gated networks "
            "leave the floor is our finding at this delay, and not in the table",
            "the networks are ours: Adam, with the rate that the same search found for each, the "
            f"gradient clipped to a norm of 1, and only {STEPS} batches",
            "with a delay of 10 and 5 symbols, and a rate of 0.002 in place of 0.005, a tanh RNN "
            "left the floor as well, on both tuning seeds tried; so the floor is where it ends "
            "within this time and at this delay, not a law",
        ),
        criterion=(
            "loss within 5 % of the floor for the tanh RNN, below 0.85 times the floor for LSTM "
            "and GRU"
        ),
        holds=holds,
    ),
)
