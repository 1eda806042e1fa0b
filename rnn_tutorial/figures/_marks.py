"""Values by name or by step: bars, dots, pairs, stems, a matrix."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from rnn_tutorial.figures._style import COLORS, NEUTRAL, ON_DARK, ON_PALE, WIDTH, shade_cells

# Of two kinds of values, like those of the first two curves of `lines`.
PAIR = (NEUTRAL[0][0], NEUTRAL[1][0])


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


def stems(
    labels: Sequence[str],
    values: Sequence[float],
    xlabel: str,
    ylabel: str,
    color: str = COLORS["rnn"],
) -> Axes:
    """Draw one value for each step of a sequence, as a stem above or below zero.

    Parameters
    ----------
    labels : sequence of str
        What is written under each step, for example the letters.
    values : sequence of float
        The values, one for each label.
    xlabel, ylabel : str
        What the steps and the values are, with their unit.
    color : str
        The color of the stems.

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
    colors: tuple[str, str] = PAIR,
    *,
    xscale: str = "linear",
) -> Axes:
    """Draw two kinds of measured values in each row: open circles, and filled ones below them.

    Parameters
    ----------
    values : mapping of str to two sequences of float
        The values by the name of the row; the first name is drawn at the top.
    titles : two str
        What the open and the filled circles are; written above the first row.
    xlabel : str
        What the values are, with their unit.
    colors : two str
        Of the open and the filled circles, if they mean something on the page.
    xscale : str
        "linear" or "log".

    Returns
    -------
    Axes
        Names on the vertical axis.

    Raises
    ------
    ValueError
        If there is no row, or the first one lacks one kind of values.
    """
    _check_pairs(values)
    _, ax = plt.subplots(figsize=(WIDTH, 0.9 + 0.42 * len(values)))
    ax.set_xscale(xscale)
    _draw_pairs(ax, values, colors)
    _name_pairs(ax, values, titles, colors)
    ax.set_xlabel(xlabel)
    return ax


def pair_panels(
    panels: Mapping[str, Mapping[str, tuple[Sequence[float], Sequence[float]]]],
    titles: tuple[str, str],
    xlabel: str,
    goals: Mapping[str, float],
) -> np.ndarray:
    """Draw the same rows as in `pairs` in panels side by side, each with a line at its goal.

    Parameters
    ----------
    panels : mapping of str to values as of `pairs`
        By the title of the panel; all have the same rows.
    titles : two str
        What the open and the filled circles are.
    xlabel : str
        What the values are, with their unit.
    goals : mapping of str to float
        By the title of the panel: where the line is.

    Returns
    -------
    ndarray of Axes
        One for each panel.

    Raises
    ------
    ValueError
        If there is no panel or no row, or a first row lacks one kind of values.
    """
    if not panels:
        raise ValueError("panels must hold at least one panel, got none")
    for values in panels.values():
        _check_pairs(values)
    rows = len(next(iter(panels.values())))
    figure, axes = plt.subplots(
        1, len(panels), squeeze=False, sharex=True, sharey=True,
        figsize=(WIDTH, 1.1 + 0.42 * rows),
    )  # fmt: skip
    for ax, (title, values) in zip(axes[0], panels.items(), strict=True):
        _draw_pairs(ax, values, PAIR)
        ax.axvline(goals[title], color="#666666", linewidth=0.8, zorder=0)
        ax.set(title=title, xlabel=xlabel, ylim=(rows - 0.4, -0.6))
    figure.legend(axes[0, 0].get_lines()[:2], titles, loc="outside upper right", ncols=2)
    return axes[0]


def _check_pairs(values: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> None:
    if not values or not all(len(measured) for measured in next(iter(values.values()))):
        raise ValueError("values must hold at least one row, the first with both kinds of values")


def _draw_pairs(ax: Axes, values: Mapping, colors: tuple[str, str]) -> None:
    """Draw the open circles a little above the middle of their row, the filled ones below it."""
    for row, (opened, filled) in enumerate(values.values()):
        ax.plot(opened, [row - 0.14] * len(opened), "o", color=colors[0], markerfacecolor="none")
        ax.plot(filled, [row + 0.14] * len(filled), "o", color=colors[1], alpha=0.7)
    ax.set_yticks(range(len(values)), list(values))
    ax.set_ylim(len(values) - 0.4, -1.1)
    ax.grid(axis="y", visible=False)


def _name_pairs(
    ax: Axes, values: Mapping, titles: tuple[str, str], colors: tuple[str, str]
) -> None:
    """Write above the first row what the circles are, outward, so that the two never meet."""
    first = [float(np.median(measured)) for measured in next(iter(values.values()))]
    outward = ("right", "left") if first[0] <= first[1] else ("left", "right")
    labels = [
        ax.text(middle, -0.45, title, ha=side, va="bottom", color=shown)
        for title, middle, side, shown in zip(titles, first, outward, colors, strict=True)
    ]
    ax.figure.draw_without_rendering()
    for label in labels:  # not across the vertical axis
        room = label.get_window_extent().x0 - ax.bbox.x0 - 4
        if room < 0:
            place = ax.transData.transform((label.get_position()[0], 0))[0] - room
            label.set_x(ax.transData.inverted().transform((place, 0))[0])


def shifts(values: Mapping[str, tuple[float, float]], titles: tuple[str, str], xlabel: str) -> Axes:
    """Draw an arrow in each row, from one value to another one.

    Parameters
    ----------
    values : mapping of str to two float
        Before and after, by the name of the row; the first name is drawn at the top.
    titles : two str
        What the start and the tip of an arrow are; written at those of the first row.
    xlabel : str
        What the values are, with their unit.

    Returns
    -------
    Axes
        Names on the vertical axis.

    Raises
    ------
    ValueError
        If there is no row.
    """
    if not values:
        raise ValueError("values must hold at least one row, got none")
    _, ax = plt.subplots(figsize=(WIDTH, 0.9 + 0.25 * len(values)))
    for row, (before, after) in enumerate(values.values()):
        ax.plot([before, after], [row, row], color=PAIR[1], linewidth=1.2)
        ax.plot(before, row, "o", color=PAIR[0], markerfacecolor="white", markersize=5)
        ax.plot(after, row, ">" if after > before else "<", color=PAIR[1], markersize=6)
    _name_pairs(ax, {"": [[value] for value in next(iter(values.values()))]}, titles, PAIR)
    ax.set_yticks(range(len(values)), list(values))
    ax.set_ylim(len(values) - 0.4, -1.5)
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
    _, ax = plt.subplots(figsize=(WIDTH, 5.4))
    _shade_percent(ax, shares)
    ax.set_aspect("equal")
    positions = range(len(classes))
    ax.set_xticks(positions, classes, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(positions, classes)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return ax


def probability_map(
    probabilities: np.ndarray, classes: Sequence[str], steps: Sequence[str], xlabel: str
) -> Axes:
    """Draw the probability of each class after each step.

    Parameters
    ----------
    probabilities : array of float, (steps, classes)
        From 0 to 1.
    classes : sequence of str
        What the rows are; the first one is drawn at the top.
    steps : sequence of str
        What was read at each step, written above its column.
    xlabel : str
        What the steps are, written above them.

    Returns
    -------
    Axes
        Probabilities in percent; those below half a percent are left blank.

    Raises
    ------
    ValueError
        If there is not a row for each step and a column for each class.
    """
    probabilities = np.asarray(probabilities)
    if probabilities.shape != (len(steps), len(classes)):
        raise ValueError(
            f"probabilities must have shape {(len(steps), len(classes))}, got {probabilities.shape}"
        )
    _, ax = plt.subplots(figsize=(WIDTH, 0.8 + 0.3 * len(classes)))
    _shade_percent(ax, 100 * probabilities.T)
    ax.set_yticks(range(len(classes)), classes)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xticks(range(len(steps)), steps)
    ax.set_xlabel(xlabel)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax


def _shade_percent(ax: Axes, shares: np.ndarray) -> None:
    """Fill a field for each percentage, and write it unless it is below a half."""
    shade_cells(ax, shares, cmap="Blues", vmin=0, vmax=100)
    for row, column in np.argwhere(shares >= 0.5):
        ax.text(
            column,
            row,
            f"{shares[row, column]:.0f}",
            ha="center",
            va="center",
            fontsize=9,
            color=ON_DARK if shares[row, column] > 55 else ON_PALE,
        )
