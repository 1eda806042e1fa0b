"""Copy memory: the floor, the readout, the judgment. Counting: the words, the reach, the trace."""

import math

import pytest
import torch

from rnn_tutorial.experiments.classics import copy_memory, counting
from rnn_tutorial.models import SequenceModel
from rnn_tutorial.networks import layer_class
from rnn_tutorial.tasks import NOTHING
from tests.task_tools import generator


@pytest.fixture
def batch():
    return copy_memory.draw(generator(), 4000)


class Says(torch.nn.Module):
    """Answers with logits that do not depend on what it reads."""

    def __init__(self, logits):
        super().__init__()
        self.logits = logits

    def forward(self, inputs):
        return self.logits.expand(len(inputs), -1, -1), None


def memoryless():
    """Blanks, then each symbol with the same probability."""
    probabilities = torch.zeros(26, 9)
    probabilities[:-3, 0] = 1.0
    probabilities[-3:, 1:] = 1 / 8
    return probabilities.clamp(min=1e-30).log()


def test_the_inputs_are_one_hot_vectors_of_the_task(batch):
    (inputs,), targets = batch
    assert inputs.shape == (4000, 26, 10)
    assert inputs.dtype == torch.float32
    assert (inputs.sum(2) == 1).all()
    symbols = inputs.argmax(2)
    assert torch.equal(symbols[:, :3], targets[:, -3:])
    assert (symbols[:, 22] == 9).all()
    assert (symbols[:, 3:22] == 0).all()
    assert (symbols[:, 23:] == 0).all()
    assert (targets[:, :-3] == 0).all()


def test_the_floor_is_the_loss_of_the_best_answer_without_memory(batch):
    loss, recalled = copy_memory.judge(Says(memoryless()), batch)
    assert loss == pytest.approx(copy_memory.FLOOR, abs=1e-6)
    assert pytest.approx(9 * math.log(2) / 26) == copy_memory.FLOOR
    assert recalled == pytest.approx(1 / 8, abs=0.02)


def test_the_judgment_looks_at_the_steps_at_which_the_symbols_are_due(batch):
    """Right at the last three steps and wrong before, or the other way round."""
    _, targets = batch

    class Right(torch.nn.Module):
        def forward(self, given):
            right = 20.0 * torch.nn.functional.one_hot(targets, 9).float()
            wrong = 20.0 * torch.nn.functional.one_hot((targets + 1) % 9, 9).float()
            return torch.where(where[None, :, None], right, wrong), None

    where = torch.arange(26) >= 23
    loss, recalled = copy_memory.judge(Right(), batch)
    assert recalled == 1.0
    assert loss == pytest.approx(20 * 23 / 26, abs=0.01)
    where = ~where
    loss, recalled = copy_memory.judge(Right(), batch)
    assert recalled == 0.0
    assert loss == pytest.approx(20 * 3 / 26, abs=0.01)


def test_a_loss_that_is_not_finite_is_a_failed_run(batch):
    with pytest.raises(FloatingPointError, match="output or state is not finite"):
        copy_memory.judge(Says(torch.full((26, 9), float("nan"))), batch)


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
