"""Forecasting a series: windows, naive forecasts, training, one step and several.

Splits are cuts in time. Scaling is scikit-learn's ``StandardScaler``, fitted on the training part.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch import Tensor, nn

from rnn_tutorial import _arguments
from rnn_tutorial.training.loop import evaluation_mode, train_pass
from rnn_tutorial.training.objectives import Loss


class Windows(NamedTuple):
    """Examples cut from a series.

    Attributes
    ----------
    inputs : Tensor, (windows, time, features)
        What is known.
    targets : Tensor, (windows, horizon)
        What comes next in the first column of the series.
    starts : ndarray of int, (windows,)
        The row of the series in which the first target of each window stands.
    """

    inputs: Tensor
    targets: Tensor
    starts: np.ndarray


def windows(
    values: np.ndarray, length: int, horizon: int = 1, *, first: int = 0, end: int | None = None
) -> Windows:
    """Cut a series into windows whose targets all lie in the rows from `first` to before `end`.

    What a window knows may reach back before `first`: on the first day of a test the days before
    it are known. Its targets never leave the part, so parts that do not overlap share no target.

    Parameters
    ----------
    values : array_like, (time,) or (time, features)
        The series; targets come from the first column.
    length : int
        How many rows a window knows.
    horizon : int
        How many of the next values are targets.
    first, end : int
        The part of the series; by default all of it.

    Returns
    -------
    Windows
        In the order of time, as float32.

    Raises
    ------
    TypeError, ValueError
        If a number is not an integer or too small, `values` has another shape or holds what is not
        finite, or no window fits.
    """
    _arguments.positive_integers(length=length, horizon=horizon)
    values = np.asarray(values, dtype=np.float64)
    if values.ndim not in (1, 2) or not values.size:
        raise ValueError(f"values must have shape (time,) or (time, features), got {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("values must be finite, fill the gaps first")
    table = values.reshape(len(values), -1)
    end = len(table) if end is None else end
    starts = np.arange(max(_arguments.integer("first", first, 0), length), end - horizon + 1)
    if not len(starts) or end > len(table):
        raise ValueError(
            f"no window of {length} rows and {horizon} targets fits between rows {first} and {end} "
            f"of {len(table)}"
        )
    inputs = sliding_window_view(table, length, axis=0)[starts - length].transpose(0, 2, 1)
    targets = sliding_window_view(table[:, 0], horizon)[starts]
    return Windows(
        torch.tensor(inputs.copy(), dtype=torch.float32),
        torch.tensor(targets.copy(), dtype=torch.float32),
        starts,
    )


def naive(values: np.ndarray, starts: np.ndarray, horizon: int = 1, period: int = 1) -> np.ndarray:
    """Forecast each value by the last known one of the same phase.

    A period of 1 is persistence: the future is like the last value. A period of 365 days says that
    a day is like the same day of the year before, the seasonal naive forecast.

    Parameters
    ----------
    values : array_like, (time,)
        The series.
    starts : array_like of int, (windows,)
        The row of the first value that is not known, for each forecast.
    horizon : int
        How many values to forecast.
    period : int
        The length of a season.

    Returns
    -------
    ndarray, (windows, horizon)
        The forecasts.

    Raises
    ------
    TypeError, ValueError
        If a number is not an integer or below 1, or less than a period is known before a start.
    """
    _arguments.integer("period", period, 1)
    ahead = np.arange(_arguments.integer("horizon", horizon, 1))
    starts = np.asarray(starts)
    if not starts.size or starts.min() < period:
        raise ValueError(f"starts must be some rows, each at least the period of {period}")
    back = period * (ahead // period + 1)
    return np.asarray(values)[starts[:, None] + ahead - back]


def recursive(step: Callable[[Tensor], Tensor], inputs: Tensor, horizon: int) -> Tensor:
    """Forecast several values with a forecast of one: each is read as if it had been observed.

    Parameters
    ----------
    step : callable
        Takes windows (windows, time, 1), returns the next value of each (windows, 1).
    inputs : Tensor, (windows, time, 1)
        What is known.
    horizon : int
        How many values to forecast.

    Returns
    -------
    Tensor, (windows, horizon)
        The forecasts.

    Raises
    ------
    TypeError, ValueError
        If `horizon` is not an integer or below 1, or the windows have more features than the value
        itself, whose future nobody forecasts.
    """
    _arguments.integer("horizon", horizon, 1)
    if inputs.dim() != 3 or inputs.shape[-1] != 1:
        raise ValueError(f"inputs must have shape (windows, time, 1), got {tuple(inputs.shape)}")
    forecasts = []
    for _ in range(horizon):
        forecasts.append(step(inputs))
        inputs = torch.cat([inputs[:, 1:], forecasts[-1][:, :, None]], dim=1)
    return torch.cat(forecasts, dim=1)


def train(
    model: nn.Module,
    examples: Windows,
    *,
    epochs: int,
    generator: torch.Generator,
    loss_function: Loss = nn.functional.mse_loss,
    learning_rate: float = 0.01,
    batch_size: int = 64,
) -> list[float]:
    """Train for a number of epochs with Adam, and a rate that rises and falls again.

    How many epochs is a setting like any other: choose it on a validation part.

    Parameters
    ----------
    model : Module
        Called with windows (batch, time, features).
    examples : Windows
        What to learn from. Windows are shuffled: their targets stay on their side of the cut.
    epochs : int
        How often each window is seen.
    generator : Generator
        Shuffles the windows.
    loss_function : callable
        Takes the model's forecasts and the targets, returns the mean loss.
    learning_rate : float
        The highest rate.
    batch_size : int
        Windows in a batch.

    Returns
    -------
    list of float
        The mean loss of each epoch.

    Raises
    ------
    TypeError, ValueError
        If a number is not an integer or not positive.
    FloatingPointError
        If the loss or the gradient is not finite; the message says in which batch.
    """
    _arguments.integer("epochs", epochs, 1)
    _arguments.integer("batch_size", batch_size, 1)
    rate = _arguments.positive("learning_rate", learning_rate)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    number = len(examples.targets)
    batches = math.ceil(number / batch_size)  # of an epoch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=epochs * batches)
    losses = []
    for _ in range(epochs):
        order = torch.randperm(number, generator=generator).split(batch_size)
        shuffled = [((examples.inputs[rows],), examples.targets[rows]) for rows in order]
        epoch = train_pass(
            model, shuffled, optimizer,
            scheduler=schedule, loss_function=loss_function, max_norm=1.0,
        )  # fmt: skip
        losses.append(sum(step.loss * len(step.targets) for step in epoch) / number)
    return losses


@torch.no_grad()
def predict(model: nn.Module, inputs: Tensor, scaler=None) -> np.ndarray:
    """Forecast in evaluation mode, in the units of the series.

    Parameters
    ----------
    model : Module
        Called with windows.
    inputs : Tensor, (windows, time, features)
        Windows of the scaled series.
    scaler : StandardScaler, optional
        What scaled the series; its first column is undone.

    Returns
    -------
    ndarray
        What the model returns, in float64.
    """
    with evaluation_mode(model):
        forecasts = model(inputs).double().numpy()
    return forecasts if scaler is None else forecasts * scaler.scale_[0] + scaler.mean_[0]
