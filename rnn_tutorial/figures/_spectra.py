"""What happens to a gradient on its way back: spectra, panels of bands, and stretches."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from rnn_tutorial.figures._style import NEUTRAL, ON_DARK, ON_PALE, WIDTH, shade, shade_cells

_FACTORS = (0.1, 0.2, 0.3, 0.5, 0.7, 1, 2, 3, 5, 10)  # where a map of factors has ticks


def spectra(panels: Mapping[str, Sequence], *, floor: float = 1e-12, **settings) -> np.ndarray:
    """Draw all singular values of a matrix against the lag, one panel for each network.

    Parameters
    ----------
    panels : mapping of str to array_like, (lags + 1, S)
        By title: the singular values at lags 0, 1, 2, ..., the largest first.
    floor : float
        The lower end of the axis; values below it are not drawn.
    **settings
        What ``Axes.set`` takes, for every panel.

    Returns
    -------
    ndarray of Axes
        The largest value in black, the others in gray, on a logarithmic axis that all share.
    """
    _, axes = plt.subplots(
        1, len(panels), sharex=True, sharey=True, figsize=(WIDTH, 3.2), squeeze=False
    )
    for ax, (title, values) in zip(axes[0], panels.items(), strict=True):
        values = np.asarray(values, dtype=float)
        values = np.where(values < floor, np.nan, values)
        ax.plot(values[:, 1:], color="#888888", linewidth=0.5, antialiased=False)
        ax.plot(values[:, 0], color="black", linewidth=2)
        ax.axhline(1, color="black", linewidth=0.8, linestyle=(0, (1, 2)))
        ax.set(title=title, yscale="log", xlabel="lag $k$ (steps)")
        ax.set(**settings)
    axes[0, 0].set(ylabel="singular values", ylim=(floor, None))
    return axes[0]


def band_panels(
    panels: Mapping[str, Mapping[str, pd.DataFrame]],
    ylabel: str,
    xlabels: Sequence[str],
    *,
    marker: str | None = None,
    rows: int = 1,
    **settings,
) -> np.ndarray:
    """Draw medians over seeds with bands from the lowest to the highest, in panels.

    Parameters
    ----------
    panels : mapping of str to mapping of str to DataFrame
        By title, then by name: the index is the horizontal axis, each column a seed. The same name
        has the same line in all panels.
    ylabel : str
        What is drawn, with its unit; the panels share the axis.
    xlabels : sequence of str
        What the horizontal axis of each panel is, with its unit.
    marker : str, optional
        Marks the values that were measured.
    rows : int
        How many rows the panels fill, each with as many.
    **settings
        What ``Axes.set`` takes, for every panel.

    Returns
    -------
    ndarray of Axes
        With one legend above all panels.

    Raises
    ------
    ValueError
        If there are more names than can be told apart.
    """
    names = list(dict.fromkeys(name for tables in panels.values() for name in tables))
    if len(names) > len(NEUTRAL):
        raise ValueError(f"there must be at most {len(NEUTRAL)} names, got {names}")
    looks = dict(zip(names, NEUTRAL, strict=False))
    figure, axes = plt.subplots(
        rows, len(panels) // rows, sharex=rows > 1, sharey=True, squeeze=False,
        figsize=(WIDTH, 1.4 + 2 * rows),
    )  # fmt: skip
    for ax, xlabel, (title, tables) in zip(axes.flat, xlabels, panels.items(), strict=True):
        for name, table in tables.items():
            color, style = looks[name]
            ax.plot(
                table.index, table.median(axis=1), color=color, linestyle=style, marker=marker,
                markersize=4, label=name,
            )  # fmt: skip
            shade(ax, table.min(axis=1), table.max(axis=1), color)
        ax.set(title=title, xlabel=xlabel)
        ax.set(**settings)
        ax.label_outer()
    for ax in axes[:, 0]:
        ax.set_ylabel(ylabel)
    lines = {line.get_label(): line for ax in axes.flat for line in ax.get_lines()}
    figure.legend(
        lines.values(), lines, loc="outside upper center", ncols=min(len(lines), 2), handlelength=3
    )
    return axes.ravel()


def stretch_map(table: pd.DataFrame, **settings) -> Axes:
    """Draw what the weights and the slope do to a gradient, before and after training.

    Parameters
    ----------
    table : DataFrame
        A row for each network at each stage, with the columns ``variant``, ``seed``, ``stage``
        ("before" or "after"), ``by_weight`` and ``by_slope``.
    **settings
        What ``Axes.set`` takes: labels, limits.

    Returns
    -------
    Axes
        Both factors on logarithmic axes. Open marks are before, full ones after training, and an
        arrow leads from the median of the ones to that of the others; on the diagonal the product
        of the factors is 1.
    """
    _, ax = plt.subplots(figsize=(WIDTH, 4.4))
    looks = zip(NEUTRAL, "osD^vP", strict=False)
    for (variant, rows), ((color, _), marker) in zip(
        table.groupby("variant", sort=False), looks, strict=False
    ):
        middle = rows.groupby("stage")[["by_weight", "by_slope"]].median()
        ax.annotate(
            "", middle.loc["after"], middle.loc["before"],
            arrowprops={"arrowstyle": "-|>", "color": color, "shrinkA": 6, "shrinkB": 3},
        )  # fmt: skip
        for stage, fill in (("before", "none"), ("after", "full")):
            at = rows[rows["stage"] == stage]
            ax.plot(
                at["by_weight"], at["by_slope"], marker, color=color, fillstyle=fill, markersize=6,
                label=variant if fill == "full" else None,
            )  # fmt: skip
    ax.set(
        xscale="log",
        yscale="log",
        xlabel=r"factor of $\mathbf{W}_{hh}$",
        ylabel="factor of the slope",
    )
    ax.set(**settings)
    limits = ax.get_xlim(), ax.get_ylim()
    weights = np.geomspace(*limits[0], 200)
    ax.plot(weights, 1 / weights, color="black", linewidth=0.9, linestyle=(0, (1, 2)))
    ax.set(xlim=limits[0], ylim=limits[1])
    for axis, (low, high) in zip((ax.xaxis, ax.yaxis), limits, strict=True):
        axis.set_ticks([tick for tick in _FACTORS if low <= tick <= high])
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter("")
    ax.legend(loc="lower left", title="full marks: after training")
    return ax


def counts(panels: Mapping[str, pd.DataFrame], total: int, xlabels: Sequence[str]) -> np.ndarray:
    """Draw how many of several seeds succeed, by name and by length.

    Parameters
    ----------
    panels : mapping of str to DataFrame
        By title: a row for each name, the first at the top, a column for each length, and the
        number of seeds as values.
    total : int
        How many seeds there are.
    xlabels : sequence of str
        What the columns of each panel are, with their unit.

    Returns
    -------
    ndarray of Axes
        The darker a field, the more seeds; the number is written in it.
    """
    columns = [len(table.columns) for table in panels.values()]
    rows = max(len(table) for table in panels.values())
    _, axes = plt.subplots(
        1, len(panels), figsize=(WIDTH, 1.1 + 0.42 * rows), squeeze=False, width_ratios=columns
    )
    for ax, xlabel, (title, table) in zip(axes[0], xlabels, panels.items(), strict=True):
        shade_cells(ax, table, cmap="Blues", vmin=0, vmax=total)
        for (row, column), value in np.ndenumerate(table.to_numpy()):
            color = ON_DARK if value > total / 2 else ON_PALE
            ax.text(column, row, f"{value}", ha="center", va="center", color=color)
        ax.set_xticks(range(len(table.columns)), table.columns)
        ax.set_yticks(range(len(table)), table.index)
        ax.set(title=title, xlabel=xlabel)
    return axes[0]
