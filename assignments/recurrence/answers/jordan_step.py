# %% wrong M-transposed-weight
# Multiplies by the weights as they stand and makes the shapes fit by force.
def jordan_step(x_t, context, weights, leak):
    W_x, W_c, W_y = (weights[name] for name in ("W_x", "W_c", "W_y"))
    hidden = torch.tanh(
        x_t @ W_x.reshape(x_t.shape[1], -1)
        + context @ W_c.reshape(context.shape[1], -1)
        + weights["b"]
    )
    y = hidden @ W_y.reshape(hidden.shape[1], -1) + weights["b_y"]
    return y, leak * context + (1 - leak) * y


# %% wrong M-leak-reversed
# Keeps 1 - leak of the old context.
def jordan_step(x_t, context, weights, leak):
    hidden = torch.tanh(x_t @ weights["W_x"].T + context @ weights["W_c"].T + weights["b"])
    y = hidden @ weights["W_y"].T + weights["b_y"]
    return y, (1 - leak) * context + leak * y


# %% wrong M-squashed-output
# Applies tanh to the output too.
def jordan_step(x_t, context, weights, leak):
    hidden = torch.tanh(x_t @ weights["W_x"].T + context @ weights["W_c"].T + weights["b"])
    y = torch.tanh(hidden @ weights["W_y"].T + weights["b_y"])
    return y, leak * context + (1 - leak) * y


# %% wrong M-state-updated-first
# Lets the context leak before the hidden layer has read it.
def jordan_step(x_t, context, weights, leak):
    faded = leak * context
    hidden = torch.tanh(x_t @ weights["W_x"].T + faded @ weights["W_c"].T + weights["b"])
    y = hidden @ weights["W_y"].T + weights["b_y"]
    return y, faded + (1 - leak) * y


# %% wrong M-changed-in-place
# Writes the new context over the tensor that the caller still holds.
edit(
    "return y, leak * context + (1 - leak) * y",
    """context *= leak
    context += (1 - leak) * y
    return y, context""",
)


# %% wrong M-missing-bias
# Feeds back the output without its bias.
def jordan_step(x_t, context, weights, leak):
    hidden = torch.tanh(x_t @ weights["W_x"].T + context @ weights["W_c"].T + weights["b"])
    product = hidden @ weights["W_y"].T
    return product + weights["b_y"], leak * context + (1 - leak) * product


# %% wrong M-from-the-package
# The package's step of Elman's network, fed with the output: no leak.
def jordan_step(x_t, context, weights, leak):
    from rnn_tutorial.networks import cells

    hidden = cells.rnn_step(x_t, context, weights["W_x"], weights["W_c"], weights["b"])
    y = cells.affine(hidden, weights["W_y"], weights["b_y"])
    return y, y


# %% right linear
# torch's own affine map, and an interpolation.
def jordan_step(x_t, context, weights, leak):
    linear = torch.nn.functional.linear
    before = linear(x_t, weights["W_x"], weights["b"]) + linear(context, weights["W_c"])
    y = linear(before.tanh(), weights["W_y"], weights["b_y"])
    return y, torch.lerp(y, context, leak)


# %% right einsum
# Index notation, and one matrix for both inputs of the hidden layer.
def jordan_step(x_t, context, weights, leak):
    both = torch.cat([x_t, context], dim=1)
    W = torch.cat([weights["W_x"], weights["W_c"]], dim=1)
    h = torch.tanh(torch.einsum("bi,hi->bh", both, W) + weights["b"])
    y = torch.einsum("bh,oh->bo", h, weights["W_y"]) + weights["b_y"]
    return y, context + (1 - leak) * (y - context)


# %% right rows
# One row of the batch at a time.
def one_row(x, c, w, leak):
    h = torch.tanh(w["W_x"] @ x + w["W_c"] @ c + w["b"])
    y = w["W_y"] @ h + w["b_y"]
    return y, leak * c + (1 - leak) * y


def jordan_step(x_t, context, weights, leak):
    rows = [one_row(x, c, weights, leak) for x, c in zip(x_t, context)]
    return torch.stack([y for y, _ in rows]), torch.stack([c for _, c in rows])
