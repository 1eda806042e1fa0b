"""The experiments of chapter 5: stretches, untrained cells, memory by length."""

import pytest
import torch

from rnn_tutorial import experiments
from rnn_tutorial.experiments.long_range import gradient_flow, memory_length
from rnn_tutorial.networks import layers


def test_starts_are_what_they_are_called():
    def radius(layer):
        return torch.linalg.eigvals(layer.weight_hh_l0.detach()).abs().max().item()

    torch.manual_seed(0)
    starts = {name: start.make(6, 50) for name, start in gradient_flow.STARTS.items()}
    assert radius(starts["ρ 0.9"]) == pytest.approx(0.9, abs=1e-4)
    assert radius(starts["ρ 1.5"]) == pytest.approx(1.5, abs=1e-4)
    assert 0.5 < radius(starts["torch's default"]) < 0.75
    weight = starts["orthogonal"].weight_hh_l0
    torch.testing.assert_close(weight @ weight.T, torch.eye(50), atol=1e-5, rtol=0)
    assert starts["identity, ReLU"].weight_hh_l0.equal(torch.eye(50))
    small = starts["0.01 randn"]
    assert small.weight_hh_l0.std().item() == pytest.approx(0.01, rel=0.1)
    assert small.weight_ih_l0.std().item() == pytest.approx(0.01, rel=0.2)
    assert not small.bias_hh_l0.any()
    assert not small.bias_ih_l0.any()


def test_the_stretch_of_a_linear_network_is_that_of_its_weights():
    """A ReLU network that stays active is linear; then the slope has no part."""
    layer = layers.RNN(2, 2, nonlinearity="relu")
    with torch.no_grad():
        layer.weight_hh_l0.copy_(torch.tensor([[0.5, 0.25], [0.0, 0.5]]))
        layer.weight_ih_l0.copy_(torch.eye(2))
    found = gradient_flow.stretch(layer, torch.full((4, 3, 2), 5.0))
    power = torch.tensor([[0.5**4, 4 * 0.25 * 0.5**3], [0.0, 0.5**4]])
    expected = torch.linalg.matrix_norm(power, ord=2).item() ** (1 / 4)
    assert found["by_step"] == pytest.approx(expected, rel=1e-6)
    assert found["by_slope"] == pytest.approx(1.0)
    assert found["rho"] == pytest.approx(0.5)
    assert found["sigma_max"] > found["rho"]


def test_the_stretch_of_one_unit_has_weight_and_slope():
    layer = layers.RNN(1, 1)
    with torch.no_grad():
        for parameter, value in zip(layer.parameters(), (0.0, 1.5, 0.0, 0.5), strict=True):
            parameter.fill_(value)
    h = torch.tanh(torch.tensor(0.5, dtype=torch.float64))
    found = gradient_flow.stretch(layer, torch.zeros(1, 2, 1))
    assert found["by_weight"] == pytest.approx(1.5)
    assert found["by_slope"] == pytest.approx(1 - h.item() ** 2)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name.startswith("LSTM,") else [])
        for name in gradient_flow.NETWORKS
    ],
)
def test_the_stored_numbers_are_those_of_this_code(name):
    seed = gradient_flow.CELL_SEEDS[0]
    record = gradient_flow.CELLS.measure(name, seed)[""][0]
    stored = experiments.load("cell_jacobians").query("variant == @name and seed == @seed")
    assert record["log10_norm_at_100"] == pytest.approx(stored["log10_norm_at_100"].item(), abs=0.1)


def test_flow_is_measured_before_and_after(monkeypatch):
    monkeypatch.setattr(gradient_flow, "STEPS", 100)
    monkeypatch.setattr(gradient_flow, "TESTS", 1)
    shapes, stretch = [], gradient_flow.stretch

    def watched(layer, inputs):
        shapes.append(tuple(inputs.shape))
        return stretch(layer, inputs)

    monkeypatch.setattr(gradient_flow, "stretch", watched)
    tables = gradient_flow.FLOW.measure("orthogonal", 0)
    assert shapes == [(20, 16, 6)] * 2, "(time, batch, features)"
    before, after = tables["stretch"]
    assert (before["stage"], after["stage"]) == ("before", "after")
    assert before["rho"] == pytest.approx(1, abs=1e-4)
    assert after["rho"] > 1.2, "of the trained network, not of a fresh one"
    assert tables[""][0]["by_step"] == after["by_step"]
    assert tables[""][0]["accuracy"] > 0.6


def test_memory_networks_are_what_they_are_called():
    torch.manual_seed(0)
    networks = memory_length.NETWORKS
    weight = networks["tanh RNN, orthogonal"].make(6, 50).weight_hh_l0
    torch.testing.assert_close(weight @ weight.T, torch.eye(50), atol=1e-5, rtol=0)
    assert networks["ReLU RNN, identity"].make(6, 50).nonlinearity == "relu"
    assert isinstance(networks["GRU"].make(6, 50), layers.GRU)


def test_only_the_symbols_that_are_asked_for_count(monkeypatch):
    """An untrained network says few blanks rightly; a share of 1000 times 2 symbols is counted."""
    monkeypatch.setattr(memory_length, "COPY_STEPS", 100)
    (record,) = memory_length.COPY.measure("tanh RNN at 40", 0)[""]
    assert record["accuracy"] * 2000 == pytest.approx(round(record["accuracy"] * 2000), abs=1e-2)
    assert record["accuracy"] < 0.5, "blanks, of which nearly all are right, would count for more"


def test_ten_steps_are_easy(monkeypatch):
    monkeypatch.setattr(memory_length, "ORDER_STEPS", 300)
    (record,) = memory_length.ORDER.measure("tanh RNN, orthogonal at 10", 0)[""]
    assert record["accuracy"] > 0.9
    assert record["steps"] <= 300
