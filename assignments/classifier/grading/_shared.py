"""What the tests of several questions need."""

import torch
from drawing import generator


def draw_lengths(batch: int, time: int, offset: int = 0) -> torch.Tensor:
    """Draw lengths in no order, with the longest neither first nor sorted."""
    lengths = torch.randint(1, time + 1, (batch,), generator=generator(offset))
    lengths[0], lengths[batch // 2] = 1, time
    return lengths
