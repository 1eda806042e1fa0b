"""tanh RNN, GRU and LSTM compared: with as many units, and with as many parameters.

A step of a layer multiplies each weight by one number, so layers with as many parameters need as
many multiplications, to within the biases. Beside that stands the time of the processor.
"""

import time

import torch
from torch import nn

from rnn_tutorial import tasks
from rnn_tutorial.data import name_lists
from rnn_tutorial.data.batching import Batches
from rnn_tutorial.data.labeled import split
from rnn_tutorial.data.text import Vocabulary
from rnn_tutorial.experiments import _fresh
from rnn_tutorial.experiments.classics.adding import squared_error
from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.experiments.names.surnames import MAX_LENGTH
from rnn_tutorial.models import RecurrentClassifier
from rnn_tutorial.networks.sizes import BLOCKS, size_of, units_for
from rnn_tutorial.states import gates
from rnn_tutorial.training.loop import count_parameters, fit, measure

SEEDS = tuple(range(100, 105))
# Rates were chosen for the networks with as many parameters: on adding with seeds 0 and 1 from .001
# (tanh RNN only), .003 and .01; on surnames with seed 0 and the validation set from .002 and .005
# (tanh RNN), or .003, .01 and .02.
TIME_STEPS, BATCH, STEPS, EVERY = 20, 32, 1500, 50
RATES = {"rnn": 0.003, "gru": 0.01, "lstm": 0.01}
UNITS = {"adding": 32, "surnames": 64}  # of the LSTM
FEATURES = {"adding": 2, "surnames": 32}
EPOCHS = 6
PEAKS = {"rnn": 0.005, "gru": 0.02, "lstm": 0.01}  # of a rate that rises and falls
NETWORKS = {  # cell, and whether it has as many parameters as the LSTM, or as many units
    "tanh RNN, as many units": ("rnn", False),
    "GRU, as many units": ("gru", False),
    "tanh RNN, as many parameters": ("rnn", True),
    "GRU, as many parameters": ("gru", True),
    "LSTM": ("lstm", True),
}
VARIANTS = tuple(f"{task}: {network}" for task in UNITS for network in NETWORKS)
# whose units are recorded one by one, on one sequence or name; of all others the mean over units
TRACED, TRACED_NETWORKS, TRACED_NAME = SEEDS[0], ("GRU, as many units", "LSTM"), "Hanáková"
# of the test part, with the list that they stand in
NAMES = {"Więckiewicz": "Polish", "Hanáková": "Slovak", "Mac Giolla Ghunna": "Irish"}


def units(task: str, network: str) -> tuple[str, int]:
    """Return the cell of a network and its number of units on a task."""
    cell, as_many_parameters = NETWORKS[network]
    if not as_many_parameters:
        return cell, UNITS[task]
    size = size_of("lstm", UNITS[task], FEATURES[task])
    return cell, units_for(cell, size, FEATURES[task])


def draw(batch_size: int):
    """Return what draws a batch of the adding problem."""

    def batch(generator: torch.Generator):
        sequences = tasks.adding(batch_size, TIME_STEPS, generator=generator)
        return (sequences.inputs,), sequences.targets

    return batch


def run(variant: str, seed: int) -> dict[str, list[dict]]:
    """Train a network on a task and test it once.

    Returns
    -------
    dict
        ``""``: units and parameters of the recurrent layer, the multiplications of a step forward,
        the score, batches, and seconds of the processor for a batch. The score is the mean squared
        error on 2000 fresh sequences, or the share of test names that are right. ``"curves"``:
        the mean squared error of fifty batches, or the right answers on the validation set after
        each epoch. ``"gates"``, for networks with gates: see `of_adding` and `of_names`.
    """
    task, network = variant.split(": ")
    cell, hidden = units(task, network)
    model, found, gated = (on_adding if task == "adding" else on_surnames)(cell, hidden, seed)
    blocks = BLOCKS[cell]
    found[""][0] |= {
        "units": hidden,
        "parameters": count_parameters(model.recurrent),
        "multiplications": blocks * hidden * (hidden + FEATURES[task]),
    }
    if cell == "rnn":
        return found
    each_unit = seed == TRACED and network in TRACED_NETWORKS
    return found | {"gates": gated(model, seed, each_unit)}


def on_adding(cell: str, hidden: int, seed: int):
    """Train on the adding problem; return the model, its tables, and what traces its gates."""
    training, test = _fresh.generators(seed)
    model = _fresh.Network(cell, FEATURES["adding"], hidden, 1, every_step=False)
    start = time.process_time()
    records = _fresh.train(
        model, draw(BATCH), squared_error, generator=training, steps=STEPS,
        learning_rate=RATES[cell], every=EVERY,
    )  # fmt: skip
    taken = time.process_time() - start
    score, _ = measure(model, [draw(200)(test) for _ in range(10)], squared_error)
    return model, _tables(score, STEPS, taken, ((r["step"], r["loss"]) for r in records)), of_adding


def on_surnames(cell: str, hidden: int, seed: int):
    """Train on surnames; return the model, its tables, and what traces its gates."""
    parts = split(name_lists.surnames(), seed=0)
    vocabulary = Vocabulary.from_texts(parts.train.texts, lowercase=True)
    torch.manual_seed(seed)
    model = RecurrentClassifier(
        len(vocabulary), len(parts.train.classes), cell=cell,
        embedding_size=FEATURES["surnames"], hidden_size=hidden,
    )  # fmt: skip
    generator = torch.Generator().manual_seed(seed)
    batches = Batches.from_texts(parts.train, vocabulary, 64, MAX_LENGTH, generator=generator)
    optimizer = torch.optim.Adam(model.parameters())
    steps = EPOCHS * len(batches)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=PEAKS[cell], total_steps=steps
    )
    start = time.process_time()
    history = fit(
        model, batches, Batches.from_texts(parts.validation, vocabulary, 256, MAX_LENGTH),
        epochs=EPOCHS, optimizer=optimizer, scheduler=scheduler, progress=False,
    )  # fmt: skip
    taken = time.process_time() - start
    _, score = measure(model, Batches.from_texts(parts.test, vocabulary, 256, MAX_LENGTH))
    curve = (
        (number * len(batches), epoch.validation_accuracy)
        for number, epoch in enumerate(history.epochs, start=1)
    )

    def of_this(model, seed, each_unit):
        return of_names(model, vocabulary, parts.train.classes, each_unit)

    return model, _tables(score, steps, taken, curve), of_this


def _tables(score, steps, taken, curve) -> dict[str, list[dict]]:
    main = {"score": round(score, 6), "batches": steps, "batch_seconds": round(taken / steps, 6)}
    return {
        "": [main],
        "curves": [{"batches": step, "score": round(value, 6)} for step, value in curve],
    }


def _gates(model, inputs) -> dict[str, torch.Tensor]:
    """Return the gates alone, (time, batch, hidden)."""
    return {k: v for k, v in gates.trace(model.recurrent, inputs).items() if k in "ifozr"}


@torch.no_grad()
def of_adding(model: nn.Module, seed: int, each_unit: bool) -> list[dict]:
    """Record gates on the adding problem.

    Returns
    -------
    list of dict
        Unit -1: the mean over all units and 500 sequences, at steps with and without a mark. Other
        units, if asked for: each step of one sequence.
    """
    (inputs,), _ = draw(500)(torch.Generator().manual_seed(2_000_000 + seed))
    found, marked = _gates(model, inputs.transpose(0, 1)), inputs[..., 1].T == 1
    rows = [
        _row("500 sequences", gate, 0, kind, -1, v[at].mean().item())
        for gate, v in found.items()
        for kind, at in (("mark", marked), ("no mark", ~marked))
    ]
    labels = [f"{value:.2f}{'*' if mark else ''}" for value, mark in inputs[0].tolist()]
    return rows + (_units("one", found, labels) if each_unit else [])


@torch.no_grad()
def of_names(model: nn.Module, vocabulary, classes, each_unit: bool) -> list[dict]:
    """Record gates and the answer letter by letter, on a few names.

    Returns
    -------
    list of dict
        Unit -1: the mean over all units; as gate "right" the probability of the right list if the
        name ended here. Other units, if asked for: on `TRACED_NAME`.
    """
    rows = []
    for name, wanted in NAMES.items():
        embedded = model.embedding(torch.tensor([vocabulary.encode(name)]))
        found = _gates(model, embedded)
        answers = model.output(gates.trace(model.recurrent, embedded)["h"]).softmax(-1)[:, 0]
        means = {gate: values[:, 0].mean(1) for gate, values in found.items()}
        means["right"] = answers[:, classes.index(wanted)]
        rows += [
            _row(name, gate, step, letter, -1, value)
            for gate, values in means.items()
            for step, (letter, value) in enumerate(zip(name, values.tolist(), strict=True), 1)
        ]
        rows += _units(name, found, name) if each_unit and name == TRACED_NAME else []
    return rows


def _units(sequence: str, found, labels) -> list[dict]:
    """Return each unit's gates at each step of the first sequence."""
    return [
        _row(sequence, gate, step, label, unit, value)
        for gate, values in found.items()
        for step, (label, row) in enumerate(zip(labels, values[:, 0].tolist(), strict=True), 1)
        for unit, value in enumerate(row)
    ]


def _row(sequence: str, gate: str, step: int, read: str, unit: int, value: float) -> dict:
    return {
        "sequence": sequence, "gate": gate, "step": step, "read": read, "unit": unit,
        "value": round(value, 3),
    }  # fmt: skip


EXPERIMENT = Experiment(
    "cells_compared",
    "tanh RNN, GRU and LSTM with as many units and with as many parameters",
    run,
    by_name(VARIANTS),
    SEEDS,
    headline="score",
)
