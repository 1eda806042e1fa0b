"""Classes at some of the steps: masks, the loss, what counts as right."""

import math

import pytest
import torch

from rnn_tutorial import tasks
from rnn_tutorial.experiments import _streams
from rnn_tutorial.experiments._streams import NOTHING


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def hot(*classes, scale=9.0):
    """Logits that are highest at these classes."""
    return scale * torch.nn.functional.one_hot(torch.tensor(classes), 7).float()


def test_the_loss_is_the_mean_over_the_steps_that_count():
    logits = torch.zeros(2, 3, 4)
    logits[0, 0, 1] = 50.0
    targets = torch.tensor([[1, NOTHING, NOTHING], [NOTHING, 2, NOTHING]])
    assert _streams.cross_entropy(logits, targets).item() == pytest.approx(math.log(4) / 2)
    logits[0, 1] = torch.tensor([9.0, 0, 0, 0])  # does not count
    assert _streams.cross_entropy(logits, targets).item() == pytest.approx(math.log(4) / 2)


def test_a_sequence_is_right_if_every_step_that_counts_is():
    targets = torch.tensor([[1, 2, NOTHING], [1, 2, 3], [NOTHING] * 3])
    logits = torch.stack([hot(1, 2, 5), hot(1, 2, 4), hot(0, 0, 0)])
    assert _streams.right_everywhere(logits, targets).tolist() == [True, False, True]


def test_the_next_symbols_of_strings_are_those_that_come():
    sequences, strings = tasks.embedded_reber(30, generator=generator())
    following = _streams.next_symbols(sequences)
    for row, string in zip(following, strings, strict=True):
        expected = [tasks.grammars.REBER_SYMBOLS.index(symbol) for symbol in string[1:]]
        assert row[: len(expected)].tolist() == expected
        assert (row[len(expected) :] == NOTHING).all()


def test_the_next_symbols_of_a_stream_are_those_that_come():
    stream, text = tasks.reber_stream(20, generator=generator())
    following = _streams.next_symbols(stream).tolist()
    assert following == [tasks.grammars.REBER_SYMBOLS.index(s) for s in text[1:] + "B"]


def test_what_is_right_at_the_outer_symbols_is_judged_there_and_between_the_two():
    sequences, _ = tasks.embedded_reber(50, generator=generator())
    knows = 9 * sequences.targets.clone()
    assert _streams.outer_right(knows, sequences) == 1.0
    assert _streams.legal(knows, sequences) == 1.0
    always_t = knows.clone()
    always_t[sequences.counts] = hot(1).expand(50, 7)
    share = sequences.targets[sequences.counts][:, 1].mean().item()
    assert 0.3 < share < 0.7
    assert _streams.outer_right(always_t, sequences) == pytest.approx(share)
    says_b_too = always_t.clone()
    says_b_too[sequences.counts] += hot(0, scale=99.0)
    assert _streams.outer_right(says_b_too, sequences) == pytest.approx(share)
    steps = int(sequences.lengths.sum())
    assert _streams.legal(says_b_too, sequences) == pytest.approx((steps - 50) / steps)


def test_what_is_not_finite_is_an_error():
    _streams.check_finite(torch.ones(2), torch.zeros(1))
    with pytest.raises(FloatingPointError):
        _streams.check_finite(torch.ones(2), torch.tensor([float("nan")]))
