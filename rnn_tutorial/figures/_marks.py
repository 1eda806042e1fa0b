"""Values by name or by step: bars, dots, pairs, stems, a matrix."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from rnn_tutorial.figures._style import COLORS, ON_DARK, ON_PALE, WIDTH, shade_cells


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
    _, ax = plt.subplots(figsize=(WIDTH, 0.6 + 0.24 * len(values)))
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
        What is written under each step, for example the letters.
    values : sequence of float
        The values, one for each label.
    xlabel, ylabel : str
        What the steps and the values are, with their unit.

    Returns
    -------
    Axes
        Steps on the horizontal axis.

    Raises
    ------
    ValueError
        If labels and values differ in length or are empty.
    """
    if len(labels) != len(values) or len(values) == 0:
        raise ValueError(
            "labels and values must have the same length, at least 1, "
            f"got {len(labels)} and {len(values)}"
        )
    _, ax = plt.subplots(figsize=(WIDTH, 2.4))
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
    _, ax = plt.subplots(figsize=(WIDTH, 0.6 + 0.42 * len(values)))
    for row, (name, measured) in enumerate(values.items()):
        ax.plot(measured, [row] * len(measured), "o", color=colors[name], alpha=0.7, markersize=6)
        median = float(np.median(measured))
        ax.plot([median] * 2, [row - 0.32, row + 0.32], color=colors[name])
    ax.set_yticks(range(len(values)), list(values))
    ax.set_ylim(len(values) - 0.4, -0.6)
    ax.set_xlabel(xlabel)
    ax.grid(axis="y", visible=False)
    return ax


def pairs(
    values: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    titles: tuple[str, str],
    xlabel: str,
) -> Axes:
    """Draw two kinds of measured values in each row: open circles and filled ones.

    Parameters
    ----------
    values : mapping of str to two sequences of float
        The values by the name of the row; the first name is drawn at the top.
    titles : two str
        What the open and the filled circles are; written above the first row.
    xlabel : str
        What the values are, with their unit.

    Returns
    -------
    Axes
        Names on the vertical axis.

    Raises
    ------
    ValueError
        If there is no row, or the first one lacks one kind of values.
    """
    if not values or not all(len(measured) for measured in next(iter(values.values()))):
        raise ValueError("values must hold at least one row, the first with both kinds of values")
    _, ax = plt.subplots(figsize=(WIDTH, 0.9 + 0.42 * len(values)))
    color = COLORS["rnn"]
    for row, (opened, filled) in enumerate(values.values()):
        ax.plot(opened, [row] * len(opened), "o", color="#444444", markerfacecolor="none")
        ax.plot(filled, [row] * len(filled), "o", color=color, alpha=0.7)
    first = [float(np.median(measured)) for measured in next(iter(values.values()))]
    outward = ("right", "left") if first[0] <= first[1] else ("left", "right")
    # outward, so that they never meet
    for title, middle, side, shown in zip(titles, first, outward, ("#444444", color), strict=True):
        ax.text(middle, -0.45, title, ha=side, va="bottom", color=shown)
    ax.set_yticks(range(len(values)), list(values))
    ax.set_ylim(len(values) - 0.4, -1.1)
    ax.set_xlabel(xlabel)
    ax.grid(axis="y", visible=False)
    return ax


def confusion_matrix(
    confusion: np.ndarray,
    classes: Sequence[str],
    *,
    xlabel: str = "predicted class",
    ylabel: str = "true class",
) -> Axes:
    """Draw what share of each true class was given which answer.

    Parameters
    ----------
    confusion : array of int, (classes, classes)
        Counts; rows are the true classes.
    classes : sequence of str
        The class names.
    xlabel, ylabel : str
        What the answers and the true classes are.

    Returns
    -------
    Axes
        Shares in percent; those below half a percent are left blank, and so is the row of a class
        without examples.

    Raises
    ------
    ValueError
        If there is not a row and a column for each class.
    """
    confusion = np.asarray(confusion)
    if confusion.shape != (len(classes), len(classes)):
        raise ValueError(
            f"confusion must have shape {(len(classes), len(classes))}, got {confusion.shape}"
        )
    totals = confusion.sum(axis=1, keepdims=True)
    shares = 100 * confusion / np.where(totals == 0, 1, totals)
    _, ax = plt.subplots(figsize=(WIDTH, 6.2))
    shade_cells(ax, shares, cmap="Blues", vmin=0, vmax=100)
    ax.set_aspect("equal")
    for row, column in np.argwhere(shares >= 0.5):
        ax.text(
            column,
            row,
            f"{shares[row, column]:.0f}",
            ha="center",
            va="center",
            fontsize=8,
            color=ON_DARK if shares[row, column] > 55 else ON_PALE,
        )
    positions = range(len(classes))
    ax.set_xticks(positions, classes, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(positions, classes)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return ax
