"""Checks of what a loss compares: its pairs, its edges, and the steps that CTC needs.

Where such faults were met: each answer compared with each target in jsboige/CoursIA #926 and
aiboxlab/nlp #97; a root without an epsilon in matterport/Mask_RCNN #458; more labels than steps in
thu-spmi/CAT #22 and SeanNaren/warp-ctc #29.
"""

from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from rnn_tutorial.checks import _answers
from rnn_tutorial.checks._batch import Batch
from rnn_tutorial.checks._copies import perturbed, seed_all
from rnn_tutorial.checks._objective import (
    probabilities,
    readers_loss,
    readers_loss_of,
    require_standard,
    require_targets,
    yes_or_no,
)
from rnn_tutorial.checks._outcomes import FaultError, SkipError
from rnn_tutorial.checks._subject import Subject
from rnn_tutorial.checks._watch import watched

SURE = 150.0  # a logit whose softmax elsewhere is zero in single precision


def _answered(subject: Subject, data: Batch) -> Tensor:
    """Return the answers of a copy with other weights, as the reader's loss takes them."""
    if subject.adapter.loss is None:
        raise SkipError("no loss is given")
    if data.targets is None:
        raise SkipError("there are several targets")
    seed_all(0)
    with torch.no_grad():
        output = subject.output(perturbed(subject.model).eval(), data)
    raw = subject.for_loss(output, data)
    if not isinstance(raw, Tensor) or not bool(torch.isfinite(raw).all()):
        raise SkipError("the loss does not take one tensor of finite numbers")
    if data.per_step and data.targets.shape[:2] != (data.rows, data.steps):
        raise SkipError("the targets are not those of the steps")
    return raw


def _loss(subject: Subject, raw: Tensor, data: Batch) -> Tensor:
    seed_all(0)
    return readers_loss_of(subject, raw, data)


def pairs(subject: Subject) -> str:
    """Hand each sequence the targets of another one: the loss must change."""
    data = require_targets(subject)
    raw = _answered(subject, data)
    if not data.discrete:
        if raw.numel() != data.targets.numel():
            raise SkipError("the answers are not numbers that could equal the targets")
        raw = data.own_targets().reshape(raw.shape).to(raw.dtype)  # any loss tells these apart
    others = replace(data, targets=data.targets.roll(1, 0))
    if torch.equal(others.targets, data.targets):
        raise SkipError("all sequences have the same targets")
    loss, moved = (float(_loss(subject, raw, batch)) for batch in (data, others))
    if abs(moved - loss) <= 1e-6 * max(abs(moved), abs(loss)):
        raise FaultError(
            "M-loss-pairs",
            f"each sequence gets the targets of another one, and the loss stays {loss:.4g}",
        )
    return f"with the targets of others the loss is {moved:.4g} in place of {loss:.4g}"


def edges(subject: Subject) -> str:
    """Ask for the gradient where the answers are exact, or surely wrong; it must be a number."""
    data = require_standard(subject)
    raw = _answered(subject, data)
    if not data.discrete:
        wanted = data.own_targets()
        if raw.numel() != wanted.numel():
            raise SkipError("the answers are not numbers that could equal the targets")
        extreme, where = wanted.reshape(raw.shape).to(raw.dtype), "where answers equal targets"
    else:
        answers = _answers.canonical(raw, data)
        if probabilities(answers, data) or bool((answers.logsumexp(-1).abs() < 1e-4).all()):
            raise SkipError("the answers are probabilities, which are bounded")
        extreme, where = SURE * raw.sign(), f"for logits of {SURE:g} and -{SURE:g}"
        if not yes_or_no(data, answers.shape[-1]):
            extreme = SURE * (raw - raw.mean()).sign()
    extreme = extreme.clone().requires_grad_()
    loss = _loss(subject, extreme, data)
    (grad,) = torch.autograd.grad(loss, extreme)
    if not bool(torch.isfinite(grad).all()):
        raise FaultError(
            "M-loss-edge", f"{where} the loss is {loss:.3g} and its gradient is not finite"
        )
    return f"{where} the loss has a gradient"


def ctc(subject: Subject) -> str:
    """Look at the labels that a CTC loss gets, and count its steps for them."""
    data = require_targets(subject)
    if subject.adapter.loss is None:
        raise SkipError("no loss is given")
    seed_all(0)
    with torch.no_grad(), watched(ctc=functional.ctc_loss) as calls:
        readers_loss(subject, subject.output(subject.fresh(), data), data)
    if not calls:
        raise SkipError("the loss is no CTC loss")
    short = total = blanks = 0
    for _, found in calls:
        blank = found.get("blank", 0)
        steps = torch.as_tensor(found["input_lengths"]).reshape(-1).tolist()
        counts = torch.as_tensor(found["target_lengths"]).reshape(-1).tolist()
        labels = found["targets"]
        rows = labels.split(counts) if labels.dim() == 1 else labels
        for row, count, given in zip(rows, counts, steps, strict=True):
            row = row[:count]
            total += 1
            blanks += bool((row == blank).any())
            short += given < count + int((row[1:] == row[:-1]).sum())
    if blanks:
        raise FaultError(
            "M-ctc-blank",
            f"{blanks} of {total} sequences have the blank, {blank}, among their labels",
        )
    if short:
        raise FaultError(
            "M-ctc-steps", f"{short} of {total} sequences have fewer steps than their labels need"
        )
    return f"{total} sequences have steps enough for their labels"
