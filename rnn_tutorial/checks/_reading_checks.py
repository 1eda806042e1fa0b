"""Checks of what an answer depends on: its own sequence, not padding, neighbors or the future."""

import torch
from torch import Tensor

from rnn_tutorial.checks._answers import NEVER, ShapeError
from rnn_tutorial.checks._copies import seed_all
from rnn_tutorial.checks._outcomes import FaultError, SkipError, number
from rnn_tutorial.checks._subject import CallError, Subject


def _apart(subject: Subject, one: Tensor, two: Tensor) -> float:
    """Return the largest difference between two answers, relative to how much answers differ.

    Where a model answers to the longest of a batch, the narrower one is compared.
    """
    width = min(one.shape[-1], two.shape[-1])
    one, two = one[..., :width], two[..., :width]
    return float((one - two).abs().max()) / subject.scale if one.numel() else 0.0


def _is_rounding(subject: Subject, difference: float) -> bool:
    return difference * subject.scale <= subject.rounding


def runs(subject: Subject) -> str:
    """Answer the batch, one sequence more, one fewer, and one sequence alone."""
    try:
        subject.settle()
    except CallError as error:
        raise SkipError(str(error)) from error
    except ShapeError as error:
        raise FaultError("M-batch-time", f"{error}") from error
    except Exception as error:
        raise FaultError(
            "M-first-batch", f"the first batch raises {type(error).__name__}: {error}"
        ) from error
    data = subject.whole
    for asked in (subject.data, data):
        answers = subject.answers(asked)[asked.counted]
        wrong = ~torch.isfinite(answers) | (answers == NEVER).all(-1, keepdim=True)
        if bool(wrong.any()):
            raise FaultError(
                "M-not-finite",
                f"{int(wrong.sum())} of {wrong.numel()} numbers in the answers are not finite",
            )
    if data.rows > 1:
        _runs_in_training(subject, data)
    if data.fixed:
        raise SkipError(data.fixed)
    for rows in sorted({1, max(1, data.rows - 1), data.rows + 1}):
        asked = data.pick(torch.arange(rows, device=data.x.device) % data.rows)
        try:
            subject.answers(asked)
        except ShapeError as error:
            raise FaultError(
                "M-first-batch", f"{data.rows} sequences are answered one by one, but {error}"
            ) from error
        except Exception as error:
            raise FaultError(
                "M-first-batch",
                f"{data.rows} sequences are answered, and {rows} raise "
                f"{type(error).__name__}: {error}",
            ) from error
    said = f"batches of {data.rows} and of 1 are answered, {data.steps} steps wide"
    return f"{said}; they have to be sorted by length" if subject.sorts else said


def _runs_in_training(subject: Subject, data) -> None:
    """Refuse a model that raises an error in training mode; the form of its answers may differ."""
    try:
        with torch.no_grad():
            subject.output(subject.fresh(training=True), data)
    except Exception as error:
        raise FaultError(
            "M-first-batch", f"in training mode it raises {type(error).__name__}: {error}"
        ) from error


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
    between = [subject.data] if data.fixed else [data.turned(), data.row(data.rows - 1)]
    for asked in between:
        subject.answers(asked)  # of a new copy: what it raises is no question of a kept state
    again = []
    try:
        first = subject.answers(module=module)[real]
        for asked in between:
            subject.answers(asked, module=module)
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
    reference, order = subject.answers(), torch.arange(data.rows - 1, -1, -1)
    turned = subject.answers(data.turned())[order]
    swapped = _apart(subject, reference[subject.counted], turned[subject.counted])
    beside = 0.0
    for row in range(min(4, data.rows)):
        answers = subject.answers(data.row(row, data.rows))
        beside = max(beside, _apart(subject, *_real_parts(data, row, reference, answers)))
    worst = max(swapped, beside)
    if _is_rounding(subject, worst):
        return "an answer does not depend on the other sequences, to rounding"
    said = f"with other sequences beside it, an answer moves by {number(worst)} of the spread"
    if not _is_rounding(subject, swapped):
        if not _same_set(subject, reference, turned):
            raise FaultError("M-batch-time", said)
        raise FaultError(
            "M-row-order",
            "the sequences in another order get the same answers, and not in that order",
        )
    lengths = _moved_by_content(subject, reference)
    if lengths is not None and _is_rounding(subject, lengths):
        raise FaultError("M-padding-state", f"{said}, if they are longer, whatever they hold")
    raise FaultError(
        "M-over-batch", f"{said}, whatever the order: by a sum over all sequences of the batch"
    )


def _real_parts(data, row: int, one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """Return the answers of a row that count."""
    if not data.per_step:
        return one[row], other[row]
    real = data.real()[row]
    return one[row][real], other[row][real]


def _same_set(subject: Subject, one: Tensor, other: Tensor) -> bool:
    """Say whether two batches of answers are the same, in any order."""
    if subject.data.per_step:
        return False
    nearest = (one[:, None] - other[None]).abs().amax(-1).amin(1)
    return _is_rounding(subject, float(nearest.max()) / subject.scale)


def _moved_by_content(subject: Subject, reference: Tensor) -> float | None:
    """Change what the other sequences hold and not their lengths; return how far row 0 moves."""
    data = subject.data
    if data.lengths is None or len(torch.unique(data.lengths)) < 2:
        return None
    x = other_content(data)
    moved = 0.0
    for row in range(min(4, data.rows)):
        changed = x.clone()
        changed[row] = data.x[row]
        answers = subject.answers(changed)
        moved = max(moved, _apart(subject, *_real_parts(data, row, reference, answers)))
    return moved


def padding(subject: Subject) -> str:
    """Answer the batch with more padding, and each sequence without any."""
    data = subject.data
    if data.packed:
        raise SkipError("the model takes packed sequences or lists, so it never sees padding")
    if data.lengths is None:
        raise SkipError("no lengths or mask are given, and the batch shows no padding")
    full = bool((data.lengths == data.steps).all())
    if not subject.told and full:
        raise SkipError("every sequence fills the batch, and the model is told no lengths")
    if not data.per_step and data.layout == "second":
        raise SkipError(
            "the answers have steps of their own; say answers=, which leaves out those of padding"
        )
    require_repeatable(subject)
    real, reference, worst = subject.counted, subject.answers(), 0.0
    for count in (1, 5):
        try:
            answers = subject.answers(data.widened(count))
        except ShapeError:
            raise
        except Exception as error:
            raise SkipError(
                f"with another width it raises {type(error).__name__}, so it takes one width only"
            ) from error
        if data.per_step:
            answers = answers[:, count:] if data.front else answers[:, : data.steps]
        elif answers.shape != reference.shape:
            raise SkipError(
                f"with {count} more steps of padding there are more answers; say answers=, which "
                "leaves out those of padding"
            )
        worst = max(worst, _apart(subject, reference[real], answers[real]))
    for row in range(data.rows):
        length = int(data.lengths[row])
        if length < data.steps:
            alone = data.row(row)
            start, stop = (data.steps - length, data.steps) if data.front else (0, length)
            wide = subject.answers(alone)
            wide = wide[:, start:stop] if data.per_step else wide
            narrow = subject.answers(alone.window(start, stop, alone.lengths))
            worst = max(worst, _apart(subject, wide, narrow))
    if not _is_rounding(subject, worst):
        where = "before" if data.front else "after"
        raise FaultError(
            "M-padding-state",
            f"with more or less padding {where} it, an answer moves by {number(worst)} of the "
            "spread",
        )
    return "padding changes no answer, to rounding"


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


def skips_own_step(subject: Subject) -> bool:
    """Say whether an answer depends on earlier steps, and not on that of its own."""
    data, middle = subject.data, subject.data.steps // 2
    if not data.per_step or data.steps < 3:
        return False
    x = data.x.clone()
    x[:, middle] = other_content(data)[:, middle]
    moved = (subject.answers(x) - subject.answers()).abs() / subject.scale
    own, later = float(moved[:, middle].max()), float(moved[:, middle + 1].max())
    return _is_rounding(subject, own) and not _is_rounding(subject, later)


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
        targets = data.targets if data.discrete else None
        several = data.layout == "second" or (targets is not None and targets.shape[1:] > (1,))
        raise SkipError(
            "there is one answer for a sequence, and it may read all of it"
            if not several
            else "the answers have steps of their own, so it is not known which inputs are later; "
            "say answers=, or give the decoder's inputs too"
        )
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
    full = data.reach() == data.steps - 1
    if data.steps < 2 or not bool(full.any()):
        raise SkipError("no sequence has two steps and fills the batch")
    if not data.per_step and data.layout == "second":
        raise SkipError("the answers have steps of their own")
    require_repeatable(subject)
    if data.per_step and not _is_rounding(subject, _future(subject)[0]):
        raise SkipError("the model reads the future, so it cannot be cut into chunks")
    data = data.pick(full.nonzero().flatten())
    whole, cut, state, parts = subject.answers(data), data.steps // 2, None, []
    for start, stop in ((0, cut), (cut, data.steps)):
        told = None if data.lengths is None else torch.full_like(data.lengths, stop - start)
        chunk = data.window(start, stop, told)
        seed_all(0)
        try:
            with torch.no_grad():
                output, state = subject.call(subject.fresh(), chunk, state=state)
        except Exception as error:
            raise FaultError(
                "M-state-ignored", f"its own state raises {type(error).__name__}: {error}"
            ) from error
        parts.append(subject.canonical(output, chunk))
    read = torch.cat(parts, dim=1) if data.per_step else parts[-1]
    worst = _apart(subject, whole, read)
    if not _is_rounding(subject, worst):
        raise FaultError(
            "M-state-ignored",
            f"read in two chunks with the state carried, answers differ by {number(worst)} "
            "of the spread",
        )
    return "two chunks with the state carried read as the whole, to rounding"
