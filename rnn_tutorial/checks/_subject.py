"""A model with a batch, behind one interface for all checks.

Inside, everything is batch-first: inputs (batch, time, ...), answers (batch, classes) or, if there
is one for each step, (batch, time, classes). `Subject` translates.
"""

import copy
import inspect
from functools import cached_property

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from rnn_tutorial.checks import _batch
from rnn_tutorial.checks._adapter import Adapter
from rnn_tutorial.checks._copies import duplicate, perturbed, seed_all


class ShapeError(Exception):
    """The model's answers do not have a shape that fits the batch."""


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
    settled : bool
        Whether the model could be called.
    """

    ROWS, STEPS = 8, 24  # more would show nothing new, and cost time

    def __init__(self, model: nn.Module, batch, adapter: Adapter):
        self.model, self.adapter, self.batch = model, adapter, batch
        self.probe = model
        self.whole = self.data = _batch.read(batch, adapter)
        self.form: tuple[str, ...] | None = None
        self.takes_state = self.returns_state = self.sorts = self.settled = False

    def settle(self) -> None:
        """Find out how the model is called and what kind it is; raise whatever the model raises."""
        with torch.no_grad():
            answers, state = self._first_call()
            self.returns_state = state is not None
            if self.returns_state and self.adapter.forward is None:
                self.takes_state = self._find_state_slot(state)
            elif self.returns_state:
                self.takes_state = True
        self.whole = _batch.settle(self.data, answers, self.adapter)
        self.data = self.whole.head(self.ROWS)
        self.canonical(answers, self.whole)
        self.sorts = self._wants_sorted()
        self.settled = True
        self.data = self.shortened(self.STEPS)
        probed = self.answers()
        spread = (probed - probed.mean(0)).abs().max() if len(probed) > 1 else probed.abs().max()
        if not spread > 1e-6 * (1e-3 + probed.abs().max()):
            self.probe = perturbed(self.model)

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
        return self.data.real() if self.data.per_step else slice(None)

    def shortened(self, steps: int):
        """Return the batch with at most so many steps, or unchanged if the width is fixed."""
        data, short = self.data, self.data.short(steps)
        if short is data:
            return data
        try:
            with torch.no_grad():
                raw, _ = self.call(self.fresh(), short.x, short.lengths)
            self.canonical(raw, short)
        except Exception:
            return data
        return short

    def call(self, module, x: Tensor, lengths: Tensor | None = None, state=None):
        """Call a copy; return its answers unchanged, and its state or None."""
        data = self.data
        given = x if data.batch_first else x.transpose(0, 1).contiguous()
        told = lengths
        if data.packed:
            given = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
            told = None
        elif lengths is not None and data.lengths_type is not None:
            told = data.lengths_type(lengths)
        if self.adapter.forward is not None:
            output = self.adapter.forward(
                module, given, told if data.lengths_given else None, state
            )
        else:
            slots = {"x": given, "lengths": told, "state": state, "none": None}
            output = module(*(slots[slot] for slot in self.form or ("x",)))
        if isinstance(output, tuple) and not isinstance(output, PackedSequence):
            return output[0], (output[1] if len(output) > 1 and _is_state(output[1]) else None)
        return output, None

    def answers(self, x=None, lengths=None, *, module=None, seed: int = 0) -> Tensor:
        """Answer without gradients, from a new copy unless one is given; in canonical form."""
        x = self.data.x if x is None else x
        lengths = self.data.lengths if lengths is None and len(x) == self.data.rows else lengths
        module = self.fresh() if module is None else module
        seed_all(seed)
        back = None
        if self.sorts and lengths is not None:
            order = lengths.cpu().argsort(descending=True, stable=True)
            x, lengths, back = x[order.to(x.device)], lengths[order], order.argsort()
        with torch.no_grad():
            raw, _ = self.call(module, x, lengths)
        found = self.canonical(raw, self.data, rows=len(x), steps=x.shape[1])
        return found if back is None else found[back.to(found.device)]

    def canonical(self, raw, data, rows: int | None = None, steps: int | None = None) -> Tensor:
        """Bring answers into the form (rows, [steps,] outputs)."""
        rows, steps = rows or data.rows, steps or data.steps
        if isinstance(raw, PackedSequence):
            raw, _ = pad_packed_sequence(raw, batch_first=True, total_length=steps)
            raw = raw if data.batch_first else raw.transpose(0, 1)
        if not isinstance(raw, Tensor):
            raise ShapeError(f"the answers must be a tensor, got {type(raw).__name__}")
        shape = tuple(raw.shape)
        if data.per_step:
            return _per_step(raw, data, rows, steps)
        if not shape or shape[0] != rows:
            raise ShapeError(f"answers of shape {shape} to {rows} sequences of {steps} steps")
        return raw.reshape(rows, -1)

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

    def _first_call(self):
        """Try the ways to call the model with the whole batch, and keep the first that works."""
        if self.adapter.forward is not None or self.data.packed:
            self.form = ("x",)
            return self.call(self.fresh(), self.data.x, self.data.lengths)
        forms = [("x", "lengths"), ("x",)] if self.data.lengths_given else [("x",)]
        forms = [form for form in forms if _binds(self.model, len(form))] or forms
        forms += [(*form, "none") for form in forms if _binds(self.model, len(form) + 1)]
        first = None
        for form in forms:
            self.form = form
            try:
                return self.call(self.fresh(), self.data.x, self.data.lengths)
            except Exception as error:
                first = first or error
        raise first

    def _wants_sorted(self) -> bool:
        """Say whether the model answers only batches that are sorted by length."""
        data = self.data
        if not data.lengths_given or data.packed or data.rows < 2:
            return False
        steps = data.lengths.diff()
        if bool((steps > 0).any()) or not bool((steps < 0).any()):
            return False
        turned = data.pick(torch.arange(data.rows - 1, -1, -1, device=data.x.device))
        try:
            with torch.no_grad():
                self.call(self.fresh(), turned.x, turned.lengths)
        except RuntimeError:
            return True
        return False

    def _find_state_slot(self, state) -> bool:
        """Find out where the model takes a state; return whether it takes one."""
        base = tuple(slot for slot in self.form if slot != "none")
        x, lengths = self.data.x, self.data.lengths
        for form in ((*base, "state"), (*base, "none", "state")):
            if not _binds(self.model, len(form)):
                continue
            kept, self.form = self.form, form
            try:
                self.call(self.fresh(), x, lengths)
                self.call(self.fresh(), x, lengths, state)
            except Exception:
                self.form = kept
            else:
                return True
        return False


def _binds(model: nn.Module, count: int) -> bool:
    try:
        inspect.signature(model.forward).bind(*([None] * count))
    except (TypeError, ValueError):
        return False
    return True


def _is_state(value: object) -> bool:
    if isinstance(value, tuple | list):
        return len(value) > 0 and all(_is_state(part) for part in value)
    return isinstance(value, Tensor)


def _size(difference: Tensor) -> float:
    return float(difference.abs().max()) if difference.numel() else 0.0


def _per_step(raw: Tensor, data, rows: int, steps: int) -> Tensor:
    """Bring answers of every step into the form (rows, steps, outputs)."""
    shape = tuple(raw.shape)
    layout = (rows, steps) if data.batch_first else (steps, rows)
    if (shape[:1] == (rows * steps,) and rows * steps > max(rows, steps)) or shape[:2] == layout:
        raw = raw.reshape(*layout, -1)
    elif len(shape) == 3 and (shape[0], shape[2]) == (rows, steps):
        return raw.transpose(1, 2)  # (batch, classes, time), as cross_entropy takes it
    else:
        raise ShapeError(f"answers of shape {shape} to {rows} sequences of {steps} steps")
    return raw if data.batch_first else raw.transpose(0, 1)
