# %% wrong M-output-as-state
# Compares outputs.
def forgetting(step, x, other, state):
    one = two = state
    distances = []
    for t in range(x.shape[1]):
        y, one = step(x[:, t], one)
        z, two = step(other[:, t], two)
        distances.append((y - z).norm(dim=-1).mean())
    return torch.stack(distances)


# %% wrong M-norm-over-the-batch
# One norm over batch and units.
edit(
    "distances.append((one - two).norm(dim=-1).mean())",
    "distances.append((one - two).norm())",
)


# %% wrong M-state-not-reset
# Starts the second run where the first one ended.
def forgetting(step, x, other, state):
    states = []
    for sequence in (x, other):
        run = []
        for t in range(sequence.shape[1]):
            _, state = step(sequence[:, t], state)
            run.append(state)
        states.append(torch.stack(run, dim=1))
    return (states[0] - states[1]).norm(dim=-1).mean(dim=0)


# %% wrong M-off-by-one
# Measures before each step, so the curve begins with the zero of the common start.
def forgetting(step, x, other, state):
    one = two = state
    distances = []
    for t in range(x.shape[1]):
        distances.append((one - two).norm(dim=-1).mean())
        _, one = step(x[:, t], one)
        _, two = step(other[:, t], two)
    return torch.stack(distances)


# %% wrong M-absolute-for-euclidean
# Adds absolute differences.
edit(
    "distances.append((one - two).norm(dim=-1).mean())",
    "distances.append((one - two).abs().sum(dim=-1).mean())",
)


# %% wrong M-from-the-package
# The package's rate at which neighbors part, for inputs that stay the same.
def forgetting(step, x, other, state):
    from rnn_tutorial.states import lyapunov_exponent

    rate = lyapunov_exponent(lambda h: step(x[:, 0], h)[1], state, x.shape[1], transient=0)
    after = torch.arange(1, x.shape[1] + 1, dtype=x.dtype)
    return (rate.mean() * after).exp()


# %% right both at once
# Both sequences in one batch.
def forgetting(step, x, other, state):
    both, pair = torch.cat([x, other]), torch.cat([state, state])
    result = torch.empty(x.shape[1], dtype=x.dtype)
    for t in range(x.shape[1]):
        pair = step(both[:, t], pair)[1]
        first, second = pair.chunk(2)
        result[t] = torch.linalg.vector_norm(first - second, dim=1).mean()
    return result


# %% right runs
# A run for each, then one formula.
def states_of(step, x, state):
    states = []
    for x_t in x.unbind(1):
        state = step(x_t, state)[1]
        states.append(state)
    return torch.stack(states)


def forgetting(step, x, other, state):
    difference = states_of(step, x, state) - states_of(step, other, state)
    return difference.pow(2).sum(dim=2).sqrt().mean(dim=1)


# %% right rows
# Each row by itself.
def forgetting(step, x, other, state):
    rows = []
    for i in range(len(x)):
        a, b, distances = state[i : i + 1], state[i : i + 1], []
        for t in range(x.shape[1]):
            _, a = step(x[i : i + 1, t], a)
            _, b = step(other[i : i + 1, t], b)
            distances.append(torch.dist(a, b))
        rows.append(torch.stack(distances))
    return sum(rows) / len(rows)
