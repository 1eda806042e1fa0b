"""Recurrent forecasts of the temperature in Seattle: settings, cells, one day and fourteen.

Networks learn on 2012 and 2013 and are chosen on 2014. For the test year 2015 they are trained
anew on the three years before it, for the same number of epochs.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from sklearn.preprocessing import StandardScaler

from rnn_tutorial.data.series import seattle_weather
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.models import Forecaster
from rnn_tutorial.training import forecasting

SEEDS = tuple(range(100, 105))
VALIDATION, TEST, DAYS = 731, 1096, 1461  # rows at which 2014, 2015 and 2016 begin
HORIZON = 14


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
MULTI_STEP = {
    "direct": replace(CHOSEN, horizon=HORIZON),
    "recursive": CHOSEN,
    "direct, calendar": replace(CHOSEN, horizon=HORIZON, inputs="calendar"),
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


def fit(values: np.ndarray, setup: Setup, seed: int, end: int):
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
    )  # fmt: skip
    forecasting.train(
        model, forecasting.windows(scaled, setup.length, setup.horizon, end=end),
        epochs=setup.epochs, batch_size=setup.batch_size, loss_function=setup.loss,
        generator=torch.Generator().manual_seed(seed),
    )  # fmt: skip
    return model, scaler, scaled


def errors(values: np.ndarray, setup: Setup, seed: int, first: int, end: int) -> np.ndarray:
    """Learn from the rows before `first`, then return the errors of one step up to `end`."""
    model, scaler, scaled = fit(values, setup, seed, first)
    held_out = forecasting.windows(scaled, setup.length, first=first, end=end)
    forecasts = forecasting.predict(model, held_out.inputs, scaler)[:, 0]
    return values[held_out.starts, 0] - forecasts


def scores(found: np.ndarray) -> dict[str, float]:
    """Return mean absolute and root mean squared error."""
    return {"mae": np.abs(found).mean(), "rmse": np.sqrt((found**2).mean())}


def run_settings(setup: Setup, seed: int) -> dict[str, list[dict]]:
    """Judge a setting on 2014."""
    found = errors(weather(setup.inputs), setup, seed, VALIDATION, TEST)
    return {"": [scores(found)]}


def run_one_step(setup: Setup, seed: int) -> dict[str, list[dict]]:
    """Judge a network on 2015."""
    return {"": [scores(errors(weather(setup.inputs), setup, seed, TEST, DAYS))]}


def run_multi_step(setup: Setup, seed: int) -> dict[str, list[dict]]:
    """Forecast fourteen days of 2015, all at once or one from the other.

    Returns
    -------
    dict
        ``""``: mean absolute error 1, 7 and 14 days ahead. ``"leads"``: of each number of days.
    """
    values = weather(setup.inputs)
    model, scaler, scaled = fit(values, setup, seed, TEST)
    test = forecasting.windows(scaled, setup.length, HORIZON, first=TEST)
    step = model if setup.horizon == HORIZON else _Iterated(model)
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


SEARCH = Experiment(
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
)
LEADS = Experiment(
    "forecast_leads",
    "The highest temperature one to fourteen days ahead, at once or step by step",
    run_multi_step,
    MULTI_STEP,
    SEEDS,
    headline="mae_7",
)
