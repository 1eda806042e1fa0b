import numpy as np

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


def test_a_bifurcation_picture_is_dark_where_the_states_are():
    states = np.array([[-0.9] * 10, [0.9] * 10])
    above, below = figures.bifurcation([1.0, 2.0], states, [-0.5, 0.3], xlabel="gain", bins=4)
    image = above.get_images()[0].get_array()
    assert (image > 0).tolist() == [[True, False], [False, False], [False, False], [False, True]]
    assert list(below.get_lines()[0].get_ydata()) == [-0.5, 0.3]
    assert below.get_xlabel() == "gain"
