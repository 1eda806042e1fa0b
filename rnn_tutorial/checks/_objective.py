"""The loss of a batch: the one that belongs to its kind, and the reader's own."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from rnn_tutorial.checks._adapter import apply_loss
from rnn_tutorial.checks._answers import restored
from rnn_tutorial.checks._batch import Batch
from rnn_tutorial.checks._kinds import IGNORED
from rnn_tutorial.checks._outcomes import SkipError
from rnn_tutorial.checks._subject import Subject

SURE = 8.0  # the logit of an answer that is right, and minus that of those that are not


def classes(data: Batch, outputs: int) -> int:
    """Return the number of classes that so many outputs stand for."""
    return 2 if yes_or_no(data, outputs) else outputs


def yes_or_no(data: Batch, outputs: int) -> bool:
    """Say whether each output is the logit of a yes, as a single one always is."""
    return data.elementwise or outputs == 1


def paired(answers: Tensor, data: Batch) -> tuple[Tensor, Tensor]:
    """Put answers and targets that count beside each other.

    Parameters
    ----------
    answers : Tensor, (batch, outputs) or (batch, time, outputs)
    data : Batch

    Returns
    -------
    answers : Tensor, (count, outputs)
    targets : Tensor, (count,) or (count, ...)

    Raises
    ------
    SkipError
        If it is not known which answer belongs to which target.
    """
    targets = data.targets
    if data.per_step:
        counts = data.real()
        if targets.shape[:2] != counts.shape:
            raise SkipError(_pairing(answers, targets))
        if data.discrete and targets.dim() == 2:
            counts = counts & (targets != IGNORED)
        return answers[counts], targets[counts]
    if data.discrete and not targets.is_floating_point():
        outputs, rest = divmod(answers.shape[-1] * len(answers), targets.numel())
        if rest or not outputs:
            raise SkipError(_pairing(answers, targets))
        answers, targets = answers.reshape(-1, outputs), targets.reshape(-1)
        counts = targets != IGNORED
        return answers[counts], targets[counts]
    if answers.numel() != targets.numel():
        raise SkipError(_pairing(answers, targets))
    return answers, targets


def _pairing(answers: Tensor, targets: Tensor) -> str:
    return (
        f"{answers.numel()} numbers are answered to {targets.numel()} targets, so it is not known "
        "what they should come to; say answers= to show the numbers that are to meet the targets"
    )


def standard_loss(answers: Tensor, data: Batch) -> Tensor:
    """Compute the loss that belongs to the kind: cross-entropy or squared error of what counts.

    Of soft labels it is how far the cross-entropy is above its lowest value.

    Raises
    ------
    SkipError
        If a forecaster does not give one number for each target; one that gives quantiles does not.
    """
    answers, targets = paired(answers, data)
    if not data.discrete:
        if answers.numel() != targets.numel():
            raise SkipError(_pairing(answers, targets))
        return functional.mse_loss(answers.reshape(targets.shape), targets.to(answers.dtype))
    if yes_or_no(data, answers.shape[-1]):
        asked = targets.reshape(answers.shape).to(answers.dtype)
        return functional.binary_cross_entropy_with_logits(answers, asked)
    if targets.is_floating_point():
        shares = targets.reshape(answers.shape).to(answers.dtype)
        return functional.kl_div(answers.log_softmax(-1), shares, reduction="batchmean")
    return functional.cross_entropy(answers, targets.long())


def judged_loss(subject: Subject, answers: Tensor, data: Batch) -> Tensor:
    """Compute the standard loss, of probabilities as such if the reader's loss takes them."""
    if subject.adapter.loss is not None and data.discrete and probabilities(answers, data):
        inside = answers.clamp(1e-6, 1 - 1e-6)
        answers = inside.logit() if yes_or_no(data, answers.shape[-1]) else inside.log()
    return standard_loss(answers, data)


def constant_loss(data: Batch) -> float:
    """Return the standard loss of the best answer that is always the same."""
    targets = data.targets
    if data.per_step:
        targets = paired(torch.empty(*targets.shape[:2], 1), data)[1]
    if not data.discrete:
        return float((targets.double() - targets.double().mean(0)).square().mean())
    if targets.is_floating_point() and not data.elementwise:
        shares = targets.double().flatten(0, -2)
        mean = shares.mean(0).clamp_min(1e-12)
        return float((shares * (shares.clamp_min(1e-12) / mean).log()).sum(-1).mean())
    _, counts = torch.unique(targets[targets != IGNORED], return_counts=True)
    shares = counts / counts.sum()
    return float(-(shares * shares.log()).sum())


def readers_loss(subject: Subject, output, data: Batch) -> Tensor:
    """Compute the reader's loss on an output of the model."""
    return readers_loss_of(subject, subject.for_loss(output, data), data)


def training_loss(subject: Subject, output, data: Batch) -> Tensor:
    """Compute the loss to train with: the reader's if there is one, else the standard one."""
    if subject.adapter.loss is not None:
        return readers_loss(subject, output, data)
    return standard_loss(subject.canonical(output, data), data)


@torch.no_grad()
def own_kind(subject: Subject) -> str:
    """Say why the standard loss does not stand for the one to train with; empty if it does.

    It does if there is none of the reader's, or if that is lower for answers that are right than
    for others: half of that for the classes one further, or less than for numbers to both sides.
    Quantiles, a mixture, the sums of a CRF or of CTC have a loss of their own kind, which says
    nothing about single answers.
    """
    data = subject.data
    if data.targets is None:
        return "there are several targets, which only your loss can tell apart"
    output = subject.output(subject.fresh(), data)
    answers = subject.canonical(output, data)
    try:
        standard_loss(answers, data)
    except SkipError as unknown:
        return str(unknown)
    except (RuntimeError, IndexError):
        return "the targets are no classes of these outputs"
    if subject.adapter.loss is None:
        return ""
    if subject.loss_takes == "output":
        return "your loss reads more of the output than the answers"
    right, wrong = _tried(answers, data)
    raw = subject.for_loss(output, data)
    losses = []
    for tried in (right, *wrong):
        given = restored(tried, raw, data)
        if given is None:
            return ""  # nothing speaks against it
        try:
            loss = apply_loss(subject.adapter, given, data.own_targets(), data.lengths)
            losses.append(float(torch.as_tensor(loss)))
        except (RuntimeError, IndexError, TypeError, ValueError):
            return ""  # the check of the training step will say so
    margin = 1e-3 * max(1.0, abs(losses[0]))
    if data.discrete and not probabilities(answers, data):
        margin = max(margin, abs(losses[0]))
    if all(loss > losses[0] + margin or math.isnan(loss) for loss in losses[1:]):
        return ""
    return (
        "your loss is not lower for answers that are the targets, so the answers are something "
        "else, such as quantiles, or your loss reads more than them, as that of a CRF"
    )


def _tried(answers: Tensor, data: Batch) -> tuple[Tensor, list[Tensor]]:
    """Return answers that are right, in the form that the model gives them, and some that are not.

    Answers of a classifier are logits, probabilities or their logarithms, whatever it gives now.
    """
    targets = data.targets.to(answers.device)
    if not data.discrete:
        exact = targets.reshape(answers.shape).to(answers.dtype)
        spread = exact.std().nan_to_num(1.0).clamp_min(1e-3)
        return exact, [exact + spread, exact - spread]
    if yes_or_no(data, answers.shape[-1]):
        yes = targets.reshape(answers.shape).to(answers.dtype)
        scores = [SURE * (2 * yes - 1), SURE * (1 - 2 * yes)]
        tried = [score.sigmoid() for score in scores] if probabilities(answers, data) else scores
        return tried[0], tried[1:]
    outputs = answers.shape[-1]
    if targets.is_floating_point():
        right = targets.reshape(answers.shape).argmax(-1)
    else:
        right = targets.clamp(0, outputs - 1).long()
    if not data.per_step and right.numel() != len(answers):
        outputs = answers.numel() // right.numel()
    scores = []
    for later in (0, 1):
        chosen = functional.one_hot((right + later) % outputs, outputs)
        scores.append(SURE * (2 * chosen.to(answers.dtype).reshape(answers.shape) - 1))
    if probabilities(answers, data):
        scores = [score.softmax(-1) for score in scores]
    elif bool((answers.logsumexp(-1).abs() < 1e-4).all()):
        scores = [score.log_softmax(-1) for score in scores]
    return scores[0], scores[1:]


@torch.no_grad()
def is_misordered(subject: Subject) -> bool:
    """Say whether the reader's loss is low for right answers whose axes are exchanged.

    Steps and sequences are exchanged if one is flattened in another order than the other, steps and
    classes if a view takes the place of a transposition.
    """
    data = subject.data
    if not data.per_step or subject.adapter.loss is None or data.rows == 1:
        return False
    if data.targets.shape[:2] != (data.rows, data.steps):
        return False
    output = subject.output(subject.fresh(), data)
    right, wrong = _tried(subject.canonical(output, data), data)
    outputs = right.shape[-1]
    exchanged = (
        right.transpose(0, 1).reshape(right.shape),
        right.reshape(data.steps, data.rows, outputs).transpose(0, 1),
        right.transpose(1, 2).reshape(right.shape),
        right.reshape(data.rows, outputs, data.steps).transpose(1, 2),
    )
    raw = subject.for_loss(output, data)
    losses = []
    for tried in (*exchanged, right, *wrong):
        given = restored(tried, raw, data)
        if given is None:
            return False
        losses.append(float(readers_loss_of(subject, given, data)))
    count = len(exchanged)
    return min(losses[:count]) < 0.2 * min(losses[count:])


@torch.no_grad()
def takes_next(subject: Subject) -> bool:
    """Say whether the reader's loss holds each answer against the next target, on purpose."""
    data = subject.data
    if subject.adapter.loss is None or not data.discrete:
        return False
    output = subject.output(subject.fresh(), data)
    right, _ = _tried(subject.canonical(output, data), data)
    raw = subject.for_loss(output, data)
    given = [restored(tried, raw, data) for tried in (right.roll(-1, 1), right)]
    if given[0] is None:
        return False
    later, same = (float(readers_loss_of(subject, tried, data)) for tried in given)
    return later < 0.5 * same


def readers_loss_of(subject: Subject, raw, data: Batch) -> Tensor:
    """Compute the reader's loss on answers in the form in which it takes them."""
    return apply_loss(subject.adapter, raw, data.own_targets(), data.lengths)


def require_targets(subject: Subject) -> Batch:
    """Return the batch; skip the check if it has no targets."""
    data = subject.data
    if data.targets is None and data.several is None:
        raise SkipError("the batch holds no targets")
    if data.targets is None and subject.adapter.loss is None:
        raise SkipError("there are several targets; say loss=, which takes all of them")
    return data


def require_standard(subject: Subject) -> Batch:
    """Return the batch; skip the check if answers are not scores that targets can be held against.

    Raises
    ------
    SkipError
        If there is no single target, or the reader's loss is one of its own kind.
    """
    data = require_targets(subject)
    why = own_kind(subject)
    if why:
        raise SkipError(why)
    return data


def probabilities(answers: Tensor, data: Batch) -> bool:
    """Say whether answers are probabilities: in [0, 1], with a sum of 1 over the classes."""
    inside = bool(((answers >= 0) & (answers <= 1)).all())
    if yes_or_no(data, answers.shape[-1]):
        return inside
    return inside and bool(((answers.sum(-1) - 1).abs() < 1e-4).all())
