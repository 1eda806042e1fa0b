"""Hidden tests of `stretch`."""

import math

import torch
from checking import call, close, expect
from drawing import normal


def _driven(hidden, features, offset, size=1.0):
    """Return a step whose Jacobian changes much with its inputs."""
    W = size * normal(hidden, hidden, offset=offset) / math.sqrt(hidden)
    U = normal(hidden, features, offset=offset + 1)

    def step(x_t, h):
        return torch.tanh(W @ h + U @ x_t) * torch.sigmoid(h.flip(0) - x_t.sum()) + 0.3 * h

    return step


def _whole(step, x, h):
    """Return the Jacobian of all steps in one go."""

    def run(state):
        for x_t in x:
            state = step(x_t, state)
        return state

    return torch.autograd.functional.jacobian(run, h)


def _true_stretch(step, x, h):
    states = [h]
    for x_t in x:
        states.append(step(x_t, states[-1]).detach())
    jacobians = [_whole(step, x[t:], states[t]) for t in reversed(range(len(x)))]
    return torch.stack([torch.linalg.matrix_norm(jacobian, ord=2) for jacobian in jacobians])


def _stretches(env, step, x, h_0, text):
    found = call(env, "stretch", step, x, h_0)
    wanted = _true_stretch(step, x, h_0)
    expect(isinstance(found, torch.Tensor), "`stretch` must return a tensor.")
    expect(
        found.shape == wanted.shape,
        f"The shape is {tuple(found.shape)} where it must be {tuple(wanted.shape)}.",
    )
    close(found / wanted, torch.ones_like(wanted), text, tolerance=1e-6)


def stretch_values(env):
    """Steps of several sizes, from one time step on."""
    for offset, (time, features, hidden) in enumerate([(6, 2, 4), (1, 3, 2), (4, 4, 4), (9, 2, 1)]):
        x, h_0 = normal(time, features, offset=offset), normal(hidden, offset=offset)
        step = _driven(hidden, features, 10 * offset)
        _stretches(env, step, x, h_0, f"With {time} steps a norm differs from that of the product.")


def stretch_order(env):
    """Jacobians that do not commute, and inputs that change much."""
    x = torch.tensor([[0.1], [6.0], [-3.0], [0.5], [2.0], [-0.2]], dtype=torch.float64)
    turns = [normal(3, 3, offset=k) for k in range(2)]

    def step(x_t, h):
        return (turns[0] if float(x_t) > 0 else turns[1]) @ h + torch.cos(h) * x_t

    _stretches(env, step, x, normal(3), "The norms are not those that belong to these lags.")


def stretch_skewed(env):
    """A matrix whose powers first grow and then fade."""
    W = torch.tensor([[0.5, 5.0], [0.0, 0.4]], dtype=torch.float64)
    x = torch.zeros(12, 1, dtype=torch.float64)
    text = "For a matrix that is not normal the norms are wrong."
    _stretches(env, lambda x_t, h: W @ h + x_t, x, torch.ones(2, dtype=torch.float64), text)
