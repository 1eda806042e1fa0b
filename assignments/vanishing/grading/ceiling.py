"""Hidden tests of `ceiling`."""

import itertools

import torch
from checking import call, expect, number
from drawing import generator, normal

from grading._shared import rates

HIDDEN = 5


def _occurring(W, alpha, slope, k, offset):
    """Return the largest norm of a product that occurs for some slopes between 0 and the limit."""
    hidden = len(alpha)
    vertices = torch.tensor(list(itertools.product([0.0, slope], repeat=hidden)))
    jacobians = torch.diag(1 - alpha) + (vertices.double() * alpha)[:, :, None] * W
    largest = torch.linalg.matrix_norm(torch.linalg.matrix_power(jacobians, k), ord=2).max()
    drawn = torch.randint(len(jacobians), (200, k), generator=generator(offset))
    product = jacobians[drawn[:, 0]]
    for column in drawn.T[1:]:
        product = product @ jacobians[column]
    return float(max(largest, torch.linalg.matrix_norm(product, ord=2).max()))


def _between(env, W, alpha, slope, k, offset, what):
    found = number(call(env, "ceiling", W.clone(), alpha.clone(), slope, k), "ceiling")
    leak = float((1 - alpha).max())
    highest = leak + slope * float(torch.linalg.matrix_norm(torch.diag(alpha) @ W, ord=2))
    lowest = _occurring(W, alpha, slope, k, offset)
    expect(found >= lowest * (1 - 1e-9), f"{what}: larger norms than your bound occur.")
    expect(found <= highest**k * (1 + 1e-6), f"{what}: the summands allow a lower bound.")


def ceiling_plain(env):
    """Networks without a leak."""
    ones = torch.ones(4, dtype=torch.float64)
    skewed = torch.eye(4, dtype=torch.float64) * 0.5
    skewed[0, 3] = 4.0
    for k, slope in itertools.product((1, 2, 5), (0.25, 1.0, 1.3)):
        for offset, W in enumerate((0.7 * normal(4, 4), skewed)):
            _between(env, W, ones, slope, k, offset, f"All rates 1, slope {slope}, k = {k}")


def ceiling_leaky(env):
    """Rates that differ from unit to unit."""
    for offset, (k, slope) in enumerate(itertools.product((1, 3, 10), (0.25, 1.0, 1.5))):
        for size in (0.3, 1.5):
            W, alpha = size * normal(HIDDEN, HIDDEN, offset=offset), rates(HIDDEN, offset)
            _between(env, W, alpha, slope, k, offset, f"Different rates, slope {slope}, k = {k}")
