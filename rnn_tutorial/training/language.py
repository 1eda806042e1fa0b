"""Language models in training and on test: streams with the state carried, bits for each symbol."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from rnn_tutorial import _arguments
from rnn_tutorial.data.batching import Streams
from rnn_tutorial.models import LanguageModel
from rnn_tutorial.training.loop import evaluation_mode, train
from rnn_tutorial.training.objectives import sequence_cross_entropy


def train_on_streams(
    model: LanguageModel,
    streams: Streams,
    updates: int,
    *,
    optimizer: torch.optim.Optimizer,
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
    max_norm: float = 1.0,
    report: Callable[[int, float], None] | None = None,
) -> list[float]:
    """Train by truncated backpropagation: carry the state from chunk to chunk, cut its graph.

    At the end of a pass over the streams the state is set back to zeros.

    Parameters
    ----------
    model : LanguageModel
        Called with tokens and a state; returns logits and the next state.
    streams : Streams
        The training text. Passes are repeated as often as is needed.
    updates : int
        How many chunks to learn from.
    optimizer : Optimizer
        Holds the model's parameters.
    scheduler : LRScheduler, optional
        Stepped after each update.
    max_norm : float
        The gradient is rescaled to this norm if its norm is greater.
    report : callable, optional
        Called after each update with its number, from 1, and its loss in bits.

    Returns
    -------
    list of float
        Bits per symbol of each chunk before its update.

    Raises
    ------
    FloatingPointError
        If the loss or the gradient is not finite; the message says in which pass and batch.
    ValueError
        If `updates` is below 1.
    """
    _arguments.integer("updates", updates, 1)
    chunks = [((inputs,), targets) for inputs, targets in streams]

    def in_bits(number, step):
        if report is not None:
            report(number, step.loss / math.log(2))

    losses = train(
        model, chunks, updates, optimizer=optimizer, scheduler=scheduler, max_norm=max_norm,
        carry=True, loss_function=sequence_cross_entropy, report=in_bits,
    )  # fmt: skip
    return [loss / math.log(2) for loss in losses]


@torch.no_grad()
def bits_of(
    model: LanguageModel, tokens: Tensor, *, chunk: int = 1000, carry: bool = True
) -> Tensor:
    """Return the bits that each symbol of a text costs a model, given all before it.

    Parameters
    ----------
    model : LanguageModel
        The model; it is measured in evaluation mode.
    tokens : Tensor of int64, (length,)
        The text. Its first symbol is read and not predicted.
    chunk : int
        How many symbols are read in one call. It changes the memory that is needed, and nothing
        else as long as the state is carried.
    carry : bool
        Whether a chunk begins with the state in which the one before ended. False is the mistake
        that chapter 10 measures.

    Returns
    -------
    Tensor of float64, (length - 1,)
        -log2 of the probability of each symbol but the first.

    Raises
    ------
    ValueError
        If there are fewer than two symbols, or `chunk` is below 1.
    """
    _arguments.integer("chunk", chunk, 1)
    if len(tokens) < 2:
        raise ValueError(f"tokens must be at least 2, got {len(tokens)}")
    found, state = [], None
    with evaluation_mode(model):
        for inputs, targets in zip(tokens[:-1].split(chunk), tokens[1:].split(chunk), strict=True):
            logits, state = model(inputs[None], state if carry else None)
            found.append(nn.functional.cross_entropy(logits[0], targets, reduction="none"))
    return torch.cat(found).double() / math.log(2)
