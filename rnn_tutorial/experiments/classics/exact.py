"""Two results that are proven, not trained: a stack in one number, and parity by one unit."""

from fractions import Fraction

import torch

from rnn_tutorial import tasks
from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.experiments.engine.published import Published

STACK_SEEDS = tuple(range(10, 20))
PARITY_SEEDS = tuple(range(10, 20))
DEPTH = 200
BITS = 10_000


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
    """Run h ← (1 - 2 x) h over random bits, from h = 1: one linear unit whose weight depends on x.

    Returns
    -------
    dict
        ``""``: the share of steps at which the sign of h is the parity of the bits so far. With a
        weight that cannot be negative, |1 - 2 x|, the state never changes: its share too.
    """
    bits = tasks.parity(
        1, BITS, BITS, generator=torch.Generator().manual_seed(seed)
    ).inputs.flatten()
    odd = bits.cumsum(0) % 2 == 1
    h = (1 - 2 * bits).cumprod(0)
    positive = (1 - 2 * bits).abs().cumprod(0)
    return {
        "": [
            {
                "right": ((h < 0) == odd).double().mean().item(),
                "right_if_positive": ((positive < 0) == odd).double().mean().item(),
            }
        ]
    }


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
    "Parity by one linear unit whose weight may be negative",
    run_parity,
    by_name(["one unit"]),
    PARITY_SEEDS,
    headline="right",
    published=Published(
        changed=(),
        reference="grazzi2024unlocking",
        claim=(
            "With finite precision a linear recurrence whose eigenvalues are all positive "
            "cannot track parity; with eigenvalues from [-1, 1] one can."
        ),
        number="exact, at any length",
        read_from="proof",
        brief="exact at any length",
        compared={"right": "right at 10,000 steps"},
        setup="h ← (1 - 2 x) h over 10,000 random bits, written down, not trained",
        deviations=("the construction alone; whether training finds it is not tested",),
        criterion="the sign of h is the parity at all 10,000 steps",
        holds=lambda table: table["right"] == 1,
    ),
)
