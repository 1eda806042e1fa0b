"""Answers in one form, whatever form a model returns them in.

Inside, answers are (batch, outputs) or, with one for each step of the inputs, (batch, time,
outputs). `LAYOUTS` says how they came.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence, pad_sequence

LAYOUTS = {
    "steps": "(batch, time, ...)",
    "time first": "(time, batch, ...)",
    "flat": "(batch * time, ...), all steps one after the other",
    "ragged": "(sum of lengths, ...), the real steps one after the other",
    "channels": "(batch, classes, time)",
    "rows": "(batch, ...)",
    "second": "(anything, batch, ...)",
}


NEVER = -20.0  # stands for minus infinity, the logit of what is masked


class ShapeError(Exception):
    """The model's answers do not have a shape that fits the batch."""


class Parts(tuple):
    """What a model returns behind the answers, if that is more than one thing: h and c, say."""


def parts(output, rows: int) -> tuple:
    """Return the answers that an output holds, and the state beside them or None."""
    if isinstance(output, Tensor | PackedSequence) or output is None:
        return output, None
    named = output if isinstance(output, Mapping) else getattr(output, "__dict__", {})
    if isinstance(named.get("logits"), Tensor):
        return named["logits"], None
    if isinstance(output, tuple | list):
        if isinstance(output, list) and _alike(output):
            for_all = all(len(part) == rows for part in output)
            if len(output) == rows and not for_all:  # one tensor for each sequence
                return pad_sequence(output, batch_first=True), None
            if len(output) > 2 and for_all:  # one for each step
                return torch.stack(output, 1), None
        kept = [part for part in output if not (isinstance(part, Tensor) and part.dim() == 0)]
        if not kept:
            return output, None
        beside = Parts(kept[1:]) if len(kept) > 2 else (*kept[1:], None)[0]
        return parts(kept[0], rows)[0], beside if is_state(beside) else None
    found = [parts(value, rows)[0] for value in named.values()]
    return next((part for part in found if isinstance(part, Tensor) and part.dim()), output), None


def _alike(rows: list) -> bool:
    tensors = all(isinstance(row, Tensor) and row.dim() for row in rows)
    return tensors and len({row.shape[1:] for row in rows}) == 1


def is_state(value: object) -> bool:
    """Say whether something could be a state: a tensor, or several."""
    if isinstance(value, tuple | list) and not isinstance(value, PackedSequence):
        return len(value) > 0 and all(is_state(part) for part in value)
    return isinstance(value, Tensor)


def as_tensor(raw, steps: int) -> Tensor:
    """Unpack answers; complex numbers are pairs, and a masked logit is finite.

    Raises
    ------
    ShapeError
        If there is no tensor of floating-point numbers.
    """
    if isinstance(raw, PackedSequence):
        raw, _ = pad_packed_sequence(raw, batch_first=True, total_length=steps)
    if not isinstance(raw, Tensor):
        raise ShapeError(f"the answers are no tensor but {type(raw).__name__}")
    if raw.is_complex():
        raw = torch.view_as_real(raw)
    if not raw.is_floating_point():
        raise ShapeError(f"the answers are {raw.dtype}, not floating-point numbers")
    masked = raw == -torch.inf
    return raw.masked_fill(masked, NEVER) if bool(masked.any()) else raw


def stepwise(raw, data) -> str:
    """Return the layout of answers of every step of the inputs, or an empty string."""
    if isinstance(raw, PackedSequence):
        return "steps"
    if not isinstance(raw, Tensor):
        return ""
    shape, rows, steps = tuple(raw.shape), data.rows, data.steps
    total = None if data.lengths is None else int(data.lengths.sum())
    longest = steps if data.lengths is None else int(data.lengths.max())
    forms = {
        "steps": shape[:2] in ((rows, steps), (rows, longest)),
        "time first": shape[:2] in ((steps, rows), (longest, rows)),
        "flat": len(shape) <= 2 and shape[:1] in ((rows * steps,), (rows * longest,)) and steps > 1,
        "ragged": len(shape) <= 2 and shape[:1] == (total,) and longest > 1,
        "channels": len(shape) == 3 and (shape[0], shape[2]) == (rows, steps),
    }
    order = list(forms) if data.batch_first else ["time first", *forms]
    return next((name for name in order if forms[name]), "")


def whole(raw, data) -> str:
    """Return the layout of answers of whole sequences, or an empty string."""
    if not isinstance(raw, Tensor):
        return ""
    if raw.shape[:1] == (data.rows,):
        return "rows"
    if raw.dim() >= 3 and raw.shape[1] == data.rows:
        return "second"
    targets = data.targets
    flat = targets is not None and targets.dim() == 2 and raw.shape[:1] == (targets.numel(),)
    return "flat" if flat and raw.dim() == 2 else ""


def canonical(raw, data) -> Tensor:
    """Bring answers into the form (rows, outputs) or, for each step, (rows, steps, outputs).

    Raises
    ------
    ShapeError
        If they do not have the layout that the answers to the first batch had.
    """
    answers, rows, steps = as_tensor(raw, data.steps), data.rows, data.steps
    shape, layout = tuple(answers.shape), data.layout
    error = ShapeError(f"answers of shape {shape} to {rows} sequences of {steps} steps")
    if isinstance(raw, PackedSequence):
        layout = "steps"
    if layout == "second":
        if len(shape) < 3 or shape[1] != rows:
            raise error
        return answers.movedim(1, 0).reshape(rows, -1)
    if not data.per_step:
        flat = layout == "flat" and shape and shape[0] % rows == 0
        if not shape or (shape[0] != rows and not flat):
            raise error
        return answers.reshape(rows, -1)
    longest = steps if data.lengths is None else int(data.lengths.max())
    if layout == "flat":
        width = steps if shape[:1] == (rows * steps,) else longest
        if shape[:1] != (rows * width,):
            raise error
        order = (rows, width) if data.batch_first else (width, rows)
        answers = answers.reshape(*order, -1)
        layout = "steps" if data.batch_first else "time first"
    if layout == "ragged":
        real = data.real()
        if shape[:1] != (int(real.sum()),):
            raise error
        filled = answers.new_zeros(rows, steps, *shape[1:])
        filled[real] = answers
        return filled.reshape(rows, steps, -1)
    if layout in ("time first", "channels") and len(shape) >= 2:
        answers = answers.transpose(*((0, 1) if layout == "time first" else (1, 2)))
    narrow = steps - answers.shape[1] if len(shape) >= 2 else -1
    if answers.shape[:1] != (rows,) or narrow not in (0, steps - longest):
        raise error
    answers = answers.reshape(rows, steps - narrow, -1)
    return torch.nn.functional.pad(answers, (0, 0, 0, narrow)) if narrow else answers


def restored(answers: Tensor, raw: Tensor, data) -> Tensor | None:
    """Bring answers back into the form of `raw`, or return None where that is not known."""
    if not isinstance(raw, Tensor) or data.layout == "second":
        return None
    if data.per_step:
        if data.layout == "ragged":
            answers = answers[data.real()]
        if data.layout == "channels":
            answers = answers.transpose(1, 2)
        elif data.layout == "time first" or (data.layout == "flat" and not data.batch_first):
            answers = answers.transpose(0, 1)
    same = answers.numel() == raw.numel()
    return answers.reshape(raw.shape).contiguous() if same else None
