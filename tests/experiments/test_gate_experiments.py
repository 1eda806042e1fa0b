"""The experiments of chapter 6: the forget bias, cells compared, loop and scan."""

import pytest
import torch

from rnn_tutorial import experiments
from rnn_tutorial.experiments.gating import cells_compared, forget_bias, scan_speed
from rnn_tutorial.networks import Start, initialization, layers, size_of


def test_the_direct_path_is_the_product_of_forget_gates(monkeypatch):
    """With gates that see nothing, it is σ(bias) to the power of the lag."""
    monkeypatch.setattr(forget_bias, "HIDDEN", 4)
    monkeypatch.setattr(forget_bias, "LAGS", 100)
    monkeypatch.setattr(forget_bias, "SHOWN", (50, 100))

    def deaf(layer):
        with torch.no_grad():
            layer.weight_ih_l0[4:8] = 0.0
            layer.weight_hh_l0[4:8] = 0.0
        return initialization.forget_bias_(layer, 2.0)

    tables = forget_bias.run(Start(layers.LSTM, deaf), 0)
    gate = torch.tensor(2.0).sigmoid()
    for row in tables["norms"]:
        assert row["direct"] == pytest.approx(row["lag"] * gate.log10().item(), abs=1e-3)
        assert row["whole"] >= row["direct"] - 1e-3
    (main,) = tables[""]
    assert main["mean_gate"] == pytest.approx(gate.item(), abs=1e-5)
    assert main["log10_norm_at_100"] == tables["norms"][-1]["whole"]


def test_the_stored_dial_is_that_of_chapter_5():
    dial = experiments.load("forget_bias").set_index(["variant", "seed"])["log10_norm_at_100"]
    before = experiments.load("cell_jacobians").set_index(["variant", "seed"])["log10_norm_at_100"]
    pairs = {"LSTM": "torch's default", "LSTM, forget bias 1": "bias 1"}
    for old, new in pairs.items():
        assert dial[new].to_dict() == pytest.approx(before[old].to_dict(), abs=1e-3)


def test_networks_have_as_many_parameters_as_they_say():
    for task in cells_compared.UNITS:
        features = cells_compared.FEATURES[task]
        sizes = {}
        for network in cells_compared.NETWORKS:
            setup = cells_compared.setup_of(task, network)
            sizes[network] = size_of(setup.cell, setup.units, features)
            if network.endswith("units"):
                assert setup.units == cells_compared.UNITS[task]
        for network in ("tanh RNN, as many parameters", "GRU, as many parameters"):
            assert sizes[network] == pytest.approx(sizes["LSTM"], rel=0.02)


def test_a_comparison_records_scores_and_gates(monkeypatch):
    monkeypatch.setattr(cells_compared, "STEPS", 100)
    monkeypatch.setattr(cells_compared, "TRACED", 0)
    tables = cells_compared.EXPERIMENT.measure("adding: LSTM", 0)
    (main,) = tables[""]
    assert main["multiplications"] == 4 * 32 * 34
    assert main["parameters"] == 4 * 32 * 36
    assert [row["batches"] for row in tables["curves"]] == [50, 100]
    means = [row for row in tables["gates"] if row["unit"] == -1]
    assert {(row["gate"], row["read"]) for row in means} == {
        (gate, kind) for gate in "ifo" for kind in ("mark", "no mark")
    }
    units = [row for row in tables["gates"] if row["unit"] >= 0]
    assert len(units) == 3 * cells_compared.TIME_STEPS * 32
    assert sum(row["read"].endswith("*") for row in units) == 2 * 3 * 32
    assert all(0 <= row["value"] <= 1 for row in tables["gates"])
    assert "gates" not in cells_compared.EXPERIMENT.measure("adding: tanh RNN, as many units", 0)


def test_loop_and_scan_are_compared(monkeypatch):
    monkeypatch.setattr(scan_speed, "REPEATS", 1)
    (record,) = scan_speed.run(16, 0)[""]
    assert record["rounds"] == 4
    assert record["states_apart"] < 1e-5
    assert record["gradients_apart"] < 1e-5
    assert record["loop_over_scan"] > 0
