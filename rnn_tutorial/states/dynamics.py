"""What a recurrence does in the long run: orbits, fixed points, and how fast neighbors diverge.

A recurrence without an input is a map that is applied again and again, h ← f(h). `fixed_points`
solves the map of one tanh unit; `iterate` and `lyapunov_exponent` take any map.
"""

import itertools
import math
from collections.abc import Callable

import torch
from torch import Tensor

from rnn_tutorial import _arguments

Step = Callable[[Tensor], Tensor]

METHODS = ("jacobian", "neighbors")
APART = 1e-7  # how far off a neighbor starts, about the square root of float64's precision


def iterate(step: Step, start: Tensor, steps: int) -> Tensor:
    """Apply a map again and again and keep all states.

    Parameters
    ----------
    step : callable
        Takes a state and returns the next one, of the same shape.
    start : Tensor, (...)
        The state before the first step.
    steps : int
        How many steps.

    Returns
    -------
    Tensor, (steps + 1, ...)
        The states, `start` at index 0.

    Raises
    ------
    TypeError, ValueError
        If `start` does not hold floating-point numbers, `steps` is not an integer of at least 0, or
        `step` changes the shape.
    """
    states = [_arguments.floating("start", start)]
    for _ in range(_arguments.integer("steps", steps, 0)):
        states.append(_next(step, states[-1]))
    return torch.stack(states)


def fixed_points(weight: float, bias: float = 0.0) -> Tensor:
    """Solve h = tanh(w h + b) for one unit: all states that stay where they are.

    The function tanh(w h + b) - h falls everywhere if w is at most 1, so it has one root. For a
    larger w it turns at the two places where its slope w (1 - tanh²(w h + b)) - 1 is 0. These cut
    the range from -1 to 1 into pieces in which it only rises or only falls, so each piece holds at
    most one root.

    Parameters
    ----------
    weight, bias : float
        The unit's w and b.

    Returns
    -------
    Tensor of float64, (1,), (2,) or (3,)
        The fixed points in rising order. Where the slope w (1 - h²) is between -1 and 1, the point
        attracts its neighbors; elsewhere it repels them.

    Raises
    ------
    TypeError, ValueError
        If `weight` or `bias` is not a finite number.
    """
    weight, bias = _arguments.real("weight", weight), _arguments.real("bias", bias)

    def excess(h):
        return math.tanh(weight * h + bias) - h

    ends = [-1.0, 1.0]
    if weight > 1:
        bend = math.atanh(math.sqrt(1 - 1 / weight))
        turns = ((-bend - bias) / weight, (bend - bias) / weight)
        ends[1:1] = [turn for turn in turns if -1 < turn < 1]
    roots = []
    for low, high in itertools.pairwise(ends):
        at_low, at_high = excess(low), excess(high)
        if at_low * at_high > 0:
            continue
        rising = at_high > at_low
        while low < (middle := (low + high) / 2) < high:  # until no number lies between
            if (excess(middle) > 0) == rising:
                high = middle
            else:
                low = middle
        if not roots or middle > roots[-1]:
            roots.append(middle)
    return torch.tensor(roots, dtype=torch.float64)


def lyapunov_exponent(
    step: Step, start: Tensor, steps: int, *, transient: int = 100, method: str = "jacobian"
) -> Tensor:
    """Measure the largest Lyapunov exponent of a map: the rate at which neighbors diverge.

    Two orbits that start a tiny distance apart are exp(λ t) times as far apart after t steps.
    Below 0 they come together; above 0 the map is chaotic where its states stay bounded.

    Parameters
    ----------
    step : callable
        The map. It must treat the rows of a batch independently of each other.
    start : Tensor, (..., state)
        Where to start; the leading dimensions are a batch.
    steps : int
        How many steps to take the mean over.
    transient : int
        How many steps to take first, so that the orbit has settled.
    method : {"jacobian", "neighbors"}
        Multiply a vector by the Jacobian of each step, or follow a second orbit a distance of
        1e-7 away. Either is rescaled to its first length after each step [1]_.

    Returns
    -------
    Tensor, (...)
        The exponents in nats per step, -inf where the distance falls to exactly 0. Over
        n steps of a chaotic orbit they vary by something of the order of 1/√n.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, or the states do not stay finite.

    References
    ----------
    .. [1] Benettin, Galgani, Giorgilli and Strelcyn, Lyapunov characteristic exponents for smooth
       dynamical systems and for Hamiltonian systems; a method for computing all of them, Meccanica
       15, 1980.
    """
    if _arguments.floating("start", start).dim() == 0:
        raise ValueError("start must have a dimension of the state, got a tensor of shape ()")
    steps = _arguments.integer("steps", steps, 1)
    _arguments.choice("method", method, METHODS)
    state = start.detach()
    with torch.no_grad():
        for _ in range(_arguments.integer("transient", transient, 0)):
            state = _next(step, state)
    # a direction that is not an eigenvector of any matrix that one would write down
    vector = torch.linspace(1.0, 2.0, state.shape[-1], dtype=state.dtype).sqrt().expand_as(state)
    vector = vector / vector.norm(dim=-1, keepdim=True)
    total = state.new_zeros(state.shape[:-1])
    for _ in range(steps):
        if method == "jacobian":
            state, vector = torch.autograd.functional.jvp(step, state, vector)
        else:
            with torch.no_grad():
                there = _next(step, state + APART * vector)
                state = _next(step, state)
                vector = (there - state) / APART
        growth = vector.norm(dim=-1, keepdim=True)
        total += growth.squeeze(-1).log()
        vector = torch.where(growth > 0, vector / growth, vector)
    if not state.isfinite().all():
        raise ValueError("step must keep the states finite, got NaN or infinity")
    return total / steps


def _next(step: Step, state: Tensor) -> Tensor:
    new = step(state)
    if not isinstance(new, Tensor) or new.shape != state.shape:
        got = tuple(new.shape) if isinstance(new, Tensor) else type(new).__name__
        raise ValueError(f"step must keep the shape {tuple(state.shape)}, got {got}")
    return new
