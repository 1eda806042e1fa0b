"""The opponent without a network: a linear autoregression, its settings chosen by validation.

The grid was fixed before any run: how many values it reads, how many waves of the year it knows,
and the strength of the ridge.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.model_selection import ParameterGrid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rnn_tutorial.training import forecasting

ORDERS = (1, 2, 3, 4, 5, 7, 10, 14)  # for days, of which the networks read 10 or 14
WAVES = (0, 1, 2, 3)
RIDGES = (0.01, 0.1, 1.0, 10.0, 100.0)
YEAR = 365.25  # days


class Line(NamedTuple):
    """The settings of a linear autoregression."""

    order: int
    ridge: float
    waves: int = 0


def forecast(
    values: np.ndarray,
    line: Line,
    first: int,
    end: int | None = None,
    *,
    horizon: int = 1,
    days: np.ndarray | None = None,
    residual: bool = True,
) -> np.ndarray:
    """Learn from the rows before `first`, then forecast from it on.

    Parameters
    ----------
    values : ndarray, (time,) or (time, features)
        The series; the first column is forecast, all are read.
    line : Line
        Its settings.
    first, end : int
        The part that is forecast; it ends with the series by default.
    horizon : int
        How many steps are forecast at once.
    days : ndarray, (time,)
        The day of the year of each row, for the waves.
    residual : bool
        Whether the difference from the last value is forecast, as by the networks.

    Returns
    -------
    ndarray, (windows, horizon)
        The forecasts.
    """
    before = forecasting.windows(values, line.order, horizon, end=first)
    after = forecasting.windows(values, line.order, horizon, first=first, end=end)
    calendar = waves(np.zeros(len(values)) if days is None else days, line.waves)
    known, asked = (
        np.column_stack([part.inputs.flatten(1), calendar[part.starts]]) for part in (before, after)
    )
    last_known, last_asked = (
        part.inputs[:, -1, :1].double().numpy() * residual for part in (before, after)
    )
    model = make_pipeline(StandardScaler(), Ridge(alpha=line.ridge))
    model.fit(known, before.targets.double().numpy() - last_known)
    return last_asked + model.predict(asked).reshape(len(asked), horizon)


def waves(days: np.ndarray, number: int) -> np.ndarray:
    """Return a sine and a cosine for each of some waves a year, (time, 2 * number)."""
    angle = 2 * np.pi * np.asarray(days)[:, None] / YEAR * np.arange(1, number + 1)
    return np.column_stack([np.sin(angle), np.cos(angle)])


def choose(score: Callable[[Line], float], orders=ORDERS, waves=(0,)) -> Line:
    """Return the settings of the grid with the lowest score, an error on the validation part."""
    grid = ParameterGrid({"order": orders, "ridge": RIDGES, "waves": waves})
    return min((Line(**settings) for settings in grid), key=score)
