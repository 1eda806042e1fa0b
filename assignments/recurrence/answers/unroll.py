# %% wrong M-batch-first
# Walks along the batch and takes it for time.
def unroll(step, x, state):
    outputs = []
    for t in range(x.shape[0]):
        y, state = step(x[t], state)
        outputs.append(y)
    return torch.stack(outputs), state


# %% wrong M-time-first-output
# Puts time first in what it returns.
def unroll(step, x, state):
    outputs = []
    for t in range(x.shape[1]):
        y, state = step(x[:, t], state)
        outputs.append(y)
    return torch.stack(outputs), state


# %% wrong M-state-not-carried
# Starts each step from the initial state.
def unroll(step, x, state):
    outputs, last = [], state
    for t in range(x.shape[1]):
        y, last = step(x[:, t], state)
        outputs.append(y)
    return torch.stack(outputs, dim=1), last


# %% wrong M-off-by-one
# Never reads the last input and repeats the output before it.
def unroll(step, x, state):
    outputs = []
    for t in range(x.shape[1] - 1):
        y, state = step(x[:, t], state)
        outputs.append(y)
    y, _ = step(x[:, -2] if x.shape[1] > 1 else x[:, 0], state)
    return torch.stack([*outputs, y], dim=1), state


# %% wrong M-output-as-state
# Hands back the last output where the last state is wanted.
def unroll(step, x, state):
    outputs = []
    for t in range(x.shape[1]):
        y, state = step(x[:, t], state)
        outputs.append(y)
    return torch.stack(outputs, dim=1), outputs[-1]


# %% wrong M-backward-direction
# Reads from the end to the beginning.
def unroll(step, x, state):
    outputs = []
    for t in reversed(range(x.shape[1])):
        y, state = step(x[:, t], state)
        outputs.insert(0, y)
    return torch.stack(outputs, dim=1), state


# %% wrong M-from-the-package
# The package's orbit of a map, whose states are tensors.
def unroll(step, x, state):
    from rnn_tutorial.states import iterate

    inputs, outputs = iter(x.unbind(1)), []

    def after(state):
        y, state = step(next(inputs), state)
        outputs.append(y)
        return state

    states = iterate(after, state, x.shape[1])
    return torch.stack(outputs, dim=1), states[-1]


# %% right index
# Counts, and concatenates.
def unroll(step, x, state):
    y, state = step(x[:, 0, :], state)
    result = y[:, None]
    for t in range(1, x.size(1)):
        y, state = step(x[:, t, :], state)
        result = torch.cat((result, y[:, None]), 1)
    return result, state


# %% right recursion
# The last step of what came before.
def unroll(step, x, state):
    if x.shape[1] == 1:
        y, state = step(x[:, 0], state)
        return y.unsqueeze(1), state
    before, state = unroll(step, x[:, :-1], state)
    y, state = step(x[:, -1], state)
    return torch.cat([before, y.unsqueeze(1)], dim=1), state


# %% right generator
# A generator that hands out outputs, and a state kept in a list.
def unroll(step, x, state):
    kept = [state]

    def outputs():
        for x_t in x.transpose(0, 1):
            y, kept[0] = step(x_t, kept[0])
            yield y

    stacked = torch.stack(list(outputs()), dim=1)
    return stacked, kept[0]
