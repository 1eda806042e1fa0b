"""Curves and bars of what a way through time costs, over many scales."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from rnn_tutorial.figures._style import NEUTRAL, WIDTH, label_ends


def scaling(tables: Sequence[Mapping[str, pd.Series]], ylabels: Sequence[str], xlabel: str):
    """Draw how several quantities grow, one panel below the other, on logarithmic scales.

    Parameters
    ----------
    tables : sequence of mapping of str to Series
        For each panel the curves by name; the index of a Series is the horizontal axis. The same
        name has the same line in all panels.
    ylabels : sequence of str
        What the panels show, with the unit.
    xlabel : str
        What the horizontal axis is.

    Returns
    -------
    sequence of Axes
        With the names at the ends of the curves, outside.
    """
    panels = len(tables)
    _, axes = plt.subplots(
        panels, 1, sharex=True, figsize=(WIDTH, 0.4 + 2.2 * panels), squeeze=False
    )
    for ax, curves, ylabel in zip(axes[:, 0], tables, ylabels, strict=True):
        for (color, style), curve in zip(NEUTRAL, curves.values(), strict=False):
            ax.plot(curve.index, curve, linestyle=style, color=color, marker="o", markersize=3)
        ax.set(xscale="log", yscale="log", ylabel=ylabel)
        ax.set_xticks(curve.index, [f"{tick:,}" for tick in curve.index])
        ax.minorticks_off()
        ax.set_xlim(curve.index[0], curve.index[-1])
    ax.set_xlabel(xlabel)
    for ax, curves in zip(axes[:, 0], tables, strict=True):
        label_ends(ax, curves)
    return axes[:, 0]


def reference(ax: Axes, height: float, text: str, *, below: bool = False) -> None:
    """Draw a horizontal line at a height, with a text above or below its left end."""
    ax.axhline(height, color="black", linewidth=0.8, linestyle=(0, (1, 2)))
    ax.annotate(
        text,
        (0.02, height),
        xycoords=("axes fraction", "data"),
        xytext=(0, -12 if below else 3),
        textcoords="offset points",
        fontsize=9,
    )


def stacked_costs(
    lengths: Sequence[int], parts: Mapping[str, Sequence[float]], xlabel: str, ylabel: str
) -> Axes:
    """Draw bars of several parts on top of each other.

    Parameters
    ----------
    lengths : sequence of int
        What is written under the bars.
    parts : mapping of str to sequence of float
        At most three parts, by name, the lowest first; one value for each bar.
    xlabel, ylabel : str
        What the axes are, with the unit.

    Returns
    -------
    Axes
        With a legend.
    """
    _, ax = plt.subplots()
    floor = np.zeros(len(lengths))
    for (name, values), color, hatch in zip(
        parts.items(), ("#882255", "#DDCC77", "#44AA99"), ("", "//", ".."), strict=False
    ):
        heights = np.asarray(values, dtype=float)
        ax.bar(
            range(len(lengths)), heights, bottom=floor, color=color, hatch=hatch, label=name,
            edgecolor="white",
        )  # fmt: skip
        floor += heights
    for place, height in enumerate(floor):
        ax.text(place, height, f"{height:,.0f}", ha="center", va="bottom", fontsize=9)
    ax.set_xticks(range(len(lengths)), map(str, lengths))
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(axis="x", visible=False)
    ax.legend(loc="upper center")
    return ax
