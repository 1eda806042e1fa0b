"""Truncated gradients: what is compared, what the reach cuts off, where the marks are."""

import pytest
import torch

from rnn_tutorial import tasks
from rnn_tutorial.experiments.long_range import truncation
from tests.task_tools import generator


@pytest.mark.parametrize("variant", ["adding, tanh RNN", "letters, LSTM with forget bias 3"])
def test_a_gradient_over_the_whole_length_is_the_full_one(variant, monkeypatch):
    monkeypatch.setattr(truncation, "REACHES", (1, 5, 50))
    tables = truncation.COSINE.measure(variant, 3)
    rows = {row["k"]: row for row in tables["reaches"]}
    assert rows[50] == {"k": 50, "cosine": 1.0, "length": 1.0}
    assert rows[1]["cosine"] < rows[5]["cosine"] < 1.0
    assert tables[""][0]["cosine_at_5"] == rows[5]["cosine"]
    assert truncation.COSINE.measure(variant, 3) == tables


def test_the_letters_are_judged_at_every_step_and_the_sum_at_the_last():
    readout = torch.nn.Linear(truncation.HIDDEN, 1, dtype=torch.float64)
    inputs, answers, loss = truncation.problem("adding", generator())
    outputs = torch.randn(50, 64, truncation.HIDDEN, dtype=torch.float64)
    assert (inputs.shape, answers) == ((50, 64, 2), 1)
    assert loss(outputs[:10], slice(0, 10), readout) == 0
    targets = (inputs[..., 0] * inputs[..., 1]).sum(0)
    expected = (readout(outputs[-1])[:, 0] - targets).square().mean()
    torch.testing.assert_close(loss(outputs[-1:], slice(49, 50), readout), expected)

    inputs, answers, loss = truncation.problem("letters", generator())
    readout = torch.nn.Linear(truncation.HIDDEN, answers, dtype=torch.float64)
    parts = [loss(outputs[t : t + 1], slice(t, t + 1), readout) for t in range(50)]
    torch.testing.assert_close(sum(parts), loss(outputs, slice(0, 50), readout))
    drawn, _ = tasks.letters(50 * 64, generator=generator())
    torch.testing.assert_close(inputs[:, 0], drawn.inputs[:50].double())
    torch.testing.assert_close(inputs[:, 1], drawn.inputs[50:100].double())


@pytest.mark.parametrize("marks", [5, 20])
def test_the_marks_lie_where_they_are_said_to(marks):
    inputs, targets = truncation.draw(200, marks, generator())
    values, places = inputs.unbind(-1)
    assert inputs.shape == (truncation.LENGTH, 200, 2)
    assert (places.sum(0) == 2).all()
    assert places[marks:].sum() == 0
    torch.testing.assert_close((values * places).sum(0), targets)
    assert values[-1].std() > 0.2, "the rest is noise, not zeros"
