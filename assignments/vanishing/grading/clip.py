"""Hidden tests of `clip`."""

import math

import torch
from checking import call, close, expect, number
from drawing import normal


def _gradients(dtype=torch.float64, size=1.0):
    shapes = {"W": (4, 3), "b": (4,), "V": (2, 4), "s": (1,)}
    found = {
        name: (size * normal(*shape, offset=number)).to(dtype)
        for number, (name, shape) in enumerate(shapes.items())
    }
    return {**found, "idle": None}


def _flat(gradients):
    present = [g.double().flatten() for g in gradients.values() if g is not None]
    return torch.cat(present)


def _clipped(env, gradients, limit):
    found = call(env, "clip", gradients, limit)
    expect(isinstance(found, tuple | list) and len(found) == 2, "`clip` must return two things.")
    clipped, norm = found
    expect(
        isinstance(clipped, dict) and list(clipped) == list(gradients),
        "`clip` must return a dictionary with the names that it got.",
    )
    for name, gradient in gradients.items():
        if gradient is None:
            expect(clipped[name] is None, "What is `None` must stay `None`.")
        else:
            expect(isinstance(clipped[name], torch.Tensor), "A gradient came back as no tensor.")
            expect(
                clipped[name].shape == gradient.shape, "A gradient has another shape than it had."
            )
            expect(
                clipped[name].dtype == gradient.dtype, "A gradient has another type than it had."
            )
    return clipped, number(norm, "clip")


def clip_values(env):
    """The norm is the limit, and the direction what it was."""
    for dtype, tolerance in ((torch.float64, 1e-6), (torch.float32, 1e-4)):
        for limit in (0.1, 1.0, 2.5):
            gradients = _gradients(dtype, size=3.0)
            clipped, norm = _clipped(env, gradients, limit)
            before = _flat(gradients)
            wanted = before * (limit / before.norm())
            text = f"With the limit {limit} the gradients are not the scaled ones."
            close(_flat(clipped), wanted, text, tolerance * limit)
            right = math.isclose(norm, float(before.norm()), rel_tol=1e-5)
            expect(right, "The norm is not that of all numbers together, before clipping.")


def clip_small(env):
    """Short gradients come back as they are, and the arguments stay as they are."""
    gradients = _gradients()
    copies = {name: None if g is None else g.clone() for name, g in gradients.items()}
    length = float(_flat(gradients).norm())
    clipped, _ = _clipped(env, gradients, 2 * length)
    close(_flat(clipped), _flat(copies), "Gradients that are short enough have changed.", 1e-12)
    clipped, _ = _clipped(env, gradients, length / 10)
    expect(list(copies) == list(gradients), "The dictionary that you got has changed.")
    close(_flat(gradients), _flat(copies), "After the call an argument is not what it was.", 0.0)
    wanted = _flat(copies) / 10
    close(_flat(clipped), wanted, "Gradients that are too long come back wrong.", 1e-6 * length)


def clip_extremes(env):
    """Numbers whose square float32 cannot hold, and numbers that are none."""
    gradients = _gradients(torch.float32, size=1e30)
    clipped, norm = _clipped(env, gradients, 1.0)
    before = _flat(gradients)
    close(_flat(clipped), before / before.norm(), "Of 1e30 in float32 the direction is lost.", 1e-4)
    expect(math.isclose(norm, float(before.norm()), rel_tol=1e-4), "The norm of 1e30 is wrong.")
    for bad in (math.nan, math.inf, -math.inf):
        gradients = _gradients()
        gradients["b"][1] = bad
        clipped, norm = _clipped(env, gradients, 1.0)
        expect(not _flat(clipped).any(), f"With a number that is {bad} the result must be zeros.")
        expect(not math.isfinite(norm), f"With a number that is {bad} the norm cannot be finite.")
