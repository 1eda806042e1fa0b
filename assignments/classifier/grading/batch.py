"""Hidden tests of `batch`."""

import random

import torch
from checking import call_alone, close, expect
from secret import SEED

SYMBOLS = "abcdefgh"


def _true_batch(names, index, limit):
    rows = [[index.get(symbol, 1) for symbol in name[-limit:]] for name in names]
    width = max(map(len, rows))
    return (
        torch.tensor([row + [0] * (width - len(row)) for row in rows]),
        torch.tensor([len(row) for row in rows]),
    )


def _batches(env, cases):
    for names, index, limit in cases:
        found = call_alone(env, "batch", list(names), dict(index), limit)
        expect(
            isinstance(found, tuple | list) and len(found) == 2,
            "`batch` must return two things: tokens and lengths.",
        )
        for tensor, wanted, what in zip(
            found, _true_batch(names, index, limit), ("tokens", "lengths"), strict=True
        ):
            expect(isinstance(tensor, torch.Tensor), f"The {what} must be a tensor.")
            expect(tensor.dtype == torch.int64, f"The {what} must be int64, not {tensor.dtype}.")
            close(tensor, wanted, f"The {what} are wrong.", tolerance=0)


def _names(count, longest, offset, symbols=SYMBOLS):
    draw = random.Random(SEED + offset)
    return ["".join(draw.choices(symbols, k=draw.randint(1, longest))) for _ in range(count)]


def _index(offset):
    numbers = random.Random(SEED + offset).sample(range(2, 20), len(SYMBOLS))
    return dict(zip(SYMBOLS, numbers, strict=True))


def batch_plain(env):
    """Names of all lengths, and of one."""
    cases = [(_names(count, longest, count), _index(count), 99) for count, longest in
             [(5, 9), (1, 4), (4, 4), (7, 1)]]  # fmt: skip
    _batches(env, cases)


def batch_unknown(env):
    """Symbols that the index does not hold become 1."""
    index = {symbol: number for symbol, number in _index(3).items() if symbol not in "ace"}
    _batches(env, [(_names(6, 7, 10), index, 99), (["ace", "b", "ca"], index, 99)])


def batch_limit(env):
    """Long names keep their end."""
    names = _names(6, 9, 11) + ["abcdefgh"]
    _batches(env, [(names, _index(4), 5), (["abcdefgh", "hgfedc"], _index(5), 3)])
    _batches(env, [(["abc", "d"], _index(6), 1)])
