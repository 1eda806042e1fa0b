"""The networks behind the three sliders of chapter 5."""

import pytest
import torch

from rnn_tutorial.explorables import gradient_dial as dial
from rnn_tutorial.gradients import jacobians

double = torch.float64


@pytest.mark.parametrize(("radius", "departure"), [(0.5, 0.0), (0.9, 0.1), (1.5, 0.3)])
def test_a_matrix_has_its_radius_and_is_normal_without_departure(radius, departure):
    w = dial.matrix(radius, departure)
    assert torch.linalg.eigvals(w).abs().max().item() == pytest.approx(radius)
    normal = torch.allclose(w @ w.T, w.T @ w)
    assert normal == (departure == 0)
    assert (jacobians.singular_values(w)[0] > radius + 0.1) == (departure > 0)


def test_the_powers_are_those_of_the_matrix():
    w, power = dial.matrix(1.2, 0.2), torch.eye(dial.UNITS, dtype=double)
    found = dial.norms_of_powers(w)
    assert len(found) == dial.LAGS + 1
    for log in found[:5]:
        assert 10**log == pytest.approx(torch.linalg.matrix_norm(power, ord=2).item(), rel=2e-4)
        power = power @ w


def test_the_norm_is_that_of_a_product_by_hand():
    w, noise = dial.matrix(0.9, 0.1), 0.5 * dial.draw_noise()
    h, product = torch.zeros(dial.UNITS, dtype=double), None
    for step, x in enumerate(noise):
        h = torch.tanh(w @ h + x)
        if step == len(noise) - 5:
            product = torch.eye(dial.UNITS, dtype=double)
        if product is not None:
            product = torch.diag(1 - h * h) @ w @ product
    found = dial.measure(w, noise[:, None], [0, 5])[0]
    expected = torch.linalg.matrix_norm(product, ord=2)
    torch.testing.assert_close(found, torch.stack([torch.ones((), dtype=double), expected]))


def test_the_noise_gives_the_slope_that_is_wanted():
    weights, noise = dial.matrix(0.8, 0.1).expand(3, -1, -1), dial.draw_noise()
    wanted = torch.tensor([0.3, 0.6, 0.9], dtype=double)
    strengths = dial.strength_for(weights, noise, wanted)
    assert (strengths.diff() < 0).all()
    torch.testing.assert_close(
        dial.mean_slopes(weights, noise, strengths), wanted, rtol=0, atol=dial.CLOSE
    )
