"""Gradients of tanh networks whose spectral radius, slope and non-normality the reader sets.

The recurrent matrix is ρ I + d N, where N has random numbers above the diagonal and zeros
elsewhere: all its eigenvalues are ρ, and it is normal if d is 0. The network reads noise, as strong
as it takes for the slopes of its units to have a given mean.
"""

import torch
from torch import Tensor

from rnn_tutorial.gradients import jacobians
from rnn_tutorial.networks import layers

SEED, UNITS = 10, 32  # the matrices of the chapter's figure on powers
WARM_UP, LAGS, EVERY = 40, 60, 5
RADII = [round(0.5 + 0.1 * i, 1) for i in range(11)]
DEPARTURES = [0.0, 0.1, 0.2, 0.3]
SLOPES = [round(0.3 + 0.1 * i, 1) for i in range(8)]
STRENGTHS = (-9.0, 4.0)  # logarithms between which the strength of the noise is looked for
HALVINGS, CLOSE = 14, 0.01


def numbers() -> dict:
    """Measure networks at all settings of the three sliders.

    Returns
    -------
    dict
        ``radii``, ``departures`` and ``slopes``: the settings, the first from 0.5 to 1.5; ``lags``:
        where the gradient was measured; by radius and departure ``sigma_max``, ``powers``, the
        common logarithms of the norms of the powers 0 to 60 of the matrix, and ``steepest``, the
        mean slope that the network has on the weakest noise; ``norms``: by radius, departure and
        slope the common logarithms of the norm at the lags, or none if no noise gives that mean
        slope.
    """
    pairs = [(radius, departure) for radius in RADII for departure in DEPARTURES]
    weights, noise = torch.stack([matrix(*pair) for pair in pairs]), draw_noise()
    weakest = torch.full((len(pairs),), STRENGTHS[0], dtype=torch.float64).exp()
    wanted = torch.tensor(SLOPES, dtype=torch.float64).repeat(len(pairs))
    every = weights.repeat_interleave(len(SLOPES), 0)
    strengths = strength_for(every, noise, wanted)
    found = (mean_slopes(every, noise, strengths) - wanted).abs() < CLOSE
    lags = list(range(EVERY, LAGS + 1, EVERY))
    norms, parts = [], (strengths.split(len(SLOPES)), found.split(len(SLOPES)))
    for weight, strength, reached in zip(weights, *parts, strict=True):
        logs = measure(weight, strength[:, None] * noise[:, None], lags).log10().tolist()
        norms.append([row if r else None for row, r in zip(logs, reached, strict=True)])
    return {
        "radii": RADII,
        "departures": DEPARTURES,
        "slopes": SLOPES,
        "lags": lags,
        "sigma_max": _by_radius(jacobians.singular_values(weights)[:, 0].tolist()),
        "powers": _by_radius([norms_of_powers(weight) for weight in weights]),
        "steepest": _by_radius(mean_slopes(weights, noise, weakest).tolist()),
        "norms": _by_radius(norms),
    }


def above() -> Tensor:
    """Return N, standard normal numbers above the diagonal, with four decimals."""
    generator = torch.Generator().manual_seed(SEED)
    square = torch.randn(UNITS, UNITS, generator=generator, dtype=torch.float64)
    return square.triu(diagonal=1).round(decimals=4)


def matrix(radius: float, departure: float) -> Tensor:
    """Return ρ I + d N for a spectral radius ρ and a departure d from being normal."""
    return radius * torch.eye(UNITS, dtype=torch.float64) + departure * above()


def norms_of_powers(weight: Tensor) -> list[float]:
    """Return log10 of the spectral norms of the powers 0 to `LAGS`, to four decimals."""
    powers = torch.stack([torch.linalg.matrix_power(weight, k) for k in range(LAGS + 1)])
    logs = jacobians.singular_values(powers)[:, 0].log10()
    return [round(log, 4) for log in logs.tolist()]


def draw_noise() -> Tensor:
    """Return standard normal inputs, (time, units)."""
    generator = torch.Generator().manual_seed(SEED)
    return torch.randn(WARM_UP + LAGS, UNITS, generator=generator, dtype=torch.float64)


def mean_slopes(weights: Tensor, noise: Tensor, strengths: Tensor) -> Tensor:
    """Return the mean of 1 - h² over units and steps after the warm-up, for many networks at once.

    Parameters
    ----------
    weights : Tensor, (networks, units, units)
        The recurrent matrices.
    noise : Tensor, (time, units)
        What each network reads, times its strength.
    strengths : Tensor, (networks,)
        Standard deviations of the noise.

    Returns
    -------
    Tensor, (networks,)
    """
    h, slopes = weights.new_zeros(weights.shape[:2]), []
    for x in noise:
        h = torch.tanh((weights @ h[..., None])[..., 0] + strengths[:, None] * x)
        slopes.append((1 - h.square()).mean(1))
    return torch.stack(slopes[WARM_UP:]).mean(0)


def strength_for(weights: Tensor, noise: Tensor, slopes: Tensor) -> Tensor:
    """Find for each network, by bisection, the strength of noise that gives it a mean slope."""
    low, high = (torch.full_like(slopes, end) for end in STRENGTHS)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        too_steep = mean_slopes(weights, noise, middle.exp()) > slopes
        low = torch.where(too_steep, middle, low)
        high = torch.where(too_steep, high, middle)
    return ((low + high) / 2).exp()


def measure(weight: Tensor, inputs: Tensor, lags: list[int]) -> Tensor:
    """Return spectral norms of ∂h_T/∂h_{T-k} in a network without biases.

    Parameters
    ----------
    weight : Tensor, (units, units)
        The recurrent matrix; the input is added as it is.
    inputs : Tensor, (time, sequences, units)
        What the network reads; T is the last step.
    lags : list of int
        The lags k, up to `LAGS`.

    Returns
    -------
    Tensor, (sequences, lags)
    """
    layer = layers.RNN(UNITS, UNITS, bias=False, dtype=torch.float64)
    identity = torch.eye(UNITS, dtype=torch.float64)
    layer.load_state_dict({"weight_ih_l0": identity, "weight_hh_l0": weight})
    steps = jacobians.state_jacobians(layer, inputs)[-LAGS:]
    return jacobians.singular_values(jacobians.jacobian_products(steps)[lags])[..., 0].T


def _by_radius(values: list) -> list[list]:
    """Part a list with a value for each pair into lists for each spectral radius."""
    size = len(DEPARTURES)
    return [values[start : start + size] for start in range(0, len(values), size)]
