"""Gates and states along a sequence: maps of all units, and one line for each run."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from rnn_tutorial.figures._style import WIDTH


def gate_maps(panels: Mapping[str, np.ndarray], labels: Sequence[str], xlabel: str) -> np.ndarray:
    """Draw the gates of all units at each step: for each kind their mean, and a map.

    Parameters
    ----------
    panels : mapping of str to array_like, (units, steps)
        By title: values from 0 to 1.
    labels : sequence of str
        What is read at each step.
    xlabel : str
        What the steps are.

    Returns
    -------
    ndarray of Axes
        For each kind of gate the mean over the units, and below it the map: white is 0, black is 1,
        and units are sorted by their mean, the highest at the top.

    Raises
    ------
    ValueError
        If there is no panel, or the number of steps of a map differs from that of the labels.
    """
    if not panels:
        raise ValueError("panels must hold at least one map, got none")
    maps = {title: np.asarray(values, dtype=float) for title, values in panels.items()}
    for title, values in maps.items():
        if values.ndim != 2 or values.shape[1] != len(labels):
            raise ValueError(
                f"panels must hold maps of {len(labels)} steps, got {values.shape} in {title!r}"
            )
    figure, axes = plt.subplots(
        2 * len(maps), 1, sharex=True, squeeze=False, figsize=(WIDTH, 0.7 + 1.4 * len(maps)),
        height_ratios=[1, 2] * len(maps),
    )  # fmt: skip
    edges = np.arange(len(labels) + 1) - 0.5
    for mean, ax, (title, values) in zip(axes[::2, 0], axes[1::2, 0], maps.items(), strict=True):
        mean.stairs(values.mean(axis=0), edges, baseline=None, color="black", linewidth=2)
        mean.set(title=title, ylim=(0, 1), yticks=[0, 1], ylabel="mean")
        mean.grid(axis="x", visible=False)
        order = np.argsort(-values.mean(axis=1), kind="stable")
        image = ax.imshow(
            values[order], cmap="Greys", vmin=0, vmax=1, aspect="auto", interpolation="nearest"
        )
        ax.set(yticks=[], ylabel="units")
        ax.grid(visible=False)
    axes[-1, 0].set_xticks(range(len(labels)), labels)
    axes[-1, 0].set_xlabel(xlabel)
    figure.colorbar(image, ax=axes[:, 0], label="gate", ticks=[0, 0.5, 1], aspect=40)
    return axes[:, 0]


def runs(panels: Mapping[str, pd.DataFrame], xlabel: str, colors: Mapping[str, str]) -> np.ndarray:
    """Draw one thin line for each run, in panels with separate axes.

    Parameters
    ----------
    panels : mapping of str to DataFrame
        By title: the index is the horizontal axis, each column a run.
    xlabel : str
        What the horizontal axis is, with its unit.
    colors : mapping of str to str
        The color of each panel.

    Returns
    -------
    ndarray of Axes
        Side by side.
    """
    _, axes = plt.subplots(1, len(panels), squeeze=False, figsize=(WIDTH, 3.0))
    for ax, (title, table) in zip(axes[0], panels.items(), strict=True):
        ax.plot(table.index, table, color=colors[title], linewidth=1.0)
        ax.set(title=title, xlabel=xlabel)
    return axes[0]
