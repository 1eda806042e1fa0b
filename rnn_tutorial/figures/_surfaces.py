"""A surface over two parameters, and paths on it."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from rnn_tutorial.figures._style import COLORS, WIDTH

# Shades of log10 of the loss: the higher, the darker, half a power of ten each.
LEVELS = np.arange(-4, 0.1, 0.5)


def descent(
    x: np.ndarray, y: np.ndarray, surface: np.ndarray, paths: Mapping[str, pd.DataFrame], **settings
) -> Axes:
    """Draw a loss over two parameters as shades, and the paths of gradient descent on it.

    Parameters
    ----------
    x : ndarray, (columns,)
        Values of the first parameter.
    y : ndarray, (rows,)
        Values of the second one.
    surface : ndarray, (rows, columns)
        The loss at each pair.
    paths : mapping of str to DataFrame
        At most two paths, by name: one point per row, with its place in the first two columns. A
        path that leaves the picture is cut off.
    **settings
        What ``Axes.set`` takes: labels, limits, scales.

    Returns
    -------
    Axes
        With a bar that explains the shades, the common start as a ring, and a legend of the paths.

    Raises
    ------
    ValueError
        If the surface does not fit its axes.
    """
    if surface.shape != (len(y), len(x)):
        raise ValueError(
            f"surface must be {len(y)} rows by {len(x)} columns, got shape {surface.shape}"
        )
    figure, ax = plt.subplots(figsize=(WIDTH, 4.2))
    shades = ax.pcolormesh(x, y, surface, cmap="Greys", shading="nearest")
    for (name, path), color, style in zip(
        paths.items(), (COLORS["rnn"], COLORS["gru"]), ("o--", "s-"), strict=False
    ):
        ax.plot(path.iloc[:, 0], path.iloc[:, 1], style, color=color, markersize=4, label=name)
    start = next(iter(paths.values())).iloc[0]
    ax.plot(start.iloc[0], start.iloc[1], "o", color="black", markersize=11, fillstyle="none")
    ax.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    ax.set(**settings)
    ax.grid(visible=False)
    figure.colorbar(shades, ax=ax, label="loss")
    ax.legend(loc="upper right", frameon=True)
    return ax
