# %% wrong M-by-value
# Clips each number, which changes the direction.
def clip(gradients, limit):
    norm = math.sqrt(sum(float(g.norm()) ** 2 for g in gradients.values() if g is not None))
    return {
        name: None if g is None else g.clamp(-limit, limit) for name, g in gradients.items()
    }, norm


# %% wrong M-each-tensor
# Clips the norm of each tensor by itself.
def clip(gradients, limit):
    norm = math.sqrt(sum(float(g.norm()) ** 2 for g in gradients.values() if g is not None))
    return {
        name: None if g is None else g * min(1.0, limit / (float(g.norm()) + 1e-12))
        for name, g in gradients.items()
    }, norm


# %% wrong M-always-rescaled
# Makes short gradients longer too.
def clip(gradients, limit):
    present = [g.double().flatten() for g in gradients.values() if g is not None]
    norm = float(torch.cat(present).norm())
    return {
        name: None if g is None else (g.double() * (limit / norm)).to(g.dtype)
        for name, g in gradients.items()
    }, norm


# %% wrong M-changed-in-place
# Scales the tensors that the caller still holds.
def clip(gradients, limit):
    present = [g.double().flatten() for g in gradients.values() if g is not None]
    norm = float(torch.cat(present).norm())
    for g in gradients.values():
        if g is not None and not math.isfinite(norm):
            g.zero_()
        elif g is not None and norm > limit:
            g.copy_(g.double() * (limit / norm))
    return gradients, norm


# %% wrong M-nan-through
# Scales by a norm that is not a number.
def clip(gradients, limit):
    present = [g.double().flatten() for g in gradients.values() if g is not None]
    norm = float(torch.cat(present).norm())
    factor = limit / norm if norm > limit else 1.0
    return {
        name: None if g is None else (g.double() * factor).to(g.dtype)
        for name, g in gradients.items()
    }, norm


# %% wrong M-square-overflows
# Adds squares in the type of the gradients.
def clip(gradients, limit):
    squares = [g.square().sum() for g in gradients.values() if g is not None]
    norm = float(sum(squares).sqrt())
    if not math.isfinite(norm):
        return {n: None if g is None else torch.zeros_like(g) for n, g in gradients.items()}, norm
    factor = min(1.0, limit / norm)
    return {n: None if g is None else g * factor for n, g in gradients.items()}, norm


# %% wrong M-imported
# torch's own clipping.
def clip(gradients, limit):
    parameters = {}
    for name, g in gradients.items():
        if g is not None:
            parameters[name] = nn.Parameter(torch.zeros_like(g))
            parameters[name].grad = g.clone()
    norm = nn.utils.clip_grad_norm_(parameters.values(), limit)
    clipped = {name: parameters[name].grad if name in parameters else None for name in gradients}
    return clipped, float(norm)


# %% wrong M-from-the-package
# The package's step of descent on a loss with these gradients: it refuses what is not finite.
def clip(gradients, limit):
    from rnn_tutorial.training import train_step

    present = {name: g for name, g in gradients.items() if g is not None}

    class Product(nn.Module):
        def __init__(self):
            super().__init__()
            self.at = nn.ParameterDict({name: torch.zeros_like(g) for name, g in present.items()})

        def forward(self):
            return sum((self.at[name] * g).sum() for name, g in present.items())[None]

    model = Product()
    *_, norm = train_step(
        model,
        ((), torch.zeros(1)),
        torch.optim.SGD(model.parameters(), lr=1.0),
        loss_function=lambda outputs, _: outputs.sum(),
        max_norm=limit,
    )
    return {name: -model.at[name].detach() if name in present else None for name in gradients}, norm


# %% right largest first
# Divides by the largest number before squaring.
def clip(gradients, limit):
    present = {name: g for name, g in gradients.items() if g is not None}
    largest = max((float(g.abs().max()) for g in present.values()), default=0.0)
    if any(not bool(torch.isfinite(g).all()) for g in present.values()):
        zeros = {n: torch.zeros_like(g) for n, g in present.items()}
        return {name: zeros.get(name) for name in gradients}, math.nan
    if largest == 0:
        return dict(gradients), 0.0
    small = math.sqrt(sum(float((g / largest).square().sum()) for g in present.values()))
    norm = largest * small
    if norm <= limit:
        return dict(gradients), norm
    out = {name: g / largest * (limit / small) for name, g in present.items()}
    return {name: out.get(name) for name in gradients}, norm


# %% right numpy
# NumPy in double precision, tensor by tensor.
def clip(gradients, limit):
    import numpy as np

    arrays = {n: g.numpy().astype(np.float64) for n, g in gradients.items() if g is not None}
    norm = float(np.sqrt(np.sum([np.sum(a**2) for a in arrays.values()])))
    result = {}
    for name, g in gradients.items():
        if g is None:
            result[name] = None
        elif not np.isfinite(norm):
            result[name] = 0 * torch.ones_like(g)
        else:
            result[name] = torch.tensor(arrays[name] * min(1.0, limit / norm)).to(g.dtype)
    return result, norm


# %% right hypot
# Python's own hypotenuse of many numbers.
def clip(gradients, limit):
    numbers = [v for g in gradients.values() if g is not None for v in g.flatten().tolist()]
    norm = math.hypot(*numbers)
    if any(math.isnan(v) for v in numbers):
        norm = math.nan
    out = {}
    for name, g in gradients.items():
        if g is None or norm <= limit:
            out[name] = g
        elif math.isinf(norm) or math.isnan(norm):
            out[name] = g.new_zeros(g.shape)
        else:
            out[name] = g.mul(limit / norm)
    return out, norm
