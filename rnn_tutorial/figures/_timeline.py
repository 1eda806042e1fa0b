"""Figures of history: a timeline, and patterns as pictures."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from rnn_tutorial.figures._style import WIDTH

# Distinct colors, with a marker each for grayscale.
_KINDS = (("#000000", "o"), ("#882255", "s"), ("#117733", "^"), ("#332288", "D"), ("#B34700", "v"))
_LINE = 1.45  # height of a row, in heights of the font


def timeline(events: Sequence[tuple[int, str, str]]) -> Axes:
    """Draw events as marks over a horizontal axis of years, in a lane for each kind.

    Parameters
    ----------
    events : sequence of (int, str, str)
        Year, label and kind, sorted by year. There are at most five kinds; the lane of the kind
        that came first is at the top.

    Returns
    -------
    Axes
        A row for each event, with its label beside the mark, on the side where there is more room.

    Raises
    ------
    ValueError
        If there are no events, too many kinds, or the years are not in order.
    """
    years = [year for year, _, _ in events]
    kinds = list(dict.fromkeys(kind for _, _, kind in events))
    if not events or years != sorted(years):
        raise ValueError(f"events must be sorted by year, at least one, got years {years}")
    if len(kinds) > len(_KINDS):
        raise ValueError(f"events must be of at most {len(_KINDS)} kinds, got {', '.join(kinds)}")
    rows = len(events) + len(kinds)
    first, last = years[0] - 1, years[-1] + 1
    size = plt.rcParams["font.size"]
    _, ax = plt.subplots(figsize=(WIDTH, 0.4 + rows * _LINE * size / 72))
    row = 0
    for kind, (color, marker) in zip(kinds, _KINDS, strict=False):
        ax.text(first, row, kind, color=color, va="center", fontweight="bold")
        for year, label, _ in (event for event in events if event[2] == kind):
            row += 1
            ax.plot(year, row, marker, color=color, markersize=6)
            side, way = ("right", -1) if 2 * year > first + last else ("left", 1)
            ax.annotate(
                f"{year}  {label}", (year, row), (8 * way, 0), textcoords="offset points",
                color=color, ha=side, va="center",
            )  # fmt: skip
        row += 1
    ax.set(xlim=(first, last), ylim=(rows - 0.4, -0.6), yticks=[])
    ax.set_xticks(range(10 * -(-first // 10), last + 1, 10))
    ax.spines["left"].set_visible(False)
    return ax


def pictures(rows: Mapping[str, Sequence[np.ndarray]], titles: Sequence[str] = ()) -> np.ndarray:
    """Draw patterns of ones and minus ones as black and white pictures, in named rows.

    Parameters
    ----------
    rows : mapping of str to sequence of ndarray, each (height, width)
        The patterns of each row, the same number in each; ones are drawn black.
    titles : sequence of str, optional
        What is written above the columns.

    Returns
    -------
    ndarray of Axes, (rows, columns)
        One for each picture.

    Raises
    ------
    ValueError
        If there is no picture, or rows and titles differ in length.
    """
    counts = {len(patterns) for patterns in rows.values()} | ({len(titles)} if titles else set())
    if len(counts) != 1 or counts == {0}:
        raise ValueError(
            f"rows and titles must have the same length, at least 1, got {sorted(counts)}"
        )
    columns = counts.pop()
    size = min(1.15, 5.4 / columns)
    _, axes = plt.subplots(
        len(rows), columns, figsize=(1.4 + size * columns, (size + 0.1) * len(rows)), squeeze=False
    )
    for line, (name, patterns) in zip(axes, rows.items(), strict=True):
        for ax, pattern in zip(line, patterns, strict=True):
            ax.imshow(np.asarray(pattern), cmap="gray_r", vmin=-1, vmax=1)
            ax.set(xticks=[], yticks=[])
            ax.grid(visible=False)
            ax.spines[:].set_visible(True)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
    for ax, title in zip(axes[0], titles, strict=False):
        ax.set_title(title, loc="center")
    return axes
