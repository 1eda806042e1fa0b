"""A batch in one form, whatever form it came in."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

import torch
from torch import Tensor
from torch.nn.utils.rnn import (
    pack_padded_sequence,
)

from rnn_tutorial.checks import _kinds
from rnn_tutorial.checks._outcomes import SkipError
from rnn_tutorial.checks._trees import mapped

Slot = Enum("Slot", "X LENGTHS")  # where the sequences and their lengths stand among the inputs


@dataclass(frozen=True)
class Beside:
    """Another input than the sequences that the checks change.

    Parameters
    ----------
    values : Tensor
        (batch, ...), or as it came if no axis is that of the batch.
    axis : int or None
        Which axis was that of the batch.
    follows : {"rows", "steps", "real", "padding"}
        What changes it: other rows, other steps too, or where the padding is, as a mask does.
    """

    values: Tensor
    axis: int | None
    follows: str = "rows"

    def pick(self, rows: Tensor) -> "Beside":
        """Keep some rows."""
        rows = rows.to(self.values.device)
        return self if self.axis is None else replace(self, values=self.values[rows])

    def window(self, start: int, stop: int) -> "Beside":
        """Keep some steps; beyond the end or before the start there is padding."""
        if self.follows != "steps":
            return self
        return replace(self, values=window(self.values, start, stop, 0))

    def double(self) -> "Beside":
        """Use double precision, for what are no indices."""
        floats = self.values.is_floating_point()
        return replace(self, values=self.values.double()) if floats else self


def window(x: Tensor, start: int, stop: int, value: float) -> Tensor:
    """Cut steps out of (batch, time, ...), filled with `value` before the start and after the end.

    Parameters
    ----------
    x : Tensor, (batch, time, ...)
    start, stop : int
        Steps, counted from 0; below 0 and beyond the end too.
    value : float

    Returns
    -------
    Tensor, (batch, stop - start, ...)
    """
    steps = x.shape[1]

    def padding(count):
        shape = (x.shape[0], max(0, count), *x.shape[2:])
        return torch.full(shape, value, dtype=x.dtype, device=x.device)

    inside = x[:, max(0, start) : max(0, stop)]
    return torch.cat([padding(-start), inside, padding(stop - steps)], dim=1)


@dataclass(frozen=True)
class Batch:
    """A batch, batch-first, and what is known about its form and its kind.

    Parameters
    ----------
    x : Tensor, (batch, time, ...)
        Tokens or features: the sequences that the checks change.
    lengths : Tensor of int64, (batch,), or None
        The true lengths, given or inferred from a mask or the padding.
    told : bool
        Whether the batch came with lengths or a mask, so that the model may be told.
    targets : Tensor or None
        (batch, ...) or, with one for each step, (batch, time, ...). None too if there are several.
    batch_first : bool
        Whether the inputs came as (batch, time, ...).
    inputs : Slot, Beside, or a tuple, list or dictionary of them
        The form of the inputs.
    several : tuple, list, dict of Tensor, or None
        Targets that are no single tensor.
    form : {"tensor", "packed", "list"}
        Whether the sequences came as a tensor, a PackedSequence or a list of tensors.
    lengths_type : callable or None
        Turns lengths into what they came as, for example a list.
    front : bool
        Whether padding stands before a sequence.
    fixed : str
        Why no other rows can be asked; empty if they can.
    kind, per_step, causal, padding
        See `Adapter`.
    layout : str
        The form of the answers, see `rnn_tutorial.checks._answers`.
    flat_targets : bool
        Whether the targets of all steps came in one dimension.
    elementwise : bool
        Whether each number of an answer is the logit of a yes, with a target of 0 or 1.
    """

    x: Tensor
    lengths: Tensor | None
    told: bool
    targets: Tensor | None
    batch_first: bool
    inputs: object = Slot.X
    several: object = None
    form: str = "tensor"
    lengths_type: Callable | None = None
    front: bool = False
    fixed: str = ""
    kind: str = "classifier"
    per_step: bool = False
    causal: bool = False
    padding: float | None = None
    layout: str = "rows"
    flat_targets: bool = False
    elementwise: bool = False

    @property
    def rows(self) -> int:
        """How many sequences there are."""
        return self.x.shape[0]

    @property
    def steps(self) -> int:
        """How many steps the batch is wide."""
        return self.x.shape[1]

    @property
    def tokens(self) -> bool:
        """Whether the inputs are indices."""
        return not self.x.is_floating_point()

    @property
    def discrete(self) -> bool:
        """Whether the targets are classes."""
        return self.kind != "forecaster"

    @property
    def packed(self) -> bool:
        """Whether the model never sees padding, since sequences come packed or in a list."""
        return self.form != "tensor"

    def _beside(self, change: Callable[[Beside], Beside]):
        return mapped(lambda leaf: change(leaf) if isinstance(leaf, Beside) else leaf, self.inputs)

    def pick(self, rows: Tensor) -> "Batch":
        """Keep some rows, in the given order, the same one several times too.

        Raises
        ------
        SkipError
            If other rows cannot be asked.
        """
        if torch.equal(rows.cpu(), torch.arange(self.rows)):
            return self
        if self.fixed:
            raise SkipError(self.fixed)
        return replace(
            self,
            x=self.x[rows],
            lengths=None if self.lengths is None else self.lengths[rows.to(self.lengths.device)],
            targets=None if self.targets is None else self.targets[rows.to(self.targets.device)],
            several=mapped(lambda t: t[rows] if _has(t, self.rows) else t, self.several),
            inputs=self._beside(lambda beside: beside.pick(rows)),
        )

    def row(self, index: int, copies: int = 1) -> "Batch":
        """Keep one row, or so many copies of it."""
        return self.pick(torch.full((copies,), index, device=self.x.device))

    def turned(self) -> "Batch":
        """Take the rows in the opposite order."""
        return self.pick(torch.arange(self.rows - 1, -1, -1, device=self.x.device))

    def head(self, count: int) -> "Batch":
        """Keep `count` rows, the shortest and the longest among them."""
        if self.rows <= count or self.fixed:
            return self
        order = torch.arange(self.rows) if self.lengths is None else self.lengths.cpu().argsort()
        spread = order[torch.linspace(0, self.rows - 1, count).long()].sort().values
        return self.pick(spread.to(self.x.device))

    def window(self, start: int, stop: int, lengths: Tensor | None) -> "Batch":
        """Keep the inputs of some steps, see `window`, with other lengths; drop targets of steps.

        A step before the first or after the last is padding.
        """
        return replace(
            self,
            x=window(self.x, start, stop, self.padding or 0),
            lengths=lengths,
            targets=None if self.per_step else self.targets,
            inputs=self._beside(lambda beside: beside.window(start, stop)),
        )

    def widened(self, count: int) -> "Batch":
        """Add so many steps of padding where padding stands; drop targets of steps."""
        start, stop = (-count, self.steps) if self.front else (0, self.steps + count)
        return self.window(start, stop, self.lengths)

    def short(self, steps: int) -> "Batch":
        """Keep so many steps, with lengths in proportion, so that padding stays padding."""
        if self.steps <= steps or self.fixed or self.several is not None:
            return self
        start, lengths = self.steps - steps if self.front else 0, self.lengths
        if lengths is not None:
            lengths = (lengths * steps / self.steps).ceil().long()
        short = self.window(start, start + steps, lengths)
        padded = ~short.real()
        short.x[padded] = torch.as_tensor(self.padding or 0, dtype=short.x.dtype)
        if not self.per_step or self.targets is None:
            return short
        targets = self.targets[:, start : start + steps].clone()
        if bool(padded.any()):
            padding = self.targets[~self.real()].flatten()
            missing = _kinds.IGNORED if self.discrete else 0
            targets[padded] = padding[0] if len(padding) else missing
        return replace(short, targets=targets)

    def double(self) -> "Batch":
        """Use double precision for all inputs that are no indices."""
        x = self.x.double() if self.x.is_floating_point() else self.x
        return replace(self, x=x, inputs=self._beside(Beside.double))

    def real(self) -> Tensor:
        """Return which steps are not padding, (batch, time)."""
        steps = torch.arange(self.steps, device=self.x.device)
        if self.lengths is None:
            return torch.ones(self.rows, self.steps, dtype=torch.bool, device=self.x.device)
        lengths = self.lengths.to(self.x.device)[:, None]
        return steps >= self.steps - lengths if self.front else steps < lengths

    @property
    def counted(self) -> Tensor | slice:
        """Which of the answers count: those of real steps, or all."""
        return self.real() if self.per_step else slice(None)

    def ends(self) -> Tensor:
        """Return the index of each row's last real step, (batch,)."""
        if self.lengths is None or self.front:
            return torch.full((self.rows,), self.steps - 1, device=self.x.device)
        return self.lengths.to(self.x.device) - 1

    def reach(self) -> Tensor:
        """Return how many real steps come before each row's last one, (batch,)."""
        if self.lengths is None:
            return self.ends()
        return self.lengths.to(self.x.device) - 1

    def given(self):
        """Return the inputs in the form in which they came, without the lengths."""
        return mapped(lambda leaf: self._own(leaf), _without_lengths(self.inputs))

    def given_with_lengths(self):
        """Return the inputs in the form in which they came."""
        return mapped(lambda leaf: self._own(leaf), self.inputs)

    def own_lengths(self):
        """Return the lengths in the form in which they came."""
        known = self.lengths is not None and self.lengths_type is not None
        return self.lengths_type(self.lengths) if known else self.lengths

    def _own(self, leaf):
        if leaf is Slot.LENGTHS:
            return self.own_lengths()
        if leaf is Slot.X:
            return self._own_x()
        if not isinstance(leaf, Beside):
            return leaf
        if leaf.follows in ("real", "padding"):
            mask = self.real() if leaf.follows == "real" else ~self.real()
            values = mask.to(leaf.values)
        else:
            values = leaf.values
        return values if leaf.axis is None else values.movedim(0, leaf.axis).contiguous()

    def _own_x(self):
        if self.form == "list":
            return [row[real] for row, real in zip(self.x, self.real(), strict=True)]
        if self.form == "packed":
            lengths = self.lengths.cpu()
            return pack_padded_sequence(self.x, lengths, batch_first=True, enforce_sorted=False)
        return self.x if self.batch_first else self.x.transpose(0, 1).contiguous()

    def own_targets(self):
        """Return the targets in the form in which they came."""
        if self.targets is None:
            return self.several
        targets = self.targets
        if self.per_step and not self.batch_first:
            targets = targets.transpose(0, 1).contiguous()
        return targets.reshape(-1) if self.flat_targets else targets


def _without_lengths(inputs):
    """Leave the lengths out; a tuple of one is what it holds."""
    if not isinstance(inputs, tuple | list):
        return inputs
    kept = [part for part in inputs if part is not Slot.LENGTHS]
    return kept[0] if len(kept) == 1 else tuple(kept)


def _has(value, rows: int) -> bool:
    return isinstance(value, Tensor) and value.dim() > 0 and len(value) == rows
