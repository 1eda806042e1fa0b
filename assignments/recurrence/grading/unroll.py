"""Hidden tests of `unroll`."""

import torch
from checking import call, close, expect, pair
from drawing import normal


def _sums(x_t, state):
    total = 0.5 * state + x_t.sum(dim=-1, keepdim=True)
    return torch.cat([total, x_t], dim=-1), total


def unroll_values(env):
    """Outputs and final state are those of a plain loop; shapes do not help a wrong axis."""
    for batch, time in [(3, 3), (2, 5), (4, 1)]:
        x, state = normal(batch, time, 2), normal(batch, 1, offset=5)
        wanted, final = [], state
        for t in range(time):
            y, final = _sums(x[:, t], final)
            wanted.append(y)
        found = call(env, "unroll", _sums, x.clone(), state.clone())
        outputs, last = pair(found, "unroll", "all outputs and the final state")
        close(outputs, torch.stack(wanted, dim=1), "The outputs are not those of the steps.")
        close(last, final, "The state that comes back is not the one after the last step.")


def unroll_calls(env):
    """The step is called once for each time step, in order, with the state before it."""
    calls = []

    def step(x_t, state):
        calls.append((x_t.clone(), state))
        return x_t, state + 1

    x = normal(2, 6, 3)
    found = call(env, "unroll", step, x, torch.zeros(2, 1))
    expect(len(calls) == 6, f"For 6 time steps `step` was called {len(calls)} times.")
    for t, (x_t, state) in enumerate(calls):
        expect(torch.equal(x_t, x[:, t]), f"Call {t} did not get the inputs of time step {t}.")
        expect(float(state[0, 0]) == t, f"Call {t} did not get the state that call {t - 1} left.")
    expect(float(found[1][0, 0]) == 6, "The state that comes back is not the last one.")


def unroll_tuples(env):
    """A state may be anything that the step understands, such as an LSTM's pair."""

    def step(x_t, state):
        h, c = state
        c = c + x_t
        return h, (torch.tanh(c), c)

    x, zero = normal(2, 4, 3), torch.zeros(2, 3, dtype=torch.float64)
    found = call(env, "unroll", step, x, (zero, zero))
    _, state = pair(found, "unroll", "all outputs and the final state")
    expect(isinstance(state, tuple) and len(state) == 2, "A state that is a pair must stay one.")
    close(state[1], x.sum(dim=1), "With a pair as the state the final state is wrong.")
