"""The picture of the shapes of tasks."""

import pytest

from rnn_tutorial import figures

SHAPES = {"many to one": (["a", "b", "c"], [None, None, "yes"]), "two": (["x", None], ["y", "z"])}


def arrows(ax):
    return [text.arrow_patch for text in ax.texts if getattr(text, "arrow_patch", None)]


def test_each_shape_has_its_states_inputs_and_outputs():
    first, second = figures.task_shapes(SHAPES, fed_back=["two"])
    assert [ax.get_title(loc="left") for ax in (first, second)] == list(SHAPES)
    shown = [text.get_text() for text in first.texts if text.get_text()]
    assert sorted(shown) == sorted(["$h_1$", "$h_2$", "$h_3$", "a", "b", "c", "yes"])
    assert len(arrows(first)) == 2 + 3 + 1  # between states, in, out
    assert len(arrows(second)) == 1 + 1 + 2 + 1
    dashed = [arrow for arrow in arrows(second) if arrow.get_linestyle() in ("--", "dashed")]
    assert len(dashed) == 1, "the output that is the next input"


def test_inputs_stand_below_and_outputs_above_their_state():
    ax, _ = figures.task_shapes(SHAPES)
    places = {text.get_text(): text.get_position() for text in ax.texts if text.get_text()}
    assert places["c"][0] == places["$h_3$"][0] == places["yes"][0]
    assert places["c"][1] < places["$h_3$"][1] < places["yes"][1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({"odd": (["a"], [])}, ()), "shapes must have as many inputs"),
        ((SHAPES, ["three"]), "fed_back must name shapes"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    shapes, fed_back = arguments
    with pytest.raises(ValueError, match=message):
        figures.task_shapes(shapes, fed_back=fed_back)


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
