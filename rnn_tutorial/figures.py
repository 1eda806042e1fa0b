"""Drawing: every function takes data and returns Axes; one style for the whole book."""

from collections.abc import Iterable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

# The same color for the same thing through the whole book: Okabe and Ito's palette and one of
# Tol's, which survive color blindness, with line styles that survive grayscale.
COLORS = {
    "rnn": "#D55E00",
    "gru": "#0072B2",
    "lstm": "#009E73",
    "baseline": "#666666",
    "train": "#E69F00",
    "validation": "#AA4499",
}
LINE_STYLES = {"rnn": ":", "gru": "-", "lstm": "--", "baseline": "-."}
LABELS = {"rnn": "tanh RNN", "gru": "GRU", "lstm": "LSTM", "baseline": "baseline"}

STYLE = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": "medium",
    "figure.constrained_layout.use": True,
    "figure.dpi": 100,
    "figure.figsize": (7.0, 3.2),
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.dpi": 100,
    "savefig.facecolor": "white",
}


def use_style() -> None:
    """Draw all that follows in the style of the book."""
    plt.rcParams.update(STYLE)


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
                _shade(ax, by_epoch.min(), by_epoch.max(), COLORS[part])
        ax.set(xlabel="epoch", ylabel=f"{measure} ({unit})")
        _leave_room(ax, 1, history.index[-1], 0.45)
        _label_ends(ax, ("train", "validation"))
    return axes


def confusion_matrix(confusion: np.ndarray, classes: Sequence[str]) -> Axes:
    """Draw what share of each true class was given which answer.

    Parameters
    ----------
    confusion : ndarray of int, (classes, classes)
        Counts; rows are the true classes.
    classes : sequence of str
        The class names.

    Returns
    -------
    Axes
        Shares in percent; those below half a percent are left blank, and so is the row of a class
        without examples.
    """
    totals = confusion.sum(axis=1, keepdims=True)
    shares = 100 * confusion / np.where(totals == 0, 1, totals)
    _, ax = plt.subplots(figsize=(7.0, 6.2))
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    for row, column in np.argwhere(shares >= 0.5):
        ax.text(
            column,
            row,
            f"{shares[row, column]:.0f}",
            ha="center",
            va="center",
            fontsize=8,
            color="white" if shares[row, column] > 55 else "black",
        )
    positions = range(len(classes))
    ax.set_xticks(positions, classes, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(positions, classes)
    ax.set(xlabel="answer", ylabel="list that the name stands in")
    ax.grid(visible=False)
    return ax


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
    _leave_room(ax, 0, max(map(len, values.values())) - 1, 0.5)
    ax.set(**settings)
    _label_ends(ax, values)
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
        _shade(ax, table.min(axis=1), table.max(axis=1), COLORS[cell])
    _leave_room(ax, table.index[0], table.index[-1], 0.2)
    ax.set(**settings)
    _label_ends(ax, [LABELS[cell] for cell in tables])
    return ax


def _shade(ax: Axes, low: pd.Series, high: pd.Series, color: str) -> None:
    ax.fill_between(low.index, low, high, color=color, alpha=0.2, linewidth=0)


def _leave_room(ax: Axes, first: int, last: int, room: float) -> None:
    """Leave a share of the axis behind the data for labels, without ticks."""
    ax.set_xlim(first, last + room * (last - first))
    ax.set_xticks(MaxNLocator(nbins=6, integer=True).tick_values(first, last))
    ax.set_xticks([tick for tick in ax.get_xticks() if first <= tick <= last])


def _label_ends(ax: Axes, names: Iterable[str]) -> None:
    """Write each curve's name behind its end, and push labels apart that would overlap."""
    gap = 1.3 * plt.rcParams["font.size"]  # points
    points = 72 / ax.figure.dpi
    ends = [line.get_xydata()[-1] for line in ax.get_lines()]
    heights = [ax.transData.transform(end)[1] * points for end in ends]
    lowest = -np.inf
    for height, end, line, name in sorted(
        zip(heights, ends, ax.get_lines(), names, strict=True), key=lambda label: label[0]
    ):
        lowest = max(height, lowest + gap)
        ax.annotate(
            name,
            end,
            xytext=(4, lowest - height),
            textcoords="offset points",
            va="center",
            color=line.get_color(),
        )


def bars(values: Mapping[str, float], xlabel: str, color: str = COLORS["baseline"]) -> Axes:
    """Draw one horizontal bar for each name, with its value.

    Parameters
    ----------
    values : mapping of str to float
        The lengths of the bars; the first name is drawn at the top.
    xlabel : str
        What the values are, with their unit.
    color : str
        The color of the bars.

    Returns
    -------
    Axes
        Names on the vertical axis.
    """
    _, ax = plt.subplots(figsize=(7.0, 0.6 + 0.24 * len(values)))
    drawn = ax.barh(list(values), list(values.values()), color=color)
    ax.bar_label(drawn, padding=3, fmt="{:,g}")
    ax.invert_yaxis()
    ax.set_xlabel(xlabel)
    ax.grid(axis="y", visible=False)
    return ax


def stems(labels: Sequence[str], values: Sequence[float], xlabel: str, ylabel: str) -> Axes:
    """Draw one value for each step of a sequence, as a stem above or below zero.

    Parameters
    ----------
    labels : sequence of str
        What stands under each step, for example the letters.
    values : sequence of float
        The values, as many as labels.
    xlabel, ylabel : str
        What the steps and the values are, with their unit.

    Returns
    -------
    Axes
        Steps on the horizontal axis.

    Raises
    ------
    ValueError
        If there are no values, or not as many labels as values.
    """
    if len(labels) != len(values) or len(values) == 0:
        raise ValueError(
            f"labels and values must be as many, and some, got {len(labels)} and {len(values)}"
        )
    _, ax = plt.subplots(figsize=(7.0, 2.4))
    color = COLORS["rnn"]
    ax.vlines(range(len(values)), 0, values, color=color)
    ax.plot(range(len(values)), values, "o", color=color, markersize=5)
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set_xticks(range(len(labels)), labels)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(axis="x", visible=False)
    return ax


def dots(values: Mapping[str, Sequence[float]], xlabel: str, colors: Mapping[str, str]) -> Axes:
    """Draw one row of dots for each name: every measured value, and a bar at the median.

    Parameters
    ----------
    values : mapping of str to sequence of float
        The measured values by name; the first name is drawn at the top.
    xlabel : str
        What the values are, with their unit.
    colors : mapping of str to str
        The color of each name.

    Returns
    -------
    Axes
        Names on the vertical axis.
    """
    _, ax = plt.subplots(figsize=(7.0, 0.6 + 0.42 * len(values)))
    for row, (name, measured) in enumerate(values.items()):
        ax.plot(measured, [row] * len(measured), "o", color=colors[name], alpha=0.7, markersize=6)
        median = float(np.median(measured))
        ax.plot([median] * 2, [row - 0.32, row + 0.32], color=colors[name])
    ax.set_yticks(range(len(values)), list(values))
    ax.set_ylim(len(values) - 0.4, -0.6)
    ax.set_xlabel(xlabel)
    ax.grid(axis="y", visible=False)
    return ax
