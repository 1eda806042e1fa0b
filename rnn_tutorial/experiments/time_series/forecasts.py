"""Recurrent forecasts of the temperature in Seattle: settings, cells, one day and fourteen.

Networks learn on 2012 and 2013 and are chosen on 2014, where each has the same search for its rate,
on seeds 0 and 1. For the test year 2015 they are trained anew on the three years before it, for the
same number of epochs, on seeds that nobody had looked at. The opponent is the line of `lines`, with
its own search on 2014.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch
from sklearn.preprocessing import StandardScaler

from rnn_tutorial.data.series import seattle_weather
from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.experiments.engine.tuning import Search, chosen_rate
from rnn_tutorial.models import Forecaster
from rnn_tutorial.training import forecasting

SEEDS = tuple(range(200, 205))
SEARCH_SEEDS = (0, 1)
RATE = 0.01  # where no search is made for it
VALIDATION, TEST, DAYS = 731, 1096, 1461  # rows at which 2014, 2015 and 2016 begin
HORIZON = 14
# what is forecast from one origin: the first and the last day
ORIGINS = (
    ("2013-01-01", "2013-06-30"),
    ("2013-07-01", "2013-12-31"),
    ("2015-01-01", "2015-06-30"),
    ("2015-07-01", "2015-12-31"),
)


@dataclass(frozen=True)
class Setup:
    """What is set before training; see `models.Forecaster` for most of it."""

    cell: str = "gru"
    hidden_size: int = 8
    length: int = 14
    epochs: int = 25
    batch_size: int = 64
    residual: bool = True
    inputs: str = "temperature"
    horizon: int = 1
    quantiles: tuple[float, ...] | None = None
    loss: object = torch.nn.functional.mse_loss


CHOSEN = Setup()
SETTINGS = {
    "chosen": CHOSEN,
    "tanh RNN": replace(CHOSEN, cell="rnn"),
    "LSTM": replace(CHOSEN, cell="lstm"),
    "without the last value": replace(CHOSEN, residual=False),
    "7 days": replace(CHOSEN, length=7),
    "28 days": replace(CHOSEN, length=28),
    "32 units": replace(CHOSEN, hidden_size=32),
    "10 epochs": replace(CHOSEN, epochs=10),
    "100 epochs": replace(CHOSEN, epochs=100),
    "calendar": replace(CHOSEN, inputs="calendar"),
    "all columns": replace(CHOSEN, inputs="all"),
}
ONE_STEP = {
    "GRU": CHOSEN,
    "LSTM": SETTINGS["LSTM"],
    "tanh RNN": SETTINGS["tanh RNN"],
    "GRU, calendar": SETTINGS["calendar"],
    "GRU, all columns": SETTINGS["all columns"],
}
# a contender of ONE_STEP, and how many steps it forecasts at once
MULTI_STEP = {
    "direct": ("GRU", HORIZON),
    "recursive": ("GRU", 1),
    "direct, calendar": ("GRU, calendar", HORIZON),
}


def weather(inputs: str = "temperature") -> np.ndarray:
    """Return the columns that a network reads, the highest temperature first, (days, features).

    The calendar is a point on a circle, so that December is next to January.
    """
    table = seattle_weather()
    columns = ["temp_max"]
    if inputs == "all":
        columns += ["temp_min", "precipitation", "wind"]
    values = table[columns].to_numpy()
    if inputs == "temperature":
        return values
    angle = 2 * np.pi * table.index.day_of_year.to_numpy() / 365.25
    return np.column_stack([values, np.sin(angle), np.cos(angle)])


def fit(values: np.ndarray, setup: Setup, seed: int, end: int, rate: float = RATE):
    """Scale by the rows before `end` and learn from them.

    Returns
    -------
    model : Forecaster
        Trained.
    scaler : StandardScaler
        Fitted on the rows before `end`.
    scaled : ndarray, (time, features)
        The whole series, scaled.
    """
    scaler = StandardScaler().fit(values[:end])
    scaled = scaler.transform(values)
    torch.manual_seed(seed)
    model = Forecaster(
        values.shape[1], cell=setup.cell, hidden_size=setup.hidden_size, horizon=setup.horizon,
        quantiles=setup.quantiles and len(setup.quantiles), residual=setup.residual,
        engine="torch",
    )  # fmt: skip
    forecasting.train(
        model, forecasting.windows(scaled, setup.length, setup.horizon, end=end),
        epochs=setup.epochs, batch_size=setup.batch_size, loss_function=setup.loss,
        learning_rate=rate, generator=torch.Generator().manual_seed(seed),
    )  # fmt: skip
    return model, scaler, scaled


def forecast(
    values: np.ndarray, setup: Setup, seed: int, rate: float, first: int, end: int | None = None
) -> np.ndarray:
    """Learn from the rows before `first`, then forecast one step for each row up to `end`."""
    model, scaler, scaled = fit(values, setup, seed, first, rate)
    held_out = forecasting.windows(scaled, setup.length, first=first, end=end)
    return forecasting.predict(model, held_out.inputs, scaler)[:, 0]


def scores(found: np.ndarray) -> dict[str, float]:
    """Return mean absolute and root mean squared error."""
    return {"mae": np.abs(found).mean(), "rmse": np.sqrt((found**2).mean())}


def run_settings(setup: Setup, seed: int) -> dict[str, list[dict]]:
    """Judge a setting on 2014."""
    values = weather(setup.inputs)
    found = forecast(values, setup, seed, RATE, VALIDATION, TEST)
    return {"": [scores(values[VALIDATION:TEST, 0] - found)]}


def run_one_step(setup: Setup, seed: int, rate: float) -> dict[str, list[dict]]:
    """Judge a network on 2014, from the two years before, and on 2015, from the three before.

    Returns
    -------
    dict
        ``""``: ``mae`` and ``rmse`` of 2015, ``validation_mae`` of 2014.
    """
    values = weather(setup.inputs)
    years = [
        scores(values[first:end, 0] - forecast(values, setup, seed, rate, first, end))
        for first, end in ((VALIDATION, TEST), (TEST, DAYS))
    ]
    return {"": [years[1] | {"validation_mae": years[0]["mae"]}]}


def run_origins(contender: str, seed: int) -> dict[str, list[dict]]:
    """Forecast each half of 2013 and of 2015 by a network that learned from all the days before.

    The year 2014, by which the settings and the rate were chosen, is left out.

    Returns
    -------
    dict
        ``""``: the mean absolute error of each year, ``mae_2013`` and ``mae_2015``.
        ``"months"``: that of each month.
    """
    setup, rate = ONE_STEP[contender], chosen_rate(WEATHER.name, contender)
    values = weather(setup.inputs)
    found = from_origins(lambda *part: forecast(values, setup, seed, rate, *part))
    error = (found - seattle_weather()["temp_max"]).abs().dropna()
    by_month = error.groupby(error.index.strftime("%Y-%m")).mean()
    return {
        "": [{f"mae_{year}": error.loc[str(year)].mean() for year in (2013, 2015)}],
        "months": [{"month": month, "mae": value} for month, value in by_month.items()],
    }


def from_origins(forecast_part):
    """Return the forecasts of 2013 and 2015, a Series by day, from the origins in `ORIGINS`.

    Parameters
    ----------
    forecast_part : callable
        Takes the rows at which the part begins and ends, returns its forecasts.
    """
    days = seattle_weather().index
    found = pd.Series(np.nan, index=days)
    for first, end in ORIGINS:
        rows = days.slice_indexer(first, end)
        found.iloc[rows] = forecast_part(rows.start, rows.stop)
    return found


def run_multi_step(ways: tuple[str, int], seed: int) -> dict[str, list[dict]]:
    """Forecast fourteen days of 2015, all at once or one from the other.

    The rate is the one that was found for one day.

    Returns
    -------
    dict
        ``""``: mean absolute error 1, 7 and 14 days ahead. ``"leads"``: of each number of days.
    """
    contender, horizon = ways
    setup = replace(ONE_STEP[contender], horizon=horizon)
    values = weather(setup.inputs)
    model, scaler, scaled = fit(values, setup, seed, TEST, chosen_rate(WEATHER.name, contender))
    test = forecasting.windows(scaled, setup.length, HORIZON, first=TEST)
    step = model if horizon == HORIZON else _Iterated(model)
    forecasts = forecasting.predict(step, test.inputs, scaler)
    actual = values[test.starts[:, None] + np.arange(HORIZON), 0]
    by_lead = np.abs(actual - forecasts).mean(axis=0).tolist()
    main = {f"mae_{lead}": by_lead[lead - 1] for lead in (1, 7, 14)}
    return {
        "": [main],
        "leads": [{"lead": lead, "mae": value} for lead, value in enumerate(by_lead, 1)],
    }


class _Iterated(torch.nn.Module):
    """A forecast of `HORIZON` steps, each by the same network from those before."""

    def __init__(self, step: torch.nn.Module):
        super().__init__()
        self.step = step

    def forward(self, inputs):
        return forecasting.recursive(self.step, inputs, HORIZON)


SETTINGS_ON_2014 = Experiment(
    "forecast_settings",
    "The last round of the search for settings of the forecasts, on 2014",
    run_settings,
    SETTINGS,
    (0, 1, 2),
    headline="mae",
)
WEATHER = Experiment(
    "forecast_weather",
    "Tomorrow's highest temperature in Seattle, 2015",
    run_one_step,
    ONE_STEP,
    SEEDS,
    headline="mae",
    search=Search("validation_mae", SEARCH_SEEDS, smaller_is_better=True),
)
ROLLING = Experiment(
    "forecast_origins",
    "The same from four origins, with the rates of forecast_weather",
    run_origins,
    by_name(("GRU", "GRU, calendar", "GRU, all columns")),
    SEEDS,
    headline="mae_2013",
)
LEADS = Experiment(
    "forecast_leads",
    "The highest temperature one to fourteen days ahead, at once or step by step",
    run_multi_step,
    MULTI_STEP,
    SEEDS,
    headline="mae_7",
)
