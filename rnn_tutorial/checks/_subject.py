"""A model with a batch, behind one interface for all checks.

Inside, everything is batch-first: inputs (batch, time, ...), answers (batch, classes) or, if there
is one for each step, (batch, time, classes). `Subject` translates.
"""

import copy
import inspect
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

import torch
from torch import Tensor, nn

from rnn_tutorial.checks import _answers, _forms
from rnn_tutorial.checks._adapter import Adapter, apply_loss, held, required
from rnn_tutorial.checks._answers import ShapeError
from rnn_tutorial.checks._batch import Batch, Slot
from rnn_tutorial.checks._copies import duplicate, perturbed, seed_all
from rnn_tutorial.checks._trees import leaves, tensors


class CallError(Exception):
    """It is not known how the model is called, or what its answers are."""


class Subject:
    """A model under diagnosis.

    The constructor reads the batch and does not call the model. `settle`, which the first check
    calls once, finds out how the model is called; after that nothing of a subject changes. A check
    that needs other data or weights takes a subject of its own, see `on`.

    Parameters
    ----------
    model : Module
        Only copies of it are ever called.
    batch : see `rnn_tutorial.checks.diagnose`
    adapter : Adapter

    Attributes
    ----------
    whole, data : Batch
        The batch, and the few sequences and steps of it that most checks use.
    probe : Module
        What is copied: the model, or one with other weights where the model gives every sequence
        the same answers.
    form : tuple of str
        What the model is called with, in order.
    takes_state, returns_state : bool
        Whether a state goes in, and whether one comes out.
    sorts : bool
        Whether batches have to be sorted by length, the longest first.
    shows_a_part : bool
        Whether the model may return more than the answers, in the same output or not.
    loss_takes : {"found", "answers", "output"}
        What the reader's loss wants: the answers found in the output, what the adapter's hook makes
        of it, or all of it.
    settled : bool
        Whether the model could be called.
    """

    ROWS, STEPS = 8, 24  # more would show nothing new, and cost time

    def __init__(self, model: nn.Module, batch, adapter: Adapter):
        self.model, self.adapter, self.batch = model, adapter, batch
        self.probe = model
        self.whole = self.data = _forms.read(batch, adapter)
        self.form: tuple[str, ...] = ("inputs",)
        self.takes_state = self.returns_state = self.sorts = self.settled = False
        self.shows_a_part, self.loss_takes = False, "found"

    def settle(self) -> None:
        """Find out how the model is called and what kind it is; raise whatever the model raises.

        Raises
        ------
        CallError
            If that cannot be found out.
        ShapeError
            If the answers have no axis of the sequences.
        """
        if isinstance(self.model, torch.jit.ScriptModule):
            raise CallError("the model is a scripted one; give the Module that it was made of")
        with torch.no_grad():
            output = self._first_output()
            answers, state = self.found(output, self.data), self._state(output, self.data)
            self.shows_a_part = self.adapter.forward is not None or len(list(tensors(output))) > 1
            self.returns_state = state is not None
            if self.returns_state and self.adapter.forward is None:
                self.takes_state = self._find_state_slot(state)
            elif self.returns_state:
                self.takes_state = True
            try:
                self.whole = _forms.settle(self.data, answers, self.adapter)
            except ShapeError as error:
                raise self._unknown_form(error) from error
        self.loss_takes = self._form_for_loss(output)
        names = held(self.adapter.forward, self.whole.rows)
        if names:
            fixed = (
                f"forward holds {names}, which stays as it is while the checks ask other rows: "
                "give ((tokens, other inputs), targets), and forward gets them as its inputs"
            )
            self.whole = replace(self.whole, fixed=fixed)
        self.data = self.whole.head(self.ROWS)
        self.canonical(output, self.whole)
        self.sorts = self._wants_sorted()
        self.settled = True
        self.data = self.shortened(self.STEPS)
        probed = self.answers()
        spread = (probed - probed.mean(0)).abs().max() if len(probed) > 1 else probed.abs().max()
        if not spread > 1e-6 * (1e-3 + probed.abs().max()):
            self.probe = perturbed(self.model)
        self._settle_copies()

    def on(self, **changed) -> "Subject":
        """Return a subject with other `data` or another `probe`, and leave this one as it is."""
        other = copy.copy(self)
        vars(other).update(changed)
        for name in ("rounding", "scale"):
            vars(other).pop(name, None)
        return other

    def fresh(self, *, training: bool = False) -> nn.Module:
        """Copy the model in evaluation mode, or in training mode."""
        return duplicate(self.probe).train(training)

    @property
    def counted(self) -> Tensor | slice:
        """Which of the answers count: those of real steps, or all."""
        return self.data.counted

    @property
    def told(self) -> bool:
        """Whether the model is told where sequences end."""
        return self.data.told and ("untold" not in self.form or self._has_mask())

    def _has_mask(self) -> bool:
        follows = {getattr(leaf, "follows", "") for leaf in leaves(self.data.inputs)}
        return bool(follows & {"real", "padding"})

    def shortened(self, steps: int) -> Batch:
        """Return the batch with at most so many steps, or unchanged if the width is fixed."""
        data, short = self.data, self.data.short(steps)
        if short is data:
            return data
        try:
            with torch.no_grad():
                wide, narrow = (
                    self.canonical(self.output(self.fresh(), asked), asked)
                    for asked in (data, short)
                )
        except Exception:
            return data
        return short if wide.shape[-1] == narrow.shape[-1] else data

    def call(self, module, data: Batch | Tensor, lengths: Tensor | None = None, state=None):
        """Call a copy; return all that comes out, and the state in it or None.

        Parameters
        ----------
        module : Module
        data : Batch, or Tensor (batch, time, ...)
            What to ask; a tensor takes the place of the sequences of `self.data`.
        lengths : Tensor, (batch,), optional
            The lengths that belong to such a tensor.
        state : optional
        """
        data = self._batch_of(data, lengths)
        output = self.output(module, data, state)
        return output, self._state(output, data)

    def _batch_of(self, data: Batch | Tensor, lengths: Tensor | None) -> Batch:
        return replace(self.data, x=data, lengths=lengths) if isinstance(data, Tensor) else data

    def output(self, module, data: Batch, state=None):
        """Call a copy; return all that comes out."""
        if self.adapter.forward is not None:
            told = data.own_lengths() if data.told else None
            return self.adapter.forward(module, data.given(), told, state)
        arguments, named = self._arguments(data, self.form, state)
        return module(*arguments, **named)

    def _arguments(self, data: Batch, form: tuple[str, ...], state=None) -> tuple[tuple, dict]:
        given = data.given() if "untold" in form else data.given_with_lengths()
        if isinstance(given, Mapping):
            return (), {str(key): value for key, value in given.items()}
        spread = isinstance(data.inputs, tuple) and isinstance(given, tuple)
        rest: list = []
        for slot in form:
            if slot == "parts":
                rest += state or ()
            elif slot in ("state", "none"):
                first = state[0] if isinstance(state, _answers.Parts) else state
                rest.append(first if slot == "state" else None)
        return (*(given if spread else (given,)), *rest), {}

    def _state(self, output, data: Batch):
        return _answers.parts(output, data.rows)[1]

    def found(self, output, data: Batch):
        """Return the answers in an output, in the form in which the model gives them."""
        if self.adapter.answers is None:
            return _answers.parts(output, data.rows)[0]
        told = (data.lengths,) if required(self.adapter.answers) > 1 else ()
        return self.adapter.answers(output, *told)

    def for_loss(self, output, data: Batch):
        """Return what the reader's loss takes of an output."""
        if self.loss_takes == "answers":
            return self.found(output, data)
        return output if self.loss_takes == "output" else _answers.parts(output, data.rows)[0]

    def answers(self, data: Batch | Tensor | None = None, lengths=None, *, module=None, seed=0):
        """Answer without gradients, from a new copy unless one is given; in canonical form.

        Parameters
        ----------
        data : Batch, or Tensor (batch, time, ...), optional
            What to ask, `self.data` without it; a tensor takes the place of its sequences.
        """
        if isinstance(data, Tensor):
            lengths = self.data.lengths if lengths is None else lengths
        data = self.data if data is None else self._batch_of(data, lengths)
        module = self.fresh() if module is None else module
        seed_all(seed)
        back = None
        if self.sorts and data.lengths is not None:
            order = data.lengths.cpu().argsort(descending=True, stable=True)
            data, back = data.pick(order.to(data.x.device)), order.argsort()
        with torch.no_grad():
            found = self.canonical(self.output(module, data), data)
        return found if back is None else found[back.to(found.device)]

    def canonical(self, output, data: Batch) -> Tensor:
        """Bring the answers in an output into the form (rows, [steps,] outputs)."""
        return _answers.canonical(self.found(output, data), data)

    @cached_property
    def rounding(self) -> float:
        """Estimate how far answers move by rounding alone, with a margin.

        Each weight is moved by a relative rounding error, three times over; the margin is
        fiftyfold, since a computation rounds more than once.
        """
        reference, moved = self.answers(), 0.0
        eps = torch.finfo(reference.dtype).eps
        for seed in range(3):
            module = self.fresh()
            seed_all(1 + seed)
            with torch.no_grad():
                for parameter in module.parameters():
                    if parameter.is_floating_point():
                        parameter.mul_(1 + eps * torch.randn_like(parameter))
            moved = max(moved, _size(self.answers(module=module) - reference))
        return 50 * moved + 100 * eps * self.scale

    @cached_property
    def scale(self) -> float:
        """How much answers differ from each other."""
        answers = self.answers()
        return max(_size(answers - answers.mean(0)), 1e-3 * _size(answers), 1e-12)

    def _first_output(self):
        """Try the ways to call the model with the whole batch, and keep the first that works."""
        if self.adapter.forward is not None:
            return self.output(self.fresh(), self.data)
        forms = [("inputs",)]
        if self.data.inputs is not Slot.X and not isinstance(self.data.inputs, Mapping):
            forms += [("untold",)] if self.data.lengths is not None else []
        if not isinstance(self.data.inputs, Mapping):
            forms += [(*form, "none") for form in forms]
        fitting = [form for form in forms if self._binds(form)]
        if not fitting:
            raise CallError(
                f"forward{inspect.signature(self.model.forward)} does not take the inputs of this "
                "batch: give all of them as ((tokens, other inputs), targets), or say forward="
            )
        first = None
        for form in fitting:
            self.form = form
            try:
                return self.output(self.fresh(), self.data)
            except Exception as error:
                first = first or error
        if "none" in fitting[0]:
            raise CallError(
                f"forward{inspect.signature(self.model.forward)} takes more than the batch "
                f"holds, and with None in its place raises {type(first).__name__}: {first}; give "
                "all inputs as ((tokens, other inputs), targets), or say forward=, which makes the "
                "first state"
            ) from first
        raise first

    def _unknown_form(self, error: ShapeError) -> Exception:
        """Say whether answers that fit no form depend on the number of sequences at all."""
        hook = "say answers=, a function of the output that returns (batch, ...)"
        if self.data.rows < 2:
            return CallError(f"{error}; {hook}")
        fewer = self.data.pick(torch.arange(self.data.rows - 1))
        try:
            with torch.no_grad():
                shapes = [
                    self.found(self.output(self.fresh(), data), data).shape
                    for data in (self.data, fewer)
                ]
        except Exception:
            return CallError(f"{error}; {hook}")
        if shapes[0] != shapes[1]:
            return CallError(f"{error}; {hook}")
        return ShapeError(f"{error}, and of the same shape to {fewer.rows}")

    @torch.no_grad()
    def _form_for_loss(self, output) -> str:
        """Find out what of an output the reader's loss takes."""
        if self.adapter.loss is None:
            return "found"
        data = self.whole
        forms = ("found", "answers", "output")
        for self.loss_takes in forms if isinstance(output, Tensor) else forms[::-1]:
            try:
                taken = self.for_loss(output, data)
                loss = apply_loss(self.adapter, taken, data.own_targets(), data.lengths)
                if torch.as_tensor(loss).numel() == 1:
                    return self.loss_takes
            except Exception:
                continue
        return "found" if self.adapter.answers is None else "answers"

    def _settle_copies(self) -> None:
        """Take a model whose targets are its inputs for an autoencoder if it reads ahead."""
        data, adapter = self.data, self.adapter
        same = data.targets is not None and data.causal and data.steps > 2
        if not same or adapter.kind is not None or adapter.causal is not None:
            return
        if _forms.repeats(data) != "same":
            return
        x = data.x.clone()
        x[:, 1:] = x.flip(0)[:, 1:]
        moved = (self.answers(x) - self.answers())[:, 0].abs().max()
        if moved > 1e-4 * self.scale:
            kind = "tagger" if data.tokens else data.kind
            self.data = replace(data, kind=kind, causal=False)
            self.whole = replace(self.whole, kind=kind, causal=False)

    def _wants_sorted(self) -> bool:
        """Say whether the model answers only batches that are sorted by length."""
        data = self.data
        if not data.told or data.packed or data.rows < 2 or data.fixed:
            return False
        steps = data.lengths.diff()
        if bool((steps > 0).any()) or not bool((steps < 0).any()):
            return False
        try:
            with torch.no_grad():
                self.call(self.fresh(), data.turned())
        except RuntimeError:
            return True
        return False

    def _find_state_slot(self, state) -> bool:
        """Find out where the model takes a state; return whether it takes one.

        What comes with the answers is no state if its shape changes with the number of steps, as
        that of the weights of an attention does.
        """
        if isinstance(self.data.inputs, Mapping):
            return False
        base = tuple(slot for slot in self.form if slot != "none")
        kept = self.form
        for self.form in ((*base, "parts"), (*base, "state"), (*base, "none", "state")):
            several = isinstance(state, _answers.Parts)
            if ("parts" in self.form) > several or not self._binds(self.form, state):
                continue
            try:
                first = self.found(self.output(self.fresh(), self.data), self.data)
                again = self.found(self.output(self.fresh(), self.data, state), self.data)
                heard = "none" not in self.form or not torch.equal(first, again)
                if heard and self._is_as_wide(state):
                    return True
            except Exception:
                continue
        self.form = kept
        return False

    def _is_as_wide(self, state) -> bool:
        """Say whether what comes with the answers has the same shape with one step less."""
        data = self.data
        if data.steps < 2:
            return True
        lengths = None if data.lengths is None else data.lengths.clamp(max=data.steps - 1)
        other = self._state(
            self.output(self.fresh(), data.window(0, data.steps - 1, lengths)), data
        )
        return [leaf.shape for leaf in leaves(state)] == [leaf.shape for leaf in leaves(other)]

    def _binds(self, form: tuple[str, ...], state=None) -> bool:
        arguments, named = self._arguments(self.data, form, state)
        try:
            signature = inspect.signature(self.model.forward)
        except (TypeError, ValueError):
            return True  # a compiled one does not say what it takes
        try:
            signature.bind(*arguments, **named)
        except TypeError:
            return False
        return True


def _size(difference: Tensor) -> float:
    return float(difference.abs().max()) if difference.numel() else 0.0
