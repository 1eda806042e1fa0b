"""How to call a model that the checks know nothing about."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from rnn_tutorial import _arguments

KINDS = ("classifier", "tagger", "language_model", "forecaster")


@dataclass(frozen=True)
class Adapter:
    """What the checks need to know about a model. Whatever is left out is inferred from one batch.

    Parameters
    ----------
    kind : {"classifier", "tagger", "language_model", "forecaster"}, optional
        A classifier gives one answer for a sequence, a tagger one for each step, a language model
        at each step the scores of the next token, a forecaster numbers. Inferred from the targets:
        floating-point ones mean a forecaster, unless they are zeros and ones and the loss takes
        logits; one for each sequence means a classifier; one for each step means a language model
        if they are the inputs or the inputs shifted, else a tagger.
    forward : callable, optional
        Called as ``forward(model, inputs, lengths, state)``; returns the answers or a pair of the
        answers and the state. `lengths` is what the batch holds, or None; `state` is None or a
        state that the model returned. Without it, the model is called with the inputs, with the
        lengths if it takes them, and with the state after them if it takes that.
    batch_first : bool, optional
        Whether inputs, and targets of every step, are (batch, time, ...). Inferred if lengths or
        targets show it; else True.
    loss : callable, optional
        The loss that you train with, called as ``loss(answers, targets)``, or with the lengths as
        third argument if it takes three. `answers` are what the model returned, without the state.
        The checks of the loss need it. Without it, cross-entropy or squared error is used.
    per_step : bool, optional
        Whether there is an answer for each step. Inferred from the kind and the targets.
    causal : bool, optional
        Whether an answer may depend on earlier steps only. Inferred: True for a language model and
        for a forecaster whose targets are its inputs, one step later.
    padding : int or float, optional
        What fills the steps after the end of a sequence. Inferred from the batch.
    train_step : callable, optional
        One step of your own loop, called as ``train_step(model, batch, optimizer)`` on a copy.
    optimizer : Optimizer, or several, optional
        What you train the model with, to look for weights that it does not hold.

    Raises
    ------
    ValueError
        If `kind` is not one of those kinds.
    TypeError
        If an option is not a bool, or a function cannot be called.
    """

    kind: str | None = None
    forward: Callable[..., Any] | None = None
    batch_first: bool | None = None
    loss: Callable[..., Tensor] | None = None
    per_step: bool | None = None
    causal: bool | None = None
    padding: float | None = None
    train_step: Callable[..., Any] | None = None
    optimizer: Any = None

    def __post_init__(self):
        if self.kind is not None:
            _arguments.choice("kind", self.kind, KINDS)
        for name in ("batch_first", "per_step", "causal"):
            if getattr(self, name) is not None:
                _arguments.boolean(name, getattr(self, name))
        for name in ("forward", "loss", "train_step"):
            value = getattr(self, name)
            if value is not None and not callable(value):
                raise TypeError(f"{name} must be callable, got {value!r}")


def apply_loss(adapter: Adapter, raw, targets, lengths) -> Tensor:
    """Compute the reader's loss on answers in the form in which the model returned them."""
    try:
        takes = len(inspect.signature(adapter.loss).parameters)
    except (TypeError, ValueError):
        takes = 2
    three = takes >= 3 and lengths is not None and not isinstance(adapter.loss, nn.Module)
    return adapter.loss(raw, targets, *((lengths,) if three else ()))
