"""Quantiles, calibration, standard errors, and tests against persistence."""

import numpy as np
import pytest
import torch
from sklearn.metrics import mean_pinball_loss

from rnn_tutorial.training import forecast_evaluation as judging


def test_the_pinball_loss_is_that_of_scikit_learn():
    generator = torch.Generator().manual_seed(0)
    targets = torch.randn(50, 3, generator=generator)
    predictions = torch.randn(50, 3, 2, generator=generator)
    found = judging.pinball(predictions, targets, (0.1, 0.7))
    theirs = [
        mean_pinball_loss(targets.flatten(), predictions[..., k].flatten(), alpha=q)
        for k, q in enumerate((0.1, 0.7))
    ]
    assert found.item() == pytest.approx(np.mean(theirs), rel=1e-5)


def test_the_pinball_loss_is_lowest_at_the_quantile():
    targets = torch.arange(100.0)
    losses = [judging.pinball(torch.full((100, 1), f), targets, [0.9]) for f in np.arange(100.0)]
    assert int(torch.stack(losses).argmin()) in (89, 90)


def test_the_pinball_loss_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match=r"predictions must have shape \(3, 2\), got \(3, 1\)"):
        judging.pinball(torch.ones(3, 1), torch.ones(3), (0.1, 0.9))
    with pytest.raises(ValueError, match=r"between 0 and 1, got \(1.0,\)"):
        judging.pinball(torch.ones(3, 1), torch.ones(3), (1.0,))


def test_calibration_keeps_its_promise_on_exchangeable_examples():
    generator, hits = np.random.default_rng(0), []
    for _ in range(400):
        known, new = generator.normal(size=(2, 39))
        zero = np.zeros(39)  # intervals of no width
        margin = judging.conformal_margin(zero, zero, known, 0.8)
        hits.append((np.abs(new) <= margin).mean())
    assert np.mean(hits) == pytest.approx(0.8, abs=0.02)


def test_calibration_narrows_intervals_that_are_too_wide():
    targets = np.linspace(-1, 1, 99)
    margin = judging.conformal_margin(targets * 0 - 5, targets * 0 + 5, targets, 0.9)
    assert margin == pytest.approx(-5 + np.sort(np.abs(targets))[89])


def test_calibration_refuses_too_few_examples():
    with pytest.raises(ValueError, match=r"level 0\.95 needs more than 10 examples"):
        judging.conformal_margin(*np.zeros((3, 10)), 0.95)
    with pytest.raises(ValueError, match="must have one shape"):
        judging.conformal_margin([0], [1], [0.5, 0.5], 0.5)


def test_the_standard_error_counts_what_hangs_together():
    """The mean of an AR(1) process with φ = .8 has a standard error 3 times that of white noise."""
    generator = np.random.default_rng(0)
    ratios = []
    for _ in range(20):
        values = [0.0]
        for noise in generator.normal(size=4000):
            values.append(0.8 * values[-1] + noise)
        ratios.append(judging.standard_error(values, 60) / judging.standard_error(values))
    assert np.median(ratios) == pytest.approx(3.0, rel=0.15)
    white = generator.normal(size=100)
    assert judging.standard_error(white) == pytest.approx(white.std() / 10)
    with pytest.raises(ValueError, match=r"more than 3, got \(3,\)"):
        judging.standard_error([1, 2, 3], 3)


def against(forecast, seed=0):
    """Judge a forecast of AR(1) changes, made from the change before and noise."""
    generator = np.random.default_rng(seed)
    changes = [0.0]
    for noise in generator.normal(size=600):
        changes.append(0.5 * changes[-1] + noise)
    changes = np.array(changes)
    levels = np.cumsum(changes)
    said = levels[:-1] + forecast(changes[:-1], generator)
    return judging.against_persistence(levels[1:], said, levels[:-1], permutations=99, seed=seed)


def test_persistence_knows_nothing_more_than_persistence():
    found = against(lambda before, _: 0 * before)
    assert found["mae_ratio"] == found["rmse_ratio"] == 1
    assert found["r_squared"] == found["r_squared_persistence"] > 0.9
    assert found["late"] == 1
    assert found["change_correlation"] == 0
    assert found["p_changes"] == 1
    assert found["p_loss"] == found["p_nested"] == 0.5


def test_what_can_be_known_is_found_and_noise_is_not():
    knows = [against(lambda before, _: 0.5 * before, seed) for seed in range(10)]
    guesses = [against(lambda b, g: g.normal(size=len(b)), seed) for seed in range(10)]
    for found in knows:
        assert found["rmse_ratio"] < 0.95
        assert found["p_changes"] == 0.01
        assert found["p_nested"] < found["p_loss"] < 0.01
    assert sum(found["p_changes"] < 0.05 for found in guesses) <= 3
    assert all(found["p_loss"] > 0.5 for found in guesses)
    assert sum(found["p_nested"] < 0.05 for found in guesses) <= 2
    assert all(found["rmse_ratio"] > 1.2 for found in guesses)


def test_only_the_nested_test_is_right_about_noise():
    """A model that estimates a change where there is none errs more, and is forgiven for it.

    The forecast changes are independent of those that came, so 5 % of 400 are 20 false alarms.
    """
    alarms = {"p_loss": 0, "p_nested": 0}
    for seed in range(400):
        generator = np.random.default_rng(seed)
        levels = np.cumsum(generator.normal(size=201))
        said = levels[:-1] + 0.1 * generator.normal(size=200)
        found = judging.against_persistence(
            levels[1:], said, levels[:-1], permutations=1, seed=seed
        )
        for test in alarms:
            alarms[test] += found[test] < 0.05
    assert 8 <= alarms["p_nested"] <= 33
    assert alarms["p_loss"] < alarms["p_nested"] / 2


def test_a_forecast_that_is_late_by_three_days_is_seen():
    levels = np.cumsum(np.random.default_rng(1).normal(size=300))
    found = judging.against_persistence(
        levels[4:], levels[1:-3], levels[3:-1], permutations=9, seed=0
    )
    assert found["late"] == 3


def test_tests_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match="at least 20 steps, got 5"):
        judging.against_persistence(*np.ones((3, 5)), permutations=9, seed=0)
    with pytest.raises(ValueError, match=r"must have one shape \(time,\)"):
        judging.against_persistence([1], [1, 2], [1], permutations=9, seed=0)
    with pytest.raises(ValueError, match="permutations must be at least 1, got 0"):
        judging.against_persistence(*np.ones((3, 25)), permutations=0, seed=0)
