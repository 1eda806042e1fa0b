"""A linear recurrence by a loop and by a parallel scan: the same numbers, in how many rounds."""

import time
from functools import partial

import torch

from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.networks import scan
from rnn_tutorial.training.fresh import generators

SEEDS = tuple(range(100, 105))
LENGTHS = (16, 64, 256, 1024, 4096)
BATCH, HIDDEN = 8, 32
REPEATS = 7


def seconds(function) -> float:
    """Return the shortest time of the processor that a call took."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times)


def run(length: int, seed: int) -> dict[str, list[dict]]:
    """Compute states and gradients of one recurrence in both ways, in float32.

    Returns
    -------
    dict
        ``""``: the rounds of the scan; the largest difference of states, and of gradients as a
        share of the largest gradient; the time of the loop over that of the scan, forward and
        backward together, on one thread.
    """
    _, noise = generators(seed)
    shape = (length, BATCH, HIDDEN)
    factors = torch.randn(shape, generator=noise).sigmoid().requires_grad_()
    summands = torch.randn(shape, generator=noise).requires_grad_()
    weights = torch.randn(shape, generator=noise)

    def both(way):
        states = way(factors, summands)
        gradients = torch.autograd.grad((states * weights).sum(), (factors, summands))
        return states.detach(), gradients

    (loop, by_loop), (scanned, by_scan) = both(scan.linear_loop), both(scan.linear_scan)
    apart = [
        ((a - b).abs().max() / b.abs().max()).item() for a, b in zip(by_scan, by_loop, strict=True)
    ]
    loop_taken = seconds(partial(both, scan.linear_loop))
    scan_taken = seconds(partial(both, scan.linear_scan))
    record = {
        "rounds": scan.rounds(len(factors)),
        "states_apart": (loop - scanned).abs().max().item(),
        "gradients_apart": max(apart),
        "loop_over_scan": round(loop_taken / scan_taken, 3),
    }
    return {"": [record]}


EXPERIMENT = Experiment(
    "scan_speed",
    "A linear recurrence by a loop and by a parallel scan",
    run,
    {f"{length} steps": length for length in LENGTHS},
    SEEDS,
    headline="rounds",
    decimals=None,
)
