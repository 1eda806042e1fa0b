"""The benchmark of the layers: it runs, its table is right, and its evidence keeps the promises."""

import time

import numpy as np
import pandas as pd
import pytest
import torch

SMALL = [(16, 20, 16, 32), (8, 20, 16, 32)]


@pytest.fixture(scope="module")
def scripts(imported, root):
    with imported(root / "benchmarks", "meters", "layers", "bptt") as found:
        yield found


@pytest.fixture(scope="module")
def bench(scripts):
    return scripts["layers"]


@pytest.fixture(scope="module")
def meters(scripts):
    return scripts["meters"]


@pytest.fixture(scope="module")
def evidence(bench):
    """Return the ratios by number of threads."""
    stored = pd.read_csv(bench.RESULTS)
    return {threads: bench.ratios(part) for threads, part in stored.groupby("threads")}


def test_it_runs_and_draws(bench, tmp_path):
    frame = pd.concat([bench.run(SMALL, repeats=1).assign(round=r) for r in (1, 2)])
    assert (frame[["ms", "limit_ms"]] > 0).all().all()
    table = bench.ratios(frame)
    assert list(table.index.get_level_values("layer").unique()) == list(bench.KINDS)
    assert len(table) == len(bench.KINDS) * len(SMALL)
    assert table["torch, oneDNN off"].notna().tolist() == [False] * 4 + [True] * 2
    assert table["numpy"].notna().tolist() == [True] * 2 + [False] * 4
    training = ~frame["what"].str.contains("inference")
    assert (frame["peak_mb"] > 0).equals(training)
    bench.draw(frame, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 5000


def test_numpy_computes_the_same_gradient(bench):
    torch.manual_seed(0)
    layer = bench.layers.RNN(3, 5, dtype=torch.float64)
    x = torch.randn(6, 4, 3, dtype=torch.float64, requires_grad=True)
    above = torch.randn(6, 4, 5, dtype=torch.float64)
    layer(x)[0].backward(above)
    found = bench.numpy_step(layer, x, above)()
    for name, expected in (
        ("inputs", x.grad),
        ("weight_ih", layer.weight_ih_l0.grad),
        ("weight_hh", layer.weight_hh_l0.grad),
        ("bias", layer.bias_hh_l0.grad),
    ):
        torch.testing.assert_close(torch.from_numpy(found[name]), expected)


def test_the_ratios_are_those_of_the_medians(bench):
    rows = [("ours", 2.0, 4.0), ("torch", 3.0, 8.0), ("loop", 6.0, 8.0),
            ("torch, oneDNN off", 4.0, 8.0), ("numpy", 5.0, 8.0),
            ("ours, inference", 1.0, None), ("torch, inference", 0.5, None)]  # fmt: skip
    frame = pd.DataFrame(
        [
            {"layer": "LSTM", "batch": 1, "time": 1, "features": 1, "hidden": 1,
             "what": what, "ms": ms * pace, "limit_ms": 1.5 * pace, "peak_mb": peak, "round": n}
            for what, ms, peak in rows for n, pace in ((1, 1.0), (2, 2.0))
        ]
    )  # fmt: skip
    (row,) = bench.ratios(frame).to_dict("records")
    assert row == {"torch": 1.5, "torch, oneDNN off": 2.0, "loop": 3.0, "numpy": 2.5,
                   "inference": 0.5, "limit": 0.75, "memory": 0.5}  # fmt: skip
    assert bench.geometric_mean(pd.Series([1.0, 4.0, None])) == pytest.approx(2.0)


def test_the_operations_are_counted(bench):
    """Three products with each weight matrix, two operations for each number multiplied."""
    batch, time_steps, features, hidden = 2, 3, 5, 7
    by_hand = 3 * 2 * (batch * time_steps * hidden * features + batch * time_steps * hidden**2)
    assert bench.products("RNN", (batch, time_steps, features, hidden)) == by_hand
    assert bench.products("LSTM", (batch, time_steps, features, hidden)) == 4 * by_hand


def test_functions_take_turns_and_slow_ones_are_called_once(meters):
    calls = []
    named = {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}
    named["slow"] = lambda: calls.append("slow") or time.sleep(0.02)
    seconds = meters.medians(named, 5, warm_ups=1)
    rounds = [tuple(calls[k : k + 3]) for k in range(0, 18, 3)]
    assert [sorted(names) for names in rounds] == [["a", "b", "slow"]] * 6
    assert len(set(rounds)) > 1, "the order is drawn anew"
    assert set(seconds) == set(named)
    calls.clear()
    meters.medians(named, 5, warm_ups=0, slow=-1.0)
    assert sorted(calls) == ["a", "b", "slow"]


def test_the_warm_up_is_not_timed(meters, monkeypatch):
    ticks = iter([0, 100, 101, 101, 102, 102, 103])
    monkeypatch.setattr(meters.time, "process_time", lambda: next(ticks))
    monkeypatch.setattr(meters.torch, "get_num_threads", lambda: 1)
    assert meters.medians({"a": int}, 3, warm_ups=1) == {"a": 1}


def test_peak_memory_is_the_most_that_is_held_at_once(meters):
    def step():
        for _ in range(3):
            torch.ones(1000, dtype=torch.float64)  # 8 kB, freed before the next

    assert 8000 <= meters.peak_bytes(step) < 16000


def test_peak_memory_of_numpy_is_traced(meters):
    assert 8000 <= meters.peak_traced_bytes(lambda: np.ones(1000)) < 16000


def test_a_new_run_replaces_those_with_as_many_threads(bench, tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "speed.csv")
    for threads, ms in ((1, 1.0), (2, 2.0), (1, 3.0)):
        bench.store(pd.DataFrame({"what": ["ours"], "ms": [ms]}), threads)
    stored = pd.read_csv(tmp_path / "speed.csv")
    assert dict(zip(stored["threads"], stored["ms"], strict=True)) == {1: 3.0, 2: 2.0}
    assert stored[["torch", "numpy", "processor"]].notna().all(axis=None)


def test_the_evidence_keeps_what_is_promised(bench, evidence):
    """Of a training step; a ratio above 1 says that ours is the faster one."""
    assert set(evidence) == {1, 2}
    # two threads on one machine; one thread on another, which others used too
    for threads, mean, slowest_inference in ((2, 1.3, 0.9), (1, 1.1, 0.8)):
        table = evidence[threads]
        rnn, gru, lstm = (table.loc[kind] for kind in bench.KINDS)
        assert bench.geometric_mean(rnn["torch"]) >= mean
        assert rnn["torch"].min() >= 0.9
        assert rnn["inference"].min() >= slowest_inference
        assert rnn["limit"].iloc[-1] >= 0.75
        assert bench.geometric_mean(gru["torch"]) >= 0.9
        assert bench.geometric_mean(lstm["torch, oneDNN off"]) >= 1.0
        assert table["memory"].max() <= 1
        assert len(table) == len(bench.KINDS) * len(bench.SIZES)


@pytest.fixture(scope="module")
def through_time(scripts):
    return scripts["bptt"]


def test_all_ways_to_a_gradient_find_the_same_one(through_time):
    named = through_time.contestants(through_time.REACH)  # so short that nothing is truncated
    expected = named["BPTT"]()
    for name, function in named.items():
        found = function()
        for parameter, gradient in found.items():
            torch.testing.assert_close(
                gradient, expected[parameter], rtol=1e-6, atol=1e-8, msg=f"{name}, {parameter}"
            )


def test_the_stored_costs_are_those_that_are_counted(through_time):
    """Work does not depend on the machine, so it has to be the same number."""
    stored = pd.read_csv(through_time.RESULTS).set_index(["method", "time_steps"])
    assert set(stored.index.get_level_values("time_steps")) == set(through_time.LENGTHS)
    frame = through_time.run((16,), repeats=1).set_index(["method", "time_steps"])
    for place, row in frame.iterrows():
        assert row["multiplications"] == stored.loc[place, "multiplications"]
        assert row["peak_bytes"] > 0
        assert row["cpu_ms"] > 0
