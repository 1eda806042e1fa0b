# %% wrong M-rate-without-sigmoid
# Takes r itself for the rate.
edit(
    """rate = torch.sigmoid(weights["r"])
    states, candidates = [h_0], []""",
    'rate, states, candidates = weights["r"], [h_0], []',
)


# %% wrong M-leak-reversed
# Keeps the share that should be replaced.
edit(
    "states.append((1 - rate) * states[-1] + rate * c)",
    "states.append(rate * states[-1] + (1 - rate) * c)",
)


# %% wrong M-imported
# The tanh network of torch, whose state is its candidate.
def leaky_forward(x, h_0, weights):
    layer = torch.nn.RNN(x.shape[2], h_0.shape[1], dtype=x.dtype)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(weights["W_x"])
        layer.weight_hh_l0.copy_(weights["W_h"])
        layer.bias_ih_l0.copy_(weights["b"])
        layer.bias_hh_l0.zero_()
        candidates, _ = layer(x, h_0[None])
    rate = torch.sigmoid(weights["r"])
    states = [h_0]
    for c in candidates:
        states.append((1 - rate) * states[-1] + rate * c)
    return torch.stack(states), candidates


# %% wrong M-transposed-weight
# Reads the recurrent weights from the new unit to the old one.
edit(
    'c = torch.tanh(x_t @ weights["W_x"].T + states[-1] @ weights["W_h"].T + weights["b"])',
    'c = torch.tanh(x_t @ weights["W_x"].T + states[-1] @ weights["W_h"] + weights["b"])',
)


# %% wrong M-output-as-state
# Feeds the candidate back where the state belongs.
edit(
    "states, candidates = [h_0], []",
    "states, candidates, c = [h_0], [], h_0",
)
edit(
    'c = torch.tanh(x_t @ weights["W_x"].T + states[-1] @ weights["W_h"].T + weights["b"])',
    'c = torch.tanh(x_t @ weights["W_x"].T + c @ weights["W_h"].T + weights["b"])',
)


# %% wrong M-state-updated-first
# Lets the state leak before the candidate has read it.
edit(
    'c = torch.tanh(x_t @ weights["W_x"].T + states[-1] @ weights["W_h"].T + weights["b"])',
    """faded = (1 - rate) * states[-1]
        c = torch.tanh(x_t @ weights["W_x"].T + faded @ weights["W_h"].T + weights["b"])""",
)
edit(
    "states.append((1 - rate) * states[-1] + rate * c)",
    "states.append(faded + rate * c)",
)


# %% wrong M-from-the-package
# The package's step of the tanh network, which has no rates.
def leaky_forward(x, h_0, weights):
    from rnn_tutorial.networks import rnn_step

    states = [h_0]
    for x_t in x:
        states.append(rnn_step(x_t, states[-1], weights["W_x"], weights["W_h"], weights["b"]))
    return torch.stack(states), torch.stack(states[1:])


# %% right linear
# torch's affine map and an interpolation, into tensors made before.
def leaky_forward(x, h_0, weights):
    linear = torch.nn.functional.linear
    from_x = linear(x, weights["W_x"], weights["b"])
    candidates = torch.empty_like(from_x)
    states = torch.cat([h_0[None], torch.empty_like(from_x)])
    for t in range(len(x)):
        candidates[t] = torch.tanh(from_x[t] + linear(states[t], weights["W_h"]))
        states[t + 1] = torch.lerp(states[t], candidates[t], weights["r"].sigmoid())
    return states, candidates


# %% right numpy
# NumPy, and the logistic function by hand.
def leaky_forward(x, h_0, weights):
    import numpy as np

    w = {name: weight.numpy() for name, weight in weights.items()}
    alpha = 1 / (1 + np.exp(-w["r"]))
    h, states, candidates = h_0.numpy(), [h_0.numpy()], []
    for x_t in x.numpy():
        c = np.tanh(np.einsum("bi,hi->bh", x_t, w["W_x"]) + h @ w["W_h"].T + w["b"])
        h = h + alpha * (c - h)
        candidates.append(c)
        states.append(h)
    return torch.from_numpy(np.stack(states)), torch.from_numpy(np.stack(candidates))


# %% right recursion
# The last step of what came before.
def leaky_forward(x, h_0, weights):
    if len(x) == 0:
        return h_0[None], x.new_zeros(0, *h_0.shape)
    states, candidates = leaky_forward(x[:-1], h_0, weights)
    both = torch.cat([x[-1], states[-1]], dim=1)
    c = (both @ torch.cat([weights["W_x"], weights["W_h"]], dim=1).T + weights["b"]).tanh()
    keep = torch.sigmoid(-weights["r"])
    h = keep * states[-1] + (1 - keep) * c
    return torch.cat([states, h[None]]), torch.cat([candidates, c[None]])
