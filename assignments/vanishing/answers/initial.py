# %% wrong M-orthogonal-weights
# Makes W orthogonal, and forgets that the leak is added.
def initial(alpha, slope, gain, generator):
    W = torch.empty(len(alpha), len(alpha), dtype=alpha.dtype)
    return nn.init.orthogonal_(W, gain, generator=generator)


# %% wrong M-rho-for-sigma
# Scales the Jacobian to a spectral radius.
def initial(alpha, slope, gain, generator):
    J = torch.randn(len(alpha), len(alpha), generator=generator, dtype=alpha.dtype)
    J = J * gain / torch.linalg.eigvals(J).abs().max()
    return (J - torch.diag(1 - alpha)) / (slope * alpha[:, None])


# %% wrong M-rates-on-columns
# Divides the columns by the rates, which belong to the rows.
def initial(alpha, slope, gain, generator):
    Q = torch.empty(len(alpha), len(alpha), dtype=alpha.dtype)
    nn.init.orthogonal_(Q, generator=generator)
    return (gain * Q - torch.diag(1 - alpha)) / (slope * alpha)


# %% wrong M-slope-forgotten
# Takes every activation for tanh.
def initial(alpha, slope, gain, generator):
    Q = torch.empty(len(alpha), len(alpha), dtype=alpha.dtype)
    nn.init.orthogonal_(Q, generator=generator)
    return (gain * Q - torch.diag(1 - alpha)) / alpha[:, None]


# %% wrong M-global-generator
# Draws from torch's own generator.
def initial(alpha, slope, gain, generator):
    Q = torch.empty(len(alpha), len(alpha), dtype=alpha.dtype)
    nn.init.orthogonal_(Q)
    return (gain * Q - torch.diag(1 - alpha)) / (slope * alpha[:, None])


# %% wrong M-identity
# No draw at all: the identity.
def initial(alpha, slope, gain, generator):
    eye = torch.eye(len(alpha), dtype=alpha.dtype)
    return (gain * eye - torch.diag(1 - alpha)) / (slope * alpha[:, None])


# %% wrong M-signs-of-qr
# An orthogonal matrix as QR leaves it, whose diagonal is not negative as often as positive.
def initial(alpha, slope, gain, generator):
    A = torch.randn(len(alpha), len(alpha), generator=generator, dtype=alpha.dtype)
    Q, _ = torch.linalg.qr(A)
    return (gain * Q - torch.diag(1 - alpha)) / (slope * alpha[:, None])


# %% wrong M-imported
# The package's initialization of a layer.
def initial(alpha, slope, gain, generator):
    from rnn_tutorial.networks import initialization, layers

    layer = layers.RNN(1, len(alpha), dtype=alpha.dtype)
    initialization.orthogonal_(layer, gain, generator=generator)
    return layer.weight_hh_l0.detach()


# %% right qr
# QR with the signs fixed.
def initial(alpha, slope, gain, generator):
    n = len(alpha)
    A = torch.randn(n, n, generator=generator, dtype=alpha.dtype)
    Q, R = torch.linalg.qr(A)
    J = gain * Q * R.diagonal().sign()
    return torch.diag(1 / (slope * alpha)) @ (J - torch.diag(1 - alpha))


# %% right svd
# The nearest orthogonal matrix to a Gaussian one.
def initial(alpha, slope, gain, generator):
    n = alpha.numel()
    U, _, Vh = torch.linalg.svd(torch.randn(n, n, generator=generator, dtype=alpha.dtype))
    J = gain * (U @ Vh)
    W = J.clone()
    for i in range(n):
        W[i, i] -= 1 - alpha[i]
        W[i] /= slope * alpha[i]
    return W


# %% right gram schmidt
# Rows drawn one after another, each made orthogonal to those before it.
def initial(alpha, slope, gain, generator):
    rows = []
    while len(rows) < len(alpha):
        v = torch.randn(len(alpha), generator=generator, dtype=torch.float64)
        for _ in range(2):
            for row in rows:
                v = v - (v @ row) * row
        rows.append(v / v.norm())
    J = gain * torch.stack(rows)
    return ((J - (1 - alpha).double().diag()).T / (slope * alpha)).T.to(alpha.dtype)
