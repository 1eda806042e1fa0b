"""The figures of chapter 6."""

import numpy as np
import pandas as pd
import pytest

from rnn_tutorial import figures


def test_gate_maps_sort_units_and_share_a_scale():
    low_first = np.array([[0.1, 0.2, 0.0], [0.9, 1.0, 0.8]])
    axes = figures.gate_maps({"i": low_first, "f": 0.5 * low_first}, list("abc"), "letter")
    images = [ax.get_images()[0] for ax in axes]
    np.testing.assert_array_equal(images[0].get_array(), low_first[::-1])
    np.testing.assert_array_equal(images[1].get_array(), 0.5 * low_first[::-1])
    assert {image.get_clim() for image in images} == {(0, 1)}
    assert [text.get_text() for text in axes[-1].get_xticklabels()] == list("abc")
    assert [ax.get_title(loc="left") for ax in axes] == ["i", "f"]
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
