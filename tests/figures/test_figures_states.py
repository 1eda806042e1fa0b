import numpy as np
import pytest
from matplotlib.colors import to_hex

from rnn_tutorial import figures
from rnn_tutorial.figures._drawing import INK
from rnn_tutorial.figures._style import ON_PALE


def texts(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def test_a_state_map_has_a_column_for_each_step():
    states = np.array([[0.1, -0.5, 1.0], [0.2, 0.3, -1.0]])
    ax = figures.state_map(states, "ba")
    np.testing.assert_array_equal(ax.collections[0].get_array(), states.T)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["b", "a"]
    with pytest.raises(ValueError, match=r"got \(2, 3\) and 3 symbols"):
        figures.state_map(states, "baa")


def test_shaded_text_stands_on_its_values():
    above, below = figures.shaded_text(
        {"p": {"one": ("ab", [0.5, -1.0])}, "q": {"two": ("abc", [0.0, 0.1, 0.2])}}
    )
    ground = above.collections[0].get_array()
    np.testing.assert_array_equal(ground[0], [0.5, -1.0, np.nan])
    assert (texts(above), texts(below)) == (list("ab"), list("abc"))
    assert [ax.get_title(loc="left") for ax in (above, below)] == ["p", "q"]
    colors = {text.get_text(): text.get_color() for text in above.texts}
    assert colors == {"a": INK, "b": ON_PALE}, "readable on its ground, in the dark too"


def test_a_value_is_the_color_of_its_sign_as_strong_as_it_is_large():
    (fields,) = figures.state_map(np.array([[1.0, -1.0, 0.5, 0.0]]), "a").collections
    plus, minus, half, nothing = fields.to_rgba(np.array([1.0, -1.0, 0.5, 0.0]))
    assert to_hex(plus).upper() == to_hex(half).upper() == "#D55E00", "as in explorables.css"
    assert to_hex(minus).upper() == "#0072B2"
    assert (plus[3], minus[3]) == (1, 1)
    assert half[3] == pytest.approx(0.5, abs=0.01)
    assert nothing[3] == pytest.approx(0, abs=0.01)


def test_the_plane_names_each_group_and_arrows_lead_as_the_text_does():
    points = np.array([[0, 0], [2, 0], [5, 5.0]])
    ax = figures.state_plane(points, ["x", "x", "y"], {("x", "a"): "y"})
    names = {text.get_text(): text for text in ax.texts if text.get_text() in ("x", "y")}
    assert {name: tuple(text.xy) for name, text in names.items()} == {"x": (1, 0), "y": (5, 5)}
    assert all(np.hypot(*text.xyann) == pytest.approx(20) for text in names.values()), "beside"
    (letter,) = (text for text in ax.texts if text.get_text() == "a")
    start, end = np.array([2, 0]), np.array([5, 5])
    away = np.hypot(*(letter.get_position() - start))
    assert away < 0.4 * np.hypot(*(end - start)), "nearer to the start"
    arrow = next(text for text in ax.texts if text.arrow_patch is not None)
    assert (tuple(arrow.xy), tuple(arrow.xyann)) == ((5, 5), (2, 0)), "from the x before the y"
    with pytest.raises(ValueError, match=r"got \(3, 2\) and 2 states"):
        figures.state_plane(points, ["x", "y"])
    with pytest.raises(ValueError, match="from some point to the next, got 'y' to 'x'"):
        figures.state_plane(points, ["x", "x", "y"], {("y", "a"): "x"})


def test_pairs_draw_open_and_filled_circles():
    ax = figures.pairs(
        {"x": ([0.1, 0.2], [0.8]), "y": ([0.3], [0.4])}, ("before", "after"), "share"
    )
    opened, filled = ax.get_lines()[:2]
    assert list(opened.get_xdata()) == [0.1, 0.2]
    assert opened.get_markerfacecolor() == "none"
    assert list(filled.get_xdata()) == [0.8]
    assert opened.get_ydata()[0] < filled.get_ydata()[0], "none hides another"
    assert texts(ax) == ["before", "after"]
    meant = figures.pairs({"x": ([0.1], [0.8])}, ("before", "after"), "", ("#AA4499", "#000000"))
    assert [line.get_color() for line in meant.get_lines()] == ["#AA4499", "#000000"]
    assert not {opened.get_color(), filled.get_color()} & {*figures.COLORS.values()}


def test_panels_of_pairs_have_the_same_rows_and_a_line_at_their_goal():
    rows = {"x": ([0.1], [0.8]), "y": ([0.3], [0.4])}
    axes = figures.pair_panels(
        {"a": rows, "b": rows}, ("before", "after"), "share", {"a": 0.8, "b": 0.9}
    )
    assert [ax.get_lines()[-1].get_xdata()[0] for ax in axes] == [0.8, 0.9]
    assert [len(ax.get_lines()) for ax in axes] == [5, 5]
    assert [ax.get_title(loc="left") for ax in axes] == ["a", "b"]
    (legend,) = axes[0].figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["before", "after"]
    with pytest.raises(ValueError, match="at least one panel, got none"):
        figures.pair_panels({}, ("before", "after"), "share", {})


def test_a_shift_is_an_arrow_from_before_to_after():
    ax = figures.shifts({"up": (0.1, 0.8), "down": (0.5, 0.4)}, ("before", "after"), "recall")
    line, start, tip = ax.get_lines()[:3]
    assert (list(line.get_xdata()), list(line.get_ydata())) == ([0.1, 0.8], [0, 0])
    assert (start.get_xdata()[0], tip.get_xdata()[0]) == (0.1, 0.8)
    assert (tip.get_marker(), ax.get_lines()[5].get_marker()) == (">", "<")
    assert texts(ax) == ["before", "after"]
    assert ax.yaxis_inverted()
    with pytest.raises(ValueError, match="at least one row, got none"):
        figures.shifts({}, ("before", "after"), "recall")


def test_a_map_of_many_units_numbers_every_eighth():
    ax = figures.state_map(np.zeros((2, 64)), "ab")
    assert [label.get_text() for label in ax.get_yticklabels()][:3] == ["0", "8", "16"]


def test_an_empty_picture_is_refused():
    for nothing in ({}, {"p": {}}):
        with pytest.raises(ValueError, match="panels must hold at least one row"):
            figures.shaded_text(nothing)
    with pytest.raises(ValueError, match="2 letters and 1 values in 'one'"):
        figures.shaded_text({"p": {"one": ("ab", [0.1])}})
    with pytest.raises(ValueError, match="states must have shape"):
        figures.state_map(np.zeros((0, 3)), "")
    with pytest.raises(ValueError, match="points must have shape"):
        figures.state_plane(np.zeros((0, 2)), [])
    with pytest.raises(ValueError, match="values must hold at least one row"):
        figures.pairs({}, ("a", "b"), "share")


def test_the_titles_of_pairs_stand_outside_of_the_first_row_and_beside_the_axis():
    for values, sides in (([0.4], [0.8]), ("right", "left")), (([0.8], [0.4]), ("left", "right")):
        ax = figures.pairs({"x": values, "y": ([0.0], [1.0])}, ("before", "after"), "share")
        assert tuple(text.get_ha() for text in ax.texts) == sides
        assert [text.get_position()[0] for text in ax.texts] == [values[0][0], values[1][0]]
    ax = figures.pairs({"x": ([0.1], [0.8])}, ("a task for control", "after"), "share")
    assert ax.texts[0].get_window_extent().x0 > ax.bbox.x0
