"""The figures of gradients on their way back."""

import numpy as np
import pandas as pd
import pytest

from rnn_tutorial import figures
from rnn_tutorial.figures._style import ON_DARK, ON_PALE


def test_spectra_show_every_value_above_the_floor():
    values = [[1.0, 1.0], [0.5, 1e-3], [0.25, 1e-20]]
    axes = figures.spectra({"a": values, "b": np.ones((3, 2))}, floor=1e-6, xlim=(0, 7))
    others, largest, one = axes[0].get_lines()
    np.testing.assert_array_equal(largest.get_ydata(), [1.0, 0.5, 0.25])
    np.testing.assert_array_equal(others.get_ydata(), [1.0, 1e-3, np.nan])
    assert list(one.get_ydata()) == [1, 1]
    assert axes[0].get_yscale() == "log"
    assert axes[0].get_ylim()[0] == axes[1].get_ylim()[0] == 1e-6
    assert [ax.get_title(loc="left") for ax in axes] == ["a", "b"]
    assert (axes[1].get_xlabel(), axes[0].get_ylabel()) == ("lag $k$ (steps)", "singular values")
    assert axes[1].get_xlim() == (0, 7)


def test_band_panels_use_one_line_for_one_name():
    table = pd.DataFrame({0: [0.1, 0.2], 1: [0.4, 0.3], 2: [0.2, 0.9]}, index=[1, 2])
    panels = {"left": {"x": table, "y": table + 1}, "right": {"y": table + 2}}
    left, right = figures.band_panels(panels, "norm", ["lag", "delay"], marker="o", ylim=(0, 4))
    x, y = left.get_lines()
    (again,) = right.get_lines()
    assert list(x.get_ydata()) == [0.2, 0.3]
    assert y.get_color() == again.get_color() != x.get_color()
    assert y.get_linestyle() == again.get_linestyle() != x.get_linestyle()
    assert [text.get_text() for text in left.figure.legends[0].get_texts()] == ["x", "y"]
    assert (left.get_xlabel(), right.get_xlabel()) == ("lag", "delay")
    assert (left.get_ylabel(), right.get_ylim()) == ("norm", (0, 4))
    assert x.get_marker() == again.get_marker() == "o"
    band = left.collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == 0.1
    assert band[:, 1].max() == 0.9


def test_band_panels_fill_rows():
    table = pd.DataFrame({0: [1.0, 2.0]}, index=[1, 2])
    panels = {title: {"x": table} for title in "abcd"}
    axes = figures.band_panels(panels, "norm", ["lag"] * 4, rows=2)
    heights = [ax.get_position().y0 for ax in axes]
    assert heights[0] == heights[1] > heights[2] == heights[3]
    assert [ax.get_title(loc="left") for ax in axes] == list("abcd")
    assert [ax.get_xlabel() for ax in axes] == ["", "", "lag", "lag"]


def test_band_panels_refuse_more_names_than_can_be_told_apart():
    table = pd.DataFrame({0: [1.0, 2.0]})
    with pytest.raises(ValueError, match="there must be at most"):
        figures.band_panels({"a": {str(n): table for n in range(20)}}, "y", ["x"])


def test_a_stretch_map_joins_before_and_after():
    table = pd.DataFrame(
        {
            "variant": "start",
            "seed": [0, 0],
            "stage": ["after", "before"],
            "by_weight": [2.0, 0.5],
            "by_slope": [0.5, 1.0],
        }
    )
    ax = figures.stretch_map(table, xlim=(0.25, 4), ylim=(0.3, 1.2))
    before, after, diagonal = ax.get_lines()
    (way,) = (text for text in ax.texts if text.arrow_patch is not None)
    assert (tuple(way.xyann), tuple(way.xy)) == ((0.5, 1.0), (2.0, 0.5)), "to what came after"
    assert (before.get_fillstyle(), after.get_fillstyle()) == ("none", "full")
    assert (list(before.get_ydata()), list(after.get_ydata())) == ([1.0], [0.5])
    np.testing.assert_allclose(diagonal.get_xdata() * diagonal.get_ydata(), 1)
    assert (ax.get_xlim(), ax.get_ylim()) == ((0.25, 4), (0.3, 1.2))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["start"]
    assert list(ax.get_yticks()) == [0.3, 0.5, 0.7, 1]


def test_counts_are_written_in_their_fields():
    table = pd.DataFrame([[5, 0], [3, 1]], index=["a", "b"], columns=[10, 20])
    left, right = figures.counts({"x": table, "y": table.loc[["b"]]}, 5, ["length", "delay"])
    assert {text.get_position(): text.get_text() for text in left.texts} == {
        (0, 0): "5", (1, 0): "0", (0, 1): "3", (1, 1): "1",
    }  # fmt: skip
    assert [label.get_text() for label in left.get_xticklabels()] == ["10", "20"]
    assert [(ax.get_title(loc="left"), ax.get_xlabel()) for ax in (left, right)] == [
        ("x", "length"), ("y", "delay"),
    ]  # fmt: skip
    assert right.collections[0].get_clim() == (0, 5), "the same shade for the same count"
    assert [label.get_text() for label in right.get_yticklabels()] == ["b"]
    colors = {text.get_text(): text.get_color() for text in left.texts}
    assert colors["5"] == ON_DARK
    assert colors["0"] == ON_PALE


def test_the_diagonal_of_a_stretch_map_does_not_widen_it():
    rows = {"variant": "a", "seed": 0, "stage": ["before", "after"], "by_slope": [1.0, 0.9]}
    ax = figures.stretch_map(pd.DataFrame({**rows, "by_weight": [0.5, 2.0]}))
    assert ax.get_ylim()[1] < 1.2
