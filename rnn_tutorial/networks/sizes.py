"""How many parameters a recurrent layer has, and how many units a number of them pays for."""

import math

from rnn_tutorial import _arguments

# How many blocks of rows the weights of a cell have: one for each gate, and the candidate's.
BLOCKS = {"rnn": 1, "gru": 3, "lstm": 4}


def units_for(cell: str, parameters: int, features: int) -> int:
    """Return the number of units whose layer comes closest to a number of parameters.

    Parameters
    ----------
    cell : {"rnn", "gru", "lstm"}
        The cell; it has 1, 3 or 4 blocks, each with H (D + H) weights and 2 H biases.
    parameters : int
        How many parameters the layer should have.
    features : int
        Number D of features of a step.

    Returns
    -------
    int
        The number H of units, at least 1.

    Raises
    ------
    TypeError, ValueError
        If `cell` is not one of those, or a number is not an integer or is below 1.
    """
    blocks = BLOCKS[_arguments.choice("cell", cell, BLOCKS)]
    _arguments.integer("parameters", parameters, 1)
    _arguments.integer("features", features, 1)
    # H² + (D + 2) H = parameters / blocks; one of the two integers around the root is closest
    half = (features + 2) / 2
    root = int(math.sqrt(half**2 + parameters / blocks) - half)
    return min((max(1, root), root + 1), key=lambda h: abs(size_of(cell, h, features) - parameters))


def size_of(cell: str, hidden: int, features: int) -> int:
    """Return the number of parameters of a layer of H units that reads D features.

    Parameters
    ----------
    cell : {"rnn", "gru", "lstm"}
        The cell.
    hidden, features : int
        Numbers H and D.

    Returns
    -------
    int
        Weights and both biases: 1, 3 or 4 times H (D + H + 2).
    """
    blocks = BLOCKS[_arguments.choice("cell", cell, BLOCKS)]
    return blocks * hidden * (features + hidden + 2)
