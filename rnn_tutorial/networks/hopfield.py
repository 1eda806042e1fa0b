"""Hopfield's network: a recurrent network whose states fall into what it has stored.

Its N units are 1 or -1 and feed one another. The weights come from the patterns by a formula and
are not trained. Since they are symmetric and no unit feeds itself, every change of a unit lowers
the energy or leaves it as it is, so that recall ends (Hopfield, Neural networks and physical
systems with emergent collective computational abilities, PNAS 79, 1982).

Patterns and states are floating-point tensors of ones and minus ones, (..., units), where ... is a
batch or nothing. Other numbers raise ValueError: the paper's units are 0 or 1, and the formulas of
the two codes are not the same.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from rnn_tutorial import _arguments


class Recall(NamedTuple):
    """What came of a recall.

    Parameters
    ----------
    states : Tensor, (..., units)
        Where the probes ended.
    energies : Tensor, (updates + 1, ...)
        The energy before the first update and after each.
    settled : bool
        Whether a whole sweep changed nothing. If not, the sweeps were used up.
    """

    states: Tensor
    energies: Tensor
    settled: bool


def store(patterns: Tensor) -> Tensor:
    """Return the weights that store patterns, W = Σ ξ ξᵀ without its diagonal.

    Some texts divide by the number of units, which changes no state. Without the division all
    sums are whole numbers, so that a computer makes no rounding error.

    Parameters
    ----------
    patterns : Tensor, (patterns, units)
        What the network is to remember.

    Returns
    -------
    Tensor, (units, units)
        Symmetric, with a zero diagonal.

    Raises
    ------
    TypeError, ValueError
        If `patterns` is not a matrix of ones and minus ones with at least one row.
    """
    if _signs("patterns", patterns).dim() != 2 or len(patterns) == 0:
        raise ValueError(
            "patterns must have shape (patterns, units), with at least one pattern, "
            f"got {tuple(patterns.shape)}"
        )
    return (patterns.T @ patterns).fill_diagonal_(0)


def energy(weights: Tensor, states: Tensor) -> Tensor:
    """Return E = -½ sᵀ W s of each state.

    Parameters
    ----------
    weights : Tensor, (units, units)
        Weights.
    states : Tensor, (..., units)
        States.

    Returns
    -------
    Tensor, (...)
        Energies.

    Raises
    ------
    TypeError, ValueError
        If the states are not ones and minus ones, or the shapes do not fit.
    """
    _check(weights, "states", states)
    return -0.5 * ((states @ weights) * states).sum(-1)


def recall(
    weights: Tensor, probes: Tensor, *, generator: torch.Generator, sweeps: int = 100
) -> Recall:
    """Let the units follow their inputs one by one, until no unit changes.

    A unit takes the sign of the sum that it receives, and keeps its state if the sum is 0. One
    sweep updates each unit once, in a random order that all probes of a batch share.

    Parameters
    ----------
    weights : Tensor, (units, units)
        Weights with W = Wᵀ and a zero diagonal, as `store` makes them. Others are accepted too, but
        the states may then never settle.
    probes : Tensor, (..., units)
        States to begin with; they are not changed.
    generator : torch.Generator
        Draws the order of the units.
    sweeps : int
        The largest number of sweeps.

    Returns
    -------
    Recall
        The last states, the energy after each update, and whether the states have settled.

    Raises
    ------
    TypeError, ValueError
        If the probes are not ones and minus ones, or the shapes do not fit.
    """
    _check(weights, "probes", probes)
    # units in rows, so that one unit of all probes is one row
    states = probes.reshape(-1, len(weights)).T.clone()
    pairs = (weights + weights.T) / 2  # what the energy sees of the weights
    pairs.fill_diagonal_(0)
    symmetric = torch.equal(pairs, weights)
    energies, settled = [energy(weights, states.T)], False
    for _ in range(_arguments.integer("sweeps", sweeps, 1)):
        before = states.clone()
        for unit in torch.randperm(len(weights), generator=generator).tolist():
            total = weights[unit] @ states
            change = torch.where(total == 0, 0, total.sign() - states[unit])
            mutual = total if symmetric else pairs[unit] @ states
            energies.append(energies[-1] - change * mutual)
            states[unit] += change
        settled = torch.equal(before, states)
        if settled:
            break
    trace = torch.stack(energies).reshape(-1, *probes.shape[:-1])
    return Recall(states.T.reshape(probes.shape), trace, settled)


def flip(patterns: Tensor, count: int, *, generator: torch.Generator) -> Tensor:
    """Turn over a number of units of each pattern, chosen at random.

    Parameters
    ----------
    patterns : Tensor, (..., units)
        Patterns; they are not changed.
    count : int
        How many units to turn over, at most all.
    generator : torch.Generator
        Chooses them, for each pattern anew.

    Returns
    -------
    Tensor, (..., units)
        The patterns with `count` wrong units each.

    Raises
    ------
    TypeError, ValueError
        If the patterns are not ones and minus ones, or `count` is not an integer from 0 to the
        number of units.
    """
    units = _signs("patterns", patterns).shape[-1]
    if _arguments.integer("count", count, 0) > units:
        raise ValueError(f"count must be at most the {units} units, got {count}")
    drawn = torch.rand(patterns.shape, generator=generator, dtype=torch.float64)
    places = drawn.argsort(-1)[..., :count]
    return patterns.scatter(-1, places, -patterns.gather(-1, places))


def recall_errors(units: int, patterns: int, *, wrong: int, generator: torch.Generator) -> Tensor:
    """Store random patterns, recall each from a corrupted probe, and count what stays wrong.

    Parameters
    ----------
    units, patterns : int
        Units of the network, and how many random patterns it stores.
    wrong : int
        How many units of each probe are turned over.
    generator : torch.Generator
        Draws patterns, errors and the order of the updates.

    Returns
    -------
    Tensor, (patterns,)
        The share of units that are wrong in the end, 0 where the recall is perfect.

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive integer, or `wrong` is larger than `units`.
    """
    size = (_arguments.integer("patterns", patterns, 1), _arguments.integer("units", units, 1))
    stored = 2 * torch.randint(2, size, generator=generator, dtype=torch.float64) - 1
    probes = flip(stored, wrong, generator=generator)
    found = recall(store(stored), probes, generator=generator)
    return (found.states != stored).double().mean(1)


def _signs(name: str, value: Tensor) -> Tensor:
    _arguments.floating(name, value)
    if value.dim() == 0 or not torch.all(value.abs() == 1):
        raise ValueError(f"{name} must be a tensor of ones and minus ones")
    return value


def _check(weights: Tensor, name: str, states: Tensor) -> None:
    if _arguments.floating("weights", weights).dim() != 2 or weights.shape[0] != weights.shape[1]:
        raise ValueError(f"weights must be a square matrix, got shape {tuple(weights.shape)}")
    _signs(name, states)
    _arguments.tensor(name, states, (*states.shape[:-1], len(weights)), weights)
