"""Recurrent forecasts of next year's number of sunspots, chosen on 1881 to 1920.

All contenders work on square roots, since the spread of the numbers grows with their level. Each
network has the same search for its rate, on the validation years and seeds 0 and 1; the reported
seeds had not been looked at. The opponent is the line of `lines`, with its own search there.
"""

import numpy as np

from rnn_tutorial.data import series
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.engine.tuning import Search
from rnn_tutorial.experiments.time_series.forecasts import (
    SEARCH_SEEDS,
    SEEDS,
    Setup,
    forecast,
    scores,
)

VALIDATION, TEST = 181, 221  # rows at which 1881 and 1921 begin
# Chosen on seeds 0 to 2 for the GRU that reads the numbers themselves, among twelve settings.
_COMMON = {"hidden_size": 16, "length": 22, "epochs": 120, "batch_size": 32}
VARIANTS = {
    "GRU": Setup("gru", **_COMMON),
    "LSTM": Setup("lstm", **_COMMON),
    "tanh RNN": Setup("rnn", **_COMMON),
}
ORDERS = range(1, _COMMON["length"] + 1)  # of the line, which may read as many years


def sunspots() -> np.ndarray:
    """Return the series as a column, (years, 1)."""
    return series.sunspots().to_numpy()[:, None]


def roots() -> np.ndarray:
    """Return the square roots of the series as a column, (years, 1)."""
    return np.sqrt(sunspots())


def squared(forecasts: np.ndarray) -> np.ndarray:
    """Turn forecasts of roots into forecasts of numbers.

    The square of a median is the median of the squares, which has the lowest absolute error. A
    mean would need the variance of the root on top. A root below 0 counts as 0.
    """
    return np.maximum(forecasts, 0) ** 2


def run(setup: Setup, seed: int, rate: float) -> dict[str, list[dict]]:
    """Learn up to 1880 and forecast to 1920, then learn up to 1920 and forecast to 2008.

    Returns
    -------
    dict
        ``""``: ``mae`` and ``rmse`` of the test years, ``validation_mae`` of the years before.
    """
    actual = sunspots()[:, 0]
    parts = [
        scores(actual[first:end] - squared(forecast(roots(), setup, seed, rate, first, end)))
        for first, end in ((VALIDATION, TEST), (TEST, len(actual)))
    ]
    return {"": [parts[1] | {"validation_mae": parts[0]["mae"]}]}


EXPERIMENT = Experiment(
    "forecast_sunspots",
    "Next year's number of sunspots, 1921 to 2008",
    run,
    VARIANTS,
    SEEDS,
    headline="mae",
    search=Search("validation_mae", SEARCH_SEEDS, smaller_is_better=True),
)
