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
    lines,
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


def test_several_steps_are_recorded_by_lead(monkeypatch):
    quick = {name: replace(setup, epochs=2) for name, setup in forecasts.ONE_STEP.items()}
    monkeypatch.setattr(forecasts, "ONE_STEP", quick)
    for ways in forecasts.MULTI_STEP.values():
        tables = forecasts.run_multi_step(ways, 0)
        assert [row["lead"] for row in tables["leads"]] == list(range(1, 15))
        assert tables[""][0]["mae_7"] == tables["leads"][6]["mae"]
        assert tables["leads"][0]["mae"] < tables["leads"][-1]["mae"]


def test_intervals_are_measured_before_and_after_calibration():
    for variant in ("weather", "sunspots, roots"):
        case = forecast_intervals.VARIANTS[variant]
        case = replace(case, setup=replace(case.setup, **QUICK))
        (main,) = forecast_intervals.run(case, 0)[""]
        wider = main["calibrated_width_80"] > main["width_80"]
        assert (main["calibrated_80"] >= main["raw_80"]) == wider
        assert main["raw_90"] >= main["raw_80"] - 0.05
        assert (main["error_80"] > 0) == (0 < main["raw_80"] < 1), "none, if all lie inside"
        assert main["error_80"] < 0.2


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
    for returns in (False, True):
        series = lag_one.prices(0.5, 5)
        came, found, eve = lag_one.forecast(lag_one.network(5, 0.01), returns, series)
        assert came.shape == found.shape == eve.shape == (500,)
        assert (came[:-1] == eve[1:]).all()
        tables = lag_one.run(returns, 1, 0.01)
        assert [row["series"] for row in tables["series"]] == [1000, 1001] * 2
        assert 0 <= tables[""][0]["momentum_found_loss"] <= 1


def test_a_line_on_prices_finds_the_momentum():
    line = lag_one.autoregression(lines.Line(order=2, ridge=0.01))
    for returns in (False, True):
        found = lag_one.judged(line, returns, "momentum", 7)
        assert found["rmse_ratio"] < 0.95
        assert lag_one.judged(line, returns, "walk", 7)["rmse_ratio"] > 0.99


def test_the_evidence_is_what_the_chapter_leans_on():
    for name in ("lag_one", "lag_one_lines"):
        series = experiments.load(name, "series").groupby(["market", "variant"])["series"]
        assert (series.size() == 50).all()
        assert (series.nunique() == 50).all()


def test_a_line_learns_an_autoregression_from_the_days_before():
    """Each value is the sum of the two before it, minus twice the one three before, and a wave."""
    days = np.arange(200)
    wave = np.cos(2 * np.pi * days / lines.YEAR)
    values = [1.0, 2.0, 3.0]
    for day in days[3:]:
        values.append(0.5 * values[-1] - 0.5 * values[-2] + 0.3 * values[-3] + wave[day])
    values = np.array(values)
    exact = lines.Line(order=3, ridge=1e-8, waves=1)
    for residual in (True, False):
        found = lines.forecast(values, exact, 150, days=days, residual=residual)
        np.testing.assert_allclose(found[:, 0], values[150:], atol=1e-3)
    changed = values.copy()
    changed[151:] = 99.0
    again = lines.forecast(changed, exact, 150, 152, days=days)
    np.testing.assert_allclose(again[:, 0], values[150:152], atol=1e-3)
    without = lines.forecast(values, exact._replace(waves=0), 150)
    assert np.abs(without[:, 0] - values[150:]).max() > 0.01
    ahead = lines.forecast(values, exact, 150, horizon=2, days=days)
    np.testing.assert_allclose(ahead[:, 1], values[151:], atol=0.01)


def test_the_line_with_the_lowest_error_is_chosen():
    wanted = lines.Line(order=5, ridge=10.0, waves=2)

    def distance(line):
        return sum(abs(a - b) for a, b in zip(line, wanted, strict=True))

    assert lines.choose(distance, waves=lines.WAVES) == wanted
    assert lines.choose(distance, orders=(3, 4)) == lines.Line(4, 10.0)


def test_roots_are_squared_and_never_negative():
    np.testing.assert_allclose(forecast_sunspots.squared(np.array([-2.0, 0, 3])), [0, 0, 9])
    found = forecast_sunspots.squared(forecast_sunspots.roots())
    np.testing.assert_allclose(found, forecast_sunspots.sunspots(), atol=1e-9)


def test_each_origin_forecasts_the_half_year_after_it():
    asked = []

    def constant(first, end):
        asked.append((first, end))
        return np.full(end - first, float(first))

    found = forecasts.from_origins(constant)
    assert asked == [(366, 547), (547, 731), (1096, 1277), (1277, 1461)]
    assert found.loc["2013-07-01"] == 547
    assert found.loc["2014"].isna().all()
    assert found.loc["2012"].isna().all()
    assert found.notna().sum() == 2 * 365
