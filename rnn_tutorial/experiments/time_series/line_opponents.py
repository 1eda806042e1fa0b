"""A linear autoregression of the series of chapter 11, chosen on their validation years.

Nothing here is random, so there is one seed.
"""

from collections.abc import Callable

import numpy as np

from rnn_tutorial.data import series
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.time_series import forecast_sunspots, forecasts, lines


def run(find: Callable[[], dict[str, float]], seed: int) -> dict[str, list[dict]]:
    """Choose the settings of the line, then test it once.

    Returns
    -------
    dict
        ``""``: mean absolute error on the test years and on the validation years, and the settings.
    """
    return {"": [find()]}


def weather() -> dict[str, float]:
    """Forecast tomorrow's highest temperature, chosen on 2014, tested on 2015."""
    days = series.seattle_weather().index.day_of_year.to_numpy()
    values = forecasts.weather()[:, 0]

    def error(line: lines.Line, first: int, end: int) -> float:
        found = lines.forecast(values, line, first, end, days=days)[:, 0]
        return float(np.abs(values[first:end] - found).mean())

    parts = (forecasts.VALIDATION, forecasts.TEST), (forecasts.TEST, forecasts.DAYS)
    return _judged(error, *parts, waves=lines.WAVES)


def sunspots() -> dict[str, float]:
    """Forecast next year's number of sunspots, on the scale of its square root."""
    values = series.sunspots().to_numpy()

    def error(line: lines.Line, first: int, end: int) -> float:
        roots = lines.forecast(np.sqrt(values), line, first, end)[:, 0]
        return float(np.abs(values[first:end] - np.maximum(roots, 0) ** 2).mean())

    first, test = forecast_sunspots.VALIDATION, forecast_sunspots.TEST
    return _judged(error, (first, test), (test, len(values)), orders=forecast_sunspots.ORDERS)


def _judged(error, validation, test, **grid) -> dict[str, float]:
    line = lines.choose(lambda line: error(line, *validation), **grid)
    return {"mae": error(line, *test), "validation_mae": error(line, *validation)} | line._asdict()


EXPERIMENT = Experiment(
    "line_opponents",
    "A linear autoregression of the temperature and of the sunspots, chosen by validation",
    run,
    {"weather": weather, "sunspots": sunspots},
    (0,),
    headline="mae",
)
