"""Figures of history: a timeline, and patterns as pictures."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

# Distinct colors, with a marker each for grayscale.
_KINDS = (("#000000", "o"), ("#882255", "s"), ("#117733", "^"), ("#0072B2", "D"), ("#B34700", "v"))
_LINE = 1.45  # height of a label, in heights of the font


def timeline(events: Sequence[tuple[int, str, str]]) -> Axes:
    """Draw events along a vertical axis of years, each with its label beside it.

    Labels that would overlap are pushed apart, by as little as possible, and a thin line leads
    from each to its year.

    Parameters
    ----------
    events : sequence of (int, str, str)
        Year, label and kind, sorted by year. There are at most five kinds.

    Returns
    -------
    Axes
        Years on the vertical axis, the first at the top.

    Raises
    ------
    ValueError
        If there are no events, too many kinds, or the years are not in order.
    """
    # a second to import, which only this figure pays
    from sklearn.isotonic import isotonic_regression

    years = [year for year, _, _ in events]
    kinds = list(dict.fromkeys(kind for _, _, kind in events))
    if not events or years != sorted(years):
        raise ValueError(f"events must be sorted by year, at least one, got years {years}")
    if len(kinds) > len(_KINDS):
        raise ValueError(f"events must be of at most {len(_KINDS)} kinds, got {', '.join(kinds)}")
    styles = dict(zip(kinds, _KINDS, strict=False))
    size = plt.rcParams["font.size"]
    lines = len(events) + 4
    fig, ax = plt.subplots(figsize=(4.6, lines * _LINE * size / 72))
    first, last = years[0], years[-1]
    gap = max(last - first, 1) * 1.04 / (len(events) + 1)
    steps = gap * np.arange(len(events))
    places = steps + isotonic_regression(
        np.array(years, dtype=float) - steps, y_max=last + gap - steps[-1]
    )
    for (year, label, kind), place in zip(events, places, strict=True):
        color, marker = styles[kind]
        ax.plot(0, year, marker, color=color, markersize=6, clip_on=False, zorder=3)
        ax.plot([0.02, 0.1], [year, place], color=color, linewidth=0.7, clip_on=False)
        ax.text(0.12, place, f"{year}  {label}", color=color, va="center")
    ax.set(
        xlim=(0, 1), ylim=(max(last, places[-1]) + gap, min(first, places[0]) - gap), ylabel="year"
    )
    ax.set_yticks(range(10 * (first // 10), last + 1, 10)[(first % 10 > 0) :])
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.grid(visible=False)
    handles = [ax.plot([], [], marker, color=color)[0] for color, marker in styles.values()]
    fig.legend(handles, kinds, loc="outside lower center", ncols=3, handletextpad=0.1)
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
