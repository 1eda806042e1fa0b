"""Checks of the loss: where it starts, what it is given, what it counts, what it asks for."""

import math
from dataclasses import replace

import torch
from torch import Tensor

from rnn_tutorial.checks import _kinds
from rnn_tutorial.checks._answers import restored
from rnn_tutorial.checks._batch import Batch, window
from rnn_tutorial.checks._copies import perturbed, seed_all
from rnn_tutorial.checks._kinds import IGNORED
from rnn_tutorial.checks._objective import (
    classes,
    is_misordered,
    own_kind,
    paired,
    probabilities,
    readers_loss,
    readers_loss_of,
    require_standard,
    require_targets,
    standard_loss,
    takes_next,
    yes_or_no,
)
from rnn_tutorial.checks._outcomes import FaultError, SkipError, number
from rnn_tutorial.checks._reading_checks import skips_own_step
from rnn_tutorial.checks._subject import Subject

START = 2.5  # nats above log C: the right class gets less than a twelfth of its share


def _output(subject: Subject, data: Batch, *, perturb: bool = False):
    module = perturbed(subject.model, 1.0).eval() if perturb else subject.fresh()
    seed_all(0)
    with torch.no_grad():
        return subject.output(module, data)


def start(subject: Subject) -> str:
    """Compare the first loss with log C, the loss of anyone who knows nothing."""
    data = require_targets(subject)
    if not data.discrete:
        raise SkipError("a forecaster has no classes")
    output = _output(subject, data)
    if data.targets is not None:
        _check_targets(subject, output, data)
        if own_kind(subject) and is_misordered(subject):
            raise FaultError(
                "M-loss-order",
                "your loss is low for right answers only if two of their axes are exchanged",
            )
    require_standard(subject)
    answers = subject.canonical(output, data)
    count = classes(data, answers.shape[-1])
    if not data.per_step and not yes_or_no(data, answers.shape[-1]):
        count = paired(answers, data)[0].shape[-1]
    chance, loss = math.log(count), float(standard_loss(answers, data))
    if subject.adapter.loss is not None and not probabilities(answers, data):
        _compare(readers_loss(subject, output, data), loss, *paired(answers, data))
    said = f"the loss is {number(loss)}, the logarithm of {count} classes {number(chance)}"
    if not math.isfinite(loss) or loss > chance + START:
        raise FaultError("M-wild-start", said)
    if loss < chance - START or loss < 0.5 * chance:
        raise SkipError(f"{said}: it has been trained")
    return said


def _compare(mine: Tensor, loss: float, answers: Tensor, targets: Tensor) -> None:
    """Refuse a loss that is the cross-entropy's sum or negative, or that of log-probabilities.

    One with weights of its own, as that of a CRF, may be near such a number by chance.
    """
    if mine.requires_grad or abs(float(mine) - loss) < 1e-3 * loss:
        return
    known = {"the sum of all targets": len(answers) * loss, "its negative": -loss}
    if answers.shape[-1] > 1 and not targets.is_floating_point():
        right = answers.gather(-1, targets.long().reshape(-1, 1))
        known["minus the mean answer of the right class"] = -float(right.mean())
    for what, value in known.items():
        if abs(float(mine) - value) < 1e-3 * abs(value):
            raise FaultError(
                "M-loss-mismatch",
                f"your loss is {number(float(mine))} where the mean cross-entropy of the same "
                f"answers is {number(loss)}: it is {what}",
            )


def _check_targets(subject: Subject, output, data: Batch) -> None:
    """Refuse targets beyond the number of outputs, unless the reader's loss takes them."""
    if data.targets.is_floating_point():
        return
    try:
        answers, targets = paired(subject.canonical(output, data), data)
    except SkipError:
        return
    count = classes(data, answers.shape[-1])
    if not targets.numel() or (int(targets.min()) >= 0 and int(targets.max()) < count):
        return
    said = f"targets from {int(targets.min())} to {int(targets.max())} for {count} outputs"
    if subject.adapter.loss is not None:
        try:
            accepted = math.isfinite(float(readers_loss(subject, output, data)))
        except (RuntimeError, IndexError, ValueError):
            accepted = False
        if accepted:
            raise SkipError(f"{said}, and your loss takes them, so outputs are no single classes")
    raise FaultError("M-class-count", said)


def logits(subject: Subject) -> str:
    """Look whether answers are probabilities, including those of a copy with other weights."""
    data = subject.data
    if not data.discrete:
        raise SkipError("a forecaster has no classes")
    known = subject.adapter.loss is not None and data.targets is not None
    if known:
        require_standard(subject)
    outputs = [_output(subject, data), _output(subject, data, perturb=True)]
    found = [_scores(subject, output, data) for output in outputs]
    raw = subject.for_loss(outputs[0], data)
    if all(probabilities(answers, data) for answers in found):
        if known and not _takes_logits(subject, raw, data):
            return "the answers are probabilities, and your loss takes them as such"
        if not probabilities(_in_training(subject, data), data):
            return "the answers are probabilities in evaluation mode only"
        floor = math.log(1 + (classes(data, found[0].shape[-1]) - 1) / math.e)
        raise FaultError(
            "M-softmax-twice",
            "the answers are probabilities; a cross-entropy that takes its own softmax cannot fall "
            f"below {number(floor)}",
        )
    normalized = all(bool((answers.logsumexp(-1).abs() < 1e-4).all()) for answers in found)
    if not known or yes_or_no(data, found[0].shape[-1]):
        return "the answers are " + ("log-probabilities" if normalized else "logits")
    if not normalized and isinstance(raw, Tensor):
        once, twice, more = (
            float(readers_loss_of(subject, changed, data)) for changed in (raw, 2 * raw, raw + 3)
        )
        if abs(twice - 2 * once) < 1e-3 * (1 + abs(once)) and abs(more - once) > 1e-2:
            raise FaultError(
                "M-loss-mismatch",
                "twice the logits have twice the loss, and 3 more for each logit, which changes no "
                f"probability, move it by {number(more - once)}: it wants log-probabilities",
            )
    return "the answers are logits, and your loss takes them as such"


def _in_training(subject: Subject, data: Batch) -> Tensor:
    """Answer in training mode, whose answers the loss gets."""
    seed_all(0)
    with torch.no_grad():
        output = subject.output(subject.fresh(training=data.rows > 1), data)
    return _scores(subject, output, data)


def _scores(subject: Subject, output, data: Batch) -> Tensor:
    """Return the answers to what has a target, or all."""
    answers = subject.canonical(output, data)
    return answers if data.targets is None else paired(answers, data)[0]


def _takes_logits(subject: Subject, raw, data: Batch) -> bool:
    """Say whether the reader's loss takes a softmax or a sigmoid of its own.

    A softmax does not notice 3 more for all classes; a sigmoid likes answers of 10 and -10 better
    than 1 and 0.
    """
    if not isinstance(raw, Tensor):
        return False
    try:
        if not yes_or_no(data, subject.canonical(_output(subject, data), data).shape[-1]):
            one, two = (float(readers_loss_of(subject, raw + more, data)) for more in (0.0, 3.0))
            return abs(one - two) < 1e-4 * (1 + abs(one))
        exact = data.targets.reshape(len(data.x), -1).to(raw.dtype)
        if data.per_step:
            exact = data.targets.to(raw.dtype)[..., None]
        given = [restored(changed, raw, data) for changed in (20 * exact - 10, exact)]
        far, near = (float(readers_loss_of(subject, changed, data)) for changed in given)
    except (RuntimeError, TypeError, ValueError, AttributeError):
        return False  # a loss that wants probabilities refuses such numbers
    return far < near


def scored(subject: Subject) -> str:
    """Append more padding to the batch; the loss must stay the same."""
    data = require_targets(subject)
    if subject.adapter.loss is None:
        raise SkipError("no loss is given")
    if data.targets is None:
        raise SkipError("there are several targets; it is not known what more padding would be")
    if not data.per_step:
        raise SkipError("there is one target for a sequence, so padding has none")
    if data.lengths is None or bool((data.lengths == data.steps).all()):
        raise SkipError("the batch shows no padding, so it is not known what its targets would be")
    if data.packed:
        raise SkipError("the model takes packed sequences or lists; pad more to try the loss")
    if data.layout == "ragged":
        raise SkipError("the answers leave padding out")
    fill = float(data.targets[~data.real()].flatten()[0])
    start, stop = (-4, data.steps) if data.front else (0, data.steps + 4)
    wider = replace(data.widened(4), targets=window(data.targets, start, stop, fill))
    for perturb in (False, True):  # an untrained model may find padding as likely as anything else
        losses = []
        for batch in (data, wider):
            output = _output(subject, batch, perturb=perturb)
            try:
                losses.append(float(readers_loss(subject, output, batch)))
            except (RuntimeError, ValueError, IndexError) as error:
                raise SkipError(
                    f"with more padding your loss raises {type(error).__name__}; does it hold "
                    "something of this batch? It may take the lengths as third argument"
                ) from error
        if abs(losses[1] - losses[0]) > 1e-3 * max(1e-3, abs(losses[0])):
            raise FaultError(
                "M-padding-loss",
                f"four more steps of padding move the loss from {losses[0]:.4g} to {losses[1]:.4g}",
            )
    return f"more padding leaves the loss at {losses[0]:.4g}"


def shift(subject: Subject) -> str:
    """Compare the targets of a language model with its inputs, one step later."""
    data = require_targets(subject)
    if data.kind != "language_model" and not (data.kind == "forecaster" and data.causal):
        raise SkipError("the targets are not the next inputs")
    x = None if data.targets is None else _kinds.comparable(data.targets, data.x)
    if x is None:
        raise SkipError("the targets do not have the form of the inputs")
    real = data.real()
    real = real.reshape(*real.shape, *([1] * (x.dim() - 2)))
    targets = data.targets.masked_fill(~real, IGNORED)
    named = {"next": 1, "same": 0, "earlier": -1, "second next": 2}
    shares = {name: _kinds.share(targets, x, later) for name, later in named.items()}
    where, share = max(shares, key=shares.get), shares["next"]
    if where == "next" and share > 0.5:
        return f"{share:.0%} of the targets are the next input"
    if where == "same" and (skips_own_step(subject) or takes_next(subject)):
        return "the targets are the inputs, which the model or your loss moves by a step"
    other = f", {shares[where]:.0%} the {where} input" if where != "next" else ""
    raise FaultError("M-off-by-one", f"{share:.0%} of the targets are the next input{other}")
