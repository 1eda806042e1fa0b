"""What a recurrence does in the long run: cobwebs, fixed points, states against a parameter."""

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from rnn_tutorial.figures._style import COLORS, NEUTRAL, WIDTH

DARK, FIRST, SECOND = (color for color, _ in NEUTRAL[:3])


def cobwebs(
    maps: Mapping[str, Callable], orbits: Mapping[str, Sequence[Sequence[float]]]
) -> Sequence[Axes]:
    """Draw maps of one number, with orbits as staircases between the map and the diagonal.

    From a state the staircase goes up or down to the map, which is the next state, and across to
    the diagonal, which makes it the state to start from.

    Parameters
    ----------
    maps : mapping of str to callable
        One panel for each: a title, and the map of an array of states from -1 to 1.
    orbits : mapping of str to sequence of sequences of float
        The orbits of each panel, one after the other.

    Returns
    -------
    sequence of Axes
        One for each map.
    """
    _, axes = plt.subplots(1, len(maps), figsize=(WIDTH, 0.6 + 5.1 / len(maps)), squeeze=False)
    states = np.linspace(-1, 1, 201)
    for ax, (title, step) in zip(axes[0], maps.items(), strict=True):
        ax.plot(states, np.asarray(step(states)), color=DARK)
        ax.plot(states, states, color=COLORS["baseline"], linewidth=0.8)
        for orbit, color in zip(orbits[title], (FIRST, SECOND), strict=False):
            corners = np.repeat(np.asarray(orbit), 2)
            ax.plot(corners[:-1], corners[1:], color=color, linewidth=1.1)
            ax.plot(corners[:1], corners[1:2], "o", color=color, markersize=5)
        ax.set(xlabel="state $h_t$", xlim=(-1, 1), ylim=(-1, 1), title=title, aspect="equal")
    axes[0, 0].set_ylabel("next state $h_{t+1}$")
    return axes[0]


def branches(groups: Mapping[str, tuple[Sequence, Sequence]], **settings) -> Axes:
    """Draw what a system can settle in against a parameter, one mark for each state.

    Parameters
    ----------
    groups : mapping of str to (parameters, states)
        At most three groups by name, such as "stable" and "unstable".
    **settings
        What ``Axes.set`` takes.

    Returns
    -------
    Axes
        With a legend above the drawing.
    """
    _, ax = plt.subplots()
    looks = ((DARK, "o", 2.4), (FIRST, "x", 3.4), (SECOND, "^", 2.6))
    for (name, (x, y)), (color, marker, size) in zip(groups.items(), looks, strict=False):
        ax.plot(x, y, marker, color=color, markersize=size, label=name, linestyle="none")
    ax.set(**settings)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, markerscale=2)
    return ax


def bifurcation(
    parameters: Sequence[float],
    states: np.ndarray,
    exponents: Sequence[float],
    *,
    xlabel: str,
    bins: int = 100,
) -> Sequence[Axes]:
    """Draw where a system settles for each value of a parameter, and its exponent below.

    Parameters
    ----------
    parameters : sequence of float
        Evenly spaced values.
    states : ndarray, (parameters, samples)
        What was visited for each value, from -1 to 1.
    exponents : sequence of float
        The Lyapunov exponent for each value.
    xlabel : str
        What the parameter is.
    bins : int
        How many cells the range of states is divided into.

    Returns
    -------
    sequence of two Axes
        The density of states, darker where there are more; the exponents with a line at 0.
    """
    _, (above, below) = plt.subplots(2, 1, figsize=(WIDTH, 4.8), sharex=True, height_ratios=(2, 1))
    counts = np.stack([np.histogram(row, bins, (-1, 1))[0] for row in np.asarray(states)])
    shares = counts / counts.sum(axis=1, keepdims=True)
    above.imshow(
        np.minimum(shares.T, 4 / bins) ** 0.5,
        cmap="gray_r",
        origin="lower",
        extent=(parameters[0], parameters[-1], -1, 1),
        aspect="auto",
        interpolation="nearest",
    )
    above.grid(visible=False)
    above.set_ylabel("state of unit 1")
    below.plot(parameters, exponents, color=DARK, linewidth=1.0)
    below.axhline(0, color=COLORS["baseline"], linewidth=0.8)
    below.set(xlabel=xlabel, ylabel="Lyapunov exponent\n(nats per step)")
    return above, below
