"""Hopfield's network: weights by hand, an energy that never rises, and what it cannot hold."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnn_tutorial.networks import energy, flip, recall, recall_errors, store
from tests.task_tools import generator


def signs(rows, units, seed):
    drawn = torch.randint(2, (rows, units), generator=generator(seed), dtype=torch.float64)
    return 2 * drawn - 1


def test_two_patterns_by_hand():
    patterns = torch.tensor([[1.0, 1, -1], [1, -1, 1]])
    weights = store(patterns)
    # pairs (1, 2) and (1, 3) agree once and differ once; (2, 3) differ twice
    assert weights.tolist() == [[0, 0, 0], [0, 0, -2], [0, -2, 0]]
    assert energy(weights, patterns).tolist() == [-2, -2]
    assert energy(weights, torch.tensor([1.0, 1, 1])).item() == 2


def test_recall_of_one_pattern_by_hand():
    weights = store(torch.tensor([[1.0, -1, 1]]))
    probe = torch.tensor([1.0, 1, 1])
    found = recall(weights, probe, generator=generator())
    assert found.settled
    assert probe.tolist() == [1, 1, 1], "the probe is not changed"
    # one wrong unit of three: either it is corrected, or the two others are
    assert found.states.tolist() in ([1, -1, 1], [-1, 1, -1])
    assert found.energies[-1] == -3


@given(
    units=st.integers(2, 24),
    rows=st.integers(1, 12),
    probes=st.integers(1, 4),
    seed=st.integers(0, 10**6),
)
def test_the_energy_never_rises_and_is_that_of_the_states(units, rows, probes, seed):
    weights = store(signs(rows, units, seed))
    start = signs(probes, units, seed + 1)
    found = recall(weights, start, generator=generator(seed))
    assert found.settled
    assert (found.energies.diff(dim=0) <= 0).all()
    assert torch.equal(found.energies[0], energy(weights, start))
    assert torch.equal(found.energies[-1], energy(weights, found.states))
    totals = found.states @ weights
    assert (found.states * totals >= 0).all(), "a settled unit agrees with what it receives"


@given(units=st.integers(2, 12), seed=st.integers(0, 10**6), sweeps=st.integers(1, 4))
def test_the_energy_is_right_for_any_weights(units, seed, sweeps):
    weights = torch.randint(-3, 4, (units, units), generator=generator(seed)).double()
    start = signs(2, units, seed)
    found = recall(weights, start, generator=generator(seed), sweeps=sweeps)
    torch.testing.assert_close(found.energies[-1], energy(weights, found.states))


def test_a_batch_is_recalled_like_its_rows():
    weights = store(signs(3, 30, 1))
    probes = signs(4, 30, 2).reshape(2, 2, 30)
    together = recall(weights, probes, generator=generator(), sweeps=1)
    for row in range(2):
        for column in range(2):
            alone = recall(weights, probes[row, column], generator=generator(), sweeps=1)
            assert torch.equal(together.states[row, column], alone.states)
            assert torch.equal(together.energies[:, row, column], alone.energies)


def test_a_pattern_and_its_negative_are_both_stable():
    patterns = signs(2, 50, 3)
    weights = store(patterns)
    for stored in (patterns, -patterns):
        assert torch.equal(recall(weights, stored, generator=generator()).states, stored)


def test_flip_turns_over_as_many_units_as_it_is_told():
    patterns = signs(5, 20, 4)
    for count in (0, 7, 20):
        assert ((flip(patterns, count, generator=generator()) != patterns).sum(1) == count).all()


def test_few_patterns_are_recalled_and_many_are_not():
    few = [recall_errors(100, 3, wrong=10, generator=generator(seed)) for seed in range(5)]
    many = [recall_errors(100, 40, wrong=10, generator=generator(seed)) for seed in range(5)]
    assert all((errors == 0).all() for errors in few)
    assert all((errors == 0).double().mean() < 0.1 for errors in many)
    assert all(errors.shape == (40,) and errors.max() <= 1 for errors in many)


DRAWS = {"generator": generator()}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: store(torch.ones(3)), ValueError, r"patterns must have shape \(patterns, units\)"),
        (lambda: store(torch.tensor([[0.0, 1]])), ValueError, "patterns must be a tensor of ones"),
        (lambda: store(torch.ones(2, 2).long()), TypeError, "patterns must hold floating-point"),
        (lambda: energy(torch.ones(2, 3), torch.ones(3)), ValueError, "weights must be a square"),
        (lambda: energy(torch.eye(2), torch.ones(3)), ValueError, "states must have shape"),
        (lambda: recall(torch.eye(2), torch.zeros(2), **DRAWS), ValueError, "probes must be a ten"),
        (lambda: recall(torch.eye(2), torch.ones(2), sweeps=0, **DRAWS), ValueError, "sweeps must"),
        (lambda: flip(torch.ones(2), 3, **DRAWS), ValueError, "count must be at most the 2 units"),
        (lambda: recall_errors(0, 1, wrong=0, **DRAWS), ValueError, "units must be at least 1"),
    ],
)
def test_bad_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
