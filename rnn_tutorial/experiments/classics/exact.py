"""Two results that are proven, not trained: a stack in one number, and parity by one unit."""

from fractions import Fraction

import numpy as np
import torch

from rnn_tutorial import tasks
from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.experiments.engine.published import Published

STACK_SEEDS = tuple(range(10, 20))
PARITY_SEEDS = tuple(range(10, 20))
DEPTH = 200
BITS = 10_000
DRAWN = 1000  # units with random factors
ONES = 2**14  # how many ones they read
NEARLY_ONE = 1 - 1e-9


def run_stack(variant: str, seed: int) -> dict[str, list[dict]]:
    """Push random bits and take them off again, with exact fractions and in float64.

    Returns
    -------
    dict
        ``""``: the share of 200 bits that come back right from a stack of fractions, and the depth
        at which a stack of float64 first returns a wrong bit.
    """
    generator = torch.Generator().manual_seed(seed)
    bits, number = tasks.one_number_stack(DEPTH, generator=generator)
    recovered = _unstack(number, DEPTH)
    right = sum(a == b for a, b in zip(recovered, bits[::-1], strict=True)) / DEPTH
    return {"": [{"fractions_right": right, "float64_depth": _first_failure(bits)}]}


def _unstack(number: Fraction | float, count: int) -> list[int]:
    bits = []
    for _ in range(count):
        bits.append(tasks.top(number))
        number = tasks.pop(number)
    return bits


def _first_failure(bits: tuple[int, ...]) -> int:
    """Return how many of the bits have to be pushed until one comes back wrong."""
    number = 0.0
    for depth, bit in enumerate(bits, start=1):
        number = tasks.push(number, bit)
        copy = number
        for pushed in reversed(bits[:depth]):
            if copy == 0 or tasks.top(copy) != pushed:
                return depth
            copy = tasks.pop(copy)
    return len(bits) + 1


def run_parity(variant: str, seed: int) -> dict[str, list[dict]]:
    """Follow linear units h ← a h + b, whose a and b depend on the bit that is read.

    One has the factor 1 - 2 x and starts from 1: its sign is the parity. One has a factor just
    below 1 and adds x: it counts the ones, and cos(π h) tells an even count from an odd one. Others
    have random factors and read nothing but ones.

    Returns
    -------
    dict
        ``""``: the share of steps at which the first is right, in half precision, and the second,
        in double (``counted``) and in half precision (``counted_half``), with the number of ones
        at which that one stands still (``stops_at``). The share of 1000 random units whose state
        still moves after 16,384 ones: with factors between 0 and 1, and with the same ones
        negated.
    """
    generator = torch.Generator().manual_seed(seed)
    bits = tasks.parity(1, BITS, BITS, generator=generator).inputs.flatten().double().numpy()
    odd = bits.cumsum() % 2 == 1
    signed = _states(1 - 2 * bits, 0 * bits, 1.0, np.float16)
    double, half = (
        _states(np.full(BITS, NEARLY_ONE), bits, 0.0, kind) for kind in (np.float64, np.float16)
    )
    factors = torch.empty(DRAWN).uniform_(-12, 12, generator=generator).sigmoid().numpy()
    added, start = torch.randn(2, DRAWN, generator=generator).numpy()
    return {
        "": [
            {
                "right": ((signed < 0) == odd).mean(),
                "counted": (_odd(double) == odd).mean(),
                "counted_half": (_odd(half) == odd).mean(),
                "stops_at": float(half.max()),
                "moving_positive": _moving(factors, added, start),
                "moving_signed": _moving(-factors, added, start),
            }
        ]
    }


def _states(a: np.ndarray, b: np.ndarray, h: float, kind: type) -> np.ndarray:
    """Return the states of one unit, computed step by step in numbers of one kind."""
    h, states = kind(h), []
    for factor, summand in zip(a.astype(kind), b.astype(kind), strict=True):
        h = factor * h + summand
        states.append(h)
    return np.array(states, dtype=float)


def _odd(states: np.ndarray) -> np.ndarray:
    """Read a count: whether it is odd."""
    return np.cos(np.pi * states) < 0


def _moving(a: np.ndarray, b: np.ndarray, h: np.ndarray) -> float:
    """Return the share of units, in half precision, that one more 1 still moves after `ONES`."""
    a, b, h = (values.astype(np.float16) for values in (a, b, h))
    for _ in range(ONES):
        h = a * h + b
    return float((a * h + b != h).mean())


STACK = Experiment(
    "one_number_stack",
    "A stack in one number: exact with fractions, 26 bits deep with floats",
    run_stack,
    by_name(["random bits"]),
    STACK_SEEDS,
    headline="fractions_right",
    published=Published(
        changed=(),
        reference="siegelmann1995computational",
        claim=(
            "A unit whose state is a rational number holds a stack of any depth; with two "
            "stacks a network with rational weights is as strong as a Turing machine."
        ),
        number="a stack without a bound",
        read_from="proof",
        brief="no bound",
        compared={
            "fractions_right": "bits right with fractions",
            "float64_depth": "first wrong bit in float64",
        },
        setup="200 random bits pushed and popped, with fractions and in float64",
        deviations=("the stack alone, without the network that drives it",),
        criterion=(
            "all 200 bits come back from fractions; in float64 none is lost up to 26 bits, "
            "and some bit before 60"
        ),
        holds=lambda table: (
            (table["fractions_right"] == 1) & table["float64_depth"].between(27, 59)
        ),
    ),
)

PARITY = Experiment(
    "linear_parity",
    "Parity by one linear unit whose factor may be negative",
    run_parity,
    by_name(["one unit"]),
    PARITY_SEEDS,
    headline="right",
    published=Published(
        changed=(),
        reference="grazzi2024unlocking",
        claim=(
            "In finite precision, and for inputs of any length, linear recurrences whose "
            "eigenvalues are all positive cannot track parity; with eigenvalues from [-1, 1] one "
            "can."
        ),
        number="exact at any length, or not at all",
        read_from="proof",
        brief="exact with a negative factor, impossible with positive ones",
        compared={
            "right": "right with a negative factor",
            "counted_half": "with a positive one that counts",
            "moving_positive": "positive units that still move in the end",
        },
        setup=(
            f"in half precision, h ← (1 - 2 x) h over {BITS:,} random bits, and a counter whose "
            "factor is just below 1, both written down; and "
            f"{DRAWN} units with random factors between 0 and 1 that read {ONES:,} ones"
        ),
        deviations=(
            "one layer, and nothing is trained: whether training finds the unit is not tested",
            "random units illustrate the proof, which is about all of them",
        ),
        criterion=(
            "the sign of h is the parity at all steps; the counter is right at most at 0.9 of "
            "them; after all the ones no unit with a positive factor still moves, and of those "
            "with a negative one at least a quarter do"
        ),
        holds=lambda table: (
            (table["right"] == 1)
            & (table["counted_half"] <= 0.9)
            & (table["moving_positive"] == 0)
            & (table["moving_signed"] >= 0.25)
        ),
    ),
)
