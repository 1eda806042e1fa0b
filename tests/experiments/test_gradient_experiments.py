"""The experiments about gradients: Pascanu's conditions, the cliff, truncation."""

import pytest
import torch

from rnn_tutorial import tasks
from rnn_tutorial.experiments.long_range import cliff, jacobian_bound, truncation
from rnn_tutorial.experiments.long_range.jacobian_bound import (
    VARIANTS,
    Setup,
    draw_weight,
    step_jacobians,
)
from rnn_tutorial.gradients import jacobians
from rnn_tutorial.networks import layers
from tests.task_tools import generator


def test_weights_are_scaled_as_the_setup_says():
    for setup in VARIANTS.values():
        weight = draw_weight(setup, generator(5))
        by_singular = torch.linalg.matrix_norm(weight, ord=2).item()
        by_eigen = torch.linalg.eigvals(weight).abs().max().item()
        reached = by_eigen if setup.largest == "eigenvalue" else by_singular
        assert reached == pytest.approx(setup.value)


def test_the_jacobians_of_tanh_are_those_of_the_layer():
    setup = Setup(value=1.5, input_deviation=0.7)
    weight = draw_weight(setup, generator())
    drawn = generator(1)
    found = step_jacobians(setup, weight, drawn)
    again = generator(1)
    noise = [
        0.7 * torch.randn(jacobian_bound.HIDDEN, generator=again, dtype=torch.float64)
        for _ in range(jacobian_bound.LAGS)
    ]
    layer = layers.RNN(jacobian_bound.HIDDEN, jacobian_bound.HIDDEN, bias=False).double()
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.eye(jacobian_bound.HIDDEN))
        layer.weight_hh_l0.copy_(weight)
    torch.testing.assert_close(found, jacobians.state_jacobians(layer, torch.stack(noise)))


def test_the_jacobians_of_the_logistic_function_are_those_of_autograd():
    setup = Setup("logistic", value=3.0, input_deviation=0.3)
    weight = draw_weight(setup, generator())
    found = step_jacobians(setup, weight, generator(2))
    again = generator(2)
    h = torch.zeros(jacobian_bound.HIDDEN, dtype=torch.float64)
    for step in range(3):
        noise = 0.3 * torch.randn(len(h), generator=again, dtype=torch.float64)
        by_autograd = torch.autograd.functional.jacobian(
            lambda state, noise=noise: torch.sigmoid(weight @ state + noise), h
        )
        torch.testing.assert_close(found[step], by_autograd)
        h = torch.sigmoid(weight @ h + noise)


def test_the_bound_is_measured_where_it_can_be_broken(monkeypatch):
    """With a steepest slope that is too small, the norms are above the bound."""
    monkeypatch.setitem(jacobian_bound.STEEPEST, "tanh", 0.5)
    record = jacobian_bound.run(VARIANTS["tanh, σ_max 0.9"], 0)[""][0]
    assert record["largest_ratio_to_bound"] > 1.5


def test_a_norm_is_that_of_the_product_over_all_lags():
    tables = jacobian_bound.run(VARIANTS["tanh, σ_max 4"], 0)
    (record,) = tables[""]
    last = tables["norms"][-1]
    assert last["lag"] == 100
    assert last["norm"] == pytest.approx(10 ** record["log10_norm_at_100"], rel=1e-3)
    assert last["bound"] == pytest.approx(4.0**100, rel=1e-3)
    assert tables["norms"][0] == {"lag": 0, "norm": 1.0, "bound": 1.0}


def test_the_loss_of_the_cliff_is_that_of_the_paper():
    x = 0.5
    for _ in range(50):
        x = 2.0 * torch.sigmoid(torch.tensor(x, dtype=torch.float64)).item() - 0.3
    by_hand = (torch.sigmoid(torch.tensor(x, dtype=torch.float64)).item() - 0.7) ** 2
    point = torch.tensor([2.0, -0.3], dtype=torch.float64)
    assert cliff.loss(point).item() == pytest.approx(by_hand, rel=1e-12)
    step = torch.tensor([1e-6, 0.0], dtype=torch.float64)
    difference = (cliff.loss(point + step) - cliff.loss(point - step)) / 2e-6
    assert cliff.gradient(point)[0].item() == pytest.approx(difference.item(), rel=1e-6)


def test_clipping_shortens_a_step_and_keeps_its_direction(monkeypatch):
    monkeypatch.setattr(cliff, "UPDATES", 1)
    start, ratio = cliff.steepest_point(generator())
    assert ratio > 100
    plain, clipped = (
        (points[1] - points[0]) / cliff.LEARNING_RATE
        for points in (cliff.descend(start, None), cliff.descend(start, 1.0))
    )
    assert clipped.norm().item() == pytest.approx(1.0)
    torch.testing.assert_close(plain / plain.norm(), clipped)
    torch.testing.assert_close(plain, -cliff.gradient(start))
    gentle = torch.tensor([1.0, 0.0], dtype=torch.float64)
    torch.testing.assert_close(cliff.descend(gentle, 1.0), cliff.descend(gentle, None))


def test_many_descents_are_taken_at_once(monkeypatch):
    monkeypatch.setattr(cliff, "UPDATES", 5)
    starts = torch.tensor([[4.35, -2.7], [4.8007, -2.4884]], dtype=torch.float64)
    for max_norm in (None, 0.05):
        both = cliff.descend(starts, max_norm)
        alone = [cliff.descend(start, max_norm) for start in starts]
        torch.testing.assert_close(both, torch.stack(alone, dim=1))


def test_the_search_stays_where_it_found_the_steepest_point(monkeypatch):
    """More rounds never find less."""
    ratios = []
    for rounds in (1, 2, 4):
        monkeypatch.setattr(cliff, "ROUNDS", rounds)
        ratios.append(cliff.steepest_point(generator(3))[1])
    assert ratios == sorted(ratios)


@pytest.mark.parametrize("variant", ["adding, tanh RNN", "letters, LSTM with forget bias 3"])
def test_a_gradient_over_the_whole_length_is_the_full_one(variant, monkeypatch):
    monkeypatch.setattr(truncation, "REACHES", (1, 5, 50))
    tables = truncation.COSINE.measure(variant, 3)
    rows = {row["k"]: row for row in tables["reaches"]}
    assert rows[50] == {"k": 50, "cosine": 1.0, "length": 1.0}
    assert rows[1]["cosine"] < rows[5]["cosine"] < 1.0
    assert tables[""][0]["cosine_at_5"] == rows[5]["cosine"]
    assert truncation.COSINE.measure(variant, 3) == tables


def test_the_letters_are_judged_at_every_step_and_the_sum_at_the_last():
    readout = torch.nn.Linear(truncation.HIDDEN, 1, dtype=torch.float64)
    inputs, answers, loss = truncation.problem("adding", generator())
    outputs = torch.randn(50, 64, truncation.HIDDEN, dtype=torch.float64)
    assert (inputs.shape, answers) == ((50, 64, 2), 1)
    assert loss(outputs[:10], slice(0, 10), readout) == 0
    targets = (inputs[..., 0] * inputs[..., 1]).sum(0)
    expected = (readout(outputs[-1])[:, 0] - targets).square().mean()
    torch.testing.assert_close(loss(outputs[-1:], slice(49, 50), readout), expected)

    inputs, answers, loss = truncation.problem("letters", generator())
    readout = torch.nn.Linear(truncation.HIDDEN, answers, dtype=torch.float64)
    parts = [loss(outputs[t : t + 1], slice(t, t + 1), readout) for t in range(50)]
    torch.testing.assert_close(sum(parts), loss(outputs, slice(0, 50), readout))
    drawn, _ = tasks.letters(50 * 64, generator=generator())
    torch.testing.assert_close(inputs[:, 0], drawn.inputs[:50].double())
    torch.testing.assert_close(inputs[:, 1], drawn.inputs[50:100].double())


@pytest.mark.parametrize("marks", [5, 20])
def test_the_marks_lie_where_they_are_said_to(marks):
    inputs, targets = truncation.draw(200, marks, generator())
    values, places = inputs.unbind(-1)
    assert inputs.shape == (truncation.LENGTH, 200, 2)
    assert (places.sum(0) == 2).all()
    assert places[marks:].sum() == 0
    torch.testing.assert_close((values * places).sum(0), targets)
    assert values[-1].std() > 0.2, "the rest is noise, not zeros"
