"""Temporal order: the task as it is trained on, the network, the criterion."""

import pandas as pd
import pytest
import torch

from rnn_tutorial.experiments.classics import temporal_order


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def short(monkeypatch):
    for name, value in {"STEPS": 200, "TIME_STEPS": 10, "UNITS": 8, "TESTS": 2}.items():
        monkeypatch.setattr(temporal_order, name, value)


def test_batches_are_of_the_task_at_its_length():
    (inputs,), targets = temporal_order.draw(64, temporal_order.TIME_STEPS)(generator())
    assert inputs.shape == (64, 50, 6)
    assert inputs.dtype == torch.float32
    relevant = inputs[:, :, :2].sum(2).bool()
    assert (relevant.sum(1) == 2).all()
    first, second = relevant.nonzero()[:, 1].view(-1, 2).T
    assert set(first.tolist()) <= set(range(5, 10))
    assert set(second.tolist()) <= set(range(25, 30))
    rows = torch.arange(64)
    symbols = inputs.argmax(2)
    assert torch.equal(2 * symbols[rows, first] + symbols[rows, second], targets)


def test_only_the_forget_gates_of_the_lstm_start_open():
    torch.manual_seed(0)
    lstm = temporal_order.build("lstm").recurrent
    assert type(lstm).__name__ == "LSTM"
    total = lstm.bias_ih_l0 + lstm.bias_hh_l0
    for place, part in enumerate(total.chunk(4)):
        assert (part == 3.0).all() if place == 1 else part.abs().max() < 0.5
    for cell, kind in (("rnn", "RNN"), ("gru", "GRU")):
        layer = temporal_order.build(cell).recurrent
        assert type(layer).__name__ == kind
        assert layer.bias_ih_l0.abs().max() < 0.5
    model = temporal_order.build("rnn")
    assert model(torch.rand(3, 9, 6))[0].shape == (3, 4)


def test_a_short_run_gives_numbers_curves_and_the_same_again(short, monkeypatch):
    tables = temporal_order.run("gru", 0)
    (record,) = tables[""]
    assert record["steps"] == tables["curves"][-1]["step"] == 200
    assert tables["curves"][0]["loss"] > tables["curves"][-1]["loss"]
    assert record["accuracy"] > 0.3, "ten steps are easy; guessing has 0.25"
    monkeypatch.setattr(temporal_order, "STEPS", 100)
    again = temporal_order.run("gru", 0)
    assert again["curves"] == tables["curves"][:1], "bit for bit"


def test_the_test_is_of_sequences_that_training_has_not_seen(short, monkeypatch):
    drawn = []
    original = temporal_order.tasks.temporal_order

    def spy(batch_size, time_steps, *, generator):
        sequences = original(batch_size, time_steps, generator=generator)
        drawn.append((batch_size, generator, sequences.inputs))
        return sequences

    monkeypatch.setattr(temporal_order.tasks, "temporal_order", spy)
    monkeypatch.setattr(temporal_order, "STEPS", 100)
    temporal_order.run("rnn", 0)
    assert [size for size, *_ in drawn] == [20] * 100 + [200] * 2
    training, test = drawn[0], drawn[-1]
    assert training[1].initial_seed() != test[1].initial_seed()


def test_a_diverging_run_is_an_error(short, monkeypatch):
    original = temporal_order.build

    def broken(cell):
        model = original(cell)
        torch.nn.init.constant_(model.output.bias, float("inf"))
        return model

    monkeypatch.setattr(temporal_order, "build", broken)
    with pytest.raises(FloatingPointError, match="batch 1"):
        temporal_order.run("rnn", 0)


def test_the_criterion_is_another_one_for_the_tanh_network():
    table = pd.DataFrame(
        {
            "variant": ["rnn", "rnn", "lstm", "lstm", "gru", "gru"],
            "accuracy": [0.25, 0.41, 0.94, 0.96, 0.25, 1.0],
        }
    )
    assert temporal_order.holds(table).tolist() == [True, False, False, True, False, True]
