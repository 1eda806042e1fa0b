"""Hidden tests of `initial`."""

import itertools
import math

import torch
from checking import at_most, call, close, expect
from drawing import generator

from grading._shared import rates


def _start(env, alpha, slope, gain, generator):
    W = call(env, "initial", alpha.clone(), slope, gain, generator)
    expect(isinstance(W, torch.Tensor), "`initial` must return a tensor.")
    wanted = (len(alpha), len(alpha))
    expect(W.shape == wanted, f"The shape is {tuple(W.shape)} where it must be {wanted}.")
    expect(W.dtype == alpha.dtype, "The result must have the type of `alpha`.")
    return torch.diag(1 - alpha) + slope * alpha[:, None] * W.detach()


def initial_gain(env):
    """All singular values of the Jacobian at rest are the gain."""
    cases = itertools.product((2, 6, 9), (1.0, 0.25), (0.8, 1.0, 1.2))
    for offset, (hidden, slope, gain) in enumerate(cases):
        for alpha in (rates(hidden, offset), torch.ones(hidden, dtype=torch.float64)):
            J = _start(env, alpha, slope, gain, generator(offset))
            text = f"A singular value of the Jacobian is not {gain}, for the slope {slope}."
            close(
                torch.linalg.svdvals(J),
                torch.full((hidden,), gain, dtype=torch.float64),
                text,
                1e-6,
            )


def initial_random(env):
    """The generator decides, and it alone."""
    alpha = rates(4)
    before = torch.get_rng_state()
    one = _start(env, alpha, 1.0, 1.0, generator(1))
    expect(torch.equal(before, torch.get_rng_state()), "The call changed the global generator.")
    again = _start(env, alpha, 1.0, 1.0, generator(1))
    close(again, one, "Two generators of one seed give different results.", 1e-12)
    other = _start(env, alpha, 1.0, 1.0, generator(2))
    expect(not torch.allclose(one, other), "Generators of different seeds give the same result.")
    values = torch.linalg.svdvals(other)
    close(values, torch.ones(4).double(), "A singular value of the Jacobian is not the gain.", 1e-6)


def initial_uniform(env):
    """Over many draws each element of the Jacobian has the mean 0 and the same variance."""
    hidden, draws, source = 3, 1500, generator(7)
    alpha = rates(hidden)
    drawn = torch.stack([_start(env, alpha, 1.0, 1.0, source) for _ in range(draws)])
    # seven standard errors of a mean, whose variance is 1 / hidden
    far = 7 / math.sqrt(hidden * draws)
    at_most(float(drawn.mean(dim=0).abs().max()), far, "The mean of an element is not near 0.")
    even = (drawn.square().mean(dim=0) - 1 / hidden).abs()
    at_most(
        float(even.max()), 0.08, "Some elements of the Jacobian are larger than others on average."
    )
    values = torch.linalg.svdvals(drawn)
    close(values, torch.ones(draws, hidden).double(), "A singular value is not the gain.", 1e-6)
