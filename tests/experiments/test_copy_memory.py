"""Copy memory: the floor, the readout of every step, the judgment, the criterion."""

import math

import pytest
import torch

from rnn_tutorial.experiments.classics import copy_memory


@pytest.fixture
def batch():
    return copy_memory.draw(4000, 20, 3, 8)(torch.Generator().manual_seed(0))


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
    with pytest.raises(FloatingPointError, match="loss on the test is nan"):
        copy_memory.judge(Says(torch.full((26, 9), float("nan"))), batch)
