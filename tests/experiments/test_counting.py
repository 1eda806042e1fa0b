"""Counting: which words are accepted, how far a network reaches, the criterion."""

import pytest
import torch

from rnn_tutorial.experiments.classics import counting
from rnn_tutorial.models import SequenceModel
from rnn_tutorial.networks import layer_class
from rnn_tutorial.tasks import NOTHING


class Counts(torch.nn.Module):
    """Counts exactly up to a limit, then takes every b for one of many."""

    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def forward(self, inputs):
        a = inputs[:, :, 0].cumsum(1).clamp(max=self.limit)
        b = inputs[:, :, 1].cumsum(1)
        more = (a > b).float()
        return torch.stack([inputs[:, :, 0] * 0 - 1, more, 1 - more], dim=2), None


def test_the_words_are_all_of_a_range():
    sequences = counting.words(2, 5)
    assert sequences.lengths.tolist() == [4, 6, 8, 10]
    assert sequences.inputs.shape == (4, 10, 2)
    assert sequences.inputs[1, :, 0].tolist() == [1, 1, 1, *[0] * 7]
    assert sequences.inputs[1, :, 1].tolist() == [0, 0, 0, 1, 1, 1, *[0] * 4]


def test_targets_are_what_alone_may_come_from_the_first_b_on():
    (_,), targets = counting.batch_of(counting.words(1, 3))
    b, end = 1, 2
    assert targets.tolist() == [
        [NOTHING, end, *[NOTHING] * 4],
        [NOTHING, NOTHING, b, end, NOTHING, NOTHING],
        [NOTHING, NOTHING, NOTHING, b, b, end],
    ]


@pytest.mark.parametrize("limit", [1, 7, 12])
def test_the_reach_ends_at_the_first_word_that_is_refused(limit):
    assert counting.reach(Counts(limit), 12) == limit


def test_a_later_word_does_not_extend_the_reach():
    class FailsAtThree(Counts):
        def forward(self, inputs):
            logits, _ = super().forward(inputs)
            logits[inputs[:, :, 0].sum(1) == 3] *= -1
            return logits, None

    assert counting.reach(FailsAtThree(10), 10) == 2


def test_the_trace_follows_one_unit_along_the_word():
    torch.manual_seed(0)
    for cell, bounded in (("gru", True), ("lstm", False)):
        model = SequenceModel(layer_class(cell)(2, 10), 3)
        with torch.no_grad():
            for parameter in model.recurrent.parameters():
                parameter.mul_(3)
        rows = counting.trace(model)
        assert [row["symbol"] for row in rows] == ["a"] * 100 + ["b"] * 100
        assert len({row["unit"] for row in rows}) == 1
        largest = max(abs(row["state"]) for row in rows)
        assert (largest <= 1) or not bounded
        states, _ = model.recurrent(counting.words(100, 100).inputs[0][:, None])
        if cell == "gru":
            unit = rows[0]["unit"]
            expected = states[:, 0, unit].tolist()
            assert [row["state"] for row in rows] == pytest.approx(expected, abs=1e-4)
