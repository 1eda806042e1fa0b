"""Distributions over symbols, side by side."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np

from rnn_tutorial.figures._style import COLORS, WIDTH


def choices(
    panels: Mapping[str, Sequence[float]], symbols: Sequence[str], reference: Sequence[float]
) -> np.ndarray:
    """Draw what several ways to choose make of one distribution, as bars under its outline.

    Parameters
    ----------
    panels : mapping of str to sequence of float, (symbols,)
        By title: the probability of each symbol.
    symbols : sequence of str
        What is written under each bar.
    reference : sequence of float, (symbols,)
        The distribution before the choice; its outline is in every panel.

    Returns
    -------
    ndarray of Axes, (panels,)
        Two panels in a row.

    Raises
    ------
    ValueError
        If there is no panel, or the number of values differs from that of the symbols.
    """
    for name, values in {**panels, "reference": reference}.items():
        if len(values) != len(symbols):
            raise ValueError(f"{name} must have {len(symbols)} values, got {len(values)}")
    if not panels:
        raise ValueError("panels must hold at least one panel, got none")
    rows = -(-len(panels) // 2)
    _, axes = plt.subplots(
        rows, 2, figsize=(WIDTH, 0.5 + 1.35 * rows), sharex=True, sharey=True, squeeze=False
    )
    places = np.arange(len(symbols))
    for ax, (title, values) in zip(axes.flat, panels.items(), strict=False):
        ax.bar(places, values, color=COLORS["gru"], width=0.8)
        ax.step(
            [-0.5, *places + 0.5],
            [reference[0], *reference],
            where="pre",
            color="black",
            linewidth=0.9,
        )
        ax.set_title(title)
        ax.set_xticks(places, symbols)
        ax.grid(axis="x", visible=False)
    for ax in axes[:, 0]:
        ax.set_ylabel("probability")
    for ax in axes.flat[len(panels) :]:
        ax.set_visible(False)
    return axes.flat[: len(panels)]
