"""Time series: their parts, forecasts with intervals, and how closely one tracks the other."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from rnn_tutorial.figures._style import COLORS, WIDTH

PARTS = {"train": COLORS["train"], "validation": COLORS["validation"], "test": "#000000"}


def series_parts(panels: Mapping[str, Mapping[str, pd.Series]]) -> np.ndarray:
    """Draw series that are split in time, each part in its color and with its name above.

    Parameters
    ----------
    panels : mapping of str to mapping of str to Series
        By the name of the axis: the parts "train", "validation" and "test", in the order of time.

    Returns
    -------
    ndarray of Axes
        One below the other.

    Raises
    ------
    ValueError
        If there is no panel, or a part has a different name.
    """
    if not panels:
        raise ValueError("panels must hold at least one panel, got none")
    _, axes = plt.subplots(len(panels), 1, squeeze=False, figsize=(WIDTH, 0.4 + 1.8 * len(panels)))
    for ax, (name, parts) in zip(axes[:, 0], panels.items(), strict=True):
        for part, series in parts.items():
            if part not in PARTS:
                raise ValueError(f"panels must hold parts named {', '.join(PARTS)}, got {part!r}")
            ax.plot(series.index, series, color=PARTS[part], linewidth=0.9)
            middle = series.index[len(series) // 2]
            ax.annotate(
                part, (middle, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 2),
                textcoords="offset points", ha="center", va="bottom", color=PARTS[part],
            )  # fmt: skip
        ax.set_ylabel(name)
    return axes[:, 0]


def forecast_band(
    actual: pd.Series,
    middle: pd.Series,
    bands: Mapping[str, tuple[pd.Series, pd.Series]],
    **settings,
) -> Axes:
    """Draw what was observed as dots, a forecast as a line, and intervals around it.

    Parameters
    ----------
    actual : Series
        What was observed.
    middle : Series
        The forecast.
    bands : mapping of str to (lower, upper)
        Intervals by name, the widest first.
    **settings
        What ``Axes.set`` takes.

    Returns
    -------
    Axes
        Dots outside the widest interval are filled.
    """
    _, ax = plt.subplots()
    color = COLORS["gru"]
    for strength, (name, (lower, upper)) in zip((0.18, 0.35), bands.items(), strict=False):
        ax.fill_between(
            lower.index, lower, upper, color=color, alpha=strength, linewidth=0, label=name
        )
    ax.plot(middle.index, middle, color=color, label="median")
    lower, upper = next(iter(bands.values()))
    out = (actual < lower) | (actual > upper)
    for part, face, label in ((~out, "white", "observed"), (out, "black", "outside")):
        ax.plot(
            actual.index[part], actual[part], "o", color="black", markerfacecolor=face,
            markersize=4, label=label,
        )  # fmt: skip
    ax.set(**settings)
    ax.legend(
        ncols=5, loc="lower left", bbox_to_anchor=(0, 1.0), borderpad=0, columnspacing=1.0,
        handlelength=1.2, handletextpad=0.4,
    )  # fmt: skip
    return ax


def tracking(
    actual: Sequence[float], predicted: Sequence[float], zoom: slice, labels: Sequence[str]
):
    """Draw a series and its one-step forecast, once as a whole and once only a few steps.

    Parameters
    ----------
    actual, predicted : sequence of float
        What was observed and what was forecast.
    zoom : slice
        The steps of the second picture.
    labels : two str
        What the axes are.

    Returns
    -------
    ndarray of two Axes
        Side by side.
    """
    actual, predicted = np.asarray(actual), np.asarray(predicted)
    _, axes = plt.subplots(1, 2, figsize=(WIDTH, 3.0))
    steps = np.arange(len(actual))
    for ax, part, title in zip(
        axes, (slice(None), zoom), ("all of the test", "a few days of it"), strict=True
    ):
        marker = "" if part == slice(None) else "o"
        options = {"marker": marker, "markersize": 4, "linewidth": 1.3}
        ax.plot(steps[part], actual[part], "-", color="black", label="price", **options)
        ax.plot(
            steps[part], predicted[part], "--", color=COLORS["gru"], label="forecast", **options
        )
        ax.set(title=title, xlabel=labels[0])
    axes[0].set_ylabel(labels[1])
    axes[1].legend()
    return axes


def change_panels(panels: Mapping[str, tuple[Sequence[float], Sequence[float]]], unit: str):
    """Draw observed changes against forecast ones, one panel for each series.

    Parameters
    ----------
    panels : mapping of str to (forecast, actual)
        Changes by the title of the panel.
    unit : str
        Of the changes.

    Returns
    -------
    ndarray of Axes
        Side by side, with lines at zero.
    """
    _, axes = plt.subplots(1, len(panels), squeeze=False, figsize=(WIDTH, 3.0), sharey=True)
    for ax, (title, (forecast, actual)) in zip(axes[0], panels.items(), strict=True):
        ax.plot(forecast, actual, "o", color=COLORS["gru"], markersize=3, alpha=0.5, mew=0)
        ax.axhline(0, color="black", linewidth=0.8)
        ax.axvline(0, color="black", linewidth=0.8)
        ax.set(title=title, xlabel=f"forecast change ({unit})")
    axes[0, 0].set_ylabel(f"observed change ({unit})")
    return axes[0]
