"""The weather of Seattle and the sunspots: counts, units, other releases, missing packages."""

import importlib.util
import inspect
from types import SimpleNamespace

import pandas as pd
import pytest

from rnn_tutorial import data


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


def fresh(load):
    """Return a function of a module that is loaded once more, so that it remembers no table."""
    spec = importlib.util.spec_from_file_location("fresh", inspect.getfile(load))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, load.__name__)


@pytest.mark.parametrize(
    ("load", "path", "release"),
    [
        (data.seattle_weather, "_data/seattle-weather.csv", "vega_datasets=="),
        (data.sunspots, "datasets/sunspots/sunspots.csv", "statsmodels=="),
    ],
)
def test_other_tables_and_missing_packages_are_refused(
    monkeypatch, tmp_path, root, load, path, release
):
    pins = (root / "requirements-data.txt").read_text(encoding="utf-8").splitlines()
    (pin,) = (line for line in pins if line.startswith(release))
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(
        "date,temp_max,YEAR,SUNACTIVITY\n2012-01-01,1.0,1700,5.0\n", encoding="utf-8"
    )
    load = fresh(load)
    other = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: other)
    with pytest.raises(RuntimeError, match=f"not those of {pin}.*instead of"):
        load()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=f"pip install --no-deps {pin}"):
        load()
