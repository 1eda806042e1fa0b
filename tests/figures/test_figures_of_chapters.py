"""Orbits, gates and series: the figures of single chapters."""

import numpy as np
import pandas as pd
import pytest

from rnn_tutorial import figures


def test_a_cobweb_goes_up_to_the_map_and_across_to_the_diagonal():
    (ax,) = figures.cobwebs({"half": lambda h: h / 2}, {"half": [[0.8, 0.4, 0.2]]})
    curve, diagonal, stairs, start = ax.get_lines()
    assert curve.get_ydata()[-1] == 0.5
    assert list(diagonal.get_ydata()) == list(diagonal.get_xdata())
    corners = list(zip(stairs.get_xdata(), stairs.get_ydata(), strict=True))
    assert corners == [(0.8, 0.8), (0.8, 0.4), (0.4, 0.4), (0.4, 0.2), (0.2, 0.2)]
    assert (start.get_xdata()[0], start.get_ydata()[0]) == (0.8, 0.8)
    assert ax.get_title(loc="left") == "half"


def test_branches_have_distinct_marks_and_names():
    ax = figures.branches({"stable": ([0, 1], [0, 0.5]), "unstable": ([1], [0])}, xlabel="w")
    stable, unstable = ax.get_lines()
    assert list(stable.get_ydata()) == [0, 0.5]
    assert stable.get_marker() != unstable.get_marker()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["stable", "unstable"]
    colors = {line.get_color() for line in ax.get_lines()}
    assert not colors & set(figures.COLORS.values()), "no cell is meant"


def test_a_bifurcation_picture_is_dark_where_the_states_are():
    states = np.array([[-0.9] * 10, [0.9] * 10])
    above, below = figures.bifurcation([1.0, 2.0], states, [-0.5, 0.3], xlabel="gain", bins=4)
    image = above.get_images()[0].get_array()
    assert (image > 0).tolist() == [[True, False], [False, False], [False, False], [False, True]]
    assert list(below.get_lines()[0].get_ydata()) == [-0.5, 0.3]
    assert below.get_xlabel() == "gain"


def test_gate_maps_sort_units_and_share_a_scale():
    low_first = np.array([[0.1, 0.2, 0.0], [0.9, 1.0, 0.8]])
    axes = figures.gate_maps({"i": low_first, "f": 0.5 * low_first}, list("abc"), "letter")
    means, maps = axes[::2], axes[1::2]
    np.testing.assert_allclose(means[0].patches[0].get_data().values, [0.5, 0.6, 0.4])
    images = [ax.get_images()[0] for ax in maps]
    np.testing.assert_array_equal(images[0].get_array(), low_first[::-1])
    np.testing.assert_array_equal(images[1].get_array(), 0.5 * low_first[::-1])
    assert {image.get_clim() for image in images} == {(0, 1)}
    assert [text.get_text() for text in axes[-1].get_xticklabels()] == list("abc")
    assert [ax.get_title(loc="left") for ax in means] == ["i", "f"]
    assert axes[-1].get_xlabel() == "letter"


def test_gate_maps_refuse_maps_that_do_not_fit():
    with pytest.raises(ValueError, match=r"maps of 2 steps, got \(2, 3\) in 'i'"):
        figures.gate_maps({"i": np.zeros((2, 3))}, list("ab"), "letter")
    with pytest.raises(ValueError, match="at least one map, got none"):
        figures.gate_maps({}, [], "letter")


def test_runs_draw_each_column():
    table = pd.DataFrame({0: [1.0, 2.0], 1: [3.0, -4.0]}, index=[1, 2])
    colors = {"left": "#000000", "right": "#ff0000"}
    left, right = figures.runs({"left": table, "right": table[[0]]}, "step", colors)
    assert [list(line.get_ydata()) for line in left.get_lines()] == [[1, 2], [3, -4]]
    assert [line.get_color() for line in right.get_lines()] == ["#ff0000"]
    assert list(right.get_lines()[0].get_xdata()) == [1, 2]
    assert left.get_xlabel() == "step"


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
    assert shown == ["90 %", "median", "observed", "outside"]


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


def test_choices_stand_over_the_outline_of_what_was_before():
    panels = {"all": [0.5, 0.3, 0.2], "two": [0.6, 0.4, 0.0], "one": [1.0, 0.0, 0.0]}
    axes = figures.choices(panels, "abc", [0.5, 0.3, 0.2])
    assert [ax.get_title(loc="left") for ax in axes] == list(panels)
    for ax, values in zip(axes, panels.values(), strict=True):
        assert [bar.get_height() for bar in ax.patches] == values
        (outline,) = ax.get_lines()
        assert list(outline.get_ydata()) == [0.5, 0.5, 0.3, 0.2]
    assert len(axes[0].figure.axes) == 4
    assert not axes[0].figure.axes[-1].get_visible()
    with pytest.raises(ValueError, match="two must have 3 values, got 2"):
        figures.choices({"two": [0.5, 0.5]}, "abc", [0.5, 0.3, 0.2])
    with pytest.raises(ValueError, match="at least one"):
        figures.choices({}, "a", [1.0])
    assert [label.get_text() for label in axes[-1].get_xticklabels()] == list("abc")
