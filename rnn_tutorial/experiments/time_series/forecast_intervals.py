"""How often the intervals of a recurrent network cover what comes, raw and calibrated.

Networks learn quantiles on the first part, a margin is measured on the second, and both are judged
on the third. Their rate is the one that was found for the point forecasts of the same network; one
that is overfitted on purpose has no search. The sunspots are learned as they are and as square
roots, whose quantiles, squared, are quantiles.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.engine.tuning import chosen_rate
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

    The rate is that of a variant of an experiment, `searched`, if there is one; `units` brings what
    the network says back to the units of the series.
    """

    values: Callable[[], np.ndarray]
    calibration: int
    test: int
    setup: forecasts.Setup
    searched: tuple[str, str] | None
    units: Callable[[np.ndarray], np.ndarray] = as_is

    @property
    def rate(self) -> float:
        """The learning rate."""
        return chosen_rate(*self.searched) if self.searched else forecasts.RATE


def with_quantiles(setup: forecasts.Setup) -> forecasts.Setup:
    """Return the setup with quantiles in place of one number."""
    loss = partial(pinball, quantiles=QUANTILES)
    return replace(setup, quantiles=QUANTILES, loss=loss)


WEATHER = Case(
    forecasts.weather,
    forecasts.VALIDATION,
    forecasts.TEST,
    with_quantiles(forecasts.CHOSEN),
    (forecasts.WEATHER.name, "GRU"),
)
SUNSPOTS = Case(
    forecast_sunspots.sunspots,
    forecast_sunspots.VALIDATION,
    forecast_sunspots.TEST,
    with_quantiles(forecast_sunspots.VARIANTS["GRU"]),
    (forecast_sunspots.EXPERIMENT.name, "GRU"),
)
VARIANTS = {
    "weather": WEATHER,
    "weather, overfitted": replace(
        WEATHER, setup=replace(WEATHER.setup, hidden_size=64, epochs=100), searched=None
    ),
    "sunspots": SUNSPOTS,
    "sunspots, roots": replace(
        SUNSPOTS, values=forecast_sunspots.roots, units=forecast_sunspots.squared
    ),
}


def intervals(case: Case, seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Learn quantiles, and forecast them for the three parts.

    Returns
    -------
    dict of str to (forecasts, actual)
        For "train", "calibration" and "test": forecasts (time, quantiles) and what came (time,),
        both as the network reads the series.
    """
    values = case.values()
    model, scaler, scaled = forecasts.fit(values, case.setup, seed, case.calibration, case.rate)
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


def run(case: Case, seed: int) -> dict[str, list[dict]]:
    """Measure coverage and width.

    Returns
    -------
    dict
        ``""``, for 80 and 90 percent: ``train_80``, the share of training values inside;
        ``raw_80`` and ``calibrated_80``, of test values; ``error_80``, the standard error of the
        second, with hits that may be correlated over two weeks or years; ``width_80`` and
        ``calibrated_width_80``, the mean width.
    """
    found = intervals(case, seed)
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
)
