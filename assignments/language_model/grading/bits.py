"""Hidden tests of `bits`."""

import math

from checking import call_alone, expect, number
from drawing import normal

from grading._shared import integers


def _true_bits(chunks):
    total, count = 0.0, 0
    for logits, targets in chunks:
        logs = logits.log_softmax(dim=-1)
        for row in range(targets.shape[0]):
            for t in range(targets.shape[1]):
                if targets[row, t] >= 0:
                    total -= float(logs[row, t, targets[row, t]]) / math.log(2)
                    count += 1
    return total / count


def _chunk(offset, batch, time, symbols, scale=1.0):
    return (
        scale * normal(batch, time, symbols, offset=offset),
        integers(symbols, batch, time, offset=offset),
    )


def _bits(env, chunks, text):
    found = number(call_alone(env, "bits", (pair for pair in chunks)), "bits")
    expect(math.isclose(found, _true_bits(chunks), abs_tol=1e-4), text)


def bits_values(env):
    """One chunk."""
    for offset, sizes in enumerate([(3, 5, 7), (4, 4, 4), (1, 1, 3)]):
        _bits(env, [_chunk(offset, *sizes, 2.0)], "The bits of one chunk are wrong.")


def bits_sizes(env):
    """Chunks of different sizes: each character counts the same."""
    chunks = [_chunk(1, 2, 30, 5, 0.1), _chunk(2, 2, 3, 5, 6.0), _chunk(3, 1, 2, 5, 3.0)]
    _bits(env, chunks, "The bits of chunks of different sizes are wrong.")


def bits_padding(env):
    """Padding is not a character; a text without a character has no bits."""
    chunks = [_chunk(offset, 3, 6, 5, 3.0) for offset in (4, 5, 6)]
    chunks[0][1][0, 2:] = -1
    chunks[1][1][:] = -1
    chunks[2][1][1, 5:] = -1
    _bits(env, chunks, "The bits are wrong where some targets are padding.")
    found = number(call_alone(env, "bits", [chunks[1]]), "bits")
    expect(math.isnan(found), "Without any character the result must be NaN.")
