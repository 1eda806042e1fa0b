import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from rnn_tutorial import figures
from rnn_tutorial.figures._surfaces import HIGH, RIGHT, SHADES, UP


def bounds(band):
    """The lowest and the highest y of a shaded band at each x."""
    vertices = band.get_paths()[0].vertices
    return {
        x: (vertices[vertices[:, 0] == x, 1].min(), vertices[vertices[:, 0] == x, 1].max())
        for x in sorted(set(vertices[:, 0]))
    }


def test_learning_curves_draw_what_was_measured_over_the_range_of_seeds():
    history = pd.DataFrame(
        {
            "train_loss": [2.0, 1.0],
            "validation_loss": [1.5, 1.2],
            "train_accuracy": [0.4, 0.6],
            "validation_accuracy": [0.5, 0.55],
        },
        index=pd.RangeIndex(1, 3, name="epoch"),
    )
    bands = pd.concat([history + 0.1, history - 0.2]).reset_index()
    loss, accuracy = figures.learning_curves(history, bands)
    assert (loss.get_ylabel(), accuracy.get_ylabel()) == ("loss", "accuracy")
    (ax,) = figures.learning_curves(history, labels={"loss": "loss (nats per name)"})
    assert ax.get_ylabel() == "loss (nats per name)"
    assert [list(line.get_ydata()) for line in loss.get_lines()] == [[2.0, 1.0], [1.5, 1.2]]
    assert list(accuracy.get_lines()[1].get_ydata()) == [0.5, 0.55]
    assert {text.get_text() for text in loss.texts} == {"train", "validation"}
    drawn = bounds(accuracy.collections[1])
    assert drawn[1] == pytest.approx((0.3, 0.6))
    assert drawn[2] == pytest.approx((0.35, 0.65))


def test_confusion_matrix_shows_shares_of_the_true_class():
    ax = figures.confusion_matrix(np.array([[3, 1, 0], [0, 10, 0], [1, 0, 999]]), ["a", "b", "c"])
    image = ax.collections[0].get_array()
    np.testing.assert_allclose(image, [[75, 25, 0], [0, 100, 0], [0.1, 0, 99.9]])
    written = {text.get_position(): text.get_text() for text in ax.texts}
    assert written == {(0, 0): "75", (1, 0): "25", (1, 1): "100", (2, 2): "100"}
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")


def test_confusion_matrix_leaves_a_class_without_examples_blank():
    ax = figures.confusion_matrix(np.array([[2, 0], [0, 0]]), ["a", "b"], ylabel="list")
    assert [text.get_text() for text in ax.texts] == ["100"]
    assert ax.get_ylabel() == "list"
    with pytest.raises(ValueError, match=r"confusion must have shape \(3, 3\), got \(2, 2\)"):
        figures.confusion_matrix([[2, 0], [0, 0]], "abc")


def test_a_probability_map_has_a_column_for_each_step():
    ax = figures.probability_map([[0.7, 0.3], [0.004, 0.996]], ["Finnish", "Dutch"], "ek", "read")
    np.testing.assert_allclose(ax.collections[0].get_array(), [[70, 0.4], [30, 99.6]])
    written = {text.get_position(): text.get_text() for text in ax.texts}
    assert written == {(0, 0): "70", (0, 1): "30", (1, 1): "100"}
    assert [label.get_text() for label in ax.get_xticklabels()] == ["e", "k"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Finnish", "Dutch"]
    assert ax.yaxis_inverted(), "the first class on top"
    with pytest.raises(ValueError, match=r"probabilities must have shape \(2, 3\), got \(2, 2\)"):
        figures.probability_map([[1, 0], [1, 0]], "abc", "ek", "read")


def test_bars_stand_in_the_given_order_with_their_values():
    ax = figures.bars({"first": 1234, "second": 0.5}, "names")
    assert [patch.get_width() for patch in ax.patches] == [1234, 0.5]
    assert [text.get_text() for text in ax.texts] == ["1,234", "0.5"]
    assert ax.yaxis_inverted()
    assert ax.get_xlabel() == "names"


def test_dots_show_every_value_and_the_median():
    ax = figures.dots({"x": [0.1, 0.5, 0.2], "y": [0.3]}, "accuracy", {"x": "red", "y": "blue"})
    dots, median, single, _ = ax.get_lines()
    assert list(dots.get_xdata()) == [0.1, 0.5, 0.2]
    assert set(median.get_xdata()) == {0.2}
    assert list(single.get_xdata()) == [0.3]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["x", "y"]


def test_lines_are_labeled_at_their_ends_and_cells_keep_their_colors():
    gru = pd.Series([0.0, 2.0], index=[0, 50])
    ax = figures.lines({"gru": gru, "up": [1.0, 3.0], "down": [2.0, 0.5]})
    gru, up, down = ax.get_lines()
    assert gru.get_xdata().tolist() == [0, 50]
    assert [list(line.get_ydata()) for line in (gru, up, down)] == [[0, 2], [1, 3], [2, 0.5]]
    ends = {"GRU": (50, 2), "up": (1, 3), "down": (1, 0.5)}
    assert {text.get_text(): text.xy for text in ax.texts} == ends
    assert gru.get_color() == figures.COLORS["gru"]
    assert up.get_color() not in figures.COLORS.values()
    assert up.get_linestyle() != down.get_linestyle(), "distinct without color"
    for none_or_many in ({}, dict.fromkeys("abcdefg", (1.0,))):
        with pytest.raises(ValueError, match="1 to 6 curves"):
            figures.lines(none_or_many)


def test_labels_of_curves_that_end_together_do_not_overlap():
    ax = figures.lines({"one": [0, 1.0], "two": [0, 1.001], "three": [0, 0.999]}, ylim=(0, 2))
    ax.figure.canvas.draw()
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 for below, above in itertools.pairwise(boxes))
    assert ax.get_ylim() == (0, 2)


def test_medians_lie_in_their_bands():
    table = pd.DataFrame({1: [0.0, 1.0], 2: [2.0, 3.0], 3: [1.0, 9.0]}, index=[10, 20])
    ax = figures.medians({"with resets": table, "lstm": table + 1})
    own, lstm = ax.get_lines()
    assert [line.get_ydata().tolist() for line in (own, lstm)] == [[1.0, 3.0], [2.0, 4.0]]
    assert bounds(ax.collections[0]) == {10.0: (0.0, 2.0), 20.0: (1.0, 9.0)}
    assert lstm.get_color() == figures.COLORS["lstm"] != own.get_color()
    assert own.get_linestyle() != lstm.get_linestyle(), "distinct without color"


def test_stems_stand_where_the_values_are():
    ax = figures.stems(["a", "b", "c"], [0.5, -1.0, 0.0], "letter", "error", color="#0072B2")
    (dots,) = [line for line in ax.get_lines() if line.get_marker() == "o"]
    assert dots.get_color() == "#0072B2"
    assert dots.get_ydata().tolist() == [0.5, -1.0, 0.0]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b", "c"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("letter", "error")
    for labels, values in (([], []), (["a"], [1.0, 2.0])):
        with pytest.raises(ValueError, match="must have the same length, at least 1, got"):
            figures.stems(labels, values, "x", "y")


def test_a_descent_draws_the_surface_the_start_and_the_paths():
    x, y = np.linspace(0, 1, 50), np.linspace(-1, 1, 40)
    surface = np.where(x[None] + y[:, None] > 0, 1e-4, 0.3)
    paths = {
        name: pd.DataFrame({"x": [0.5, end], "y": [0.0, end], "loss": [0.3, 0.3]})
        for name, end in (("plain", 2.5), ("clipped", 0.1))
    }
    ax = figures.descent(x, y, surface, paths, xlabel="w", ylabel="b")
    plain, clipped = (line for line in ax.get_lines() if line.get_label() in paths)
    (ring,) = [line for line in ax.get_lines() if line.get_marker() == "o"]
    np.testing.assert_allclose(plain.get_xydata()[0], ring.get_xydata()[0])
    np.testing.assert_allclose(clipped.get_xydata()[0], ring.get_xydata()[0])
    assert len(plain.get_xydata()) == len(clipped.get_xydata()) == 2
    # a path that leaves ends at the edge, here at (1, 0.625), as high as it was
    back = (1 - 0.625) / 2
    end = [1 + RIGHT * back, UP * back + HIGH]
    assert plain.get_xydata()[-1] == pytest.approx(end)
    fields = [patch for patch in ax.patches if patch.get_linewidth() == 0]
    shades = {float(np.mean(field.get_facecolor()[:3])) for field in fields}
    lows = np.mean(SHADES(0)[:3])
    assert min(shades) < lows - 0.3, "what is high is dark"
    assert max(shades) == pytest.approx(lows), "what is low is light"
    assert to_hex(SHADES(0)) != "#ffffff", "which the page replaces where it is dark"
    texts = {text.get_text() for text in ax.texts}
    assert {"w", "b", "loss", "0.0", "\N{MINUS SIGN}1.0"} <= texts
    names = [text.get_text() for text in ax.figure.legends[0].get_texts()]
    assert names == ["plain", "clipped"]
    with pytest.raises(ValueError, match="surface must be 40 rows by 50 columns"):
        figures.descent(x, y, surface.T, paths, xlabel="w", ylabel="b")


def test_stairs_stay_at_a_value_during_a_step():
    first, second = figures.stairs(
        {"a": [0, 1, 1], "b": [-1, -1, 1]}, [(0, 1), (-1, 1)], "xyz", "letter"
    )
    (flat,) = first.patches
    np.testing.assert_array_equal(flat.get_data().values, [0, 1, 1])
    np.testing.assert_array_equal(flat.get_data().edges, [-0.5, 0.5, 1.5, 2.5])
    assert list(first.get_yticks()) == [0, 1]
    assert [ax.get_title(loc="left") for ax in (first, second)] == ["a", "b"]
    assert flat.get_edgecolor() != second.patches[0].get_edgecolor()
    assert [label.get_text() for label in second.get_xticklabels()] == list("xyz")


def test_names_stand_outside_of_the_axes_which_end_with_the_data():
    table = pd.DataFrame({1: [1.0, 2.0], 2: [3.0, 4.0]}, index=[1.0, 100.0])
    tables = {"a": table, "b": table, "a name that is longer than a line": table - 3}
    for scale in ("linear", "log"):
        ax = figures.medians(tables, xscale=scale, ylim=(0, 3))
        assert ax.get_xlim() == (1.0, 100.0)
        assert max(ax.get_xticks()) <= 100 or scale == "log"
        ax.figure.draw_without_rendering()
        boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
        for low, high in itertools.pairwise(boxes):
            assert high.y0 >= low.y1 - 3, "names on one another"
        for box in boxes:
            assert box.x0 > ax.bbox.x1
            assert box.x1 <= ax.figure.bbox.x1, "a name is cut"


def test_scaling_draws_every_curve_in_every_panel_with_one_line_for_a_name():
    index = [16, 64, 256]
    work = {name: pd.Series([c, 4 * c, 16 * c], index=index) for name, c in (("a", 1), ("b", 9))}
    memory = {name: curve + 1 for name, curve in work.items()}
    above, below = figures.scaling([work, memory], ["products", "bytes"], "T")
    for ax, curves in ((above, work), (below, memory)):
        assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
        assert [line.get_ydata().tolist() for line in ax.get_lines()] == [
            curve.tolist() for curve in curves.values()
        ]
    looks = [[line.get_color() for line in ax.get_lines()] for ax in (above, below)]
    assert looks[0] == looks[1]
    assert (above.get_ylabel(), below.get_ylabel()) == ("products", "bytes")
    assert above.get_position().y0 > below.get_position().y1
    assert below.get_xlabel() == "T"


def test_a_reference_is_a_line_with_its_text():
    ax = figures.lines({"a": [1.0, 2.0]})
    figures.reference(ax, 1.5, "the limit")
    assert set(ax.get_lines()[-1].get_ydata()) == {1.5}
    assert "the limit" in {text.get_text() for text in ax.texts}


def test_stacked_bars_add_up():
    ax = figures.stacked_costs([4, 20], {"kept": [5, 1], "inside": [4, 20]}, "steps", "states")
    tops = {round(bar.get_y() + bar.get_height()) for bar in ax.containers[1]}
    assert tops == {9, 21}
    assert {"9", "21"} <= {text.get_text() for text in ax.texts}
