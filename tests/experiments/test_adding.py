"""The adding problem: the loss, the baseline, the starts of the networks, the criterion."""

import pandas as pd
import pytest
import torch

from rnn_tutorial.experiments.classics import adding
from rnn_tutorial.training import Objective, measure, squared_error


def batch(size=4000):
    return adding.draw(size, 50)(torch.Generator().manual_seed(0))


class Constant(torch.nn.Module):
    """Always answers 1."""

    def forward(self, inputs):
        return torch.ones(len(inputs), 1)


def test_batches_are_of_the_task_at_its_length():
    (inputs,), targets = batch(32)
    assert inputs.shape == (32, 50, 2)
    assert inputs.dtype == torch.float32
    values, marks = inputs.unbind(2)
    assert (marks.sum(1) == 2).all()
    torch.testing.assert_close((values * marks).sum(1), targets)


def test_the_baseline_is_the_error_of_a_constant():
    mse, _ = measure(Constant(), [batch(20_000)], Objective(squared_error))
    assert mse == pytest.approx(adding.CONSTANT, abs=0.005)


def test_the_error_is_that_of_each_sequence_and_not_of_all_pairs():
    outputs, targets = torch.tensor([[0.0], [1.0], [3.0]]), torch.tensor([1.0, 1.0, 1.0])
    assert squared_error(outputs, targets).item() == pytest.approx(5 / 3)
    apart = torch.tensor([0.0, 1.0, 3.0])
    assert squared_error(outputs, apart).item() == 0.0


def test_a_short_run_learns_short_sums_and_is_the_same_again(monkeypatch):
    for name, value in {"STEPS": 300, "TIME_STEPS": 4, "TESTS": 1}.items():
        monkeypatch.setattr(adding, name, value)
    tables = adding.run(adding.SETUPS["gru"], 0)
    assert tables == adding.run(adding.SETUPS["gru"], 0)
    (record,) = tables[""]
    assert record["mse"] < 0.1 < tables["curves"][0]["mse"]
    assert record["steps"] == tables["curves"][-1]["step"]


def test_a_diverging_run_is_an_error(monkeypatch):
    monkeypatch.setattr(adding, "TIME_STEPS", 4)
    monkeypatch.setattr(adding, "squared_error", lambda outputs, targets: outputs.sum() / 0.0)
    with pytest.raises(FloatingPointError, match="batch 1"):
        adding.run(adding.SETUPS["rnn"], 0)


def test_the_criterion_is_one_for_each_kind():
    table = pd.DataFrame(
        {
            "variant": ["rnn", "rnn", "irnn", "irnn", "lstm", "lstm", "gru", "gru"],
            "mse": [0.16, 0.09, 0.09, 0.11, 0.01, 0.03, 0.03, 0.0],
        }
    )
    expected = [True, False, True, False, True, False, False, True]
    assert adding.holds(table).tolist() == expected
