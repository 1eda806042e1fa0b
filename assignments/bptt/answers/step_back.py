# %% wrong M-leak-forgotten
# Sends the gradient through the candidate only.
def step_back(d_h, x_t, h_before, c, weights):
    rate = torch.sigmoid(weights["r"])
    d_a = (1 - c**2) * rate * d_h
    gradients = {"W_x": d_a.T @ x_t, "W_h": d_a.T @ h_before, "b": d_a.sum(dim=0)}
    gradients["r"] = (rate * (1 - rate) * (c - h_before) * d_h).sum(dim=0)
    return d_a @ weights["W_h"], gradients


# %% wrong M-transposed-weight
# Goes back through the weights in the direction in which they go forward.
def step_back(d_h, x_t, h_before, c, weights):
    rate = torch.sigmoid(weights["r"])
    d_a = (1 - c**2) * rate * d_h
    gradients = {"W_x": d_a.T @ x_t, "W_h": d_a.T @ h_before, "b": d_a.sum(dim=0)}
    gradients["r"] = (rate * (1 - rate) * (c - h_before) * d_h).sum(dim=0)
    return (1 - rate) * d_h + d_a @ weights["W_h"].T, gradients


# %% wrong M-slope-of-sigmoid-missing
# Gives the gradient of the rate where that of r is wanted.
def step_back(d_h, x_t, h_before, c, weights):
    rate = torch.sigmoid(weights["r"])
    d_a = (1 - c**2) * rate * d_h
    gradients = {"W_x": d_a.T @ x_t, "W_h": d_a.T @ h_before, "b": d_a.sum(dim=0)}
    gradients["r"] = ((c - h_before) * d_h).sum(dim=0)
    return (1 - rate) * d_h + d_a @ weights["W_h"], gradients


# %% wrong M-mean-over-the-batch
# Averages over the sequences, whose losses are added.
def step_back(d_h, x_t, h_before, c, weights):
    rate = torch.sigmoid(weights["r"])
    d_a = (1 - c**2) * rate * d_h
    batch = len(d_h)
    gradients = {"W_x": d_a.T @ x_t / batch, "W_h": d_a.T @ h_before / batch, "b": d_a.mean(dim=0)}
    gradients["r"] = (rate * (1 - rate) * (c - h_before) * d_h).mean(dim=0)
    return (1 - rate) * d_h + d_a @ weights["W_h"], gradients


# %% wrong M-slope-at-the-state
# Takes the slope of tanh from the state, which is not a tanh here.
def step_back(d_h, x_t, h_before, c, weights):
    rate = torch.sigmoid(weights["r"])
    h = (1 - rate) * h_before + rate * c
    d_a = (1 - h**2) * rate * d_h
    gradients = {"W_x": d_a.T @ x_t, "W_h": d_a.T @ h_before, "b": d_a.sum(dim=0)}
    gradients["r"] = (rate * (1 - rate) * (c - h_before) * d_h).sum(dim=0)
    return (1 - rate) * d_h + d_a @ weights["W_h"], gradients


# %% wrong M-off-by-one
# Multiplies by the state after the step in the gradient of W_h.
def step_back(d_h, x_t, h_before, c, weights):
    rate = torch.sigmoid(weights["r"])
    h = (1 - rate) * h_before + rate * c
    d_a = (1 - c**2) * rate * d_h
    gradients = {"W_x": d_a.T @ x_t, "W_h": d_a.T @ h, "b": d_a.sum(dim=0)}
    gradients["r"] = (rate * (1 - rate) * (c - h_before) * d_h).sum(dim=0)
    return (1 - rate) * d_h + d_a @ weights["W_h"], gradients


# %% wrong M-imported
# The package's backward pass, which knows no leak and no rates.
def step_back(d_h, x_t, h_before, c, weights):
    from rnn_tutorial.networks import RNNFunction

    class Saved:
        """What the backward pass reads."""

    zero = torch.zeros_like(weights["b"])
    states = torch.cat([h_before, c])
    kept = (x_t, h_before, weights["W_x"], weights["W_h"], weights["b"], zero, states)
    ctx = Saved()
    ctx.saved_tensors, ctx.needs_input_grad = kept, (False,) * 8
    ctx.sizes, ctx.nonlinearity = [len(x_t)], "tanh"
    found = RNNFunction.backward(ctx, d_h, torch.zeros_like(d_h))
    names = dict(zip(("W_x", "W_h", "b"), found[2:5]))
    return found[1], {**names, "r": torch.zeros_like(weights["r"])}


# %% wrong M-automatic
# Leaves it to autograd, which this question does not allow.
def step_back(d_h, x_t, h_before, c, weights):
    w = {name: weight.clone().requires_grad_() for name, weight in weights.items()}
    h = h_before.clone().requires_grad_()
    rate = torch.sigmoid(w["r"])
    candidate = torch.tanh(x_t @ w["W_x"].T + h @ w["W_h"].T + w["b"])
    after = (1 - rate) * h + rate * candidate
    d_before, *found = torch.autograd.grad(after, [h, *w.values()], d_h)
    return d_before, dict(zip(w, found))


# %% wrong M-differences
# One weight after another, by differences: right to seven digits, and slow.
def step_back(d_h, x_t, h_before, c, weights):
    def value(h, w):
        rate = torch.sigmoid(w["r"])
        a = torch.tanh(x_t @ w["W_x"].T + h @ w["W_h"].T + w["b"])
        return float((d_h * ((1 - rate) * h + rate * a)).sum())

    def slopes(function, tensor):
        found, step = torch.empty(tensor.numel(), dtype=tensor.dtype), 1e-5
        for i in range(tensor.numel()):
            change = torch.zeros(tensor.numel(), dtype=tensor.dtype)
            change[i] = step
            change = change.view_as(tensor)
            found[i] = (function(tensor + change) - function(tensor - change)) / (2 * step)
        return found.view_as(tensor)

    gradients = {
        name: slopes(lambda v, name=name: value(h_before, {**weights, name: v}), weight)
        for name, weight in weights.items()
    }
    return slopes(lambda v: value(v, weights), h_before), gradients


# %% right einsum
# Index notation.
def step_back(d_h, x_t, h_before, c, weights):
    alpha = weights["r"].sigmoid()
    through_c = torch.einsum("bh,h,bh->bh", d_h, alpha, 1 - c.square())
    d_r = torch.einsum("bh,bh,h->h", d_h, c - h_before, alpha - alpha.square())
    gradients = {
        "r": d_r,
        "b": torch.einsum("bh->h", through_c),
        "W_h": torch.einsum("bi,bj->ij", through_c, h_before),
        "W_x": torch.einsum("bi,bj->ij", through_c, x_t),
    }
    return d_h - alpha * d_h + torch.einsum("bi,ij->bj", through_c, weights["W_h"]), gradients


# %% right numpy
# NumPy, and one product for all weights that tanh acts on.
def step_back(d_h, x_t, h_before, c, weights):
    import numpy as np

    d, x, h, c = (tensor.numpy() for tensor in (d_h, x_t, h_before, c))
    w = {name: weight.numpy() for name, weight in weights.items()}
    keep = 1 / (1 + np.exp(w["r"]))
    inner = d * (1 - keep) * (1 + c) * (1 - c)
    joint = inner.T @ np.hstack([x, h, np.ones((len(x), 1))])
    parts = np.split(joint, [x.shape[1], x.shape[1] + h.shape[1]], axis=1)
    rates = keep * (1 - keep) * np.sum(d * (c - h), axis=0)
    arrays = {"W_x": parts[0], "W_h": parts[1], "b": parts[2][:, 0], "r": rates}
    before = keep * d + inner @ w["W_h"]
    return torch.from_numpy(before), {k: torch.from_numpy(v.copy()) for k, v in arrays.items()}


# %% right rows
# One sequence after another, with column vectors as in the derivation.
def step_back(d_h, x_t, h_before, c, weights):
    alpha, W = torch.sigmoid(weights["r"]), weights["W_h"]
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    before = []
    for d, x, h, c_row in zip(d_h, x_t, h_before, c):
        d_c = alpha * d
        d_a = d_c - d_c * c_row**2
        before.append((1 - alpha) * d + W.T @ d_a)
        total["W_x"] += torch.outer(d_a, x)
        total["W_h"] += torch.outer(d_a, h)
        total["b"] += d_a
        total["r"] += (1 - alpha) * d_c * (c_row - h)
    return torch.stack(before), total
