# %% wrong M-rho-for-sigma
# The spectral radius, which a matrix that is not normal exceeds.
def ceiling(W, alpha, slope, k):
    rest = slope * float(torch.linalg.eigvals(alpha[:, None] * W).abs().max())
    return (float((1 - alpha).max()) + rest) ** k


# %% wrong M-leak-forgotten
# Only the way through the activation.
def ceiling(W, alpha, slope, k):
    return (slope * float(torch.linalg.matrix_norm(alpha[:, None] * W, ord=2))) ** k


# %% wrong M-slope-forgotten
# Takes every activation for tanh.
def ceiling(W, alpha, slope, k):
    rest = float(torch.linalg.matrix_norm(alpha[:, None] * W, ord=2))
    return (float((1 - alpha).max()) + rest) ** k


# %% wrong M-frobenius
# A bound that holds and is too high.
def ceiling(W, alpha, slope, k):
    rest = slope * float((alpha[:, None] * W).norm())
    return (float((1 - alpha).max()) + rest) ** k


# %% wrong M-rates-pulled-out
# The largest rate for all units.
def ceiling(W, alpha, slope, k):
    rest = slope * float(alpha.max()) * float(torch.linalg.matrix_norm(W, ord=2))
    return (float((1 - alpha).max()) + rest) ** k


# %% wrong M-rates-on-columns
# Multiplies the columns of W by the rates, which belong to its rows.
def ceiling(W, alpha, slope, k):
    rest = slope * float(torch.linalg.matrix_norm(W * alpha, ord=2))
    return (float((1 - alpha).max()) + rest) ** k


# %% wrong M-steepest-everywhere
# The norm of the one Jacobian in which all slopes are the steepest.
def ceiling(W, alpha, slope, k):
    J = torch.diag(1 - alpha) + slope * alpha[:, None] * W
    return float(torch.linalg.matrix_norm(torch.linalg.matrix_power(J, k), ord=2))


# %% wrong M-imported
# The package's bound, which knows no leak.
def ceiling(W, alpha, slope, k):
    from rnn_tutorial.gradients import jacobian_bound

    return float(jacobian_bound(W, [k], slope=slope))


# %% right numpy
# NumPy's norm of the matrix.
def ceiling(W, alpha, slope, k):
    import numpy as np

    a, w = alpha.numpy(), W.numpy()
    return (np.linalg.norm(np.diag(1 - a), 2) + slope * np.linalg.norm(np.diag(a) @ w, 2)) ** k


# %% right svd
# Singular values, and the product step by step, as a tensor.
def ceiling(W, alpha, slope, k):
    one = torch.linalg.svdvals(torch.diag(alpha * slope) @ W)[0] + (1 - alpha.min())
    result = torch.ones_like(one)
    for _ in range(k):
        result = result * one
    return result


# %% right logarithm
# The eigenvalue of a symmetric matrix, and logarithms.
def ceiling(W, alpha, slope, k):
    scaled = slope * torch.einsum("i,ij->ij", alpha, W)
    largest = math.sqrt(float(torch.linalg.eigvalsh(scaled.T @ scaled)[-1]))
    return math.exp(k * math.log(largest + 1 - float(min(alpha))))
