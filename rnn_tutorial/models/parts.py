"""What the models share: the states that they hand on, and what a batch of tokens is."""

import torch
from torch import Tensor

State = Tensor | tuple[Tensor, Tensor] | None


def check_tokens(tokens: Tensor, vocabulary_size: int) -> None:
    """Refuse whatever is not a batch of tokens, (batch, time), from a vocabulary."""
    if not isinstance(tokens, Tensor) or tokens.dtype not in (torch.int64, torch.int32):
        got = tokens.dtype if isinstance(tokens, Tensor) else type(tokens).__name__
        raise TypeError(f"tokens must be a tensor of int64 or int32, got {got}")
    if tokens.dim() != 2:
        raise ValueError(f"tokens must have shape (batch, time), got {tuple(tokens.shape)}")
    if tokens.numel() == 0:
        raise ValueError(f"tokens must not be empty, got shape {tuple(tokens.shape)}")
    low, high = int(tokens.min()), int(tokens.max())
    if low < 0 or high >= vocabulary_size:
        raise ValueError(
            f"tokens must be indices from 0 to {vocabulary_size - 1}, "
            f"got values from {low} to {high}"
        )
