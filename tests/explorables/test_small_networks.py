"""The small networks that chapters 2, 4 and 5 let the reader move, against formulas by hand."""

import math

import numpy as np
import pytest
import torch

from rnn_tutorial.explorables import backward_pass, circle_to_ellipse, cobweb


@pytest.mark.parametrize(("w", "points"), [(0.8, 1), (-2.0, 1), (1.05, 3), (2.0, 3)])
def test_a_unit_settles_where_the_slope_says(w, points):
    found = cobweb.place(w)
    assert len(found["fixed_points"]) == points
    for point, slope in zip(found["fixed_points"], found["slopes"], strict=True):
        assert math.tanh(w * point) == pytest.approx(point)
        nudged = (math.tanh(w * (point + 1e-6)) - point) / 1e-6
        assert slope == pytest.approx(nudged, abs=1e-4)
    up, down = found["ends"]
    assert (abs(up) > 0.1) == (abs(w) > 1)
    assert down == pytest.approx(-up)


def test_the_starts_of_the_orbits_are_a_pair():
    states = cobweb.orbits(0.5, 0.2, 0.3)
    assert states.shape == (cobweb.STEPS + 1, 2)
    assert states[0].tolist() == [0.3, -0.3]
    assert states[1].tolist() == pytest.approx([math.tanh(0.35), math.tanh(0.05)])


def test_the_hand_network_has_the_numbers_of_the_book():
    found = backward_pass.both_ways()
    assert found["states"] == pytest.approx([0, 0.762, 0.363, 0.180], abs=6e-4)
    assert found["kept"] == pytest.approx([-0.288, -0.551, -0.551], abs=6e-4)
    assert found["kept"][0] / found["kept"][-1] == pytest.approx(0.52, abs=0.005)
    assert found["derivative"] == pytest.approx(0.210, abs=6e-4)


@pytest.mark.parametrize(("w", "target"), [(-0.7, 0.3), (1.9, -1.0)])
def test_both_ways_are_the_chain_rule(w, target):
    found = backward_pass.both_ways(w, target)
    h = found["states"]
    slopes = [1 - state**2 for state in h[1:]]
    assert found["factors"] == pytest.approx([slope * w for slope in slopes])
    assert found["loss"] == pytest.approx((h[3] - target) ** 2 / 2)
    gradient, kept = h[3] - target, 0.0
    for k, t in enumerate((3, 2, 1)):
        assert found["gradients"][t - 1] == pytest.approx(gradient)
        kept += gradient * slopes[t - 1] * h[t - 1]
        assert found["kept"][k] == pytest.approx(kept)
        gradient *= slopes[t - 1] * w


def test_most_comes_back_at_the_weight_that_is_named():
    most = backward_pass.numbers()["most"]
    others = [backward_pass.both_ways(w)["derivative"] for w in (0.5, 0.9, 1.0, 2.0)]
    assert most["derivative"] > max(others)
    assert backward_pass.both_ways(most["w"])["derivative"] == pytest.approx(most["derivative"])


@pytest.mark.parametrize("name", circle_to_ellipse.PRESETS)
def test_a_matrix_stretches_as_its_name_says(name):
    largest, smallest, turn = circle_to_ellipse.PRESETS[name]
    found = circle_to_ellipse.preset(largest, smallest, turn)
    values = np.array(found["values"])
    assert values[1] == pytest.approx([largest, smallest])
    powers = [math.prod(pair) for pair in found["values"]]  # the determinants
    assert powers == pytest.approx([(largest * smallest) ** k for k in range(len(powers))])
    assert values[-1, 0] ** (1 / circle_to_ellipse.LAGS) >= found["rho"] - 1e-9
    if name == "growth first":
        assert found["rho"] < 1 < 2 < values[:, 0].max()
        assert values[-1, 0] < 0.1


def test_the_network_of_two_units_is_that_of_the_drawing():
    found = circle_to_ellipse.numbers()["network"]
    product = torch.eye(2, dtype=torch.float64)
    for step, values in zip(found["steps"], found["values"][1:], strict=True):
        product = product @ torch.tensor(step, dtype=torch.float64)
        assert torch.linalg.svdvals(product).tolist() == pytest.approx(values)
    assert found["values"][9] == pytest.approx([1.03, 0.03], abs=0.01)
