# %% wrong M-sigma-for-rho
# The largest singular value, which bounds the decay and is not it.
def half_life(W):
    radius = float(torch.linalg.matrix_norm(W, 2))
    if radius >= 1:
        return math.inf
    return math.log(0.5) / math.log(radius) if radius > 0 else 0.0


# %% wrong M-sign-of-eigenvalue
# The largest eigenvalue by sign: a negative one that is larger in size is overlooked.
def half_life(W):
    radius = float(torch.linalg.eigvals(W).real.max())
    if radius >= 1:
        return math.inf
    return math.log(0.5) / math.log(radius) if radius > 0 else 0.0


# %% wrong M-symmetric-part
# The routine for symmetric matrices, which looks at one triangle only.
def half_life(W):
    radius = float(torch.linalg.eigvalsh(W).abs().max())
    if radius >= 1:
        return math.inf
    return math.log(0.5) / math.log(radius) if radius > 0 else 0.0


# %% wrong M-fastest-mode
# The mode that dies first.
def half_life(W):
    radius = float(torch.linalg.eigvals(W).abs().min())
    if radius >= 1:
        return math.inf
    return math.log(0.5) / math.log(radius) if radius > 0 else 0.0


# %% wrong M-time-constant
# The steps in which a mode falls to 1/e.
def half_life(W):
    radius = float(torch.linalg.eigvals(W).abs().max())
    if radius >= 1:
        return math.inf
    return -1 / math.log(radius) if radius > 0 else 0.0


# %% wrong M-growth-as-decay
# Gives a negative half-life to what grows.
def half_life(W):
    radius = float(torch.linalg.eigvals(W).abs().max())
    if radius == 1:
        return math.inf
    return math.log(0.5) / math.log(radius) if radius > 0 else 0.0


# %% wrong M-from-the-package
# The package's spectral radius, and a logarithm that does not fit a radius of 0 or above 1.
def half_life(W):
    from rnn_tutorial.networks import spectral_radius

    return math.log(0.5) / math.log(spectral_radius(W))


# %% right numpy
# NumPy's eigenvalues and a logarithm to base 2.
def half_life(W):
    import numpy as np

    slowest = np.abs(np.linalg.eigvals(W.numpy())).max()
    if slowest == 0:
        return 0.0
    return float(np.inf) if slowest >= 1 else float(-1 / np.log2(slowest))


# %% right eig
# Real and imaginary part by hand.
def half_life(W):
    values, _ = torch.linalg.eig(W)
    size = max(math.hypot(float(v.real), float(v.imag)) for v in values)
    if size >= 1.0:
        return float("inf")
    if size == 0.0:
        return 0
    return math.log(2) / -math.log(size)


# %% right doubled
# The first real number of steps whose power is one half, as a tensor.
def half_life(W):
    largest = torch.linalg.eigvals(W).abs().amax()
    if largest >= 1:
        return torch.tensor(torch.inf)
    return torch.log(torch.tensor(0.5)) / torch.log(largest)
