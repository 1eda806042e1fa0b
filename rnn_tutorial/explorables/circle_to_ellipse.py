"""What some steps of a network of two units make of a circle, for chapter 5."""

import math

import torch
from torch import Tensor

from rnn_tutorial.gradients import jacobians
from rnn_tutorial.networks import initialization, layers, spectral_radius

LAGS = 20
# The singular values of a matrix of two rows, and by how many degrees it turns.
PRESETS = {
    "a turn": (1.0, 1.0, 30),
    "even shrinking": (0.8, 0.8, 30),
    "a needle": (1.0, 0.6, 0),
    "growth first": (1.6, 0.35, 40),
    "a turn by 90°": (1.6, 0.35, 90),
}
FIRST = "growth first"
RANGES = {"largest": (0.3, 2.0), "smallest": (0.1, 2.0), "turn": (0, 90)}
SEED, FEATURES, STRENGTH = 77, 8, 0.2  # a network whose ellipses stay in view
RADIUS, STEPS = 1.3, 60


def numbers() -> dict:
    """Return matrices to begin with, those of a network, and how far each stretches by lag.

    Returns
    -------
    dict
        ``ranges`` of the sliders; ``first``: the name of the matrix to begin with; ``presets``, by
        name: ``largest`` and ``smallest`` singular value, ``turn`` in degrees, ``rho``, and
        ``values``: the singular values of the powers 0 to 20; ``network``: ``steps``, the Jacobians
        of the chapter's network of two units, the last step first, and ``values``, the singular
        values of their products.
    """
    return {
        "ranges": RANGES,
        "first": FIRST,
        "presets": {name: preset(*setting) for name, setting in PRESETS.items()},
        "network": {
            "steps": network_steps()[-LAGS:].flip(0).tolist(),
            "values": _stretches(network_steps()),
        },
    }


def preset(largest: float, smallest: float, turn: float) -> dict:
    """Return a matrix by its singular values and its turn, with what its powers do."""
    w = matrix(largest, smallest, turn)
    return {
        "largest": largest,
        "smallest": smallest,
        "turn": turn,
        "rho": spectral_radius(w),
        "values": _stretches(w.expand(LAGS, 2, 2)),
    }


def matrix(largest: float, smallest: float, turn: float) -> Tensor:
    """Return the matrix that stretches both axes and then turns by an angle in degrees, (2, 2)."""
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    rotation = torch.tensor([[c, -s], [s, c]], dtype=torch.float64)
    return rotation @ torch.diag(torch.tensor([largest, smallest], dtype=torch.float64))


def network_steps() -> Tensor:
    """Return the Jacobians of a network of two units that reads weak noise, (time, 2, 2)."""
    torch.manual_seed(SEED)
    layer = layers.RNN(FEATURES, 2, dtype=torch.float64)
    generator = torch.Generator().manual_seed(SEED)
    initialization.spectral_radius_(layer, RADIUS, generator=generator)
    generator = torch.Generator().manual_seed(SEED)
    noise = torch.randn(STEPS, FEATURES, generator=generator, dtype=torch.float64)
    return jacobians.state_jacobians(layer, STRENGTH * noise)


def _stretches(steps: Tensor) -> list[list[float]]:
    """Return the two singular values of the products of the last 0 to `LAGS` steps."""
    return jacobians.singular_values(jacobians.jacobian_products(steps)[: LAGS + 1]).tolist()
