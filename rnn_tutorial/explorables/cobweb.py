"""One tanh unit without an input, whose weight and bias the reader moves in chapter 2."""

import torch
from torch import Tensor

from rnn_tutorial.states import dynamics

STEPS = 40
START = {"w": 1.5, "b": 0.0, "h_0": 0.1}
RANGES = {"w": (-2.5, 2.5), "b": (-1.0, 1.0), "h_0": (0.02, 1.0)}
PLACES = (-2.0, -1.05, -0.95, 0.8, 0.95, 1.05, 1.5, 2.0)  # weights on both sides of -1 and 1


def numbers() -> dict:
    """Return where the sliders begin and end, and what the unit does at some weights.

    Returns
    -------
    dict
        ``start`` and ``ranges`` of w, b and h_0; ``steps``; ``places``: for each of some weights,
        without a bias, the ``fixed_points`` in rising order, the ``slopes`` of the map there, and
        ``ends``: the states after all steps from h_0 and from -h_0.
    """
    return {
        "start": START,
        "ranges": RANGES,
        "steps": STEPS,
        "places": [place(w) for w in PLACES],
    }


def place(w: float, b: float = 0.0, h_0: float = START["h_0"]) -> dict:
    """Return what a unit does with a weight and a bias: fixed points, slopes there, and ends."""
    points = dynamics.fixed_points(w, b).round(decimals=12) + 0.0  # no negative zero
    return {
        "w": w,
        "fixed_points": points.tolist(),
        "slopes": (w * (1 - points.square())).tolist(),
        "ends": orbits(w, b, h_0)[-1].tolist(),
    }


def orbits(w: float, b: float, h_0: float) -> Tensor:
    """Return the states h_t = tanh(w h_{t-1} + b) from h_0 and from -h_0, (steps + 1, 2)."""
    starts = torch.tensor([h_0, -h_0], dtype=torch.float64)
    return dynamics.iterate(lambda h: torch.tanh(w * h + b), starts, STEPS)
