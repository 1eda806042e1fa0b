"""Drawing: every function takes data and returns Axes; one style for the whole book."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

# The same color for the same thing through the whole book: Okabe and Ito's palette, which
# survives color blindness, with line styles that survive grayscale.
COLORS = {
    "rnn": "#D55E00",
    "gru": "#0072B2",
    "lstm": "#009E73",
    "baseline": "#666666",
    "train": "#E69F00",
    "validation": "#0072B2",
}
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
            ax.annotate(
                part,
                (history.index[-1], history[column].iloc[-1]),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                color=COLORS[part],
            )
            if bands is not None:
                by_epoch = bands.groupby("epoch")[column]
                ax.fill_between(
                    by_epoch.min().index,
                    by_epoch.min(),
                    by_epoch.max(),
                    color=COLORS[part],
                    alpha=0.2,
                    linewidth=0,
                )
        ax.set(xlabel="epoch", ylabel=f"{measure} ({unit})")
        ax.set_xlim(1, history.index[-1] * 1.28)
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
        Shares in percent; those below half a percent are left blank.
    """
    shares = 100 * confusion / confusion.sum(axis=1, keepdims=True)
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
