"""Pictures of gradients through time: a network laid out in time, and curves over many scales."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from rnn_tutorial.figures._style import NEUTRAL, WIDTH, arrow, label_ends

_FORWARD, _BACKWARD = "#000000", "#882255"


def unrolled(states: Sequence[float], gradients: Sequence[float], inputs: Sequence[float]) -> Axes:
    """Draw a network of one unit laid out in time, with values forward and gradients backward.

    Parameters
    ----------
    states : sequence of float
        The states h_0 to h_T.
    gradients : sequence of float
        The total derivatives of the loss with respect to them, dL/dh_0 to dL/dh_T.
    inputs : sequence of float
        The inputs x_1 to x_T.

    Returns
    -------
    Axes
        Without scales: states in circles, values above the arrows from left to right, gradients
        below those from right to left.

    Raises
    ------
    ValueError
        If the number of gradients is not that of the states, or that of the inputs not one less.
    """
    if len(gradients) != len(states) or len(inputs) != len(states) - 1:
        raise ValueError(
            "there must be as many gradients as states and one input fewer, got "
            f"{len(states)} states, {len(gradients)} gradients and {len(inputs)} inputs"
        )
    _, ax = plt.subplots(figsize=(WIDTH, 3.0))
    last = len(states) - 1
    for t, (state, gradient) in enumerate(zip(states, gradients, strict=True)):
        ax.plot(t, 0, "o", color="white", markeredgecolor=_FORWARD, markersize=44)
        ax.text(t, 0, f"$h_{t}$\n{state:.3f}", ha="center", va="center")
        ax.text(t, -0.82, f"{gradient:.3f}", ha="center", va="center", color=_BACKWARD)
        if t:
            arrow(ax, (t - 0.74, 0.1), (t - 0.26, 0.1), width=1.4)
            ax.text(t - 0.5, 0.2, "$w$", ha="center", va="bottom")
            arrow(ax, (t - 0.22, -0.82), (t - 0.78, -0.82), _BACKWARD, "--", 1.4)
            arrow(ax, (t, 0.82), (t, 0.46), width=1.4)
            ax.text(t, 0.9, f"$x_{t}$ = {inputs[t - 1]:g}", ha="center", va="bottom")
    arrow(ax, (last + 0.26, 0.1), (last + 0.66, 0.1), width=1.4)
    ax.text(last + 0.72, 0.1, "$L$", va="center")
    ax.text(-0.3, -0.82, r"$\mathrm{d}L/\mathrm{d}h_t$", ha="right", va="center", color=_BACKWARD)
    ax.text(-0.3, 0.9, "input", ha="right", va="bottom")
    ax.text(-0.3, 0, "state", ha="right", va="center")
    ax.set(xlim=(-1.1, last + 0.9), ylim=(-1.1, 1.25))
    ax.axis("off")
    return ax


def scaling(tables: Sequence[Mapping[str, pd.Series]], ylabels: Sequence[str], xlabel: str):
    """Draw how several quantities grow, one panel for each, on logarithmic scales.

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
        With the names in the last panel, at the ends of the curves.
    """
    _, axes = plt.subplots(1, len(tables), figsize=(WIDTH, 3.4), squeeze=False)
    for ax, curves, ylabel in zip(axes[0], tables, ylabels, strict=True):
        for (color, style), curve in zip(NEUTRAL, curves.values(), strict=False):
            ax.plot(curve.index, curve, linestyle=style, color=color, marker="o", markersize=3)
        ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel)
        ax.set_xticks(curve.index, [f"{tick:,}" for tick in curve.index])
        ax.minorticks_off()
        ax.set_xlim(curve.index[0], curve.index[-1])
    for ax, curves in zip(axes[0], tables, strict=True):
        label_ends(ax, curves)
    return axes[0]


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
