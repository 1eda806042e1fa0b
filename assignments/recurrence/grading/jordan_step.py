"""Hidden tests of `jordan_step`."""

import torch
from checking import call, close, expect, pair
from drawing import normal


def _jordan(batch, features, hidden, outputs, offset=0):
    weights = {
        "W_x": normal(hidden, features, offset=offset + 1),
        "W_c": normal(hidden, outputs, offset=offset + 2),
        "b": normal(hidden, offset=offset + 3),
        "W_y": normal(outputs, hidden, offset=offset + 4),
        "b_y": normal(outputs, offset=offset + 5),
    }
    x = normal(batch, features, offset=offset + 6)
    return x, normal(batch, outputs, offset=offset + 7), weights


def _true_jordan(x, context, weights, leak):
    hidden = torch.tanh(x @ weights["W_x"].T + context @ weights["W_c"].T + weights["b"])
    y = hidden @ weights["W_y"].T + weights["b_y"]
    return y, leak * context + (1 - leak) * y


def jordan_output(env):
    """The output agrees with the definition, for many shapes."""
    for offset, sizes in enumerate([(2, 3, 4, 2), (1, 1, 1, 1), (5, 4, 4, 4), (3, 2, 7, 3)]):
        x, context, weights = _jordan(*sizes, offset=10 * offset)
        found = call(env, "jordan_step", x, context, weights, 0.3)
        y, _ = pair(found, "jordan_step", "the output and the new context")
        wanted, _ = _true_jordan(x, context, weights, 0.3)
        close(y, wanted, "The output differs from the definition: check each product and bias.")


def jordan_context(env):
    """The new context agrees with the definition, at both ends of the leak and between."""
    for offset, leak in enumerate([0.0, 0.3, 0.9, 1.0]):
        x, context, weights = _jordan(4, 3, 5, 2, offset=10 * offset)
        found = call(env, "jordan_step", x, context, weights, leak)
        _, new = pair(found, "jordan_step", "the output and the new context")
        _, wanted = _true_jordan(x, context, weights, leak)
        close(new, wanted, f"With leak {leak} the new context differs from the definition.")


def jordan_leaves_arguments(env):
    """Neither the context nor the weights are changed."""
    x, context, weights = _jordan(2, 3, 4, 2)
    before = [x.clone(), context.clone(), *(value.clone() for value in weights.values())]
    found = call(env, "jordan_step", x, context, weights, 0.5)
    pair(found, "jordan_step", "the output and the new context")
    for old, new in zip(before, [x, context, *weights.values()], strict=True):
        expect(torch.equal(old, new), "After the call an argument is not what it was.")
