"""Hidden states: heat maps, letters shaded by a unit, the plane of two components."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from rnn_tutorial.figures._style import COLORS, NEUTRAL, ON_DARK, ON_PALE, WIDTH, shade_cells

BEND = 0.18  # of an arrow, as a share of its length
GROUPS = (*(color for color, _ in NEUTRAL), COLORS["train"])
DIVERGING = "PuOr_r"  # orange for positive, violet for negative: apart for color-blind readers


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
    _, ax = plt.subplots(figsize=(WIDTH, 0.9 + (0.2 if units <= 16 else 0.06) * units))
    image = shade_cells(ax, states.T, cmap=DIVERGING, vmin=-limit, vmax=limit)
    ax.set_xticks(range(len(symbols)), symbols)
    shown = range(0, units, 1 if units <= 16 else 8)
    ax.set_yticks(shown, shown)
    ax.set(xlabel="letter that was read", ylabel="unit")
    ax.figure.colorbar(image, ax=ax, label="value", pad=0.02)
    return ax


def shaded_text(rows: Mapping[str, tuple[Sequence[str], Sequence[float]]]) -> Axes:
    """Write letters on a background that is shaded by a value, with a row for each name.

    Parameters
    ----------
    rows : mapping of str to (letters, values)
        By what is written on the left: the letters, and a value from -1 to 1 for each.

    Returns
    -------
    Axes
        Rows from top to bottom.

    Raises
    ------
    ValueError
        If there is no row, or a letter without a value.
    """
    if not rows:
        raise ValueError("rows must hold at least one row, got none")
    for name, (letters, values) in rows.items():
        if len(letters) != len(values):
            raise ValueError(
                f"rows must have a value for each letter, got {len(letters)} letters and "
                f"{len(values)} values in {name!r}"
            )
    longest = max(len(letters) for letters, _ in rows.values())
    _, ax = plt.subplots(figsize=(WIDTH, 0.8 + 0.3 * len(rows)))
    ground = np.full((len(rows), longest), np.nan)
    for number, (letters, values) in enumerate(rows.values()):
        ground[number, : len(values)] = values
        for place, (letter, value) in enumerate(zip(letters, values, strict=True)):
            color = ON_DARK if abs(value) > 0.7 else ON_PALE
            ax.text(place, number, letter, ha="center", va="center", color=color)
    image = shade_cells(ax, ground, cmap=DIVERGING, vmin=-1, vmax=1)
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set_xticks(range(longest), range(1, longest + 1))
    ax.set_xlabel("letter of the name")
    ax.figure.colorbar(image, ax=ax, label="value of the unit", pad=0.02)
    return ax


def state_plane(
    points: np.ndarray, states: Sequence[str], ways: Mapping[tuple[str, str], str] | None = None
) -> Axes:
    """Draw states in a plane, with the name of each group beside it and arrows between groups.

    Parameters
    ----------
    points : array, (samples, 2)
        The states in two dimensions.
    states : sequence of str, (samples,)
        Which group each belongs to.
    ways : mapping of (state, symbol) to state, optional
        The transitions of an automaton whose states are the groups.

    Returns
    -------
    Axes
        With the same scale on both axes.

    Raises
    ------
    ValueError
        If there are not as many groups as points, or an arrow leads to a group without points.
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
        if before not in centers or after not in centers:
            raise ValueError(
                f"ways must lead between groups of points, got {before!r} to {after!r}"
            )
        _arrow(ax, centers[before], centers[after], symbol)
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
    ax.margins(0.12)
    ax.set(xlabel="first principal component", ylabel="second principal component")
    ax.set_aspect("equal", "datalim")
    return ax


def _arrow(ax, start, end, symbol):
    """Draw a bent arrow, with its symbol on the middle of the bend."""
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
    across = np.array([end[1] - start[1], start[0] - end[0]])  # to the side of the bend
    ground = {"boxstyle": "round,pad=0.1", "facecolor": "white", "linewidth": 0}
    ax.text(*((start + end + BEND * across) / 2), symbol, ha="center", va="center", bbox=ground)
