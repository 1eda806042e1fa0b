"""The error surface of chapter 5 on which the reader starts a descent."""

import torch
from torch import Tensor

from rnn_tutorial import experiments
from rnn_tutorial.experiments.long_range import cliff
from rnn_tutorial.figures._surfaces import LEVELS

BOX = {"w": [4.2, 5.2], "b": [-2.8, -2.0]}  # what the chapter draws
EACH_WAY, GOOD = 12, 0.01  # starting points along each side, and a loss that is low


def numbers() -> dict:
    """Return the surface's frame and how often a descent ends well.

    Returns
    -------
    dict
        ``box``, the ranges of w and b; ``start``, the steepest point that the first seed found;
        ``learning_rate``, ``updates``, ``max_norm`` and ``steps`` of the unit; ``levels``, the
        borders of the shades of the chapter's figure in log10 of the loss; ``starts`` and
        ``well``: of this many starting points all over the picture, the share that ends with a loss
        below ``good``, to a tenth, by descent.
    """
    path = experiments.load("cliff", "path").query("seed == @cliff.SEEDS[0]")
    grid = starts()
    ends = {name: cliff.descend(grid, norm)[-1] for name, norm in cliff.VARIANTS.items()}
    low = {name: (cliff.loss(end) < GOOD).double().mean().item() for name, end in ends.items()}
    return {
        "box": BOX,
        "start": path[["w", "b"]].iloc[0].tolist(),
        "learning_rate": cliff.LEARNING_RATE,
        "updates": cliff.UPDATES,
        "max_norm": cliff.VARIANTS["clipped"],
        "steps": cliff.STEPS,
        "levels": LEVELS.tolist(),
        "starts": len(grid),
        "good": GOOD,
        "well": {name: round(share, 1) for name, share in low.items()},
    }


def starts() -> Tensor:
    """Return starting points all over the picture, (144, 2)."""
    axes = [torch.linspace(*ends, EACH_WAY, dtype=torch.float64) for ends in BOX.values()]
    return torch.cartesian_prod(*axes)
