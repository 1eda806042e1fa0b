"""Witten-Bell n-grams: against a slow dictionary version, by hand, and as a distribution."""

from collections import Counter

import numpy as np
import pytest
import torch

from rnn_tutorial import data
from rnn_tutorial.data import Vocabulary
from rnn_tutorial.models import WittenBell


def slowly(train, order, size, text, position):
    """The definition, with dictionaries and recursion."""
    counts = Counter(
        tuple(train[i : i + n]) for n in range(order + 1) for i in range(len(train) - n + 1)
    )

    def probability(symbol, context):
        after = {w: counts[(*context, w)] for w in range(size) if counts[(*context, w)]}
        shorter = probability(symbol, context[1:]) if context else 1 / size
        types, total = len(after), sum(after.values())
        if not total:
            return shorter
        return (after.get(symbol, 0) + types * shorter) / (total + types)

    context = tuple(text[max(0, position - order + 1) : position])
    return probability(text[position], context)


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_the_arrays_say_what_dictionaries_say(order):
    rng = np.random.default_rng(order)
    train, text = rng.integers(0, 4, 60), rng.integers(0, 5, 25)  # 4 occurs in the text only
    model = WittenBell(train, order, 6)
    expected = [slowly(train.tolist(), order, 6, text.tolist(), i) for i in range(len(text))]
    np.testing.assert_allclose(2.0 ** -model.bits(text), expected, rtol=1e-12)
    state = None
    for i in range(1, len(text)):
        logs, state = model.predict(text[i - 1 : i], state)
        assert np.isclose(np.exp(logs[text[i]]), expected[i], rtol=1e-12)
        assert np.isclose(np.exp(logs).sum(), 1)
    np.testing.assert_allclose(model.predict(text)[0], model.predict(text[-1:], text[:-1])[0])


def test_a_case_by_hand():
    model = WittenBell([0, 1, 0, 0], 2, 2)
    # p(0) = (3 + 2/2) / 6, p(1) = 1/3; 1 and 0 follow 0 once each: p(1 | 0) = (1 + 2/3) / 4
    np.testing.assert_allclose(np.exp(model.predict([0])[0]), [7 / 12, 5 / 12])
    # 0 follows 1 once: p(0 | 1) = (1 + 2/3) / 2
    np.testing.assert_allclose(2.0 ** -model.bits([0, 1, 0]), [2 / 3, 5 / 12, 5 / 6])
    assert len(model) == 3


def test_a_context_that_was_never_seen_says_what_the_shorter_one_does():
    model = WittenBell([0, 1, 0, 0], 3, 3)
    np.testing.assert_allclose(
        model.predict([2, 0])[0], WittenBell([0, 1, 0, 0], 2, 3).predict([0])[0]
    )


def test_shakespeare_costs_what_the_book_states():
    train, test = data.tragedies()
    vocabulary = Vocabulary.from_tokens([list(train)])
    tokens, held_out = (np.array(vocabulary.look_up(list(text))) for text in (train, test))
    expected = {1: 4.79, 3: 2.83, 5: 2.19, 6: 2.23}
    for order, bits in expected.items():
        model = WittenBell(tokens, order, len(vocabulary))
        assert abs(model.bits(held_out).mean() - bits) < 0.006, order
    seen = WittenBell(torch.tensor(tokens), 6, len(vocabulary)).bits(torch.tensor(tokens))
    assert seen.mean() < 1.6, "the training text is cheap"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (([0, 1], 0, 2), "order must be at least 1"),
        (([0, 1], 3, 2), "tokens must be at least 3, got 2"),
        (([0, 2], 1, 2), "from 0 to 1, got values from 0 to 2"),
        (([[0, 1]], 1, 2), r"one row of integers.*\(1, 2\)"),
        ((np.zeros(99, dtype=int), 11, 67), "order must be lower for 67 symbols, got 11"),
    ],
)
def test_what_cannot_be_counted_is_refused(arguments, problem):
    with pytest.raises(ValueError, match=problem):
        WittenBell(*arguments)
    with pytest.raises(ValueError, match="from 0 to 1"):
        WittenBell([0, 1], 1, 2).bits([5])
