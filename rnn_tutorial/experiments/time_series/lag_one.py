"""Forecasts of made-up prices: what their plots look like, and what tests say.

A walk's next change is independent of all that came before, so nothing can be forecast but the last
price. With momentum a change is half of the change before and noise. A network reads prices or
returns, and so does a linear autoregression. The rate of the network and the settings of the line
are chosen on series of their own, which are not reported, and on those with momentum: on a walk
there is nothing to choose by.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.engine.tuning import Search
from rnn_tutorial.experiments.time_series import forecasts, lines
from rnn_tutorial.training.forecast_evaluation import against_persistence

DAYS, TEST, SERIES, PERMUTATIONS = 1500, 1000, 10, 200
SEARCH_SEEDS = (0,)
STEP = 0.01  # standard deviation of a day's noise, as a share of the price
SETUP = replace(forecasts.CHOSEN, length=10, epochs=15)
ORDERS = tuple(range(1, SETUP.length + 1))
MARKETS = {"walk": 0.0, "momentum": 0.5}
READS_RETURNS = {"prices": False, "returns": True}
SIGNIFICANT = 0.05
# what is counted, by its p-value
TESTS = {"found_changes": "p_changes", "found_loss": "p_loss", "found_nested": "p_nested"}
# takes values (time,) and whether they are returns, forecasts those from TEST on
Model = Callable[[np.ndarray, bool], np.ndarray]


def prices(momentum: float, seed: int) -> np.ndarray:
    """Make up prices (days,) that begin near 100.

    Parameters
    ----------
    momentum : float
        The share of a day's return that comes back on the next day; 0 makes a random walk.
    seed : int
        Of the noise.
    """
    noise = np.random.default_rng(seed).normal(0, STEP, DAYS)
    returns = [noise[0]]
    for today in noise[1:]:
        returns.append(momentum * returns[-1] + today)
    return 100 * np.exp(np.cumsum(returns))


def forecast(
    model: Model, returns: bool, series: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Learn from the first days; forecast the price of each of the others from those before.

    Returns
    -------
    three ndarrays, (days,)
        The prices that came, those that were forecast, and those of the day before.
    """
    before, actual = series[TEST - 1 : -1], series[TEST:]
    values = np.diff(np.log(series), prepend=np.log(100)) if returns else series
    forecasted = model(values, returns)
    return actual, before * np.exp(forecasted) if returns else forecasted, before


def network(seed: int, rate: float) -> Model:
    """Return a network that learns with a rate, from weights and an order that a seed gives."""

    def model(values, returns):
        setup = replace(SETUP, residual=not returns)
        return forecasts.forecast(values[:, None], setup, seed, rate, TEST)

    return model


def autoregression(line: lines.Line) -> Model:
    """Return a linear autoregression."""

    def model(values, returns):
        return lines.forecast(values, line, TEST, residual=not returns)[:, 0]

    return model


@cache
def chosen_line(returns: bool) -> lines.Line:
    """Choose a linear autoregression, on the series with momentum of the search."""
    known = [prices(MARKETS["momentum"], n) for seed in SEARCH_SEEDS for n in numbers(seed)]

    def error(line):
        found = [forecast(autoregression(line), returns, series) for series in known]
        return np.median([_ratio(*each) for each in found])

    return lines.choose(error, ORDERS)


def _ratio(actual: np.ndarray, forecasted: np.ndarray, before: np.ndarray) -> float:
    """Return the root mean squared error, divided by that of persistence."""
    return np.sqrt(((actual - forecasted) ** 2).mean() / ((actual - before) ** 2).mean())


def numbers(seed: int) -> range:
    """Return the numbers of the series of a seed."""
    return range(1000 * seed, 1000 * seed + SERIES)


def judged(model: Model, returns: bool, market: str, number: int) -> dict[str, object]:
    """Test a model on one series."""
    found = against_persistence(
        *forecast(model, returns, prices(MARKETS[market], number)),
        permutations=PERMUTATIONS,
        seed=number,
    )
    about = {"market": market, "series": number}
    return about | {name: round(value, 6) for name, value in found.items()}


def summarized(rows: list[dict]) -> dict[str, list[dict]]:
    """Return, by market, medians and the shares of series on which each test finds something."""
    main = {}
    for market in MARKETS:
        own = [row for row in rows if row["market"] == market]
        main[f"{market}_ratio"] = float(np.median([row["rmse_ratio"] for row in own]))
        for found, p_value in TESTS.items():
            main[f"{market}_{found}"] = float(np.mean([row[p_value] < SIGNIFICANT for row in own]))
    return {"": [main], "series": rows}


def run(returns: bool, seed: int, rate: float) -> dict[str, list[dict]]:
    """Train a network on each of ten series of either kind, and test it.

    Returns
    -------
    dict
        ``""``: by market the median of the error divided by that of persistence, and the shares of
        the series for which each test says that the forecast knows more than the last price.
        ``"series"``: what `against_persistence` returns, for each series.
    """
    return summarized(
        [
            judged(network(number, rate), returns, market, number)
            for market in MARKETS
            for number in numbers(seed)
        ]
    )


def run_lines(returns: bool, seed: int) -> dict[str, list[dict]]:
    """Do the same with a linear autoregression."""
    model = autoregression(chosen_line(returns))
    return summarized(
        [judged(model, returns, market, n) for market in MARKETS for n in numbers(seed)]
    )


SEEDS = tuple(range(200, 205))
EXPERIMENT = Experiment(
    "lag_one",
    "Forecasts of made-up prices: fine plots, and tests that see through them",
    run,
    READS_RETURNS,
    SEEDS,
    headline="momentum_ratio",
    decimals=None,  # medians of rounded numbers may have a seventh
    search=Search("momentum_ratio", SEARCH_SEEDS, smaller_is_better=True),
)
LINES = Experiment(
    "lag_one_lines",
    "The same prices for a linear autoregression",
    run_lines,
    READS_RETURNS,
    SEEDS,
    headline="momentum_ratio",
    decimals=None,
)
