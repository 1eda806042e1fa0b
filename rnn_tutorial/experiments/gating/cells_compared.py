"""tanh RNN, GRU and LSTM compared: with as many units, and with as many parameters.

A step of a layer multiplies each weight by one number, so layers with as many parameters need as
many multiplications, to within the biases. Beside that stands the time of the processor.
"""

import time
from dataclasses import dataclass

import torch
from torch import nn

from rnn_tutorial import tasks
from rnn_tutorial.data.batching import Batches
from rnn_tutorial.data.letters import MAX_LENGTH
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.engine.tuning import Search
from rnn_tutorial.models import RecurrentClassifier, SequenceModel
from rnn_tutorial.networks import layer_class
from rnn_tutorial.networks.sizes import BLOCKS, size_of, units_for
from rnn_tutorial.states import gates
from rnn_tutorial.training import (
    Batch,
    Objective,
    count_parameters,
    fit,
    measure,
    squared_error,
    train_fresh,
)
from rnn_tutorial.training.fresh import generators
from rnn_tutorial.training.next_symbol import surname_parts

SEEDS = tuple(range(200, 205))
SEARCH = Search("validation_error", (900, 901, 902), smaller_is_better=True)
TIME_STEPS, BATCH, STEPS, EVERY = 20, 32, 1500, 50
UNITS = {"adding": 32, "surnames": 64}  # of the LSTM
FEATURES = {"adding": 2, "surnames": 32}
EPOCHS = 6
NETWORKS = {  # cell, and whether it has as many parameters as the LSTM, or as many units
    "tanh RNN, as many units": ("rnn", False),
    "GRU, as many units": ("gru", False),
    "tanh RNN, as many parameters": ("rnn", True),
    "GRU, as many parameters": ("gru", True),
    "LSTM": ("lstm", True),
}
# whose units are recorded one by one, on one sequence or name; of all others the mean over units
TRACED, TRACED_NETWORKS, TRACED_NAME = SEEDS[0], ("GRU, as many units", "LSTM"), "Hanáková"
# of the test part, with the list that they stand in
NAMES = {"Więckiewicz": "Polish", "Hanáková": "Slovak", "Mac Giolla Ghunna": "Irish"}


@dataclass(frozen=True)
class Setup:
    """A task, a cell with its units, and whether units are recorded one by one."""

    task: str
    cell: str
    units: int
    traced: bool


def setup_of(task: str, network: str) -> Setup:
    """Choose the number of units of a network on a task."""
    (cell, as_many_parameters), units = NETWORKS[network], UNITS[task]
    if as_many_parameters:
        units = units_for(cell, size_of("lstm", units, FEATURES[task]), FEATURES[task])
    return Setup(task, cell, units, network in TRACED_NETWORKS)


def run(setup: Setup, seed: int, rate: float) -> dict[str, list[dict]]:
    """Train a network on a task and test it once.

    Returns
    -------
    dict
        ``""``: units and parameters of the recurrent layer, the multiplications of a step forward,
        the score, batches, and seconds of the processor for a batch. The score is the mean squared
        error on 2000 fresh sequences, or the share of test names that are right; by the validation
        error, rates are compared: the same mean squared error, or the share of validation names
        that are wrong. ``"curves"``:
        the mean squared error of fifty batches, or the right answers on the validation set after
        each epoch. ``"gates"``, for networks with gates: see `trace_adding` and `trace_names`.
    """
    task, cell, hidden = setup.task, setup.cell, setup.units
    model, found, gated = (train_on_adding if task == "adding" else train_on_surnames)(
        cell, hidden, seed, rate
    )
    blocks = BLOCKS[cell]
    found[""][0] |= {
        "units": hidden,
        "parameters": count_parameters(model.recurrent),
        "multiplications": blocks * hidden * (hidden + FEATURES[task]),
    }
    if cell == "rnn":
        return found
    each_unit = setup.traced and seed == TRACED
    return found | {"gates": gated(model, seed, each_unit)}


def draw(generator: torch.Generator, size: int = BATCH) -> Batch:
    """Draw a batch of the adding problem."""
    return tasks.adding(size, TIME_STEPS, generator=generator).batch


def train_on_adding(cell: str, hidden: int, seed: int, rate: float):
    """Train on the adding problem at a constant rate.

    Return the model, its tables, and what traces its gates.
    """
    training, test = generators(seed)
    model = SequenceModel(layer_class(cell)(FEATURES["adding"], hidden), 1, every_step=False)
    start = time.process_time()
    records = train_fresh(
        model, draw, squared_error, generator=training, steps=STEPS,
        learning_rate=rate, every=EVERY,
    )  # fmt: skip
    taken = time.process_time() - start
    batches = [draw(test, 200) for _ in range(10)]
    score, _ = measure(model, batches, Objective(squared_error))
    return (
        model,
        _tables(score, score, STEPS, taken, ((r["step"], r["loss"]) for r in records)),
        trace_adding,
    )


def train_on_surnames(cell: str, hidden: int, seed: int, rate: float):
    """Train on surnames at a rate that rises and falls.

    Return the model, its tables, and what traces its gates.
    """
    parts, vocabulary = surname_parts()
    torch.manual_seed(seed)
    model = RecurrentClassifier(
        len(vocabulary), len(parts.train.classes), cell=cell,
        embedding_size=FEATURES["surnames"], hidden_size=hidden,
    )  # fmt: skip
    generator = torch.Generator().manual_seed(seed)
    batches = Batches.from_texts(parts.train, vocabulary, 64, MAX_LENGTH, generator=generator)
    optimizer = torch.optim.Adam(model.parameters())
    steps = EPOCHS * len(batches)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=rate, total_steps=steps)
    start = time.process_time()
    history = fit(
        model, batches, Batches.from_texts(parts.validation, vocabulary, 256, MAX_LENGTH),
        epochs=EPOCHS, optimizer=optimizer, scheduler=scheduler, progress=False,
    )  # fmt: skip
    taken = time.process_time() - start
    _, score = measure(model, Batches.from_texts(parts.test, vocabulary, 256, MAX_LENGTH))
    curve = (
        (number * len(batches), epoch.validation_score)
        for number, epoch in enumerate(history.epochs, start=1)
    )

    def of_this(model, seed, each_unit):
        return trace_names(model, vocabulary, parts.train.classes, each_unit)

    error = 1 - history.epochs[-1].validation_score
    return model, _tables(score, error, steps, taken, curve), of_this


def _tables(score, error, steps, taken, curve) -> dict[str, list[dict]]:
    main = {
        "score": score,
        "validation_error": error,
        "batches": steps,
        "batch_seconds": taken / steps,
    }
    return {
        "": [main],
        "curves": [{"batches": step, "score": value} for step, value in curve],
    }


def _gates(model, inputs) -> dict[str, torch.Tensor]:
    """Return the gates alone, (time, batch, hidden)."""
    return {k: v for k, v in gates.trace(model.recurrent, inputs).items() if k in "ifozr"}


@torch.no_grad()
def trace_adding(model: nn.Module, seed: int, each_unit: bool) -> list[dict]:
    """Record gates on the adding problem.

    Returns
    -------
    list of dict
        Unit -1: the mean over all units and 500 sequences, at steps with and without a mark. Other
        units, if asked for: each step of one sequence.
    """
    (inputs,), _ = draw(torch.Generator().manual_seed(2_000_000 + seed), 500)
    found, marked = _gates(model, inputs.transpose(0, 1)), inputs[..., 1].T == 1
    rows = [
        _row("500 sequences", gate, 0, kind, -1, v[at].mean().item())
        for gate, v in found.items()
        for kind, at in (("mark", marked), ("no mark", ~marked))
    ]
    labels = [f"{value:.2f}{'*' if mark else ''}" for value, mark in inputs[0].tolist()]
    return rows + (_units("one", found, labels) if each_unit else [])


@torch.no_grad()
def trace_names(model: nn.Module, vocabulary, classes, each_unit: bool) -> list[dict]:
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
    {f"{task}: {name}": setup_of(task, name) for task in UNITS for name in NETWORKS},
    SEEDS,
    headline="score",
    search=SEARCH,
)
