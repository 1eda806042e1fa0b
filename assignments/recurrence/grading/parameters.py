"""Hidden tests of `parameters`."""

from checking import call, expect


def _true_parameters(cell, features, hidden, layers, bidirectional):
    gates = {"rnn": 1, "gru": 3, "peephole": 4}[cell]
    directions = 2 if bidirectional else 1
    total = 0
    for layer in range(layers):
        inputs = features if layer == 0 else directions * hidden
        one = gates * hidden * (inputs + hidden + 1) + (3 * hidden if cell == "peephole" else 0)
        total += directions * one
    return total


def _count(env, cases):
    for case in cases:
        found = call(env, "parameters", *case)
        cell, _, _, layers, bidirectional = case
        described = f"{cell}, {layers} layer{'s' * (layers > 1)}"
        described += f", {'two directions' if bidirectional else 'one direction'}"
        expect(found == _true_parameters(*case), f"The number is wrong for: {described}.")


def parameters_one_layer(env):
    """One layer, one direction, each cell."""
    _count(env, [(cell, 7, 5, 1, False) for cell in ("rnn", "gru", "peephole")])
    _count(env, [(cell, 1, 1, 1, False) for cell in ("rnn", "gru", "peephole")])


def parameters_layers(env):
    """Several layers, one direction."""
    cells = ("rnn", "gru", "peephole")
    _count(env, [(cell, 6, 4, n, False) for cell in cells for n in (2, 3)])


def parameters_directions(env):
    """Two directions, with and without layers above."""
    cells = ("rnn", "gru", "peephole")
    _count(env, [(cell, 6, 4, n, True) for cell in cells for n in (1, 2, 4)])
