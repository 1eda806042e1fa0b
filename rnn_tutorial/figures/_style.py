"""One style for the whole book, and what the drawing functions share."""

from collections.abc import Iterable
from numbers import Integral

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
# For curves that are neither a cell nor a part of the data: other colors, a line style for each.
NEUTRAL = (("#000000", "-"), ("#882255", "--"), ("#117733", ":"), ("#332288", "-."),
           ("#999933", (0, (5, 1, 1, 1, 1, 1))), ("#666666", (0, (8, 3))))  # fmt: skip
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
    """Draw everything that follows in the style of the book."""
    plt.rcParams.update(STYLE)


def shade(ax: Axes, low: pd.Series, high: pd.Series, color: str) -> None:
    """Shade the band between two curves."""
    ax.fill_between(low.index, low, high, color=color, alpha=0.2, linewidth=0)


def leave_room(ax: Axes, first: int, last: int, room: float) -> None:
    """Leave a share of the axis free after the data, without ticks, for labels."""
    if ax.get_xscale() == "log":
        ax.set_xlim(first, last * (last / first) ** room)
        return
    ax.set_xlim(first, last + room * (last - first))
    ax.set_xticks(
        MaxNLocator(nbins=6, integer=isinstance(first, Integral)).tick_values(first, last)
    )
    ax.set_xticks([tick for tick in ax.get_xticks() if first <= tick <= last])


def label_ends(ax: Axes, names: Iterable[str]) -> None:
    """Write each curve's name after its end, and push apart labels that would overlap."""
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
