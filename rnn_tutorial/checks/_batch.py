"""A batch in one form, whatever form it came in."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

import torch
from torch import Tensor
from torch.nn.utils.rnn import (
    PackedSequence,
    pack_padded_sequence,
    pad_packed_sequence,
    pad_sequence,
)

from rnn_tutorial.checks import _answers, _kinds
from rnn_tutorial.checks._adapter import Adapter
from rnn_tutorial.checks._outcomes import SkipError
from rnn_tutorial.checks._trees import leaves, mapped

# Zeros at the ends of rows are padding if that has a chance below one in 2 to the power of this
PADDING_BITS = 8
TARGETS = ("labels", "label", "targets", "target", "tags", "y")  # what dictionaries call them
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


def read(batch, adapter: Adapter) -> Batch:
    """Take a batch apart; see `rnn_tutorial.checks.diagnose` for the forms.

    Raises
    ------
    TypeError
        If the batch has none of these forms.
    ValueError
        If the number of lengths is not that of the sequences.
    """
    inputs, targets = _parts(batch)
    if isinstance(inputs, PackedSequence):
        x, lengths = pad_packed_sequence(inputs, batch_first=True)
        return Batch(x, lengths, True, targets, True, form="packed")
    several = None
    if isinstance(targets, tuple | list | Mapping) and any(
        isinstance(leaf, Tensor) for leaf in leaves(targets)
    ):
        targets, several = None, targets
    elif targets is not None and not isinstance(targets, Tensor):
        targets = torch.as_tensor(targets)
    if _is_list(inputs, targets):
        lengths = torch.tensor([len(row) for row in inputs])
        x = pad_sequence(list(inputs), batch_first=True)
        return Batch(x, lengths, True, targets, True, several=several, form="list")
    return _with_inputs(inputs, targets, several, adapter)


def _parts(batch) -> tuple:
    """Part the inputs from the targets."""
    if isinstance(batch, Mapping):
        keys = [key for key in TARGETS if key in batch]
        if not keys:
            raise TypeError(
                f"a batch that is a dictionary must name its targets {', '.join(TARGETS[:-1])} or "
                f"{TARGETS[-1]}; or give (inputs, targets). It has {', '.join(map(str, batch))}"
            )
        inputs = {key: value for key, value in batch.items() if key != keys[0]}
        return (next(iter(inputs.values())) if len(inputs) == 1 else inputs), batch[keys[0]]
    if not isinstance(batch, tuple | list) or not 2 <= len(batch) <= 5:
        raise TypeError(
            "batch must be (inputs, targets), with inputs a tensor, or a tuple of a tensor, "
            "lengths and other inputs, or (inputs, lengths, targets), or a dictionary; got "
            f"{type(batch).__name__}"
        )
    if len(batch) == 2:
        return tuple(batch)
    *inputs, targets = batch
    fits = [_fit_as_lengths(part, batch[0]) for part in batch]
    if len(batch) == 3 and fits[2] > fits[1]:  # (inputs, targets, lengths)
        return (batch[0], batch[2]), batch[1]
    if len(batch) == 4 and fits[2] and not fits[1]:  # torch.nn.CTCLoss: targets, and both lengths
        return (batch[0], batch[2]), (batch[1], batch[3])
    return tuple(inputs), targets


def _whole_numbers(value) -> Tensor | None:
    """Return a vector of integers, given as a tensor or a list."""
    if isinstance(value, list | tuple) and value and all(type(part) is int for part in value):
        value = torch.tensor(value)
    integers = isinstance(value, Tensor) and value.dim() == 1 and value.dtype in _INTEGERS
    return value if integers else None


_INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)


def _fit_as_lengths(value, x) -> int:
    """Say how well numbers fit as lengths: not at all, 1, or 2 if padding begins where they say."""
    lengths = _whole_numbers(value)
    x = next(leaves(x), None)
    if lengths is None or not isinstance(x, Tensor) or x.dim() < 2:
        return 0
    rows = len(lengths)
    if rows not in x.shape[:2]:
        return 0
    x = x if x.shape[0] == rows else x.transpose(0, 1)
    lengths = lengths.to(x.device)
    if int(lengths.min()) < 1 or int(lengths.max()) > x.shape[1]:
        return 0
    real = torch.arange(x.shape[1], device=x.device) < lengths[:, None]
    return 2 if any(_constant(x, ~mask) for mask in (real, real.flip(1))) else 1


def _constant(x: Tensor, where: Tensor) -> bool:
    """Say whether there are such steps of (batch, time, ...), all with the same content."""
    found = x[where]
    return len(found) > 0 and bool((found == found[0]).all())


def _is_list(inputs, targets) -> bool:
    """Say whether inputs are a list of sequences of different lengths."""
    if not isinstance(inputs, list | tuple) or len(inputs) < 2:
        return False
    if not all(isinstance(row, Tensor) and row.dim() == inputs[0].dim() for row in inputs):
        return False
    alike = len({row.shape[1:] for row in inputs}) == 1 and inputs[0].dim() > 0
    counted = targets is None or len(inputs) == len(targets)
    return alike and counted and len({len(row) for row in inputs}) > 1


def _with_inputs(inputs, targets, several, adapter: Adapter) -> Batch:
    """Find the sequences, their lengths, masks and other inputs."""
    tensors = [leaf for leaf in leaves(inputs) if isinstance(leaf, Tensor)]
    wide = [leaf for leaf in tensors if leaf.dim() >= 2 and leaf.numel()]
    if not wide:
        raise TypeError("the inputs must be a tensor (batch, time, ...) that is not empty")
    x = _principal(wide, targets)
    given, kept, lengths = None, None, None
    if isinstance(inputs, tuple | list | Mapping):
        entries = dict(inputs) if isinstance(inputs, Mapping) else dict(enumerate(inputs))
        for key, value in entries.items():
            numbers = _whole_numbers(value)
            if numbers is None or lengths is not None:
                continue
            alone = len(entries) == 2 and len(numbers) not in x.shape[:2]
            if alone:
                rows = x.shape[0 if adapter.batch_first is not False else 1]
                raise ValueError(f"lengths must have shape ({rows},), got ({len(numbers)},)")
            fit = _fit_as_lengths(numbers, x)
            if fit and (fit == 2 or len(entries) == 2 or int(numbers.max()) in x.shape[:2]):
                given, lengths = key, numbers
                kept = None if isinstance(value, Tensor) else Tensor.tolist
        if given is not None:
            entries[given] = Slot.LENGTHS
            inputs = entries if isinstance(inputs, Mapping) else list(entries.values())
    inputs = tuple(inputs) if isinstance(inputs, list) else inputs
    first = _batch_first(x, lengths, targets, adapter)
    own = x if first else x.transpose(0, 1)
    if lengths is not None and len(lengths) != len(own):
        raise ValueError(f"lengths must have shape ({len(own)},), got {tuple(lengths.shape)}")
    inputs = mapped(lambda leaf: _slot(leaf, x, own, first), inputs)
    data = Batch(
        own, lengths, lengths is not None, targets, first, inputs=inputs, several=several,
        lengths_type=kept,
    )  # fmt: skip
    return _with_masks(data)


def _principal(wide: list[Tensor], targets) -> Tensor:
    """Choose the sequences that the targets belong to: a decoder's input rather than its source."""
    like = [x for x in wide if x.dim() > 2 or not x.is_floating_point()] or wide
    several = [x for x in like if len(torch.unique(x)) > 2] or like
    if isinstance(targets, Tensor) and targets.dim() >= 2:
        for x in several[1:]:
            if x.shape[:2] == targets.shape[:2] and _kinds.are_next(targets, x):
                return x
        fitting = [x for x in several if x.shape[:2] == targets.shape[:2]]
        return (fitting or several)[0]
    return several[0]


def _slot(leaf, x: Tensor, own: Tensor, first: bool):
    """Say what an input is beside the sequences."""
    if leaf is x:
        return Slot.X
    if not isinstance(leaf, Tensor):
        return leaf
    rows, batch = len(own), 0 if first else 1
    axes = [axis for axis in (batch, 1 - batch) if leaf.shape[axis : axis + 1] == (rows,)]
    if not axes:
        return Beside(leaf, None)
    values = leaf.movedim(axes[0], 0)
    steps = axes[0] == batch and values.shape[1:2] == own.shape[1:2]
    return Beside(values, axes[0], "steps" if steps else "rows")


def _with_masks(data: Batch) -> Batch:
    """Tell masks of real steps, or of padding, from other inputs, and read the lengths off one."""

    def settled(leaf):
        nonlocal data
        if not isinstance(leaf, Beside) or leaf.follows != "steps" or leaf.values.dim() != 2:
            return leaf
        mask = leaf.values
        if not bool(((mask == 0) | (mask == 1)).all()):
            return leaf
        for follows, real in (("real", mask == 1), ("padding", mask == 0)):
            lengths = real.sum(1)
            steps = torch.arange(data.steps, device=real.device)
            behind = steps < lengths[:, None]
            for front, wanted in ((False, behind), (True, behind.flip(1))):
                if not torch.equal(real, wanted) or not bool((lengths > 0).all()):
                    continue
                known = data.lengths is None or torch.equal(data.lengths.to(lengths), lengths)
                if known and (bool(real.all()) or _constant(data.x, ~real.to(data.x.device))):
                    front = front and not bool(real.all())
                    data = replace(data, lengths=lengths, told=True, front=front)
                    return replace(leaf, follows=follows)
        return leaf

    inputs = mapped(settled, data.inputs)
    return replace(data, inputs=inputs)


def first_of(loader: Iterable):
    """Return the first batch of a DataLoader.

    Raises
    ------
    ValueError
        If it holds none.
    """
    for batch in loader:
        return batch
    raise ValueError("the DataLoader holds no batch")


def _batch_first(x: Tensor, lengths, targets, adapter: Adapter) -> bool:
    if adapter.batch_first is not None:
        return adapter.batch_first
    rows = None
    if lengths is not None:
        rows = len(lengths)
    elif targets is not None and targets.shape[:2] != x.shape[:2] and targets.dim():
        rows = targets.shape[0]
    return not (rows is not None and x.shape[0] != rows and x.shape[1] == rows)


def settle(data: Batch, raw, adapter: Adapter) -> Batch:
    """Infer the kind of model, how its answers lie, and where the sequences end.

    Raises
    ------
    ShapeError
        If the answers have no axis of the sequences.
    """
    data = _with_padding(data, adapter)
    data, matching = _with_target_steps(data)
    targets, by_steps = data.targets, _answers.stepwise(raw, data)
    repeats = _kinds.repeat_inputs(targets, data.x) if matching else ""
    elementwise = _kinds.are_logits_of_yes(targets, raw, data.lengths, adapter)
    soft = not elementwise and _kinds.are_shares(targets, raw, data.lengths, adapter)
    kind = adapter.kind or _kinds.kind_of(data, matching, repeats, by_steps, elementwise or soft)
    per_step = adapter.per_step
    if per_step is None:
        per_step = bool(by_steps) and (
            kind in ("tagger", "language_model")
            or (kind == "forecaster" and matching and _as_many(raw, targets))
        )
    layout = by_steps if per_step else _answers.whole(raw, data)
    if not layout:
        _answers.as_tensor(raw, data.steps)
        raise _answers.ShapeError(
            f"answers of shape {tuple(raw.shape)} to {data.rows} sequences of {data.steps} steps"
        )
    causal = adapter.causal
    if causal is None:
        causal = kind == "language_model" or (kind == "forecaster" and per_step and bool(repeats))
    return replace(
        data, kind=kind, per_step=per_step, causal=causal, layout=layout, elementwise=elementwise
    )


def _with_target_steps(data: Batch) -> tuple[Batch, bool]:
    """Bring targets of each step into the form (batch, time, ...); say whether they are that."""
    targets, shape = data.targets, (data.rows, data.steps)
    if targets is None:
        return data, False
    layout = shape if data.batch_first else shape[::-1]
    flat = targets.dim() == 1 and len(targets) == data.rows * data.steps > data.rows
    if flat:
        targets = targets.reshape(layout)
    if tuple(targets.shape[:2]) == layout and not data.batch_first:
        targets = targets.transpose(0, 1)
    data = replace(data, targets=targets, flat_targets=flat)
    return data, tuple(targets.shape[:2]) == shape


def _as_many(raw, targets: Tensor) -> bool:
    return isinstance(raw, Tensor) and raw.numel() % targets.numel() == 0


def _with_padding(data: Batch, adapter: Adapter) -> Batch:
    """Add lengths if the padding shows them, on which side it is, and its value."""
    if data.lengths is not None:
        real = data.real()
        if not data.front and not _constant(data.x, ~real) and _constant(data.x, ~real.flip(1)):
            data = replace(data, front=True)
        fill = data.x[~data.real()]
        value = adapter.padding
        if value is None:
            value = float(fill.flatten()[0]) if fill.numel() else 0.0
        return _following(replace(data, padding=value))
    value = 0 if adapter.padding is None else adapter.padding
    empty = data.x == value
    if empty.dim() > 2:
        empty = empty.flatten(2).all(-1)
    declared = adapter.padding is not None
    for front in (False, True):
        count = (empty if front else empty.flip(1)).long().cumprod(1).sum(1)  # (batch,)
        alone = int(empty.sum()) == int(count.sum()) and bool((count > 0).any())
        if not bool((count < data.steps).all()) or (front and not alone):
            continue
        shown = int(count.sum()) * math.log2(max(2, data.steps)) >= PADDING_BITS
        if (declared and not front) or (alone and shown and len(torch.unique(count)) > 1):
            lengths = data.steps - count
            return _following(replace(data, lengths=lengths, padding=value, front=front))
    return data


def _following(data: Batch) -> Batch:
    """Let other inputs follow the steps only if they show the same padding."""

    def follow(beside: Beside) -> Beside:
        along = beside.follows != "steps" or _constant(beside.values, ~data.real())
        return beside if along else replace(beside, follows="rows")

    return replace(data, inputs=data._beside(follow))


def repeats(data: Batch) -> str:
    """Say whether the targets of each step are its inputs, or those one step later or earlier."""
    return _kinds.repeat_inputs(data.targets, data.x)
