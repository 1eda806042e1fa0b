"""Values over an axis: curves, and bands over seeds."""

from collections.abc import Iterable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from rnn_tutorial.figures._style import (
    COLORS,
    LABELS,
    LINE_STYLES,
    NEUTRAL,
    WIDTH,
    end_with_data,
    label_ends,
    shade,
)


def learning_curves(
    history: pd.DataFrame,
    bands: pd.DataFrame | None = None,
    *,
    labels: Mapping[str, str] | None = None,
) -> Sequence[Axes]:
    """Draw the loss and the metric on train and validation against epochs.

    Parameters
    ----------
    history : DataFrame
        One row for each epoch (the index), with the columns ``train_loss`` and
        ``validation_loss``, and the same for a metric, as in ``train_accuracy``.
    bands : DataFrame, optional
        The same columns over several seeds, with a column ``epoch``; the range from the lowest
        to the highest seed is shaded.
    labels : mapping of str to str, optional
        What to draw, by its name in the columns, and what its axis says. By default all that the
        table has, under their names.

    Returns
    -------
    sequence of Axes
        One for each measure: the loss, the metric.
    """
    if labels is None:
        parts = [column.partition("_") for column in history]
        labels = {m: m.replace("_", " ") for part, _, m in parts if part == "validation"}
    _, (axes,) = plt.subplots(1, len(labels), squeeze=False)
    for ax, (measure, label) in zip(axes, labels.items(), strict=True):
        for part, style in (("train", "--"), ("validation", "-")):
            column = f"{part}_{measure}"
            ax.plot(history.index, history[column], style, color=COLORS[part])
            if bands is not None:
                by_epoch = bands.groupby("epoch")[column]
                shade(ax, by_epoch.min(), by_epoch.max(), COLORS[part])
        ax.set(xlabel="epoch", ylabel=label)
        end_with_data(ax, 1, history.index[-1])
        label_ends(ax, ("train", "validation"))
    return axes


def lines(values: Mapping[str, Sequence[float] | pd.Series], **settings) -> Axes:
    """Draw curves with a name at the end of each.

    Parameters
    ----------
    values : mapping of str to sequence of float
        The curves by name: at most six, and those of cells ("rnn", "gru", "lstm", "baseline"),
        which have colors of their own. A Series is drawn over its index, other sequences over 0,
        1, 2, ...; nan leaves a gap.
    **settings
        What ``Axes.set`` takes: labels, limits, scales.

    Returns
    -------
    Axes
        With the names on the right, outside.

    Raises
    ------
    ValueError
        If there are more curves than can be told apart, or none.
    """
    drawn = {
        name: curve if isinstance(curve, pd.Series) else pd.Series(np.asarray(curve))
        for name, curve in values.items()
    }
    _, ax = plt.subplots()
    for curve, (color, style) in zip(drawn.values(), _looks(drawn), strict=True):
        ax.plot(curve.index, curve, linestyle=style, color=color)
    _finish(ax, drawn, settings)
    return ax


def medians(tables: Mapping[str, pd.DataFrame], **settings) -> Axes:
    """Draw the median over seeds against the index, and a band from the lowest to the highest.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        One table for each curve, with a column for each seed; names as for `lines`.
    **settings
        What ``Axes.set`` takes: labels, limits, scales.

    Returns
    -------
    Axes
        With the names on the right, outside.

    Raises
    ------
    ValueError
        If there are more curves than can be told apart, or none.
    """
    _, ax = plt.subplots()
    for table, (color, style) in zip(tables.values(), _looks(tables), strict=True):
        ax.plot(table.index, table.median(axis=1), linestyle=style, color=color)
        shade(ax, table.min(axis=1), table.max(axis=1), color)
    _finish(ax, tables, settings)
    return ax


def stairs(
    rows: Mapping[str, Sequence[float]], levels: Sequence[Sequence[float]], labels: Sequence[str],
    xlabel: str,
) -> np.ndarray:  # fmt: skip
    """Draw values that stay the same during a step, one row for each name.

    Parameters
    ----------
    rows : mapping of str to sequence of float
        At most six rows by name, the first at the top; one value for each step.
    levels : sequence of sequence of float
        The two or more values of each row that get a tick, in increasing order.
    labels : sequence of str
        What is written under each step.
    xlabel : str
        What the steps are.

    Returns
    -------
    ndarray of Axes
        One below the other, with the name above each row.
    """
    _, axes = plt.subplots(
        len(rows), 1, sharex=True, squeeze=False, figsize=(WIDTH, 0.6 + 0.9 * len(rows))
    )
    looks = zip(axes[:, 0], rows.items(), levels, NEUTRAL, strict=False)
    edges = np.arange(len(labels) + 1) - 0.5
    for ax, (name, values), ticks, (color, _) in looks:
        ax.stairs(values, edges, baseline=None, color=color, linewidth=2)
        margin = 0.2 * (ticks[-1] - ticks[0])
        ax.set(yticks=ticks, ylim=(ticks[0] - margin, ticks[-1] + margin), xlim=edges[[0, -1]])
        ax.set_title(name, color=color)
        ax.grid(axis="x", visible=False)
    ax.set_xticks(range(len(labels)), labels)
    ax.set_xlabel(xlabel)
    return axes[:, 0]


def _looks(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return color and line style for each name."""
    names = list(names)
    others = [name for name in names if name not in LABELS]
    if not names or len(others) > len(NEUTRAL):
        raise ValueError(
            f"there must be 1 to {len(NEUTRAL)} curves apart from those of cells, got {names}"
        )
    neutral = dict(zip(others, NEUTRAL, strict=False))
    return [neutral.get(name) or (COLORS[name], LINE_STYLES[name]) for name in names]


def _finish(ax: Axes, curves: Mapping[str, pd.Series | pd.DataFrame], settings):
    first = min(curve.index[0] for curve in curves.values())
    last = max(curve.index[-1] for curve in curves.values())
    ax.set(**settings)
    end_with_data(ax, first, last)
    label_ends(ax, [LABELS.get(name, name) for name in curves])
