"""The experiments of chapter 11: what they learn from, and what they record."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnn_tutorial import data, experiments
from rnn_tutorial.experiments.time_series import (
    forecast_intervals,
    forecast_sunspots,
    forecasts,
    lag_one,
)

QUICK = {"epochs": 1}


def test_the_parts_begin_where_they_say():
    days = data.seattle_weather().index
    starts = [str(days[row].date()) for row in (forecasts.VALIDATION, forecasts.TEST)]
    assert starts == ["2014-01-01", "2015-01-01"]
    assert len(days) == forecasts.DAYS
    years = data.sunspots().index
    assert years[forecast_sunspots.VALIDATION] == 1881
    assert years[forecast_sunspots.TEST] == 1921


def test_columns_begin_with_what_is_forecast():
    for inputs, number in (("temperature", 1), ("calendar", 3), ("all", 6)):
        values = forecasts.weather(inputs)
        assert values.shape == (1461, number)
        assert (values[:, 0] == data.seattle_weather()["temp_max"]).all()
    circle = forecasts.weather("calendar")[:, 1:]
    np.testing.assert_allclose((circle**2).sum(axis=1), 1)


def test_nothing_of_the_future_reaches_training():
    """Other values from the cut on leave model and scale as they are."""
    setup = replace(forecasts.CHOSEN, **QUICK, horizon=3)
    values = forecasts.weather()
    changed = values.copy()
    changed[forecasts.TEST :] = 999.0
    (one, scale, _), (other, other_scale, _) = (
        forecasts.fit(each, setup, 0, forecasts.TEST) for each in (values, changed)
    )
    for mine, theirs in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    assert scale.mean_ == other_scale.mean_


def test_several_steps_are_recorded_by_lead():
    for setup in forecasts.MULTI_STEP.values():
        tables = forecasts.run_multi_step(replace(setup, **QUICK), 0)
        assert [row["lead"] for row in tables["leads"]] == list(range(1, 15))
        assert tables[""][0]["mae_7"] == tables["leads"][6]["mae"]
        assert tables["leads"][0]["mae"] < tables["leads"][-1]["mae"]


def test_intervals_are_measured_before_and_after_calibration():
    for variant in ("weather", "sunspots"):
        case = forecast_intervals.VARIANTS[variant]
        (main,) = forecast_intervals.run(replace(case, setup=replace(case.setup, **QUICK)), 0)[""]
        wider = main["calibrated_width_80"] > main["width_80"]
        assert (main["calibrated_80"] >= main["raw_80"]) == wider
        assert main["raw_90"] >= main["raw_80"] - 0.05
        assert 0 < main["error_80"] < 0.2


def test_made_up_prices_are_a_walk_or_have_momentum():
    for momentum in (0.0, 0.5):
        returns = np.array([np.diff(np.log(lag_one.prices(momentum, seed))) for seed in range(20)])
        after = np.mean([np.corrcoef(r[:-1], r[1:])[0, 1] for r in returns])
        assert after == pytest.approx(momentum, abs=0.03)
        assert (lag_one.prices(momentum, 3) == lag_one.prices(momentum, 3)).all()


def test_a_series_is_judged_on_days_that_were_not_learned(monkeypatch):
    monkeypatch.setattr(lag_one, "SETUP", replace(lag_one.SETUP, **QUICK))
    monkeypatch.setattr(lag_one, "SERIES", 2)
    monkeypatch.setattr(lag_one, "PERMUTATIONS", 9)
    for variant in ("walk, prices", "momentum, returns"):
        market = lag_one.VARIANTS[variant]
        came, found, eve = lag_one.forecast(market, 5)
        assert came.shape == found.shape == eve.shape == (500,)
        assert (came[:-1] == eve[1:]).all()
        tables = lag_one.run(market, 1)
        assert [row["series"] for row in tables["series"]] == [1000, 1001]
        assert 0 <= tables[""][0]["found_loss"] <= 1


def test_the_evidence_is_what_the_chapter_leans_on():
    walks = experiments.load("lag_one", "series").groupby("variant")
    assert (walks.size() == 100).all()
    assert (walks["series"].nunique() == 100).all()
