"""One style for the whole book, and what the drawing functions share."""

import textwrap
from collections.abc import Iterable
from numbers import Integral
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.font_manager import fontManager
from matplotlib.ticker import MaxNLocator

from rnn_tutorial.figures._display import DOTS_PER_INCH, show_figures_as_both

# The same color for the same thing through the whole book: Okabe and Ito's palette and one of
# Tol's, which survive color blindness, with line styles that survive grayscale.
COLORS = {
    "rnn": "#D55E00",
    "gru": "#0072B2",
    "lstm": "#009E73",
    "baseline": "#666666",
    "train": "#A66A00",
    "validation": "#AA4499",
}
# For curves that are neither a cell nor a part of the data: other colors, a line style for each.
NEUTRAL = (("#000000", "-"), ("#882255", "--"), ("#117733", ":"), ("#332288", "-."),
           ("#999933", (0, (5, 1, 1, 1, 1, 1))), ("#666666", (0, (8, 3))))  # fmt: skip
LINE_STYLES = {"rnn": ":", "gru": "-", "lstm": "--", "baseline": "-."}
LABELS = {"rnn": "tanh RNN", "gru": "GRU", "lstm": "LSTM", "baseline": "baseline"}

# In inches: so narrow that its letters can still be read on a phone.
WIDTH = 5.625
# On a field of another color; where the page is dark, black and white lines change places.
ON_PALE, ON_DARK = "#010101", "#FEFEFE"
LONGEST_LABEL = 18  # characters in a line
# The letters of the pages, so that a label matches the formula beside it (tools/site/fonts.py).
for font in sorted((Path(__file__).parent / "fonts").glob("*.ttf")):
    fontManager.addfont(font)
TEXT = "STIX Two Text"

STYLE = {
    "axes.axisbelow": True,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": "medium",
    "date.converter": "concise",
    "figure.constrained_layout.use": True,
    "figure.dpi": DOTS_PER_INCH,
    "figure.figsize": (WIDTH, 2.8),
    "font.family": [TEXT, "STIXGeneral", "DejaVu Sans"],  # the others for signs that it lacks
    "font.size": 11,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "mathtext.bf": f"{TEXT}:bold",
    "mathtext.bfit": f"{TEXT}:bold",
    "mathtext.cal": f"{TEXT}:italic",  # the default is a font that few machines have
    "mathtext.fallback": "stix",
    "mathtext.fontset": "custom",
    "mathtext.it": f"{TEXT}:italic",
    "mathtext.rm": TEXT,
    "savefig.dpi": DOTS_PER_INCH,
    "savefig.facecolor": "white",
}


def use_style() -> None:
    """Draw everything that follows in the style of the book, and store it as PNG and SVG."""
    plt.rcParams.update(STYLE)
    show_figures_as_both()


def shade(ax: Axes, low: pd.Series, high: pd.Series, color: str) -> None:
    """Shade the band between two curves."""
    ax.fill_between(low.index, low, high, color=color, alpha=0.2, linewidth=0)


def shade_cells(ax: Axes, table: np.ndarray, **options) -> QuadMesh:
    """Fill a field for each number of a table, the first row on top; options of pcolormesh."""
    rows, columns = np.shape(table)
    places = np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5
    gap = 1 if rows <= 16 else 0  # points
    fields = ax.pcolormesh(*places, table, edgecolors="white", linewidth=gap, **options)
    ax.invert_yaxis()
    ax.grid(visible=False)
    return fields


def end_with_data(ax: Axes, first: float, last: float) -> None:
    """End the horizontal axis, and its ticks, where the data end."""
    ax.set_xlim(first, last)
    if ax.get_xscale() != "log":
        ticks = MaxNLocator(nbins=6, integer=isinstance(first, Integral)).tick_values(first, last)
        ax.set_xticks([tick for tick in ticks if first <= tick <= last])


def label_ends(ax: Axes, names: Iterable[str]) -> None:
    """Write each curve's name after its end, outside the axes, and push labels apart."""
    ax.figure.draw_without_rendering()  # their distance depends on the height of the axes
    row = 1.25 * plt.rcParams["font.size"]  # points
    points = 72 / ax.figure.dpi
    low, high = sorted(ax.get_ylim())
    labels = []
    for line, name in zip(ax.get_lines(), names, strict=True):
        x, y = line.get_xydata()[-1]
        y = min(max(y, low), high)
        text = name if "$" in name else textwrap.fill(name, LONGEST_LABEL)
        height = ax.transData.transform((x, y))[1] * points
        labels.append((height, row * (1 + text.count("\n")), (x, y), text, line.get_color()))
    edge = -np.inf
    for height, size, end, text, color in sorted(labels, key=lambda label: label[0]):
        middle = max(height, edge + size / 2)
        edge = middle + size / 2
        ax.annotate(
            text,
            end,
            xytext=(5, middle - height),
            textcoords="offset points",
            va="center",
            color=color,
            annotation_clip=False,
        )
