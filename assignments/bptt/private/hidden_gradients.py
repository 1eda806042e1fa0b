"""Ways to get a gradient wrong: a stand-in that anyone can read, put your own in a private folder.

Each function takes right gradients by name and a generator, and returns others, of which at least
one is off by at least 1% of its norm. W_h is square.
"""

import torch


def transposed(right, generator):
    """Turn W_h round."""
    return {**right, "W_h": right["W_h"].T.clone()}


def doubled(right, generator):
    """Double everything."""
    return {name: 2 * gradient for name, gradient in right.items()}


def one_zero(right, generator):
    """Let the rates learn nothing."""
    return {**right, "r": torch.zeros_like(right["r"])}


def other_sign(right, generator):
    """Go uphill in one tensor."""
    return {**right, "b": -right["b"]}


def shifted(right, generator):
    """Put the numbers of one tensor in their neighbors' places; its norm is right."""
    return {**right, "W_x": right["W_x"].roll(1, dims=0)}


def unrelated(right, generator):
    """Draw a tensor of the right norm."""
    other = torch.randn(right["r"].shape, generator=generator, dtype=right["r"].dtype)
    return {**right, "r": other * right["r"].norm() / other.norm()}


def two_percent(right, generator):
    """Make one tensor a little too long."""
    return {**right, "W_x": 1.02 * right["W_x"]}


def one_element(right, generator):
    """Change a single number."""
    wrong = right["W_h"].clone()
    wrong[-1, 0] += 0.03 * wrong.norm()
    return {**right, "W_h": wrong}


def noisy(right, generator):
    """Add noise of two percent of the norm to one tensor."""
    noise = torch.randn(right["b"].shape, generator=generator, dtype=right["b"].dtype)
    return {**right, "b": right["b"] + 0.02 * right["b"].norm() * noise / noise.norm()}


def turned(right, generator):
    """Turn one tensor aside by two percent of its length; its norm is right."""
    gradient = right["W_h"]
    aside = torch.randn(gradient.shape, generator=generator, dtype=gradient.dtype)
    aside -= (aside * gradient).sum() / gradient.norm() ** 2 * gradient
    wrong = gradient + 0.02 * gradient.norm() * aside / aside.norm()
    return {**right, "W_h": wrong * gradient.norm() / wrong.norm()}


LARGE = [transposed, doubled, one_zero, other_sign, shifted, unrelated]
SMALL = [two_percent, one_element, noisy, turned]
