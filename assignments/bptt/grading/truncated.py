"""Hidden tests of `truncated`."""

import torch
from checking import close
from drawing import normal

from grading._shared import CELLS, through_time, true_truncated


def _cut(env, kind, sizes, k, offset, d_states=None):
    found = through_time(env, "truncated", kind, sizes, offset, d_states, k)
    gradients, start, (_, _, *arguments) = found
    return gradients, start, true_truncated(*arguments, k)


def truncated_values(env):
    """The weights' gradients, for all errors and for one alone."""
    for kind in CELLS:
        for offset, (sizes, k) in enumerate([((7, 2, 3, 4), 3), ((6, 3, 3, 3), 2)]):
            for at in (slice(None), 0, 3, sizes[0] - 1):
                d_states = torch.zeros(sizes[0], sizes[1], sizes[3], dtype=torch.float64)
                d_states[at] = normal(*d_states.shape, offset=20 + offset)[at]
                found = _cut(env, kind, sizes, k, 10 * offset, d_states)
                which = "all errors" if isinstance(at, slice) else f"the error of step {at + 1}"
                for name, wanted in found[2][0].items():
                    text = f"For {kind}, {sizes[0]} steps, k = {k} and {which}: `{name}` is wrong."
                    close(found[0][name], wanted, text)


def truncated_full(env):
    """The full gradient if k is large, the direct part of each step if k is 1."""
    for kind in CELLS:
        for k in (1, 5, 6, 50):
            gradients, _, (wanted, _) = _cut(env, kind, (5, 2, 3, 4), k, 7)
            for name, value in wanted.items():
                close(gradients[name], value, f"For 5 steps and k = {k} `{name}` is wrong.")


def truncated_start(env):
    """What arrives at the initial state."""
    for kind in CELLS:
        for k in (1, 2, 4, 6):
            _, start, (_, wanted) = _cut(env, kind, (6, 2, 3, 4), k, 9)
            close(start, wanted, f"For 6 steps and k = {k} the initial state's gradient is wrong.")
