"""Hidden tests of `streams`."""

import math

import torch
from checking import call_alone, close, expect
from drawing import generator


def _streams(env, cases):
    for total, batch, length in cases:
        ids = torch.randperm(total, generator=generator(total))
        found = call_alone(env, "streams", ids.clone(), batch, length)
        try:
            found = [(inputs, targets) for inputs, targets in found]
        except (TypeError, ValueError):
            expect(False, "`streams` must return a list of pairs.")
        span = (total - 1) // batch
        wanted = math.ceil(span / length)
        described = f"{total} symbols in {batch} streams, {length} steps a chunk"
        expect(len(found) == wanted, f"{len(found)} chunks instead of {wanted} for {described}.")
        for number, (inputs, targets) in enumerate(found):
            times = range(number * length, min((number + 1) * length, span))
            places = torch.tensor([[row * span + t for row in range(batch)] for t in times])
            close(inputs, ids[places], f"Inputs of chunk {number} are wrong for {described}.", 0)
            text = f"Targets of chunk {number} are wrong for {described}."
            close(targets, ids[places + 1], text, 0)


def streams_values(env):
    """Sizes that all differ, and some that are equal."""
    _streams(env, [(62, 4, 3), (41, 5, 4), (26, 5, 5), (30, 1, 7)])


def streams_edges(env):
    """No rest, a rest of one symbol and of many, a chunk as long as everything."""
    _streams(env, [(61, 4, 5), (13, 4, 3), (20, 3, 2), (16, 4, 1), (23, 2, 50), (12, 4, 2)])
