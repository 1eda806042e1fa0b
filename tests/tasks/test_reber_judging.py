"""Predictions of Reber strings: what comes next, what counts as right."""

import pytest
import torch

from rnn_tutorial import tasks
from tests.task_tools import generator


def hot(*classes, scale=9.0):
    """Logits that are highest at these classes."""
    return scale * torch.nn.functional.one_hot(torch.tensor(classes), 7).float()


def test_the_next_symbols_of_strings_are_those_that_come():
    sequences, strings = tasks.embedded_reber(30, generator=generator())
    following = tasks.next_symbols(sequences)
    for row, string in zip(following, strings, strict=True):
        expected = [tasks.grammars.REBER_SYMBOLS.index(symbol) for symbol in string[1:]]
        assert row[: len(expected)].tolist() == expected
        assert (row[len(expected) :] == tasks.NOTHING).all()


def test_the_next_symbols_of_a_stream_are_those_that_come():
    stream, text = tasks.reber_stream(20, generator=generator())
    following = tasks.next_symbols(stream).tolist()
    assert following == [tasks.grammars.REBER_SYMBOLS.index(s) for s in text[1:] + "B"]


def test_what_is_right_at_the_outer_symbols_is_judged_there_and_between_the_two():
    sequences, _ = tasks.embedded_reber(50, generator=generator())
    knows = 9 * sequences.targets.clone()
    assert tasks.outer_right(knows, sequences) == 1.0
    assert tasks.legal(knows, sequences) == 1.0
    always_t = knows.clone()
    always_t[sequences.counts] = hot(1).expand(50, 7)
    share = sequences.targets[sequences.counts][:, 1].mean().item()
    assert 0.3 < share < 0.7
    assert tasks.outer_right(always_t, sequences) == pytest.approx(share)
    says_b_too = always_t.clone()
    says_b_too[sequences.counts] += hot(0, scale=99.0)
    assert tasks.outer_right(says_b_too, sequences) == pytest.approx(share)
    steps = int(sequences.lengths.sum())
    assert tasks.legal(says_b_too, sequences) == pytest.approx((steps - 50) / steps)
