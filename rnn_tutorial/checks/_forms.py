"""What form a batch came in: its parts are told apart, and what shows in them is found."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn.utils.rnn import (
    PackedSequence,
    pad_packed_sequence,
    pad_sequence,
)

from rnn_tutorial.checks import _answers, _kinds
from rnn_tutorial.checks._adapter import Adapter
from rnn_tutorial.checks._batch import Batch, Beside, Slot
from rnn_tutorial.checks._trees import leaves, mapped

# Zeros at the ends of rows are padding if that has a chance below one in 2 to the power of this
PADDING_BITS = 8
TARGETS = ("labels", "label", "targets", "target", "tags", "y")  # what dictionaries call them


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
