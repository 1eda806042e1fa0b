"""Numbers for hidden tests, drawn from the assignment's secret seed."""

import torch
from secret import SEED


def generator(offset: int = 0) -> torch.Generator:
    """Return a generator that starts at the secret seed, shifted by an offset."""
    return torch.Generator().manual_seed(SEED + offset)


def normal(*shape: int, offset: int = 0) -> torch.Tensor:
    """Draw a tensor of a shape from the standard normal distribution, in float64."""
    return torch.randn(*shape, generator=generator(offset + sum(shape)), dtype=torch.float64)
