# %% wrong M-last-step-only
# Sends back the error of the last step and drops the others.
edit(
    "d_h = torch.zeros_like(states[0])",
    "d_h = d_states[-1]",
)
edit(
    "d_h, gradients = step_back(d_h + d_states[t], x[t], states[t], candidates[t], weights)",
    "d_h, gradients = step_back(d_h, x[t], states[t], candidates[t], weights)",
)


# %% wrong M-local-errors-only
# Each step gets its own error and nothing from later ones.
def bptt(step_back, x, states, candidates, weights, d_states):
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    for t in reversed(range(len(x))):
        d_h, gradients = step_back(d_states[t], x[t], states[t], candidates[t], weights)
        for name, gradient in gradients.items():
            total[name] = total[name] + gradient
    return total, d_h


# %% wrong M-off-by-one
# Gives the step the state after it.
edit(
    "d_h, gradients = step_back(d_h + d_states[t], x[t], states[t], candidates[t], weights)",
    "d_h, gradients = step_back(d_h + d_states[t], x[t], states[t + 1], candidates[t], weights)",
)


# %% wrong M-overwritten
# Keeps what the last visited step said about the weights.
def bptt(step_back, x, states, candidates, weights, d_states):
    d_h = torch.zeros_like(states[0])
    for t in reversed(range(len(x))):
        d_h, total = step_back(d_h + d_states[t], x[t], states[t], candidates[t], weights)
    return total, d_h


# %% wrong M-mean-over-steps
# Averages over the steps, whose losses are added.
edit(
    "total[name] = total[name] + gradient",
    "total[name] = total[name] + gradient / len(x)",
)


# %% wrong M-forward-order
# Walks from the first step to the last.
edit(
    "for t in reversed(range(len(x))):",
    "for t in range(len(x)):",
)


# %% wrong M-changed-in-place
# Adds what comes from later steps to the caller's tensor.
edit(
    "d_h, gradients = step_back(d_h + d_states[t], x[t], states[t], candidates[t], weights)",
    """d_states[t] += d_h
        d_h, gradients = step_back(d_states[t], x[t], states[t], candidates[t], weights)""",
)
edit(
    "total[name] = total[name] + gradient",
    "total[name] += gradient",
)


# %% wrong M-imported
# The package's own layer for whatever the cell is.
def bptt(step_back, x, states, candidates, weights, d_states):
    from rnn_tutorial.gradients import truncated_bptt
    from rnn_tutorial.networks import layers

    layer = layers.RNN(x.shape[2], states.shape[2], dtype=x.dtype)

    def loss(outputs, steps):
        return (outputs * d_states[steps]).sum()

    h_0 = states[:1].clone()
    _, found, _ = truncated_bptt(layer, x, loss, steps=len(x), hx=h_0)
    by_shape = {tuple(gradient.shape): gradient for gradient in found.values()}
    total = {
        name: by_shape.get(tuple(weight.shape), torch.zeros_like(weight))
        for name, weight in weights.items()
    }
    return total, torch.zeros_like(states[0])


# %% right recursion
# What the later steps give, then this one.
def bptt(step_back, x, states, candidates, weights, d_states):
    if len(x) == 0:
        return {name: 0 * weight for name, weight in weights.items()}, 0 * states[0]
    rest, d_h = bptt(step_back, x[1:], states[1:], candidates[1:], weights, d_states[1:])
    d_h, here = step_back(d_h + d_states[0], x[0], states[0], candidates[0], weights)
    return {name: rest[name] + here[name] for name in weights}, d_h


# %% right collected
# Collects all parts, then adds them up at the end.
def bptt(step_back, x, states, candidates, weights, d_states):
    parts, arriving = [], None
    for g, *saved in zip(*(tensor.flip(0) for tensor in (d_states, x, states[:-1], candidates))):
        arriving = g if arriving is None else arriving + g
        arriving, part = step_back(arriving, *saved, weights)
        parts.append(part)
    return {name: torch.stack([p[name] for p in parts]).sum(0) for name in weights}, arriving


# %% right linear
# Each error by itself: the way back is linear, so their sum is the result.
def bptt(step_back, x, states, candidates, weights, d_states):
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    start = torch.zeros_like(states[0])
    for end, d_h in enumerate(d_states):
        t = end
        while t >= 0:
            d_h, found = step_back(d_h, x[t], states[t], candidates[t], weights)
            total = {name: total[name] + found[name] for name in total}
            t -= 1
        start = start + d_h
    return total, start
