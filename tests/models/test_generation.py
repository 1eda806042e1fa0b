"""Filters on cases worked by hand and statistically, generation from every kind of model."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnn_tutorial.models import LanguageModel, NextSymbol, WittenBell, generation
from rnn_tutorial.networks import CharacterRNN
from tests.task_tools import generator

HALVES = torch.tensor([0.5, 0.25, 0.125, 0.125], dtype=torch.float64).log()


def probabilities(logits):
    return logits.exp().tolist()


class Table:
    """A model without a memory: the same distribution at every step."""

    def __init__(self, log_probabilities):
        self.log_probabilities = log_probabilities

    def predict(self, tokens, state=None):
        return self.log_probabilities, state


def test_temperature_by_hand():
    squares = [16, 4, 1, 1]  # T = 1/2 squares the probabilities
    expected = [s / 22 for s in squares]
    assert probabilities(generation.temper(HALVES, 0.5)) == pytest.approx(expected)
    roots = [math.sqrt(p) for p in (0.5, 0.25, 0.125, 0.125)]
    expected = [r / sum(roots) for r in roots]
    assert probabilities(generation.temper(HALVES, 2.0)) == pytest.approx(expected)
    assert probabilities(generation.temper(HALVES + 7, 1.0)) == pytest.approx(HALVES.exp().tolist())


def test_top_k_by_hand():
    assert probabilities(generation.keep_top_k(HALVES, 2)) == pytest.approx([2 / 3, 1 / 3, 0, 0])
    assert probabilities(generation.keep_top_k(HALVES, 3)) == pytest.approx(
        [4 / 7, 2 / 7, 1 / 7, 0]
    )
    assert probabilities(generation.keep_top_k(HALVES, 9)) == pytest.approx(HALVES.exp().tolist())
    turned = generation.keep_top_k(HALVES.flip(0), 1)
    assert probabilities(turned) == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (0.01, [1, 0, 0, 0]),
        (0.5, [1, 0, 0, 0]),  # reached exactly: no more are needed
        (0.51, [2 / 3, 1 / 3, 0, 0]),
        (0.75, [2 / 3, 1 / 3, 0, 0]),
        (0.8, [4 / 7, 2 / 7, 1 / 7, 0]),
        (1.0, [0.5, 0.25, 0.125, 0.125]),
    ],
)
def test_the_nucleus_by_hand(p, expected):
    assert probabilities(generation.keep_nucleus(HALVES, p)) == pytest.approx(expected)
    rows = generation.keep_nucleus(torch.stack([HALVES, HALVES[[1, 0, 2, 3]]]), p)
    assert probabilities(rows[1][[1, 0, 2, 3]]) == pytest.approx(expected)


@given(
    st.lists(st.floats(-8, 8), min_size=2, max_size=12),
    st.floats(0.05, 1),
    st.integers(1, 12),
)
def test_what_filters_keep_is_the_most_probable_and_in_proportion(values, p, k):
    logits = torch.tensor(values, dtype=torch.float64)
    plain = logits.softmax(0)
    for kept in (generation.keep_nucleus(logits, p), generation.keep_top_k(logits, k)):
        left = kept.exp()
        assert left.sum().item() == pytest.approx(1)
        inside = left > 0
        torch.testing.assert_close(left[inside], plain[inside] / plain[inside].sum())
        if not inside.all():
            assert plain[inside].min() >= plain[~inside].max()
    nucleus = generation.keep_nucleus(logits, p) > -math.inf
    assert plain[nucleus].sum() >= p - 1e-6
    if nucleus.sum() > 1:
        assert plain[nucleus].sum() - plain[nucleus].min() < p
    assert (generation.keep_top_k(logits, k) > -math.inf).sum() == min(k, len(values))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [0.5, 0.25, 0.125, 0.125]),
        ({"temperature": 0.5}, [16 / 22, 4 / 22, 1 / 22, 1 / 22]),
        ({"top_k": 2}, [2 / 3, 1 / 3, 0, 0]),
        ({"top_p": 0.8, "temperature": 1.0}, [4 / 7, 2 / 7, 1 / 7, 0]),
        ({"top_p": 0.9, "temperature": 0.5}, [0.8, 0.2, 0, 0]),  # the temperature comes first
    ],
)
def test_symbols_come_as_often_as_they_should(options, expected):
    count = 4000
    written = generation.generate(Table(HALVES), [0], count, generator=generator(), **options)
    shares = np.bincount(written, minlength=4) / count
    for share, probability in zip(shares, expected, strict=True):
        deviation = math.sqrt(probability * (1 - probability) / count)
        assert abs(share - probability) <= 4 * deviation


def models():
    torch.manual_seed(0)
    symbols = "abc"
    yield LanguageModel(3, hidden_size=5).double()
    yield LanguageModel(3, cell="gru", hidden_size=5, embedding_size=2, engine="torch")
    yield NextSymbol(3, 5)
    yield CharacterRNN(symbols, 5, seed=0)
    yield WittenBell([0, 1, 2, 2, 1, 0, 0, 1], 3, 3)


@pytest.mark.parametrize("model", list(models()), ids=lambda model: type(model).__name__)
def test_every_model_of_the_book_can_write(model):
    text = generation.generate(model, [0, 1], 30, generator=generator())
    assert len(text) == 30
    assert set(text) <= {0, 1, 2}
    assert text == generation.generate(model, [0, 1], 30, generator=generator())
    assert text != generation.generate(model, [0, 1], 30, generator=generator(1))
    logs, state = model.predict([0, 1])
    assert float(torch.as_tensor(logs).logsumexp(0)) == pytest.approx(0, abs=1e-6)
    whole, _ = model.predict([0, 1, 2, 0])
    piecewise, _ = model.predict([2, 0], state)
    np.testing.assert_allclose(piecewise, whole, atol=1e-6)
    greedy = generation.generate(model, [0, 1], 30, temperature=0)
    assert greedy[0] == int(torch.as_tensor(logs).argmax())
    near = generation.generate(model, [0, 1], 30, temperature=1e-4, generator=generator())
    assert near == greedy


@pytest.mark.parametrize(
    ("arguments", "options", "error", "problem"),
    [
        (([], 5), {}, ValueError, "prompt must hold"),
        (([0], 0), {}, ValueError, "length must be at least 1"),
        (([0], 5), {"temperature": -1}, ValueError, "at least 0, got -1"),
        (([0], 5), {"top_k": 2, "top_p": 0.5}, ValueError, "exclude each other"),
        (([0], 5), {"top_k": 0}, ValueError, "k must be at least 1"),
        (([0], 5), {"top_p": 0.0}, ValueError, "above 0"),
        (([0], 5), {"generator": None}, ValueError, "generator must be given"),
    ],
)
def test_what_cannot_be_written_is_refused(arguments, options, error, problem):
    options = {"generator": generator()} | options
    with pytest.raises(error, match=problem):
        generation.generate(Table(HALVES), *arguments, **options)
    with pytest.raises(FloatingPointError, match="not a distribution"):
        generation.generate(Table(HALVES * math.nan), [0], 1, temperature=0)


def test_nothing_of_probability_zero_is_drawn():
    logs = torch.tensor([-math.inf, 0.0, -math.inf])
    assert {generation.draw(logs, generator(seed)) for seed in range(200)} == {1}


@given(st.text("abc", max_size=20), st.text("abc", max_size=30))
def test_shared_passages_are_those_of_brute_force(text, source):
    expected = [
        max(n for n in range(len(text) - i + 1) if text[i : i + n] in source)
        for i in range(len(text))
    ]
    assert generation.shared_lengths(text, source).tolist() == expected


def test_distinct_by_hand():
    assert generation.distinct("abab", 2) == pytest.approx(2 / 3)
    assert generation.distinct(["to", "be", "to"]) == pytest.approx(2 / 3)
    assert generation.distinct("abc", 3) == 1
    with pytest.raises(ValueError, match="at least 4, got 3"):
        generation.distinct("abc", 4)
