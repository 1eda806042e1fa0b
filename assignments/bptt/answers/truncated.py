# %% wrong M-chunks
# Cuts the sequence into chunks of k: an error at the beginning of a chunk goes back one step.
def truncated(step_back, x, states, candidates, weights, d_states, k):
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    for t in reversed(range(len(x))):
        arriving = d_states[t]
        if (t + 1) % k and t + 1 < len(x):
            arriving = arriving + d_h
        d_h, gradients = step_back(arriving, x[t], states[t], candidates[t], weights)
        for name, gradient in gradients.items():
            total[name] = total[name] + gradient
    return total, d_h


# %% wrong M-off-by-one
# Goes back k steps after the step of the error itself.
edit(
    "for t in range(end, max(end - k, -1), -1):",
    "for t in range(end, max(end - k - 1, -1), -1):",
)
edit(
    "if end < k:",
    "if end <= k:",
)


# %% wrong M-last-step-only
# Sends back the last error only.
def truncated(step_back, x, states, candidates, weights, d_states, k):
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    d_h = d_states[-1]
    for t in range(len(x) - 1, max(len(x) - 1 - k, -1), -1):
        d_h, gradients = step_back(d_h, x[t], states[t], candidates[t], weights)
        for name, gradient in gradients.items():
            total[name] = total[name] + gradient
    return total, d_h if k >= len(x) else torch.zeros_like(d_h)


# %% wrong M-window-at-the-end
# The full way back, stopped after the last k steps of the sequence.
def truncated(step_back, x, states, candidates, weights, d_states, k):
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    d_h = torch.zeros_like(states[0])
    for t in range(len(x) - 1, max(len(x) - 1 - k, -1), -1):
        d_h, gradients = step_back(d_h + d_states[t], x[t], states[t], candidates[t], weights)
        for name, gradient in gradients.items():
            total[name] = total[name] + gradient
    return total, d_h if k >= len(x) else torch.zeros_like(d_h)


# %% wrong M-start-gets-all
# Hands what is left after k steps to the initial state, wherever it is.
edit(
    """if end < k:
            d_h_0 = d_h_0 + d_h""",
    "d_h_0 = d_h_0 + d_h",
)


# %% wrong M-clipped-not-cut
# Makes the gradient small where it should be cut.
def truncated(step_back, x, states, candidates, weights, d_states, k):
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    d_h = torch.zeros_like(states[0])
    for t in reversed(range(len(x))):
        d_h = (d_h + d_states[t]).clamp(-k, k)
        d_h, gradients = step_back(d_h, x[t], states[t], candidates[t], weights)
        for name, gradient in gradients.items():
            total[name] = total[name] + gradient
    return total, d_h


# %% wrong M-imported
# The package's truncation of the package's layer.
def truncated(step_back, x, states, candidates, weights, d_states, k):
    from rnn_tutorial.gradients import truncated_bptt
    from rnn_tutorial.networks import layers

    layer = layers.RNN(x.shape[2], states.shape[2], dtype=x.dtype)
    if "W_x" in weights:
        with torch.no_grad():
            layer.weight_ih_l0.copy_(weights["W_x"])
            layer.weight_hh_l0.copy_(weights["W_h"])

    def loss(outputs, steps):
        return (outputs * d_states[steps]).sum()

    _, found, _ = truncated_bptt(layer, x, loss, steps=k, every=1, hx=states[:1].clone())
    by_shape = {tuple(gradient.shape): gradient for gradient in found.values()}
    total = {
        name: by_shape.get(tuple(weight.shape), torch.zeros_like(weight))
        for name, weight in weights.items()
    }
    return total, torch.zeros_like(states[0])


# %% right windows
# A full way back for each error, on a window of the sequence.
def truncated(step_back, x, states, candidates, weights, d_states, k):
    total = {name: 0.0 * weight for name, weight in weights.items()}
    start = 0.0 * states[0]
    for stop in range(1, len(x) + 1):
        begin = max(0, stop - k)
        error = d_states[stop - 1]
        saved = list(zip(x[begin:stop], states[begin:stop], candidates[begin:stop]))
        for x_t, h, c in reversed(saved):
            error, part = step_back(error, x_t, h, c, weights)
            total = {name: total[name] + part[name] for name in total}
        if begin == 0 and stop <= k:
            start = start + error
    return total, start


# %% right lanes
# One way back for all errors at a time: lane j holds what has come j steps.
def truncated(step_back, x, states, candidates, weights, d_states, k):
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    lanes = []
    for t in range(len(x) - 1, -1, -1):
        lanes = [d_states[t], *lanes][:k]
        moved = []
        for d_h in lanes:
            d_h, part = step_back(d_h, x[t], states[t], candidates[t], weights)
            moved.append(d_h)
            for name in part:
                total[name] += part[name]
        lanes = moved
    return total, torch.stack(lanes).sum(dim=0)


# %% right difference
# What a full way back gives, less what has gone further than k.
def truncated(step_back, x, states, candidates, weights, d_states, k):
    def back(d_h, t):
        return step_back(d_h, x[t], states[t], candidates[t], weights)

    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    all_of_it, too_far = torch.zeros_like(states[0]), torch.zeros_like(states[0])
    for t in reversed(range(len(x))):
        all_of_it = all_of_it + d_states[t]
        if t + k < len(x):  # this error has just come k steps
            d_h = d_states[t + k]
            for s in range(t + k, t, -1):
                d_h, _ = back(d_h, s)
            too_far = too_far + d_h
        all_of_it, plus = back(all_of_it, t)
        too_far, minus = back(too_far, t)
        total = {name: total[name] + plus[name] - minus[name] for name in total}
    return total, all_of_it - too_far
