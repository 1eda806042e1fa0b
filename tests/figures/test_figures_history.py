"""Timeline, pictures, curves and the picture of a matrix."""

import itertools

import numpy as np
import pytest

from rnn_tutorial import figures
from rnn_tutorial.data import MILESTONES

EVENTS = [(m.year, f"{m.name}: {m.added}", m.kind) for m in MILESTONES]


def boxes(ax):
    ax.figure.canvas.draw()
    return sorted((text.get_window_extent() for text in ax.texts), key=lambda box: -box.y1)


@pytest.mark.parametrize("events", [EVENTS, [(2000, f"event {i}", "one") for i in range(9)]])
def test_labels_of_a_timeline_neither_overlap_nor_leave_the_figure(events):
    ax = figures.timeline(events)
    drawn = boxes(ax)
    assert len(drawn) == len(events) + len({kind for _, _, kind in events})
    assert all(above.y0 >= below.y1 for above, below in itertools.pairwise(drawn))
    width, height = ax.figure.bbox.size
    assert all(box.x0 >= 0 and box.x1 <= width for box in drawn)
    assert all(box.y0 >= 0 and box.y1 <= height for box in drawn)


def test_events_stand_at_their_years_in_the_lane_of_their_kind():
    ax = figures.timeline(EVENTS)
    marks = sorted((line.get_ydata()[0], line.get_xdata()[0]) for line in ax.get_lines())
    kinds = list(dict.fromkeys(kind for _, _, kind in EVENTS))
    lanes = [year for kind in kinds for year, _, its in EVENTS if its == kind]
    assert [year for _, year in marks] == lanes
    texts = [text.get_text() for text in ax.texts]
    assert [text for text in texts if text in kinds] == kinds
    assert [int(text[:4]) for text in texts if text not in kinds] == lanes


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([], "must be sorted by year, at least one"),
        ([(2, "b", "k"), (1, "a", "k")], "must be sorted by year"),
        ([(i, "a", str(i)) for i in range(6)], "at most 5 kinds, got 0, 1"),
    ],
)
def test_a_timeline_names_what_is_wrong(events, message):
    with pytest.raises(ValueError, match=message):
        figures.timeline(events)


def test_pictures_draw_ones_in_black():
    one = np.array([[1, -1], [-1, 1]])
    axes = figures.pictures({"stored": [one, -one], "found": [one, one]}, ["a", "b"])
    assert axes.shape == (2, 2)
    np.testing.assert_array_equal(axes[0, 1].get_images()[0].get_array(), -one)
    colors = axes[0, 0].get_images()[0].to_rgba(one)[..., :3]
    assert (colors[one == 1] == 0).all()
    assert (colors[one == -1] == 1).all()
    assert [ax.get_title() for ax in axes[0]] == ["a", "b"]
    for rows, titles in (({}, ()), ({"a": [one]}, ["x", "y"]), ({"a": [one], "b": []}, ())):
        with pytest.raises(ValueError, match="the same length, at least 1"):
            figures.pictures(rows, titles)


def test_stretching_draws_the_singular_vectors():
    before, after = figures.stretching(np.array([[3.0, 0], [0, 0.5]]))
    assert [text.get_text() for text in after.texts if text.get_text()] == [
        "length 3",
        "length 0.5",
    ]
    ellipse = after.get_lines()[0].get_xydata()
    assert np.abs(ellipse).max(axis=0) == pytest.approx([3, 0.5], rel=1e-3)
    assert np.linalg.norm(before.get_lines()[0].get_xydata(), axis=1) == pytest.approx(1)
    with pytest.raises(ValueError, match=r"matrix must have shape \(2, 2\), got \(3, 3\)"):
        figures.stretching(np.eye(3))
