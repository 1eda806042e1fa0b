"""A loss over two parameters as a landscape, and paths on it."""

from collections.abc import Mapping
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patheffects import withStroke

from rnn_tutorial.figures._style import COLORS, ON_DARK, ON_PALE, WIDTH

# Shades of log10 of the loss: the higher, the darker, half a power of ten each.
LEVELS = np.arange(-4, 0.1, 0.5)
# Up to half of black, as in the explorable (cliff.js). White itself would turn dark with the page.
SHADES = ListedColormap([ON_DARK, *map(str, np.linspace(1, 0.5, len(LEVELS) - 1)[1:])])
# From the front to the back it goes this far to the right and upwards; a height of 1 is the highest
# loss. All in widths of the picture.
RIGHT, UP, HIGH = 0.3, 0.3, 0.3
PROFILES, POINTS = 19, 37  # lines from left to right, and points of each
HALO = [withStroke(linewidth=2.6, foreground="white")]  # a path can be seen on every shade
LOOKS = ((COLORS["rnn"], "--"), (COLORS["gru"], "-"))


def descent(
    x: np.ndarray,
    y: np.ndarray,
    surface: np.ndarray,
    paths: Mapping[str, pd.DataFrame],
    *,
    xlabel: str,
    ylabel: str,
) -> Axes:
    """Draw a loss over two parameters in relief, and the paths of gradient descent on it.

    Parameters
    ----------
    x : ndarray, (columns,)
        Values of the first parameter, from left to right.
    y : ndarray, (rows,)
        Values of the second one, in increasing order, from the back to the front.
    surface : ndarray, (rows, columns)
        The loss at each pair, from 0 to 1.
    paths : mapping of str to DataFrame
        At most two paths, by name: one point per row, with its place in the first two columns and
        the loss in the third. A path that leaves the picture ends at its edge, with an arrow.
    xlabel, ylabel : str
        What the parameters are.

    Returns
    -------
    Axes
        Without scales of its own. The common start is a ring, and a bar explains the shades.

    Raises
    ------
    ValueError
        If the surface does not fit its axes.
    """
    if surface.shape != (len(y), len(x)):
        raise ValueError(
            f"surface must be {len(y)} rows by {len(x)} columns, got shape {surface.shape}"
        )
    top = np.ceil(10 * surface.max()) / 10

    def place(at_x, at_y, height) -> np.ndarray:
        """Return where a point of the landscape is in the picture, (..., 2)."""
        back = (y[-1] - at_y) / (y[-1] - y[0])
        across = (at_x - x[0]) / (x[-1] - x[0])
        parts = across + RIGHT * back, UP * back + HIGH * height / top
        return np.stack(np.broadcast_arrays(*parts), axis=-1)

    figure, ax = plt.subplots(figsize=(WIDTH, 3.9))
    rows = np.linspace(0, len(y) - 1, PROFILES).astype(int)
    columns = np.linspace(0, len(x) - 1, POINTS).astype(int)
    heights = surface[np.ix_(rows, columns)]
    lines = [place(x[columns], y[row], height) for row, height in zip(rows, heights, strict=True)]
    norm = BoundaryNorm(LEVELS, SHADES.N)
    for (back, front), (behind, before) in zip(pairwise(lines), pairwise(heights), strict=True):
        corners = np.stack([behind[1:], behind[:-1], before[1:], before[:-1]])
        shade = norm(np.log10(corners.mean(axis=0)).clip(LEVELS[0]))
        ends = [0, *np.flatnonzero(np.diff(shade)) + 1, len(shade)]
        for start, stop in pairwise(ends):
            outline = np.concatenate([back[start : stop + 1], front[start : stop + 1][::-1]])
            ax.fill(*outline.T, color=SHADES(shade[start]), linewidth=0)
        ax.plot(*back.T, color=ON_PALE, linewidth=0.4)
    ax.plot(*front.T, color="black", linewidth=0.8)
    _frame(ax, place, (x[0], x[-1]), (y[0], y[-1]), top, (xlabel, ylabel))
    for (name, path), (color, style) in zip(paths.items(), LOOKS, strict=False):
        points = _inside(path.iloc[:, :3].to_numpy(float), (x[0], x[-1]), (y[0], y[-1]))
        drawn = place(*points.T)
        ax.plot(*drawn.T, style, color=color, linewidth=1.2, path_effects=HALO, label=name)
        if len(points) < len(path):
            tail = drawn[-1] - 0.05 * (drawn[-1] - drawn[-2])
            ax.annotate("", drawn[-1], tail, arrowprops={"arrowstyle": "-|>", "color": color})
    ring = place(*next(iter(paths.values())).iloc[0, :3])
    ax.plot(*ring, "o", color="black", markersize=9, fillstyle="none")
    figure.legend(loc="outside upper center", ncols=2, handlelength=3)
    ax.set_aspect("equal")
    ax.axis("off")
    bar = figure.colorbar(
        ScalarMappable(norm, SHADES), ax=ax, label="loss", orientation="horizontal", aspect=45,
        ticks=LEVELS[::2], pad=0.02,
    )  # fmt: skip
    bar.set_ticklabels([f"$10^{{{level:.0f}}}$" for level in LEVELS[::2]])
    return ax


def _inside(path: np.ndarray, *limits: tuple[float, float]) -> np.ndarray:
    """Return the points of a path up to where it leaves the limits of its first coordinates."""
    low, high = np.array(limits).T
    outside = ((path[:, :2] < low) | (path[:, :2] > high)).any(axis=1)
    if not outside.any():
        return path
    first = outside.argmax()
    before, after = path[first - 1], path[first]
    step = after[:2] - before[:2]
    edge = np.where(step > 0, high, low)
    share = np.min((edge - before[:2])[step != 0] / step[step != 0])
    return np.concatenate([path[:first], [before + share * (after - before)]])


def _frame(ax: Axes, place, x, y, top: float, labels: tuple[str, str]) -> None:
    """Draw three scales along the edges of a landscape, for the parameters and the loss."""
    look = {"color": "black", "linewidth": 0.8}
    for value in np.linspace(*x, 6):
        start = place(value, y[1], 0)
        ax.plot(*np.stack([start, start - (0, 0.015)]).T, **look)
        ax.text(*(start - (0, 0.025)), f"{value:.1f}", ha="center", va="top")
    ax.text(*(place(np.mean(x), y[1], 0) - (0, 0.1)), labels[0], ha="center", va="top")
    for value in np.linspace(*y, 5):
        start = place(x[1], value, 0)
        ax.plot(*np.stack([start, start + (0.015, 0)]).T, **look)
        ax.text(*(start + (0.025, 0)), f"{value:.1f}".replace("-", "\N{MINUS SIGN}"), va="center")
    ax.text(*(place(x[1], np.mean(y), 0) + (0.14, -0.03)), labels[1], va="center")
    ax.plot(*place(x[0], y[1], np.array([0, top])).T, **look)
    for value in np.arange(0, top + 0.05, 0.2):
        start = place(x[0], y[1], value)
        ax.plot(*np.stack([start, start - (0.015, 0)]).T, **look)
        ax.text(*(start - (0.025, 0)), f"{value:.1f}", ha="right", va="center")
    ax.text(*(place(x[0], y[1], top) + (0, 0.03)), "loss", ha="center", va="bottom")
    for corners in ((x[0], x[1]), (y[1], y[1])), ((x[1], x[1]), (y[1], y[0])):
        ax.plot(*place(*np.array(corners), 0).T, **look)
