"""Checks of what an answer depends on: its own sequence, not padding, neighbors or the future."""

import torch
from torch import Tensor

from rnn_tutorial.checks._copies import seed_all
from rnn_tutorial.checks._outcomes import FaultError, SkipError, number
from rnn_tutorial.checks._subject import ShapeError, Subject


def _apart(subject: Subject, one: Tensor, two: Tensor) -> float:
    """Return the largest difference between two answers, relative to how much answers differ."""
    return float((one - two).abs().max()) / subject.scale if one.numel() else 0.0


def _is_rounding(subject: Subject, difference: float) -> bool:
    return difference * subject.scale <= subject.rounding


def runs(subject: Subject) -> str:
    """Answer the batch, one sequence more, one fewer, and one sequence alone."""
    try:
        subject.settle()
    except ShapeError as error:
        raise FaultError("M-first-batch", f"{error}") from error
    except Exception as error:
        raise FaultError(
            "M-first-batch", f"the first batch raises {type(error).__name__}: {error}"
        ) from error
    data = subject.whole
    if not bool(torch.isfinite(subject.answers()[subject.counted]).all()):
        raise FaultError("M-first-batch", "the answers to the first batch are not finite")
    if data.targets is not None and data.rows > 1:
        try:
            with torch.no_grad():
                subject.canonical(
                    subject.call(subject.fresh(training=True), data.x, data.lengths)[0], data
                )
        except Exception as error:
            raise FaultError(
                "M-first-batch", f"in training mode it raises {type(error).__name__}: {error}"
            ) from error
    for rows in sorted({1, max(1, data.rows - 1), data.rows + 1}):
        index = torch.arange(rows, device=data.x.device) % data.rows
        try:
            subject.answers(*_rows_of(data, index))
        except Exception as error:
            raise FaultError(
                "M-first-batch",
                f"{data.rows} sequences are answered, and {rows} raise "
                f"{type(error).__name__}: {error}",
            ) from error
    said = f"batches of {data.rows} and of 1 are answered, {data.steps} steps wide"
    return f"{said}; they have to be sorted by length" if subject.sorts else said


def repeatable(subject: Subject) -> str:
    """Ask the same twice in evaluation mode, with other random states and batches in between."""
    data, real = subject.data, subject.counted
    reference = subject.answers(seed=1)[real]
    other = _apart(subject, reference, subject.answers(seed=2)[real])
    if not _is_rounding(subject, other):
        raise FaultError(
            "M-random-answer",
            f"the same batch, asked twice in evaluation mode: answers differ by {number(other)} "
            "of their spread",
        )
    module = subject.fresh()
    try:
        first = subject.answers(module=module)[real]
        turned = torch.arange(data.rows - 1, -1, -1, device=data.x.device)
        subject.answers(*_rows_of(data, turned), module=module)
        again = [subject.answers(module=module)[real]]
        subject.answers(*_rows_of(data, turned[:1]), module=module)
        again.append(subject.answers(module=module)[real])
    except Exception as error:
        raise FaultError(
            "M-state-kept", f"after another batch it raises {type(error).__name__}: {error}"
        ) from error
    kept = max(_apart(subject, first, answers) for answers in again)
    if not _is_rounding(subject, kept):
        raise FaultError(
            "M-state-kept",
            f"the same batch, before and after another one: answers differ by {number(kept)} "
            "of their spread",
        )
    return "the same answers twice, with another random state and after another batch"


def _rows_of(data, rows: Tensor):
    picked = data.pick(rows)
    return picked.x, picked.lengths


def require_repeatable(subject: Subject) -> None:
    """Refuse to compare answers that change by themselves."""
    difference = _apart(subject, subject.answers(seed=1), subject.answers(seed=2))
    if not _is_rounding(subject, difference):
        raise SkipError("the answers change by themselves; see the check named repeatable")


def rows(subject: Subject) -> str:
    """Answer each sequence among the others, and among copies of itself."""
    data = subject.data
    if data.rows < 2:
        raise SkipError("the batch holds one sequence")
    require_repeatable(subject)
    real = data.real()
    reference, worst = subject.answers(), 0.0
    for row in range(min(4, data.rows)):
        same = torch.full((data.rows,), row, device=data.x.device)
        x, lengths = _rows_of(data, same)
        answers = subject.answers(x, lengths)
        one, two = reference[row], answers[row]
        if data.per_step:
            one, two = one[real[row]], two[real[row]]
        worst = max(worst, _apart(subject, one, two))
    order = torch.arange(data.rows - 1, -1, -1, device=data.x.device)
    turned = subject.answers(*_rows_of(data, order))[order]
    counted = subject.counted
    worst = max(worst, _apart(subject, reference[counted], turned[counted]))
    if not _is_rounding(subject, worst):
        raise FaultError(
            "M-batch-time",
            f"with other sequences beside it, an answer moves by {number(worst)} of the spread",
        )
    return "an answer does not depend on the other sequences, to rounding"


def padding(subject: Subject) -> str:
    """Answer the batch with more padding after it, and each sequence without any."""
    data = subject.data
    if data.packed:
        raise SkipError("the model takes packed sequences, so it never sees padding")
    if data.lengths is None:
        raise SkipError("no lengths are given, and the batch shows no padding")
    told = subject.data.lengths_given and "lengths" in (subject.form or ())
    told = told or (subject.adapter.forward is not None and data.lengths_given)
    if not told and bool((data.lengths == data.steps).all()):
        raise SkipError("every sequence fills the batch, and the model is told no lengths")
    require_repeatable(subject)
    real, reference, worst = subject.counted, subject.answers(), 0.0
    for count in (1, 5):
        try:
            answers = subject.answers(widened(data.x, count, data.padding))
        except Exception as error:
            raise SkipError(
                f"with another width it raises {type(error).__name__}, so it takes one width only"
            ) from error
        answers = answers[:, : data.steps] if data.per_step else answers
        worst = max(worst, _apart(subject, reference[real], answers[real]))
    for row in range(data.rows):
        length = int(data.lengths[row])
        if length < data.steps:
            index = torch.tensor([row], device=data.x.device)
            x, lengths = _rows_of(data, index)
            wide, narrow = subject.answers(x, lengths), subject.answers(x[:, :length], lengths)
            wide = wide[:, :length] if data.per_step else wide
            worst = max(worst, _apart(subject, wide, narrow))
    if not _is_rounding(subject, worst):
        raise FaultError(
            "M-padding-state",
            f"with more or less padding after it, an answer moves by {number(worst)} of the spread",
        )
    return "padding changes no answer, to rounding"


def widened(x: Tensor, count: int, value: float) -> Tensor:
    """Append `count` steps of padding."""
    shape = (x.shape[0], count, *x.shape[2:])
    return torch.cat([x, torch.full(shape, value, dtype=x.dtype, device=x.device)], dim=1)


def _future(subject: Subject) -> tuple[float, int]:
    """Change all steps after one; return how far the answers up to it move, and that step."""
    data = subject.data
    real, reference = data.real(), subject.answers()
    worst, where = 0.0, 0
    for cut in sorted({1, data.steps // 2, data.steps - 1}):
        x = data.x.clone()
        x[:, cut:] = other_content(data)[:, cut:]
        moved = _apart(
            subject, reference[:, :cut][real[:, :cut]], subject.answers(x)[:, :cut][real[:, :cut]]
        )
        if moved > worst:
            worst, where = moved, cut
    return worst, where


def other_content(data) -> Tensor:
    """Return inputs with other content at each real step: the next row's, or the next token."""
    x, real = data.x, data.real()
    if data.tokens:
        present = torch.unique(x[real])
        place = torch.searchsorted(present, x).clamp(max=len(present) - 1)
        other = present[(place + 1) % len(present)]
    else:
        other = x.roll(1, 0) + 0.5 * x[real].std().nan_to_num(1.0)
    real = real.reshape(*real.shape, *([1] * (x.dim() - 2)))
    return torch.where(real, other, x)


def causality(subject: Subject) -> str:
    """Change later inputs; the answers of earlier steps must stay the same."""
    data = subject.data
    if not data.per_step:
        raise SkipError("there is one answer for a sequence, and it may read all of it")
    if not data.causal:
        raise SkipError("a tagger may read to both sides; say causal=True if yours must not")
    if data.steps < 2:
        raise SkipError("the sequences have one step")
    require_repeatable(subject)
    worst, where = _future(subject)
    if not _is_rounding(subject, worst):
        raise FaultError(
            "M-future",
            f"other inputs from step {where + 1} on move answers before it by {number(worst)} "
            "of the spread",
        )
    return "later inputs move no answer of an earlier step, to rounding"


def chunks(subject: Subject) -> str:
    """Read the sequences in two chunks with the state carried; compare with reading them whole."""
    data = subject.data
    if not subject.returns_state:
        raise SkipError("the model returns no state")
    if not subject.takes_state:
        raise SkipError("the model returns a state and takes none")
    full = data.ends() == data.steps - 1
    if data.steps < 2 or not bool(full.any()):
        raise SkipError("no sequence has two steps and fills the batch")
    require_repeatable(subject)
    if data.per_step and not _is_rounding(subject, _future(subject)[0]):
        raise SkipError("the model reads the future, so it cannot be cut into chunks")
    x, lengths = _rows_of(data, full.nonzero().flatten())
    whole, cut, state, parts = subject.answers(x, lengths), data.steps // 2, None, []
    for chunk in (x[:, :cut], x[:, cut:]):
        told = None if lengths is None else torch.full_like(lengths, chunk.shape[1])
        seed_all(0)
        try:
            with torch.no_grad():
                raw, state = subject.call(subject.fresh(), chunk, told, state)
        except Exception as error:
            raise FaultError(
                "M-state-ignored", f"its own state raises {type(error).__name__}: {error}"
            ) from error
        parts.append(subject.canonical(raw, data, rows=len(x), steps=chunk.shape[1]))
    read = torch.cat(parts, dim=1) if data.per_step else parts[-1]
    worst = _apart(subject, whole, read)
    if not _is_rounding(subject, worst):
        raise FaultError(
            "M-state-ignored",
            f"read in two chunks with the state carried, answers differ by {number(worst)} "
            "of the spread",
        )
    return "two chunks with the state carried read as the whole, to rounding"
