"""Values over an axis: curves, and bands over seeds."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from rnn_tutorial.figures._style import COLORS, LABELS, LINE_STYLES, label_ends, leave_room, shade


def learning_curves(history, bands=None) -> Sequence[Axes]:
    """Draw loss and accuracy on train and validation against epochs.

    Parameters
    ----------
    history : DataFrame
        One row for each epoch (the index), with the columns ``train_loss``, ``validation_loss``,
        ``train_accuracy`` and ``validation_accuracy``.
    bands : DataFrame, optional
        The same columns over several seeds, with a column ``epoch``; the range from the lowest
        to the highest seed is shaded.

    Returns
    -------
    sequence of two Axes
        Loss, accuracy.
    """
    _, axes = plt.subplots(1, 2)
    for ax, measure, unit in zip(
        axes, ("loss", "accuracy"), ("nats per name", "share of names"), strict=True
    ):
        for part, style in (("train", "--"), ("validation", "-")):
            column = f"{part}_{measure}"
            ax.plot(history.index, history[column], style, color=COLORS[part])
            if bands is not None:
                by_epoch = bands.groupby("epoch")[column]
                shade(ax, by_epoch.min(), by_epoch.max(), COLORS[part])
        ax.set(xlabel="epoch", ylabel=f"{measure} ({unit})")
        leave_room(ax, 1, history.index[-1], 0.45)
        label_ends(ax, ("train", "validation"))
    return axes


def lines(values: Mapping[str, Sequence[float]], **settings) -> Axes:
    """Draw curves over 0, 1, 2, ... with a label at the end of each.

    Parameters
    ----------
    values : mapping of str to sequence of float
        The curves by name, three at most; nan leaves a gap.
    **settings
        What ``Axes.set`` takes: labels, limits, scales.

    Returns
    -------
    Axes
        With room for the labels on the right.
    """
    _, ax = plt.subplots()
    # none of the colors that stand for a cell or a part of the data
    for curve, color, style in zip(
        values.values(), ("#000000", "#882255", "#117733"), ("-", "--", ":"), strict=False
    ):
        ax.plot(np.asarray(curve), style, color=color)
    leave_room(ax, 0, max(map(len, values.values())) - 1, 0.5)
    ax.set(**settings)
    label_ends(ax, values)
    return ax


def medians(tables: Mapping[str, pd.DataFrame], **settings) -> Axes:
    """Draw the median over seeds against the index, and a band from the lowest to the highest.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        One table for each cell ("rnn", "gru", "lstm"): a column for each seed.
    **settings
        What ``Axes.set`` takes: labels, limits, scales.

    Returns
    -------
    Axes
        With a label at the end of each curve.
    """
    _, ax = plt.subplots()
    for cell, table in tables.items():
        ax.plot(table.index, table.median(axis=1), LINE_STYLES[cell], color=COLORS[cell])
        shade(ax, table.min(axis=1), table.max(axis=1), COLORS[cell])
    leave_room(ax, table.index[0], table.index[-1], 0.2)
    ax.set(**settings)
    label_ends(ax, [LABELS[cell] for cell in tables])
    return ax
