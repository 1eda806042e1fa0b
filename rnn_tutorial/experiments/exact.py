"""Two results that are proven, not trained: a stack in one number, and parity by one unit."""

from fractions import Fraction

import torch

from rnn_tutorial import tasks

STACK_SEEDS = tuple(range(10, 20))
PARITY_SEEDS = (10, 11, 12, 13, 14)
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
                "right_if_positive": round(((positive < 0) == odd).double().mean().item(), 6),
            }
        ]
    }
