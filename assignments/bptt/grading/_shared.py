"""What the tests of several questions need."""

import math

import torch
from checking import call, expect, pair
from drawing import normal

NAMES = ("W_x", "W_h", "b", "r")


DIFFERENCE = 1e-6  # half the distance of the two points of a central difference


def same_tensors(before, after):
    for old, new in zip(before, after, strict=True):
        expect(torch.equal(old, new), "After the call an argument is not what it was.")


def dictionary(found, weights, name):
    expect(
        isinstance(found, dict) and sorted(found) == sorted(weights),
        f"`{name}` must return a dictionary with the names of the weights.",
    )
    return found


def leaky(time, batch, features, hidden, offset=0):
    weights = {
        "W_x": normal(hidden, features, offset=offset + 1),
        "W_h": normal(hidden, hidden, offset=offset + 2) / math.sqrt(hidden),
        "b": normal(hidden, offset=offset + 3),
        "r": normal(hidden, offset=offset + 4),
    }
    x = normal(time, batch, features, offset=offset + 5)
    return x, normal(batch, hidden, offset=offset + 6), weights


def leaky_step(x, h, weights):
    rate = torch.sigmoid(weights["r"])
    c = torch.tanh(x @ weights["W_x"].T + h @ weights["W_h"].T + weights["b"])
    return (1 - rate) * h + rate * c, c


def leaky_back(d_h, x_t, h_before, c, weights):
    rate = torch.sigmoid(weights["r"])
    d_a = (1 - c**2) * rate * d_h
    return (1 - rate) * d_h + d_a @ weights["W_h"], {
        "W_x": d_a.T @ x_t,
        "W_h": d_a.T @ h_before,
        "b": d_a.sum(dim=0),
        "r": (rate * (1 - rate) * (c - h_before) * d_h).sum(dim=0),
    }


def wave(time, batch, features, hidden, offset=0):
    weights = {
        "U": normal(hidden, features, offset=offset + 1),
        "gain": 0.5 + normal(hidden, offset=offset + 2).abs(),
    }
    x = normal(time, batch, features, offset=offset + 3)
    return x, normal(batch, hidden, offset=offset + 4), weights


def wave_step(x, h, weights):
    c = weights["gain"] * h + x @ weights["U"].T
    return torch.sin(c), c


def wave_back(d_h, x_t, h_before, c, weights):
    d_c = torch.cos(c) * d_h
    return weights["gain"] * d_c, {"U": d_c.T @ x_t, "gain": (d_c * h_before).sum(dim=0)}


CELLS = {
    "the leaky network": (leaky, leaky_step, leaky_back),
    "another cell": (wave, wave_step, wave_back),
}


def forward(step, x, h_0, weights):
    states, candidates = [h_0], []
    for x_t in x:
        h, c = step(x_t, states[-1], weights)
        states.append(h)
        candidates.append(c)
    return torch.stack(states), torch.stack(candidates)


def true_truncated(back, x, states, candidates, weights, d_states, k):
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    d_start = torch.zeros_like(states[0])
    for end in range(len(x)):
        d_h = d_states[end]
        for t in range(end, max(end - k, -1), -1):
            d_h, gradients = back(d_h, x[t], states[t], candidates[t], weights)
            for name, gradient in gradients.items():
                total[name] += gradient
        if end - k < 0:
            d_start += d_h
    return total, d_start


def differences(function, tensor):
    """Return the gradient of a function of one tensor by central differences."""
    gradient = torch.empty_like(tensor)
    for index in range(tensor.numel()):
        change = torch.zeros_like(tensor).view(-1)
        change[index] = DIFFERENCE
        change = change.view_as(tensor)
        slope = (function(tensor + change) - function(tensor - change)) / (2 * DIFFERENCE)
        gradient.view(-1)[index] = slope
    return gradient


def through_time(env, name, kind, sizes, offset, d_states=None, k=None):
    make, step, back = CELLS[kind]
    x, h_0, weights = make(*sizes, offset=offset)
    states, candidates = forward(step, x, h_0, weights)
    if d_states is None:
        d_states = normal(sizes[0], sizes[1], sizes[3], offset=offset + 9)
    arguments = (back, x, states, candidates, weights, d_states)
    found = call(env, name, *arguments, *(() if k is None else (k,)))
    gradients, start = pair(
        found, name, "a dictionary and the initial state's gradient", kind=tuple | list
    )
    return dictionary(gradients, weights, name), start, (step, h_0, *arguments)
