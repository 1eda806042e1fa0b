"""The weather of Seattle and the sunspots: counts, units, other releases, missing packages."""

import importlib.util

import pandas as pd
import pytest

from rnn_tutorial import data
from rnn_tutorial.data import series as _series


def test_the_weather_has_the_days_that_the_book_states():
    table = data.seattle_weather()
    assert len(table) == 1461
    assert (table.index == pd.date_range("2012-01-01", "2015-12-31")).all(), "no day is missing"
    assert not table.isna().any(axis=None)
    assert table.loc["2012-01-01", "temp_max"] == 12.8
    assert (table["temp_max"] >= table["temp_min"]).all()


def test_the_sunspots_have_the_years_that_the_book_states():
    series = data.sunspots()
    assert list(series.index) == list(range(1700, 2009))
    assert series[1700] == 5.0
    assert series.idxmax() == 1957
    assert (series >= 0).all()


@pytest.mark.parametrize("load", [data.seattle_weather, data.sunspots])
def test_what_a_reader_changes_does_not_come_back(load):
    changed = load()
    changed.iloc[0] = 99 if changed.ndim == 1 else None
    assert not load().equals(changed)


@pytest.mark.parametrize(
    ("load", "release"),
    [(_series._weather, "vega_datasets==0.9.0"), (_series._sunspots, "statsmodels==0.15.0")],
)
def test_other_tables_and_missing_packages_are_refused(monkeypatch, tmp_path, load, release):
    (tmp_path / "table.csv").write_text(
        "date,temp_max,YEAR,SUNACTIVITY\n2012-01-01,1.0,1700,5.0\n", encoding="utf-8"
    )
    with monkeypatch.context() as patch:
        patch.setattr(_series, "_file", lambda *_: tmp_path / "table.csv")
        with pytest.raises(RuntimeError, match=f"not those of {release}.*instead of"):
            load.__wrapped__()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=f"pip install --no-deps {release}"):
        load.__wrapped__()


def test_the_stated_releases_are_the_pinned_ones(root):
    pins = (root / "requirements-data.txt").read_text(encoding="utf-8")
    assert f"vega_datasets=={_series.VEGA_VERSION}" in pins
    assert f"statsmodels=={_series.STATSMODELS_VERSION}" in pins
