"""What the tests of several questions need."""

import torch
from drawing import generator


def integers(high: int, *shape: int, offset: int = 0) -> torch.Tensor:
    return torch.randint(high, shape, generator=generator(offset + sum(shape)))
