"""The figures of chapter 11."""

import numpy as np
import pandas as pd
import pytest

from rnn_tutorial import figures


def test_parts_stand_in_their_colors_one_below_the_other():
    series = pd.Series([1.0, 2.0, 3.0, 4.0], index=[1900, 1901, 1902, 1903])
    parts = {"train": series[:2], "test": series[2:]}
    first, second = figures.series_parts({"spots": parts, "degrees": parts})
    assert [list(line.get_ydata()) for line in first.get_lines()] == [[1, 2], [3, 4]]
    assert first.get_lines()[0].get_color() == figures.COLORS["train"]
    assert [text.get_text() for text in second.texts] == ["train", "test"]
    assert second.get_ylabel() == "degrees"
    with pytest.raises(ValueError, match="parts named train, validation, test, got 'past'"):
        figures.series_parts({"spots": {"past": series}})
    with pytest.raises(ValueError, match="at least one panel, got none"):
        figures.series_parts({})


def test_a_band_fills_the_dots_that_lie_outside():
    index = pd.RangeIndex(3)
    line = pd.Series([1.0, 1.0, 1.0], index=index)
    actual = pd.Series([1.0, 5.0, 0.5], index=index)
    ax = figures.forecast_band(actual, line, {"90 %": (line - 1, line + 1)}, ylabel="y")
    _, inside, outside = ax.get_lines()
    assert list(inside.get_xdata()) == [0, 2]
    assert list(outside.get_ydata()) == [5]
    assert ax.get_ylabel() == "y"
    shown = [text.get_text() for text in ax.get_legend().get_texts()]
    assert shown == ["90 %", "median", "what came", "outside"]


def test_tracking_shows_the_whole_and_a_part():
    actual, predicted = np.arange(20.0), np.arange(20.0) - 1
    whole, part = figures.tracking(actual, predicted, slice(5, 9), ("day", "price"))
    assert len(whole.get_lines()[0].get_xdata()) == 20
    assert list(part.get_lines()[1].get_ydata()) == [4, 5, 6, 7]
    assert list(part.get_lines()[1].get_xdata()) == [5, 6, 7, 8]
    assert (whole.get_xlabel(), whole.get_ylabel()) == ("day", "price")


def test_changes_stand_beside_each_other():
    axes = figures.change_panels({"a": ([1, 2], [3, 4]), "b": ([0], [0])}, "%")
    assert [ax.get_title(loc="left") for ax in axes] == ["a", "b"]
    assert list(axes[0].get_lines()[0].get_xdata()) == [1, 2]
    assert axes[1].get_xlabel() == "forecast change (%)"
