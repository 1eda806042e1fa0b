import matplotlib.pyplot as plt
import numpy as np
import pytest

from rnn_tutorial import figures


@pytest.fixture(autouse=True)
def close_figures():
    with plt.rc_context():
        figures.use_style()
        yield
        plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def test_a_state_map_has_a_column_for_each_step():
    states = np.array([[0.1, -0.5, 1.0], [0.2, 0.3, -1.0]])
    ax = figures.state_map(states, "ba")
    np.testing.assert_array_equal(ax.get_images()[0].get_array(), states.T)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["b", "a"]
    with pytest.raises(ValueError, match=r"got \(2, 3\) and 3 symbols"):
        figures.state_map(states, "baa")


def test_shaded_text_stands_on_its_values():
    ax = figures.shaded_text({"one": ("ab", [0.5, -1.0]), "two": ("abc", [0.0, 0.1, 0.2])})
    ground = ax.get_images()[0].get_array()
    np.testing.assert_array_equal(ground[0], [0.5, -1.0, np.nan])
    assert texts(ax) == list("ababc")
    colors = {text.get_text(): text.get_color() for text in ax.texts[:2]}
    assert colors == {"a": "black", "b": "white"}, "readable on its ground"


def test_the_plane_names_each_group_at_its_center():
    points = np.array([[0, 0], [2, 0], [5, 5.0]])
    ax = figures.state_plane(points, ["x", "x", "y"], {("x", "a"): "y"})
    centers = {
        text.get_text(): tuple(text.xy) for text in ax.texts if text.get_text() in ("x", "y")
    }
    assert centers == {"x": (1, 0), "y": (5, 5)}
    assert "a" in texts(ax)
    with pytest.raises(ValueError, match=r"got \(3, 2\) and 2 states"):
        figures.state_plane(points, ["x", "y"])


def test_pairs_draw_open_and_filled_circles():
    ax = figures.pairs(
        {"x": ([0.1, 0.2], [0.8]), "y": ([0.3], [0.4])}, ("before", "after"), "share"
    )
    opened, filled = ax.get_lines()[:2]
    assert list(opened.get_xdata()) == [0.1, 0.2]
    assert opened.get_markerfacecolor() == "none"
    assert list(filled.get_xdata()) == [0.8]
    assert texts(ax) == ["before", "after"]
