"""Networks that forecast made-up prices: what their plots look like, and what tests say.

A walk's next change is independent of all that came before, so nothing can be forecast but the last
price. With momentum a change is half of the change before and noise.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.time_series import forecasts
from rnn_tutorial.training import forecasting
from rnn_tutorial.training.forecast_evaluation import against_persistence

DAYS, TEST, SERIES, PERMUTATIONS = 1500, 1000, 10, 200
STEP = 0.01  # standard deviation of a day's noise, as a share of the price
SETUP = replace(forecasts.CHOSEN, length=10, epochs=15)
SIGNIFICANT = 0.05
TESTS = {"found_changes": "p_changes", "found_loss": "p_loss"}  # what is counted, by its p-value


class Market(NamedTuple):
    """The momentum of made-up prices, and whether the network reads them or their returns."""

    momentum: float
    returns: bool


VARIANTS = {
    "walk, prices": Market(0.0, returns=False),
    "walk, returns": Market(0.0, returns=True),
    "momentum, prices": Market(0.5, returns=False),
    "momentum, returns": Market(0.5, returns=True),
}


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


def forecast(market: Market, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Learn from the first days; forecast the price of each of the others from those before.

    Returns
    -------
    three ndarrays, (days,)
        The prices that came, those that were forecast, and those of the day before.
    """
    series = prices(market.momentum, seed)
    before, actual = series[TEST - 1 : -1], series[TEST:]
    values = np.diff(np.log(series), prepend=np.log(100)) if market.returns else series
    setup = replace(SETUP, residual=not market.returns)
    model, scaler, scaled = forecasts.fit(values[:, None], setup, seed, TEST)
    test = forecasting.windows(scaled, setup.length, first=TEST)
    forecasted = forecasting.predict(model, test.inputs, scaler)[:, 0]
    return actual, before * np.exp(forecasted) if market.returns else forecasted, before


def run(market: Market, seed: int) -> dict[str, list[dict]]:
    """Train a network on each of ten series, and test it.

    Returns
    -------
    dict
        ``""``: medians over the series of what `against_persistence` returns, and the shares of the
        series for which each test says that the forecast knows more than the last price.
        ``"series"``: all of it, for each series.
    """
    rows = []
    for number in range(SERIES):
        own = 1000 * seed + number
        found = against_persistence(*forecast(market, own), permutations=PERMUTATIONS, seed=own)
        rows.append({"series": own} | {name: round(v, 6) for name, v in found.items()})
    main = {
        name: float(np.median([row[name] for row in rows]))
        for name in rows[0]
        if name not in ("series", *TESTS.values())
    }
    main |= {
        found: float(np.mean([row[p_value] < SIGNIFICANT for row in rows]))
        for found, p_value in TESTS.items()
    }
    return {"": [main], "series": rows}


EXPERIMENT = Experiment(
    "lag_one",
    "Forecasts of made-up prices: fine plots, and tests that see through them",
    run,
    VARIANTS,
    tuple(range(100, 110)),
    headline="mae_ratio",
    decimals=None,  # medians of rounded numbers may have a seventh
)
