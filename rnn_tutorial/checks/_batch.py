"""A batch in one form, whatever form it came in."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnn_tutorial.checks import _kinds
from rnn_tutorial.checks._adapter import Adapter


@dataclass(frozen=True)
class Batch:
    """A batch, batch-first, and what is known about its form and its kind.

    Parameters
    ----------
    x : Tensor, (batch, time, ...)
        Tokens or features.
    lengths : Tensor of int64, (batch,), or None
        The true lengths, given or inferred from the padding.
    lengths_given : bool
        Whether the batch came with lengths, so that the model may be told.
    targets : Tensor or None
        (batch, ...) or, with one for each step, (batch, time, ...).
    batch_first : bool
        Whether the inputs came as (batch, time, ...).
    packed : bool
        Whether the inputs came as a PackedSequence.
    lengths_type : callable or None
        Turns lengths into what they came as, for example a list.
    kind, per_step, causal, padding
        See `Adapter`.
    flat_targets : bool
        Whether the targets of all steps came in one dimension.
    elementwise : bool
        Whether each number of an answer is the logit of a yes, with a target of 0 or 1.
    """

    x: Tensor
    lengths: Tensor | None
    lengths_given: bool
    targets: Tensor | None
    batch_first: bool
    packed: bool = False
    lengths_type: Callable | None = None
    kind: str = "classifier"
    per_step: bool = False
    causal: bool = False
    padding: float | None = None
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

    def pick(self, rows: Tensor) -> "Batch":
        """Keep some rows, in the given order."""
        return replace(
            self,
            x=self.x[rows],
            lengths=None if self.lengths is None else self.lengths[rows.to(self.lengths.device)],
            targets=None if self.targets is None else self.targets[rows],
        )

    def head(self, count: int) -> "Batch":
        """Keep `count` rows, the shortest and the longest among them."""
        if self.rows <= count:
            return self
        order = torch.arange(self.rows) if self.lengths is None else self.lengths.cpu().argsort()
        spread = order[torch.linspace(0, self.rows - 1, count).long()].sort().values
        return self.pick(spread.to(self.x.device))

    def short(self, steps: int) -> "Batch":
        """Keep the first steps, with lengths in proportion, so that padding stays padding."""
        if self.steps <= steps:
            return self
        x, targets, lengths = self.x[:, :steps].clone(), self.targets, self.lengths
        if self.per_step and targets is not None:
            targets = targets[:, :steps].clone()
        if lengths is not None:
            lengths = (lengths * steps / self.steps).ceil().long()
        short = replace(self, x=x, targets=targets, lengths=lengths)
        padded = ~short.real()
        x[padded] = torch.as_tensor(self.padding or 0, dtype=x.dtype, device=x.device)
        if self.per_step and targets is not None and bool(padded.any()):
            padding = self.targets[~self.real()].flatten()
            missing = _kinds.IGNORED if self.discrete else 0
            targets[padded] = padding[0] if len(padding) else missing
        return short

    def real(self) -> Tensor:
        """Return which steps are not padding, (batch, time)."""
        steps = torch.arange(self.steps, device=self.x.device)
        if self.lengths is None:
            return torch.ones(self.rows, self.steps, dtype=torch.bool, device=self.x.device)
        return steps < self.lengths.to(self.x.device)[:, None]

    def ends(self) -> Tensor:
        """Return the index of each row's last real step, (batch,)."""
        if self.lengths is None:
            return torch.full((self.rows,), self.steps - 1, device=self.x.device)
        return self.lengths.to(self.x.device) - 1

    def own_targets(self) -> Tensor:
        """Return the targets in the form in which they came."""
        targets = self.targets
        if self.per_step and not self.batch_first:
            targets = targets.transpose(0, 1)
        return targets.reshape(-1) if self.flat_targets else targets


def read(batch, adapter: Adapter) -> Batch:
    """Take a batch apart; see `rnn_tutorial.checks.diagnose` for the forms."""
    if not isinstance(batch, tuple | list) or len(batch) not in (2, 3):
        raise TypeError(
            "batch must be (inputs, targets), with inputs a tensor or a tuple of a tensor and "
            f"lengths, or (inputs, lengths, targets); got {type(batch).__name__}"
        )
    inputs, targets = (batch[0], batch[1]) if len(batch) == 2 else (batch[:2], batch[2])
    packed = isinstance(inputs, PackedSequence)
    if packed:
        x, lengths = pad_packed_sequence(inputs, batch_first=True)
        return Batch(x, lengths, True, targets, True, packed=True)
    x, lengths = inputs, None
    if not isinstance(inputs, Tensor):
        x, lengths = inputs[0], (inputs[1] if len(inputs) > 1 else None)
    if not isinstance(x, Tensor) or x.dim() < 2 or x.numel() == 0:
        raise TypeError("the inputs must be a tensor (batch, time, ...) that is not empty")
    if targets is not None and not isinstance(targets, Tensor):
        targets = torch.as_tensor(targets)
    given, kept = lengths is not None, None
    if given and not isinstance(lengths, Tensor):
        kept, lengths = Tensor.tolist, torch.as_tensor(lengths)
    first = _batch_first(x, lengths, targets, adapter)
    x = x if first else x.transpose(0, 1)
    if given and lengths.shape != (len(x),):
        raise ValueError(f"lengths must have shape ({len(x)},), got {tuple(lengths.shape)}")
    return Batch(x, lengths, given, targets, first, lengths_type=kept)


def _batch_first(x: Tensor, lengths, targets, adapter: Adapter) -> bool:
    if adapter.batch_first is not None:
        return adapter.batch_first
    rows = None
    if lengths is not None:
        rows = len(lengths)
    elif targets is not None and targets.shape[:2] != x.shape[:2] and targets.dim():
        rows = targets.shape[0]
    return not (rows is not None and x.shape[0] != rows and x.shape[1] == rows)


def settle(data: Batch, answers, adapter: Adapter) -> Batch:
    """Infer the kind of model, and where the sequences end."""
    targets = data.targets
    flat = False
    if targets is not None:
        layout = (data.rows, data.steps) if data.batch_first else (data.steps, data.rows)
        flat = targets.dim() == 1 and len(targets) == data.rows * data.steps > data.rows
        if flat:
            targets = targets.reshape(layout)
        if tuple(targets.shape[:2]) == layout and not data.batch_first:
            targets = targets.transpose(0, 1)
    matching = targets is not None and tuple(targets.shape[:2]) == (data.rows, data.steps)
    repeats = matching and _kinds.repeat_inputs(targets, data.x)
    elementwise = _kinds.are_logits_of_yes(data.targets, answers, data.lengths, adapter)
    kind = adapter.kind or _kinds.kind_of(targets, matching, repeats, answers, elementwise)
    per_step = adapter.per_step
    if per_step is None:
        per_step = kind in ("tagger", "language_model") or (kind == "forecaster" and repeats)
    causal = adapter.causal
    if causal is None:
        causal = kind == "language_model" or (kind == "forecaster" and per_step)
    if targets is not None and not matching and not data.batch_first and per_step:
        raise ValueError(
            f"targets of each step must be (time, batch), got {tuple(data.targets.shape)}"
        )
    data = replace(
        data,
        targets=targets,
        kind=kind,
        per_step=per_step,
        causal=causal,
        flat_targets=flat,
        elementwise=elementwise,
    )
    return _with_padding(data, adapter)


def _with_padding(data: Batch, adapter: Adapter) -> Batch:
    """Add lengths if the padding shows them, and the padding value."""
    if data.lengths is not None:
        fill = data.x[~data.real()]
        value = adapter.padding
        if value is None:
            value = float(fill.flatten()[0]) if fill.numel() else 0.0
        return replace(data, padding=value)
    value = 0 if adapter.padding is None else adapter.padding
    empty = data.x == value
    if empty.dim() > 2:
        empty = empty.flatten(2).all(-1)
    trailing = empty.flip(1).long().cumprod(1).sum(1)  # (batch,)
    declared = adapter.padding is not None
    alone = int(empty.sum()) == int(trailing.sum()) and bool((trailing > 0).any())
    varied = len(torch.unique(trailing)) > 1
    if (declared or (alone and varied)) and bool((trailing < data.steps).all()):
        return replace(data, lengths=data.steps - trailing, padding=value)
    return data
