"""Hidden tests of `bptt`."""

import torch
from checking import close
from drawing import normal

from grading._shared import (
    CELLS,
    differences,
    forward,
    same_tensors,
    through_time,
    true_truncated,
    wave,
    wave_step,
)


def bptt_differences(env):
    """The gradients are those of differences of the loss, for two cells."""
    for kind in CELLS:
        for offset, sizes in enumerate([(6, 2, 3, 4), (1, 3, 2, 2), (3, 3, 3, 3)]):
            gradients, _, rest = through_time(env, "bptt", kind, sizes, 10 * offset)
            step, h_0, _, x, _, _, weights, d_states = rest
            for name in weights:

                def loss(v):
                    changed = {**weights, name: v}  # noqa: B023
                    states, _ = forward(step, x, h_0, changed)  # noqa: B023
                    return (d_states * states[1:]).sum()  # noqa: B023

                wanted = differences(loss, weights[name])
                text = f"For {kind}, {sizes[0]} steps, `{name}` does not agree with differences."
                close(gradients[name], wanted, text, tolerance=1e-6)


def bptt_start(env):
    """What reaches the initial state, for losses that read one state only, and all."""
    for kind in CELLS:
        for at in (0, 2, 4, slice(None)):
            d_states = torch.zeros(5, 2, 4, dtype=torch.float64)
            d_states[at] = normal(5, 2, 4)[at]
            _, start, rest = through_time(env, "bptt", kind, (5, 2, 3, 4), 3, d_states)
            step, h_0, _, x, _, _, weights, _ = rest

            def loss(v):
                states, _ = forward(step, x, v, weights)  # noqa: B023
                return (d_states * states[1:]).sum()  # noqa: B023

            read = "all states" if isinstance(at, slice) else f"the state after step {at + 1} of 5"
            text = f"For {kind} and a loss that reads {read}, the initial state's gradient is wrong"
            close(start, differences(loss, h_0), f"{text}.", tolerance=1e-6)


def bptt_leaves_arguments(env):
    """No argument changes, and a second call gives the same, right result."""
    _, _, back = CELLS["another cell"]
    for _ in range(2):
        gradients, start, rest = through_time(env, "bptt", "another cell", (4, 2, 3, 3), 5)
        _, _, _, x, states, candidates, weights, d_states = rest
        made = [*wave(4, 2, 3, 3, offset=5)[2].values(), normal(4, 2, 3, offset=14)]
        same_tensors(made, [*weights.values(), d_states])
        again = [*forward(wave_step, x, rest[1], weights)]
        same_tensors(again, [states, candidates])
        wanted, at_start = true_truncated(back, x, states, candidates, weights, d_states, 4)
        for name in weights:
            close(gradients[name], wanted[name], "The result of the call itself is wrong.")
        close(start, at_start, "The result of the call itself is wrong.")
