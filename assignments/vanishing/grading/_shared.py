"""What the tests of several questions need."""

import torch
from drawing import normal


def rates(hidden: int, offset: int = 0) -> torch.Tensor:
    return 0.1 + 0.9 * torch.sigmoid(normal(hidden, offset=offset))
