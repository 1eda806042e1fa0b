"""One long text in pieces: contiguous streams, and windows that begin anywhere."""

import torch
from torch import Tensor

from rnn_tutorial import _arguments


def streams_of(tokens, streams: int):
    """Cut one long text into contiguous streams, side by side, with their targets.

    Parameters
    ----------
    tokens : ndarray or Tensor of int, (length,)
        The text.
    streams : int
        How many columns to make of it; a remainder that does not fill them all is dropped.

    Returns
    -------
    inputs, targets : ndarray or Tensor of int, (time, streams)
        Column s is a piece of the text, read from top to bottom. The target of a token is the next
        token of the text, even in the last row.

    Raises
    ------
    ValueError
        If there are not more tokens than streams.
    """
    streams = _arguments.integer("streams", streams, 1)
    time = (len(tokens) - 1) // streams
    if time < 1:
        raise ValueError(f"tokens must outnumber streams, got {len(tokens)} and {streams}")
    length = time * streams
    return tokens[:length].reshape(streams, time).T, tokens[1 : length + 1].reshape(streams, time).T


def windows_at(tokens: Tensor, places: Tensor, length: int) -> Tensor:
    """Cut the pieces of a text (time,) that begin at some places, (length, places)."""
    return tokens[places + torch.arange(length)[:, None]]
