"""Orbits, fixed points and Lyapunov exponents against closed forms."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnn_tutorial.networks import spectral_radius
from rnn_tutorial.states import METHODS, fixed_points, iterate, lyapunov_exponent


def normal(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator)


def test_iterate_keeps_every_state_of_a_geometric_series():
    orbit = iterate(lambda h: h / 2, torch.tensor([1.0, -4.0]), 3)
    assert orbit.tolist() == [[1, -4], [0.5, -2], [0.25, -1], [0.125, -0.5]]
    assert iterate(lambda h: h / 2, torch.ones(2), 0).tolist() == [[1, 1]]


@given(st.floats(-20, 20), st.floats(-5, 5))
def test_fixed_points_stay_where_they_are_and_none_is_missed(weight, bias):
    found = fixed_points(weight, bias)
    left = (torch.tanh(weight * found + bias) - found).abs()
    assert left.max() < 1e-12 * max(1, abs(weight))
    assert (found.diff() > 0).all()
    grid = torch.linspace(-1, 1, 2001, dtype=torch.float64)
    excess = torch.tanh(weight * grid + bias) - grid
    assert len(found) >= ((excess[:-1] > 0) != (excess[1:] > 0)).sum()


@pytest.mark.parametrize(
    ("weight", "bias", "count"),
    [(0, 0.3, 1), (1, 0, 1), (0.5, 1, 1), (-3, 0, 1), (1.001, 0, 3), (2, 0, 3), (2, 1, 1)],
)
def test_a_unit_has_as_many_fixed_points_as_its_picture_shows(weight, bias, count):
    assert len(fixed_points(weight, bias)) == count


def test_the_middle_of_three_fixed_points_is_the_unstable_one():
    points = fixed_points(2.0, 0.1)
    assert ((2 * (1 - points**2)) < 1).tolist() == [True, False, True]


@pytest.mark.parametrize("method", METHODS)
def test_the_exponent_of_a_linear_map_is_the_log_of_its_spectral_radius(method):
    for seed in range(3):
        weight = normal(4, 4, seed=seed) / 3  # contracts or grows a little
        exponent = lyapunov_exponent(
            lambda h, w=weight: h @ w.T, torch.zeros(4, dtype=torch.float64), 4000, method=method
        )
        assert exponent == pytest.approx(math.log(spectral_radius(weight)), abs=2e-3)


@pytest.mark.parametrize("method", METHODS)
def test_the_exponent_of_the_logistic_map_at_four_is_ln_2(method):
    start = torch.rand(20, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    exponents = lyapunov_exponent(lambda h: 4 * h * (1 - h), start, 2000, method=method)
    assert exponents.shape == (20,)
    assert exponents.mean() == pytest.approx(math.log(2), abs=5e-3)


def test_a_stable_fixed_point_has_the_log_of_its_slope():
    (h,) = fixed_points(0.5, 1.0)
    exponent = lyapunov_exponent(
        lambda h: torch.tanh(0.5 * h + 1), torch.zeros(1, dtype=torch.float64), 50
    )
    assert exponent == pytest.approx(math.log(0.5 * (1 - h**2)), abs=1e-9)


def test_a_map_that_forgets_everything_has_minus_infinity():
    exponents = lyapunov_exponent(lambda h: 0 * h, torch.ones(2, 3), 5)
    assert exponents.tolist() == [-math.inf, -math.inf]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: iterate(lambda h: h, [1.0], 1), TypeError, "start must be a tensor"),
        (lambda: iterate(lambda h: h[:1], torch.ones(2), 1), ValueError, "step must keep the sh"),
        (lambda: fixed_points(math.nan), ValueError, "weight must be finite"),
        (lambda: lyapunov_exponent(abs, torch.tensor(1.0), 9), ValueError, "start must have a dim"),
        (
            lambda: lyapunov_exponent(abs, torch.ones(1), 9, method="no"),
            ValueError,
            "be one of jac",
        ),
        (lambda: lyapunov_exponent(torch.exp, torch.ones(1), 99), ValueError, "must keep the st"),
    ],
)
def test_bad_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
