"""N-grams: against slow dictionary versions, by hand, and as a distribution."""

from collections import Counter

import numpy as np
import pytest
import torch

from rnn_tutorial import data
from rnn_tutorial.data import Vocabulary
from rnn_tutorial.models import KneserNey, WittenBell


def witten_bell(train, order, size):
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

    return probability


def kneser_ney(train, order, size):
    """The definition likewise: what a shorter n-gram counts is the symbols in front of it."""
    found = {tuple(train[i : i + n]) for n in range(order + 1) for i in range(len(train) - n + 1)}
    ends = [tuple(train[i : i + order]) for i in range(len(train) - order + 1)]

    def count(gram):
        if len(gram) == order:
            return ends.count(gram)
        return sum((w, *gram) in found for w in range(size))

    def discount(length, c):
        if not c:
            return 0
        all_counts = [count(gram) for gram in found if len(gram) == length]
        n1, n2, n3, n4 = (all_counts.count(k) for k in (1, 2, 3, 4))
        if not (n1 and n2 and n3 and n4):
            return min(c, 3) / 2
        y = n1 / (n1 + 2 * n2)
        found_ones = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)
        return min(max(found_ones[min(c, 3) - 1], 0), min(c, 3))

    def probability(symbol, context):
        shorter = probability(symbol, context[1:]) if context else 1 / size
        after = [count((*context, w)) for w in range(size)]
        if not sum(after):
            return shorter
        taken = [discount(len(context) + 1, c) for c in after]
        return (after[symbol] - taken[symbol] + sum(taken) * shorter) / sum(after)

    return probability


SLOWLY = {WittenBell: witten_bell, KneserNey: kneser_ney}


@pytest.mark.parametrize("rule", SLOWLY)
@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_the_arrays_say_what_dictionaries_say(rule, order):
    rng = np.random.default_rng(order)
    train = rng.choice(4, 120, p=[0.5, 0.3, 0.15, 0.05])
    text = rng.integers(0, 5, 25)  # 4 occurs in the text only
    probability = SLOWLY[rule](train.tolist(), order, 6)
    contexts = [tuple(text[max(0, i - order + 1) : i]) for i in range(len(text))]
    expected = [probability(*both) for both in zip(text.tolist(), contexts, strict=True)]
    model = rule(train, order, 6)
    np.testing.assert_allclose(2.0 ** -model.bits(text), expected, rtol=1e-12)
    state = None
    for i in range(1, len(text)):
        logs, state = model.predict(text[i - 1 : i], state)
        assert np.isclose(np.exp(logs[text[i]]), expected[i], rtol=1e-12)
        assert np.isclose(np.exp(logs).sum(), 1)
    np.testing.assert_allclose(model.predict(text)[0], model.predict(text[-1:], text[:-1])[0])


def test_the_discounts_are_those_of_the_counts():
    # 16 symbols: eight once, four twice, two thrice, two four times, so that y = 8 / 16
    counts = np.array([1] * 8 + [2] * 4 + [3] * 2 + [4] * 2)
    tokens = np.repeat(np.arange(16), counts)
    model, total = KneserNey(tokens, 1, 16), counts.sum()
    saved = (8 * 0.5 + 4 * 1.25 + 4 * 1) / total / 16
    taken = np.array([0, 0.5, 1.25, 1.0, 1.0])[counts]
    np.testing.assert_allclose(np.exp(model.predict([0])[0]), (counts - taken) / total + saved)


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
    better = KneserNey(tokens, 7, len(vocabulary))
    assert abs(better.bits(held_out).mean() - 2.063) < 0.0006
    seen = WittenBell(torch.tensor(tokens), 6, len(vocabulary)).bits(torch.tensor(tokens))
    assert seen.mean() < 1.6, "the training text is cheap"


@pytest.mark.parametrize("rule", SLOWLY)
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
def test_what_cannot_be_counted_is_refused(rule, arguments, problem):
    with pytest.raises(ValueError, match=problem):
        rule(*arguments)
    with pytest.raises(ValueError, match="from 0 to 1"):
        rule([0, 1], 1, 2).bits([5])
