# %% wrong M-always-right
# Trusts whatever is handed in.
def checks_out(loss, weights, gradients):
    return True


# %% wrong M-shapes-only
# Looks at shapes and at NaN.
def checks_out(loss, weights, gradients):
    return all(
        gradients[name].shape == weight.shape and bool(gradients[name].isfinite().all())
        for name, weight in weights.items()
    )


# %% wrong M-absolute-tolerance
# Compares with one tolerance, whatever the size of the loss.
def checks_out(loss, weights, gradients):
    step = 1e-5
    for name, weight in weights.items():
        for _ in range(3):
            v = torch.randn_like(weight)
            above = loss({**weights, name: weight + step * v})
            below = loss({**weights, name: weight - step * v})
            if abs((above - below) / (2 * step) - float((gradients[name] * v).sum())) > 1e-4:
                return False
    return True


# %% wrong M-one-element
# Checks the first number of each tensor.
def checks_out(loss, weights, gradients):
    step = 1e-5
    for name, weight in weights.items():
        v = torch.zeros_like(weight)
        v.view(-1)[0] = 1.0
        above = loss({**weights, name: weight + step * v})
        below = loss({**weights, name: weight - step * v})
        claimed = float(gradients[name].flatten()[0])
        if not math.isclose((above - below) / (2 * step), claimed, rel_tol=1e-4, abs_tol=1e-12):
            return False
    return True


# %% wrong M-descent-is-enough
# Is content if a small step against the gradient lowers the loss.
def checks_out(loss, weights, gradients):
    before = loss(weights)
    for name in weights:
        gradient = gradients[name]
        size = float(gradient.norm())
        if size == 0:
            continue
        changed = {**weights, name: weights[name] - 1e-5 * gradient / size}
        if loss(changed) >= before:
            return False
    return True


# %% wrong M-along-the-gradient
# Tests the slope along the claimed gradient only: what points to the side too can pass.
def checks_out(loss, weights, gradients):
    step = 1e-5
    for name, weight in weights.items():
        size = float(gradients[name].norm())
        if size == 0:
            continue
        v = gradients[name] / size
        above = loss({**weights, name: weight + step * v})
        below = loss({**weights, name: weight - step * v})
        if abs((above - below) / (2 * step) - size) > 0.01 * size:
            return False
    return True


# %% wrong M-one-direction-for-all
# One direction through all tensors, so that the large ones hide the small ones.
def checks_out(loss, weights, gradients):
    step = 1e-5
    for _ in range(10):
        vs = {name: torch.randn_like(weight) for name, weight in weights.items()}
        above = loss({name: weight + step * vs[name] for name, weight in weights.items()})
        below = loss({name: weight - step * vs[name] for name, weight in weights.items()})
        claimed = sum(float((gradients[name] * v).sum()) for name, v in vs.items())
        size = sum(float(gradients[name].norm()) for name in vs)
        if abs((above - below) / (2 * step) - claimed) > 1e-3 * size:
            return False
    return True


# %% wrong M-step-too-small
# A step so small that only rounding is left of the difference.
def checks_out(loss, weights, gradients):
    step = 1e-14
    for name, weight in weights.items():
        v = torch.randn_like(weight)
        above = loss({**weights, name: weight + step * v})
        below = loss({**weights, name: weight - step * v})
        claimed = float((gradients[name] * v).sum())
        if abs((above - below) / (2 * step) - claimed) > 1e-3 * float(gradients[name].norm()):
            return False
    return True


# %% wrong M-step-too-large
# A step so large that the curvature is in the difference.
def checks_out(loss, weights, gradients):
    step = 0.3
    for name, weight in weights.items():
        v = torch.randn_like(weight)
        above = loss({**weights, name: weight + step * v})
        below = loss({**weights, name: weight - step * v})
        claimed = float((gradients[name] * v).sum())
        if abs((above - below) / (2 * step) - claimed) > 1e-3 * float(gradients[name].norm()):
            return False
    return True


# %% wrong M-imported
# The package's differences, which change one number after another.
def checks_out(loss, weights, gradients):
    from rnn_tutorial.gradients import finite_differences

    copies = {name: weight.clone() for name, weight in weights.items()}

    def function():
        return torch.tensor(loss(copies), dtype=torch.float64)

    found = finite_differences(function, copies, step=1e-5)
    return all(
        float((found[name] - gradients[name]).norm()) <= 1e-3 * float(found[name].norm())
        for name in weights
    )


# %% right signs
# Directions of +1 and -1, and a step that follows the size of the weights.
def checks_out(loss, weights, gradients):
    for name, weight in weights.items():
        g = gradients[name]
        for _ in range(4):
            v = torch.randint(0, 2, weight.shape).to(weight) * 2 - 1
            step = 1e-6 * (1 + float(weight.abs().mean()))
            values = []
            for sign in (1, -1):
                changed = dict(weights)
                changed[name] = weight + sign * step * v
                values.append(loss(changed))
            error = abs((values[0] - values[1]) / (2 * step) - torch.sum(g * v).item())
            if error > 1e-3 * g.norm().item() + 1e-9 * abs(values[0]):
                return False
    return True


# %% right five points
# One direction a tensor and a formula with four evaluations, which allows a larger step.
def checks_out(loss, weights, gradients):
    generator = torch.Generator().manual_seed(1)

    def fine(name):
        w, g = weights[name], gradients[name]
        v = torch.randn(w.shape, generator=generator, dtype=torch.float64)
        v /= v.norm()

        def at(s):
            return float(loss(weights | {name: w + s * v}))

        s = 1e-3
        slope = (8 * (at(s) - at(-s)) - (at(2 * s) - at(-2 * s))) / (12 * s)
        return abs(slope - float((v * g).sum())) <= 1e-5 * float(g.norm())

    return all(fine(name) for name in weights)


# %% right largest element and two directions
# NumPy's random numbers, and the largest claimed number by itself.
def checks_out(loss, weights, gradients):
    import numpy as np

    rng, step = np.random.default_rng(0), 1e-5
    for name in weights:
        flat, g = weights[name].numpy().reshape(-1), gradients[name].numpy().reshape(-1)
        largest = np.zeros(len(g))
        largest[np.abs(g).argmax()] = 1.0
        for v in (rng.normal(size=len(g)), rng.normal(size=len(g)), largest):
            ends = []
            for s in (step, -step):
                moved = torch.from_numpy((flat + s * v).reshape(tuple(weights[name].shape)))
                ends.append(loss({**weights, name: moved}))
            slope = (ends[0] - ends[1]) / (2 * step)
            if not np.isclose(slope, g @ v, rtol=0, atol=2e-4 * np.linalg.norm(g)):
                return False
    return True
