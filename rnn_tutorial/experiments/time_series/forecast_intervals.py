"""How often intervals of a recurrent network hold what comes, before and after calibration.

Networks learn quantiles on the first part, a margin is measured on the second, and both are judged
on the third.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.experiments.time_series import forecast_sunspots, forecasts
from rnn_tutorial.training import forecasting
from rnn_tutorial.training.forecast_evaluation import conformal_margin, pinball, standard_error

QUANTILES = (0.05, 0.1, 0.5, 0.9, 0.95)
LEVELS = {80: (1, 3), 90: (0, 4)}  # percent, and the positions of the two quantiles
LAGS = 14  # over which hits may hang together


def of(setup: forecasts.Setup) -> forecasts.Setup:
    """Return the setup with quantiles in place of one number."""
    loss = partial(pinball, quantiles=QUANTILES)
    return replace(setup, quantiles=QUANTILES, loss=loss)


VARIANTS = {
    "weather": of(forecasts.CHOSEN),
    "weather, overfitted": of(replace(forecasts.CHOSEN, hidden_size=64, epochs=100)),
    "sunspots": of(forecast_sunspots.VARIANTS["GRU"]),
}


def intervals(variant: str, seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Learn quantiles, and forecast them for the three parts.

    Returns
    -------
    dict of str to (forecasts, actual)
        For "train", "calibration" and "test": forecasts (time, quantiles) and what came (time,).
    """
    on_weather = variant.startswith("weather")
    room = forecasts if on_weather else forecast_sunspots
    values = forecasts.weather() if on_weather else forecast_sunspots.sunspots()
    setup, found = VARIANTS[variant], {}
    model, scaler, scaled = forecasts.fit(values, setup, seed, room.VALIDATION)
    for part, first, end in (
        ("train", 0, room.VALIDATION),
        ("calibration", room.VALIDATION, room.TEST),
        ("test", room.TEST, len(values)),
    ):
        cut = forecasting.windows(scaled, setup.length, first=first, end=end)
        quantiles = forecasting.predict(model, cut.inputs, scaler)[:, 0]
        found[part] = quantiles, values[cut.starts, 0]
    return found


def run(variant: str, seed: int) -> dict[str, list[dict]]:
    """Measure coverage and width.

    Returns
    -------
    dict
        ``""``, for 80 and 90 percent: ``train_80``, the share of training values inside;
        ``raw_80`` and ``calibrated_80``, of test values; ``error_80``, the standard error of the
        second, with hits that may hang together over two weeks or years; ``width_80`` and
        ``calibrated_width_80``, the mean width.
    """
    found = intervals(variant, seed)
    main = {}
    for percent, (low, high) in LEVELS.items():
        parts = {name: (q[:, low], q[:, high], actual) for name, (q, actual) in found.items()}
        margin = conformal_margin(*parts["calibration"], percent / 100)
        lower, upper, actual = parts["test"]
        hit = inside(lower, upper, actual)
        main |= {
            f"train_{percent}": inside(*parts["train"]).mean(),
            f"raw_{percent}": hit.mean(),
            f"error_{percent}": standard_error(hit, LAGS),
            f"calibrated_{percent}": inside(lower - margin, upper + margin, actual).mean(),
            f"width_{percent}": (upper - lower).mean(),
            f"calibrated_width_{percent}": (upper - lower).mean() + 2 * margin,
        }
    return {"": [{name: round(float(value), 6) for name, value in main.items()}]}


def inside(lower: np.ndarray, upper: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Tell which values lie in their interval."""
    return (lower <= actual) & (actual <= upper)


EXPERIMENT = Experiment(
    "forecast_intervals",
    "Intervals from quantiles: how often they hold what comes, before and after calibration",
    run,
    by_name(VARIANTS),
    forecasts.SEEDS,
    headline="raw_80",
)
