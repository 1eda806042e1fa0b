"""How often the intervals of a recurrent network cover what comes, raw and calibrated.

Networks learn quantiles on the first part, a margin is measured on the second, and both are judged
on the third. Their rate is searched for at the end of the first, on seeds that are not reported.
The sunspots are learned as they are and as square roots, whose quantiles, squared, are quantiles.
A network that is overfitted on purpose has no search.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.engine.tuning import Search
from rnn_tutorial.experiments.time_series import forecast_sunspots, forecasts
from rnn_tutorial.training import forecasting
from rnn_tutorial.training.forecast_evaluation import conformal_margin, pinball, standard_error

QUANTILES = (0.05, 0.1, 0.5, 0.9, 0.95)
LEVELS = {80: (1, 3), 90: (0, 4)}  # percent, and the positions of the two quantiles
LAGS = 14  # over which hits may be correlated


def as_is(values: np.ndarray) -> np.ndarray:
    """Return values that are in the units of the series already."""
    return values


@dataclass(frozen=True)
class Case:
    """A series, the rows at which its second and third part begin, and the network to train.

    At `validation` the end of the first part begins, on which the rate is searched for; `units`
    brings what the network says back to the units of the series.
    """

    values: Callable[[], np.ndarray]
    validation: int
    calibration: int
    test: int
    setup: forecasts.Setup
    units: Callable[[np.ndarray], np.ndarray] = as_is


def with_quantiles(setup: forecasts.Setup) -> forecasts.Setup:
    """Return the setup with quantiles in place of one number."""
    loss = partial(pinball, quantiles=QUANTILES)
    return replace(setup, quantiles=QUANTILES, loss=loss)


WEATHER = Case(
    forecasts.weather,
    forecasts.VALIDATION - 183,
    forecasts.VALIDATION,
    forecasts.TEST,
    with_quantiles(forecasts.CHOSEN),
)
SUNSPOTS = Case(
    forecast_sunspots.sunspots,
    forecast_sunspots.VALIDATION - 40,
    forecast_sunspots.VALIDATION,
    forecast_sunspots.TEST,
    with_quantiles(forecast_sunspots.VARIANTS["GRU"]),
)
VARIANTS = {
    "weather": WEATHER,
    "sunspots": SUNSPOTS,
    "sunspots, roots": replace(
        SUNSPOTS, values=forecast_sunspots.roots, units=forecast_sunspots.squared
    ),
}
OVERFITTING = {
    "weather, overfitted": replace(
        WEATHER, setup=replace(WEATHER.setup, hidden_size=64, epochs=100)
    )
}


def intervals(case: Case, seed: int, rate: float) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Learn quantiles, and forecast them for the three parts.

    Returns
    -------
    dict of str to (forecasts, actual)
        For "train", "calibration" and "test": forecasts (time, quantiles) and what came (time,),
        both as the network reads the series.
    """
    values = case.values()
    model, scaler, scaled = forecasts.fit(values, case.setup, seed, case.calibration, rate)
    found = {}
    for part, first, end in (
        ("train", 0, case.calibration),
        ("calibration", case.calibration, case.test),
        ("test", case.test, len(values)),
    ):
        cut = forecasting.windows(scaled, case.setup.length, first=first, end=end)
        quantiles = forecasting.predict(model, cut.inputs, scaler)[:, 0]
        found[part] = quantiles, values[cut.starts, 0]
    return found


def validation_loss(case: Case, seed: int, rate: float) -> float:
    """Return the pinball loss at the end of the first part, of a network that did not learn it."""
    model, _, scaled = forecasts.fit(case.values(), case.setup, seed, case.validation, rate)
    held_out = forecasting.windows(
        scaled, case.setup.length, first=case.validation, end=case.calibration
    )
    return float(case.setup.loss(model(held_out.inputs).detach(), held_out.targets))


def run(case: Case, seed: int, rate: float) -> dict[str, list[dict]]:
    """Measure coverage and width.

    Returns
    -------
    dict
        ``""``, for 80 and 90 percent: ``train_80``, the share of training values inside;
        ``raw_80`` and ``calibrated_80``, of test values; ``error_80``, the standard error of the
        second, with hits that may be correlated over two weeks or years; ``width_80`` and
        ``calibrated_width_80``, the mean width; and ``validation_loss``.
    """
    found = intervals(case, seed, rate)
    main = {"validation_loss": validation_loss(case, seed, rate)}
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
            f"width_{percent}": (case.units(upper) - case.units(lower)).mean(),
            f"calibrated_width_{percent}": (
                case.units(upper + margin) - case.units(lower - margin)
            ).mean(),
        }
    return {"": [main]}


def inside(lower: np.ndarray, upper: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Say which values lie in their interval."""
    return (lower <= actual) & (actual <= upper)


EXPERIMENT = Experiment(
    "forecast_intervals",
    "Intervals from quantiles: how often they hold what comes, before and after calibration",
    run,
    VARIANTS,
    forecasts.SEEDS,
    headline="raw_80",
    search=Search("validation_loss", forecasts.SEARCH_SEEDS, smaller_is_better=True),
)
OVERFITTED = Experiment(
    "overfitted_intervals",
    "The same from a network that is overfitted on purpose",
    partial(run, rate=forecasts.RATE),
    OVERFITTING,
    forecasts.SEEDS,
    headline="raw_80",
)
