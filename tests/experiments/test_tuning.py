"""The search for learning rates: the same for every contender, and what it chose is used."""

import math

import numpy as np
import pytest

from rnn_tutorial import experiments
from rnn_tutorial.experiments import Experiment, run
from rnn_tutorial.experiments.engine.tuning import GRID, START, Search
from rnn_tutorial.experiments.registry import EXPERIMENTS, SEARCHES

SEARCH = Search("accuracy", (7, 8))

# Experiments of several variants whose rates no search has chosen, and why.
WITHOUT_SEARCH = {
    "it is a search": ("surname_settings", "forecast_settings"),
    "its settings come from a search of its own, that of another experiment, or one by hand that "
    "the chapter names": (
        "surname_baselines", "surnames", "speech_genre", "character_cells", "forecast_origins",
        "forecast_leads", "forecast_intervals", "parity_length", "forget_gate",
    ),
    "one network, trained or measured in several ways": (
        "surname_padding", "surname_clipping", "state_automaton", "state_probes", "state_start",
        "symbol_recall", "character_samples", "cliff", "temporal_xor",
    ),
    "no network is trained": (
        "memory_capacity", "truncation_cosine", "cell_jacobians", "forget_bias", "scan_speed",
        "line_opponents", "lag_one_lines", "jacobian_bound", "character_ngrams",
    ),
    "each is trained as its source trains it": ("museum",),
}  # fmt: skip


def hill(top, seed, rate):
    """Score best at one rate; training breaks down far above it."""
    if rate > 30 * top:
        raise FloatingPointError("loss is nan")
    return {"": [{"accuracy": 1 / (1 + abs(math.log10(rate / top))) + seed / 1e6}]}


@pytest.mark.parametrize("top", GRID)
def test_it_goes_on_until_the_best_has_neighbors(top):
    found = SEARCH.run(hill, top)
    tried = sorted({row["rate"] for row in found["tried"]})
    assert found[""][0]["rate"] == top
    assert found[""][0]["accuracy"] == pytest.approx(1 + 7.5e-6)
    place = GRID.index(top)
    assert {*START, *GRID[max(0, place - 1) : place + 2]} <= {*tried}
    assert tried == list(GRID[GRID.index(tried[0]) : GRID.index(tried[-1]) + 1]), "no gap"
    assert all([r["seed"] for r in found["tried"] if r["rate"] == rate] == [7, 8] for rate in tried)


def test_the_middle_of_a_plateau_is_chosen_and_a_breakdown_never():
    assert SEARCH.best({0.01: [1, 1], 0.001: [1, 1], 0.003: [1, 1]}) == 0.003
    assert SEARCH.best({0.001: [0.2, 0.4], 0.003: [0.9, math.nan]}) == 0.001
    near = Search("accuracy", (7,), margin=0.01)
    assert near.best({0.001: [0.995], 0.003: [0.991], 0.01: [1.0], 0.03: [0.9]}) == 0.003
    error = Search("loss", (7,), smaller_is_better=True)
    assert error.best({0.001: [0.3], 0.003: [0.1], 0.01: [math.nan]}) == 0.003
    for rate in START:
        assert SEARCH.best({r: [0.5 + (r == rate)] for r in START}) == rate


def test_the_chosen_rate_is_stored_and_used(tmp_path, monkeypatch):
    monkeypatch.setattr(experiments.engine.evidence, "RESULTS", tmp_path)
    experiment = Experiment("hills", "", hill, {"low": 3e-4, "high": 0.03}, (1,), search=SEARCH)
    with pytest.raises(ValueError, match="hills_rates"):
        experiment.measure("low", 1)
    options = {"results": tmp_path, "work": tmp_path / "work", "jobs": 1, "progress": False}
    run(experiment.searching(), backend="loky", **options)
    for variant, top in experiment.variants.items():
        (record,) = experiment.measure(variant, 1)[""]
        assert record["accuracy"] == pytest.approx(1 + 1e-6), top
    tried = experiments.load("hills_rates", "tried", results=tmp_path)
    assert {*tried["seed"]} == {7, 8}
    experiment = Experiment("hills", "", hill, {"other": 0.1}, (1,), search=SEARCH)
    with pytest.raises(ValueError, match="one of low, high, got 'other'"):
        experiment.measure("other", 1)


def test_contenders_have_a_search_or_a_reason_why_not():
    reasons = [name for names in WITHOUT_SEARCH.values() for name in names]
    several = [n for n, e in EXPERIMENTS.items() if len(e.variants) > 1 and not e.search]
    assert sorted(reasons) == sorted(several)


@pytest.mark.parametrize("name", [name for name, e in EXPERIMENTS.items() if e.search])
def test_all_contenders_were_searched_alike(name):
    experiment, search = EXPERIMENTS[name], EXPERIMENTS[name].search
    stored = SEARCHES[f"{name}_rates"]
    chosen = experiments.load(stored.name).set_index("variant")
    tried = experiments.load(stored.name, "tried")
    assert list(chosen.index) == list(experiment.variants), "each is searched for"
    assert not {*search.seeds} & {*experiment.seeds}, "what is reported was not looked at"
    assert chosen["error"].isna().all()
    for variant, rows in tried.groupby("variant"):
        values = {rate: list(v) for rate, v in rows.groupby("rate")[search.measure]}
        assert {*START} <= {*values}, variant
        assert all(list(v) == list(search.seeds) for _, v in rows.groupby("rate")["seed"]), variant
        best = search.best(values)
        assert chosen.loc[variant, "rate"] == best, variant
        place = GRID.index(best)
        assert {*GRID[max(0, place - 1) : place + 2]} <= {*values}, f"{variant}: at the edge"
        mean = np.mean(values[best])
        assert np.isclose(chosen.loc[variant, search.measure], mean, atol=1e-6), variant
