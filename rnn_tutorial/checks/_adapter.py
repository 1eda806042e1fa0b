"""How to call a model that the checks know nothing about."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from rnn_tutorial import _arguments
from rnn_tutorial.checks._outcomes import SkipError
from rnn_tutorial.checks._trees import leaves

KINDS = ("classifier", "tagger", "language_model", "forecaster")


@dataclass(frozen=True)
class Adapter:
    """What the checks need to know about a model. Whatever is left out is inferred from one batch.

    Parameters
    ----------
    kind : {"classifier", "tagger", "language_model", "forecaster"}, optional
        A classifier gives one answer for a sequence, a tagger one for each step, a language model
        at each step the scores of the next token, a forecaster numbers. Inferred from the targets:
        floating-point ones mean a forecaster, unless the loss takes logits and they are zeros and
        ones or shares of all classes; one for each sequence means a classifier; one for each step
        means a language model if they are the inputs shifted, else a tagger.
    forward : callable, optional
        Called as ``forward(model, inputs, lengths, state)``; returns the answers or a pair of the
        answers and the state. `inputs` is what the batch holds without the lengths: a tensor, a
        tuple of several or a dictionary. `lengths` is what the batch holds, or None; `state` is
        None or a state that the model returned. The checks ask for other rows and steps, so all
        that belongs to them has to come with `inputs`. Without it, the model is called with the
        inputs (those of a dictionary by name), with the lengths if it takes them, and with the
        state after them if it takes that.
    answers : callable, optional
        Called as ``answers(output)``, or as ``answers(output, lengths)`` if it takes two arguments,
        with what the model returned; returns the answers as a tensor (batch, ...) or
        (batch, time, ...), which the checks compare. Not needed for a tensor, also one in which all
        steps of all sequences follow each other, for a pair with the state, and where the answers
        are called ``logits`` or are the only tensor of their form: ``answers=lambda output:
        output.scores``.
    batch_first : bool, optional
        Whether inputs, and targets of every step, are (batch, time, ...). Inferred if lengths or
        targets show it; else True.
    loss : callable, optional
        The loss that you train with, called as ``loss(answers, targets)``, or with the lengths as
        third argument if it takes three that have no default. `answers` are what the model
        returned, without the state, or the whole output if the loss takes that. The checks of the
        loss need it. Without it, cross-entropy or squared error is used.
    per_step : bool, optional
        Whether there is an answer for each step. Inferred from the kind and the targets.
    causal : bool, optional
        Whether an answer may depend on earlier steps only. Inferred: True for a language model and
        for a forecaster whose targets are its inputs, one step later.
    padding : int or float, optional
        What fills the steps after the end of a sequence, or before its start. Inferred from the
        batch.
    train_step : callable, optional
        One step of your own loop, called as ``train_step(model, batch, optimizer)`` on a copy.
    optimizer : Optimizer, or several, optional
        What you train the model with, to look for weights that it does not hold.
    skip : tuple of str, optional
        Checks to leave out, where a model does on purpose what they look for: answers that are
        drawn at random, a gradient that is reversed.

    Raises
    ------
    ValueError
        If `kind` is not one of those kinds.
    TypeError
        If an option is not a bool, or a function cannot be called.
    """

    kind: str | None = None
    forward: Callable[..., Any] | None = None
    answers: Callable[..., Tensor] | None = None
    batch_first: bool | None = None
    loss: Callable[..., Tensor] | None = None
    per_step: bool | None = None
    causal: bool | None = None
    padding: float | None = None
    train_step: Callable[..., Any] | None = None
    optimizer: Any = None
    skip: tuple[str, ...] = ()

    def __post_init__(self):
        if self.kind is not None:
            _arguments.choice("kind", self.kind, KINDS)
        for name in ("batch_first", "per_step", "causal"):
            if getattr(self, name) is not None:
                _arguments.boolean(name, getattr(self, name))
        for name in ("forward", "answers", "loss", "train_step"):
            value = getattr(self, name)
            if value is not None and not callable(value):
                raise TypeError(f"{name} must be callable, got {value!r}")
        if isinstance(self.skip, str):
            raise TypeError(f"skip must be a tuple of names of checks, got {self.skip!r}")


def required(function: Callable) -> int:
    """Count the arguments that have to be given, 2 where a function does not say."""
    function = function.forward if isinstance(function, nn.Module) else function
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 2
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in kinds and p.default is p.empty for p in parameters)


def apply_loss(adapter: Adapter, raw, targets, lengths) -> Tensor:
    """Compute the reader's loss on answers in the form in which the model returned them.

    Raises
    ------
    SkipError
        If the loss wants lengths and the batch has none.
    """
    if required(adapter.loss) < 3:
        return adapter.loss(raw, targets)
    if lengths is None:
        raise SkipError("the loss takes lengths, and the batch has none: give (inputs, lengths)")
    return adapter.loss(raw, targets, lengths)


def closure(function: Callable | None) -> dict[str, object]:
    """Return what a function refers to beside its arguments, by name."""
    found: dict[str, object] = {}
    if isinstance(function, functools.partial):
        found.update(enumerate(function.args), **function.keywords)
        function = function.func
    try:
        variables = inspect.getclosurevars(function)
        defaults = {p.name: p.default for p in inspect.signature(function).parameters.values()}
    except (TypeError, ValueError):
        return found
    return {**found, **variables.globals, **variables.nonlocals, **defaults}


def held(function: Callable | None, rows: int) -> str:
    """Say which tensors of so many rows a function holds that do not come with the batch."""
    names = [
        str(name)
        for name, value in closure(function).items()
        if isinstance(value, Tensor | tuple | list | dict)
        and any(isinstance(leaf, Tensor) and rows in leaf.shape[:2] for leaf in leaves(value))
    ]
    return ", ".join(names) if rows > 1 else ""
