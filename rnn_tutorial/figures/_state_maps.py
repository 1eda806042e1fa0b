"""Hidden states: heat maps, letters shaded by a unit, the plane of two components."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb

from rnn_tutorial.figures._drawing import INK
from rnn_tutorial.figures._style import COLORS, NEUTRAL, ON_PALE, WIDTH, shade_cells

BEND = 0.07  # of an arrow, as a share of its length: there and back are two arrows
GROUPS = (*(color for color, _ in NEUTRAL), COLORS["train"])
# Orange for positive, blue for negative, the stronger the larger, on no ground of its own: the same
# as in explorables (charts.js), and on a dark page too.
_ENDS = [(*to_rgb(COLORS[cell]), 1) for cell in ("gru", "rnn")]
_NOTHING = [(*color[:3], 0) for color in _ENDS]
DIVERGING = LinearSegmentedColormap.from_list(
    "diverging", [(0, _ENDS[0]), (0.5, _NOTHING[0]), (0.5, _NOTHING[1]), (1, _ENDS[1])], N=255
)


def state_map(states: np.ndarray, symbols: Sequence[str], limit: float = 1.0) -> Axes:
    """Draw states as a heat map, with a column for each step.

    Parameters
    ----------
    states : array, (time, hidden)
        The state after each step.
    symbols : sequence of str, (time,)
        What was read at each step; written under its column.
    limit : float
        The value that gets the full color; 1 for tanh.

    Returns
    -------
    Axes
        Steps to the right, units downwards.

    Raises
    ------
    ValueError
        If there are not as many symbols as states.
    """
    states = np.asarray(states)
    if states.ndim != 2 or not states.size or len(symbols) != len(states):
        raise ValueError(
            "states must have shape (time, hidden), not empty, with a symbol for each, "
            f"got {states.shape} and {len(symbols)} symbols"
        )
    units = states.shape[1]
    _, ax = plt.subplots(figsize=(WIDTH, 0.9 + (0.2 if units <= 16 else 0.035) * units))
    image = shade_cells(ax, states.T, cmap=DIVERGING, vmin=-limit, vmax=limit)
    ax.set_xticks(range(len(symbols)), symbols)
    shown = range(0, units, 1 if units <= 16 else 8)
    ax.set_yticks(shown, shown)
    ax.set(xlabel="letter that was read", ylabel="unit")
    ax.figure.colorbar(image, ax=ax, label="value", pad=0.02)
    return ax


def shaded_text(panels: Mapping[str, Mapping[str, tuple[Sequence[str], Sequence[float]]]]):
    """Write letters on a background that is shaded by a value, with a row for each name.

    Parameters
    ----------
    panels : mapping of str to mapping of str to (letters, values)
        By title, then by what is written on the left: the letters, and a value from -1 to 1 for
        each.

    Returns
    -------
    ndarray of Axes
        Panels and rows from top to bottom.

    Raises
    ------
    ValueError
        If there is no row, or a letter without a value.
    """
    if not panels or not all(panels.values()):
        raise ValueError("panels must hold at least one row each, got none")
    for rows in panels.values():
        for name, (letters, values) in rows.items():
            if len(letters) != len(values):
                raise ValueError(
                    f"panels must have a value for each letter, got {len(letters)} letters and "
                    f"{len(values)} values in {name!r}"
                )
    longest = max(len(letters) for rows in panels.values() for letters, _ in rows.values())
    counts = [len(rows) for rows in panels.values()]
    figure, axes = plt.subplots(
        len(panels), 1, sharex=True, squeeze=False, height_ratios=counts,
        figsize=(WIDTH, 0.5 + 0.3 * sum(counts) + 0.35 * len(counts)),
    )  # fmt: skip
    for ax, (title, rows) in zip(axes[:, 0], panels.items(), strict=True):
        ground = np.full((len(rows), longest), np.nan)
        for number, (letters, values) in enumerate(rows.values()):
            ground[number, : len(values)] = values
            for place, (letter, value) in enumerate(zip(letters, values, strict=True)):
                color = ON_PALE if abs(value) > 0.5 else INK  # which is light on a dark page
                ax.text(place, number, letter, ha="center", va="center", color=color)
        image = shade_cells(ax, ground, cmap=DIVERGING, vmin=-1, vmax=1)
        ax.set_yticks(range(len(rows)), list(rows))
        ax.set_title(title)
    ax.set_xticks(range(longest), range(1, longest + 1))
    ax.set_xlabel("letter of the name")
    figure.colorbar(image, ax=axes[:, 0], label="value of the unit", pad=0.02, aspect=40)
    return axes[:, 0]


def state_plane(
    points: np.ndarray, states: Sequence[str], ways: Mapping[tuple[str, str], str] | None = None
) -> Axes:
    """Draw states in a plane, with the name of each group beside it and arrows between groups.

    Parameters
    ----------
    points : array, (samples, 2)
        The states in two dimensions, in the order in which a text leads through them.
    states : sequence of str, (samples,)
        Which group each belongs to.
    ways : mapping of (state, symbol) to state, optional
        The transitions of an automaton whose states are the groups. An arrow leads from the mean
        of the points from which the group after is reached to the mean of those that are reached.

    Returns
    -------
    Axes
        With the same scale on both axes.

    Raises
    ------
    ValueError
        If there are not as many groups as points, or no point of the group that an
        arrow comes from is followed by one of the group that it leads to.
    """
    points, states = np.asarray(points), np.asarray(states)
    if points.ndim != 2 or points.shape[1] != 2 or not points.size or len(states) != len(points):
        raise ValueError(
            "points must have shape (samples, 2), not empty, with a state for each, "
            f"got {points.shape} and {len(states)} states"
        )
    _, ax = plt.subplots(figsize=(WIDTH, 5.0))
    centers = {}
    for number, name in enumerate(np.unique(states)):
        group = points[states == name]
        ax.plot(
            *group.T,
            "o",
            color=GROUPS[number % len(GROUPS)],
            markersize=5,
            alpha=0.6,
            markeredgewidth=0,
        )
        centers[str(name)] = group.mean(axis=0)
    for (before, symbol), after in (ways or {}).items():
        steps = np.flatnonzero((states[:-1] == before) & (states[1:] == after))
        if not steps.size:
            raise ValueError(
                f"ways must lead from some point to the next, got {before!r} to {after!r}"
            )
        _arrow(ax, points[steps].mean(axis=0), points[steps + 1].mean(axis=0), symbol)
    middle = np.mean(list(centers.values()), axis=0)
    for name, center in centers.items():
        outward = center - middle
        ax.annotate(
            name,
            center,
            20 * outward / max(np.linalg.norm(outward), 1e-12),  # beside the points, not on them
            textcoords="offset points",
            ha="center",
            va="center",
            fontweight="bold",
            bbox={"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "black"},
        )
    ax.margins(0.16)
    ax.set(xlabel="first principal component", ylabel="second principal component")
    ax.set_aspect("equal", "datalim")
    return ax


def _arrow(ax, start, end, symbol):
    """Draw an arrow, with its symbol on it and nearer to its start."""
    ax.annotate(
        "",
        end,
        start,
        arrowprops={
            "arrowstyle": "-|>",
            "connectionstyle": f"arc3,rad={BEND}",
            "shrinkA": 6,
            "shrinkB": 6,
            "color": "#444444",
        },
    )
    place, across = start + 0.22 * (end - start), np.array([end[1] - start[1], start[0] - end[0]])
    ground = {"boxstyle": "round,pad=0.1", "facecolor": "white", "linewidth": 0}
    bent = place + 0.34 * BEND * across  # as far from the straight way as the arrow is there
    ax.text(*bent, symbol, ha="center", va="center", bbox=ground)
