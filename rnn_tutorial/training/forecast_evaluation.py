"""Judging forecasts: quantiles and intervals, and whether they know more than the last value."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from rnn_tutorial import _arguments
from rnn_tutorial._extras import needs

LAGS = range(11)  # by how many steps a forecast may be late


def pinball(predictions: Tensor, targets: Tensor, quantiles: Sequence[float]) -> Tensor:
    """Compute the mean pinball loss, which is lowest at the quantiles of the targets [1]_.

    A target above the prediction of quantile q costs q for each unit of distance, one below it
    costs 1 - q.

    Parameters
    ----------
    predictions : Tensor, (..., quantiles)
        A prediction of each quantile.
    targets : Tensor, (...)
        The targets.
    quantiles : sequence of float
        Which quantiles they are, each between 0 and 1.

    Returns
    -------
    Tensor, ()
        The mean over targets and quantiles.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a quantile is not between 0 and 1.

    References
    ----------
    .. [1] Koenker and Bassett, Regression quantiles, Econometrica 1978.
    """
    if predictions.shape != (*targets.shape, len(quantiles)):
        raise ValueError(
            f"predictions must have shape {(*targets.shape, len(quantiles))}, "
            f"got {tuple(predictions.shape)}"
        )
    if not all(0 < q < 1 for q in quantiles):
        raise ValueError(f"quantiles must be between 0 and 1, got {tuple(quantiles)}")
    q = torch.as_tensor(quantiles, dtype=predictions.dtype, device=predictions.device)
    above = targets[..., None] - predictions
    return torch.maximum(q * above, (q - 1) * above).mean()


def conformal_margin(
    lower: np.ndarray, upper: np.ndarray, targets: np.ndarray, level: float
) -> float:
    """Return by how much to widen intervals so that they hold a share of what comes [1]_.

    It is a quantile of how far the targets of a part that training did not see lie outside of
    their intervals; inside counts as negative, so that the margin can narrow them. If those and
    what comes were exchangeable, the share would be at least `level`. Days in a row are not.

    Parameters
    ----------
    lower, upper, targets : array_like, (examples,)
        The intervals and what came.
    level : float
        The share that is wanted, between 0 and 1.

    Returns
    -------
    float
        What to subtract from `lower` and to add to `upper`.

    Raises
    ------
    ValueError
        If the shapes differ, or there are too few examples for that level.

    References
    ----------
    .. [1] Romano, Patterson and Candès, Conformalized quantile regression, NeurIPS 2019.
    """
    lower, upper, targets = (np.asarray(a, dtype=float) for a in (lower, upper, targets))
    if not lower.shape == upper.shape == targets.shape or lower.ndim != 1:
        raise ValueError(
            f"lower, upper and targets must have one shape (examples,), got {lower.shape}, "
            f"{upper.shape} and {targets.shape}"
        )
    outside = np.sort(np.maximum(lower - targets, targets - upper))
    rank = math.ceil((len(targets) + 1) * _arguments.probability("level", level))
    if not 1 <= rank <= len(targets):
        raise ValueError(f"level {level} needs more than {len(targets)} examples, or is 0")
    return float(outside[rank - 1])


def standard_error(values: np.ndarray, lags: int = 0) -> float:
    """Return the standard error of the mean of values that are autocorrelated up to some lags.

    With positive autocovariances it is larger than that of independent values. The weights of
    the autocovariances fall linearly [1]_.

    Parameters
    ----------
    values : array_like, (time,)
        In the order of time.
    lags : int
        How far the autocovariances are counted; 0 takes the values as independent.

    Returns
    -------
    float
        The standard error.

    Raises
    ------
    TypeError, ValueError
        If `values` is not one row of more values than lags, or `lags` is not an integer or is
        negative.

    References
    ----------
    .. [1] Newey and West, A simple, positive semi-definite, heteroskedasticity and
       autocorrelation consistent covariance matrix, Econometrica 1987.
    """
    values, lags = np.asarray(values, dtype=float), _arguments.integer("lags", lags, 0)
    if values.ndim != 1 or len(values) <= lags:
        raise ValueError(f"values must be one row of more than {lags}, got {values.shape}")
    centered, number = values - values.mean(), len(values)
    covariances = [centered[k:] @ centered[: number - k] / number for k in range(lags + 1)]
    weights = [1 - k / (lags + 1) for k in range(1, lags + 1)]
    total = covariances[0] + 2 * np.dot(weights, covariances[1:])
    return math.sqrt(max(total, 0.0) / number)


def against_persistence(
    actual: np.ndarray, predicted: np.ndarray, previous: np.ndarray, *, permutations: int, seed: int
) -> dict[str, float]:
    """Ask whether one-step forecasts know more than the value before.

    Parameters
    ----------
    actual, predicted, previous : array_like, (time,)
        What came, what was forecast, and the last value that was known then.
    permutations : int
        How often the changes that came are shuffled.
    seed : int
        Of the shuffling.

    Returns
    -------
    dict of str to float
        ``r_squared`` of the forecasts and ``r_squared_persistence``; ``mae_ratio`` and
        ``rmse_ratio`` to persistence, where 1 is no better (the second is Theil's U);
        ``late``: the number of steps by which the forecast follows the series, where their
        correlation is highest; ``change_correlation`` of forecast and actual changes, and
        ``p_changes``, the share of shufflings that correlate as well; ``p_loss``: the one-sided
        p-value of a smaller squared error than that of persistence [1]_; ``p_nested``: the same
        after the forecasts are forgiven their distance from persistence, which they would have
        from noise alone if nothing could be predicted [2]_.

    Raises
    ------
    TypeError, ValueError
        If the shapes differ or there are fewer than 20 steps, or `permutations` is below 1.

    References
    ----------
    .. [1] Diebold and Mariano, Comparing predictive accuracy, Journal of Business & Economic
       Statistics 1995.
    .. [2] Clark and West, Approximately normal tests for equal predictive accuracy in nested
       models, Journal of Econometrics 2007.
    """
    needs("data", "sklearn")

    from sklearn.metrics import r2_score

    _arguments.integer("permutations", permutations, 1)
    actual, predicted, previous = (np.asarray(a, float) for a in (actual, predicted, previous))
    if not actual.shape == predicted.shape == previous.shape or actual.ndim != 1:
        raise ValueError(
            f"actual, predicted and previous must have one shape (time,), got {actual.shape}, "
            f"{predicted.shape} and {previous.shape}"
        )
    if len(actual) < 2 * len(LAGS) - 2:
        raise ValueError(f"there must be at least {2 * len(LAGS) - 2} steps, got {len(actual)}")
    error, change, forecast = actual - predicted, actual - previous, predicted - previous
    gain = change**2 - error**2
    correlation = _correlation(forecast, change)
    generator = np.random.default_rng(seed)
    shuffled = [_correlation(forecast, generator.permutation(change)) for _ in range(permutations)]
    n, most = len(actual), LAGS[-1]
    late = [_correlation(predicted[most:], actual[most - k : n - k]) for k in LAGS]
    return {
        "r_squared": r2_score(actual, predicted),
        "r_squared_persistence": r2_score(actual, previous),
        "mae_ratio": np.abs(error).mean() / np.abs(change).mean(),
        "rmse_ratio": math.sqrt((error**2).mean() / (change**2).mean()),
        "late": int(np.argmax(late)),
        "change_correlation": correlation,
        "p_changes": (1 + sum(s >= correlation for s in shuffled)) / (1 + permutations),
        "p_loss": _p_value(gain),
        "p_nested": _p_value(gain + forecast**2),
    }


def _p_value(gain: np.ndarray) -> float:
    """Return the one-sided p-value of a mean above 0."""
    needs("data", "scipy")

    from scipy.stats import norm

    return float(norm.sf(gain.mean() / max(standard_error(gain), 1e-300)))


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return the correlation, which is 0 where one of the two does not vary."""
    one, other = one - one.mean(), other - other.mean()
    size = math.sqrt((one @ one) * (other @ other))
    return float(one @ other) / size if size else 0.0
