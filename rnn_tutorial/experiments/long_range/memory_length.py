"""Two memory tasks, longer and longer: up to which length a network learns them."""

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from rnn_tutorial import tasks
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.engine.tuning import Search
from rnn_tutorial.models import SequenceModel, irnn
from rnn_tutorial.networks import Start, initialization, layers
from rnn_tutorial.training import Batch, sequence_cross_entropy, train_fresh
from rnn_tutorial.training.fresh import generators

SEEDS = tuple(range(200, 205))
SEARCH = Search("accuracy", (900, 901, 902), margin=0.01)
NETWORKS = {
    "tanh RNN": Start(),
    "tanh RNN, orthogonal": Start(change=initialization.orthogonal_),
    "ReLU RNN, identity": Start(irnn),
    "GRU": Start(layers.GRU),
}
COPYING = {name: NETWORKS[name] for name in ("tanh RNN", "GRU")}
LENGTHS = (10, 20, 30, 50, 80)  # steps of a sequence
DELAYS = (5, 10, 20, 40)  # steps between the symbols and the marker
COPIED, SYMBOLS = 2, 4
UNITS = 50
ORDER_STEPS, ORDER_BATCH = 800, 20
COPY_STEPS, COPY_BATCH = 600, 32
# Training stops when a hundred batches have a mean loss below, in nats a sequence and a step.
SOLVED, SOLVED_COPY = 0.05, 0.005
TEST_SIZE = 1000


def at_each(networks: Mapping[str, object], lengths: Sequence[int]) -> dict[str, tuple]:
    """Pair each network with each length, under names such as "GRU at 50"."""
    return {
        f"{name} at {length}": (network, length)
        for name, network in networks.items()
        for length in lengths
    }


def run_order(setup: tuple[Start, int], seed: int, rate: float) -> dict[str, list[dict]]:
    """Train on the temporal order problem, test on 1000 fresh sequences.

    Returns
    -------
    dict
        ``""``: the share of right answers on the test, and the steps of training.
    """
    start, length = setup
    training, test = generators(seed)
    model = SequenceModel.from_start(start, 6, UNITS, 4, every_step=False)

    def draw(generator: torch.Generator, size: int = ORDER_BATCH) -> Batch:
        return tasks.temporal_order(size, length, generator=generator).batch

    records = train_fresh(
        model,
        draw,
        nn.functional.cross_entropy,
        generator=training,
        steps=ORDER_STEPS,
        learning_rate=rate,
        stop_below=SOLVED,
    )
    return _judged(model, draw(test, TEST_SIZE), records)


def run_copy(setup: tuple[Start, int], seed: int, rate: float) -> dict[str, list[dict]]:
    """Train on the copy memory task with two symbols of four, test on 1000 fresh sequences.

    Returns
    -------
    dict
        ``""``: the share of the symbols that are repeated correctly, and the steps of training.
    """
    start, delay = setup
    training, test = generators(seed)
    model = SequenceModel.from_start(start, SYMBOLS + 2, UNITS, SYMBOLS + 1)

    def draw(generator: torch.Generator, size: int = COPY_BATCH) -> Batch:
        options = {"length": COPIED, "symbols": SYMBOLS}
        sequences = tasks.copy_memory(size, delay, generator=generator, **options)
        return sequences.one_hot(SYMBOLS + 2).batch

    records = train_fresh(
        model,
        draw,
        sequence_cross_entropy,
        generator=training,
        steps=COPY_STEPS,
        learning_rate=rate,
        stop_below=SOLVED_COPY,
    )
    return _judged(model, draw(test, TEST_SIZE), records, last=COPIED)


@torch.no_grad()
def _judged(model, batch, records, last=None) -> dict[str, list[dict]]:
    """Return the share of right answers, at the last steps where they are asked for."""
    (inputs,), targets = batch
    right = model(inputs)[0].argmax(-1) == targets
    right = right if last is None else right[:, -last:]
    accuracy = right.double().mean().item()
    return {"": [{"accuracy": accuracy, "steps": records[-1]["step"]}]}


ORDER = Experiment(
    "memory_length",
    "Temporal order, longer and longer: which network learns it up to which length",
    run_order,
    at_each(NETWORKS, LENGTHS),
    SEEDS,
    search=SEARCH,
)
COPY = Experiment(
    "copy_length",
    "Copy memory, longer and longer: which network learns it up to which delay",
    run_copy,
    at_each(COPYING, DELAYS),
    SEEDS,
    search=SEARCH,
)
