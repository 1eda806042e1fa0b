"""Hidden tests of `forgetting`."""

import torch
from checking import call, close, expect
from drawing import normal


def _leaky(x_t, state):
    state = 0.8 * state + torch.tanh(x_t)
    return 3.0 * state.sum(dim=-1, keepdim=True), state


def _true_forgetting(step, x, other, state):
    distances, one, two = [], state, state
    for t in range(x.shape[1]):
        _, one = step(x[:, t], one)
        _, two = step(other[:, t], two)
        distances.append((one - two).norm(dim=-1).mean())
    return torch.stack(distances)


def forgetting_values(env):
    """The curve of a leaky state, for several batches."""
    for batch, time in [(1, 5), (4, 7), (3, 3)]:
        x = normal(batch, time, 2)
        other = x.clone()
        other[:, 0] = normal(batch, 2, offset=9)
        state = normal(batch, 2, offset=3)
        found = call(env, "forgetting", _leaky, x, other, state)
        close(found, _true_forgetting(_leaky, x, other, state), "The curve is not the distance.")


def forgetting_nothing(env):
    """Where nothing differs the distance is zero, and a difference shows when it is met."""
    x, state = normal(2, 6, 2), torch.zeros(2, 2, dtype=torch.float64)
    same = call(env, "forgetting", _leaky, x, x.clone(), state)
    close(same, torch.zeros(6, dtype=torch.float64), "Two equal sequences must not differ.")
    other = x.clone()
    other[:, 3] += 1.0
    found = call(env, "forgetting", _leaky, x, other, state)
    met = [float(value) > 0 for value in found]
    expect(met == [False] * 3 + [True] * 3, "The inputs differ from step 3 on, the curve does not.")
