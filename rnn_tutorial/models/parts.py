"""What the models share: which recurrent layer, and what a batch of tokens is."""

import torch
from torch import Tensor, nn

from rnn_tutorial import _arguments
from rnn_tutorial.networks import layers

CELLS = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}
ENGINES = {"rnn_tutorial": layers, "torch": nn}  # both have classes of these names
State = Tensor | tuple[Tensor, Tensor] | None


def recurrent_class(cell: str, engine: str) -> type[nn.Module]:
    """Return the class of a kind of cell, the book's or torch.nn's."""
    _arguments.choice("cell", cell, CELLS)
    return getattr(ENGINES[_arguments.choice("engine", engine, ENGINES)], CELLS[cell])


def check_tokens(tokens: Tensor, vocabulary_size: int) -> None:
    """Refuse what is no batch of tokens, (batch, time), of a vocabulary."""
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
