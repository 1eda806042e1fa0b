"""Checks of the loss: where it starts, what it is given, what it counts, what it asks for."""

import math
from dataclasses import replace

import torch
from torch import Tensor

from rnn_tutorial.checks._batch import Batch
from rnn_tutorial.checks._copies import perturbed, seed_all
from rnn_tutorial.checks._kinds import IGNORED
from rnn_tutorial.checks._objective import (
    classes,
    probabilities,
    readers_loss,
    require_targets,
    standard_loss,
    yes_or_no,
)
from rnn_tutorial.checks._outcomes import FaultError, SkipError, number
from rnn_tutorial.checks._reading_checks import widened
from rnn_tutorial.checks._subject import Subject

START = 1.5  # nats above log C: the right class gets less than a quarter of its share


def _raw(subject: Subject, data: Batch, *, perturb: bool = False):
    module = perturbed(subject.model, 1.0).eval() if perturb else subject.fresh()
    seed_all(0)
    with torch.no_grad():
        return subject.call(module, data.x, data.lengths)[0]


def start(subject: Subject) -> str:
    """Compare the first loss with log C, the loss of anyone who knows nothing."""
    data = require_targets(subject)
    if not data.discrete:
        raise SkipError("a forecaster has no classes")
    raw = _raw(subject, data)
    answers = subject.canonical(raw, data)
    count = classes(data, answers.shape[-1])
    chance = math.log(count)
    _check_targets(data, count)
    loss = float(standard_loss(answers, data))
    mine = float(readers_loss(subject, raw, data)) if subject.adapter.loss is not None else None
    if (
        mine is not None
        and not probabilities(answers, data)
        and abs(loss - chance) < 1 < abs(mine - loss)
    ):
        raise FaultError(
            "M-loss-mismatch",
            f"your loss is {number(mine)} where the mean cross-entropy of the same answers is "
            f"{number(loss)}",
        )
    said = f"the loss is {number(loss)}, the logarithm of {count} classes {number(chance)}"
    if not math.isfinite(loss) or loss > chance + START:
        raise FaultError("M-wild-start", said)
    if loss < chance - START or loss < 0.5 * chance:
        raise SkipError(f"{said}: it has been trained")
    return said


def _check_targets(data: Batch, count: int) -> None:
    targets = data.targets
    if data.per_step:
        targets = targets[data.real()]
    counted = targets[targets != IGNORED]
    if counted.numel() and (int(counted.min()) < 0 or int(counted.max()) >= count):
        raise FaultError(
            "M-first-batch",
            f"targets from {int(counted.min())} to {int(counted.max())} for {count} outputs",
        )


def logits(subject: Subject) -> str:
    """Look whether answers are probabilities, including those of a copy with other weights."""
    data = subject.data
    if not data.discrete:
        raise SkipError("a forecaster has no classes")
    raws = [_raw(subject, data), _raw(subject, data, perturb=True)]
    found = [subject.canonical(raw, data) for raw in raws]
    if all(probabilities(answers, data) for answers in found):
        if subject.adapter.loss is not None and data.targets is not None:
            for raw, answers in zip(raws, found, strict=True):
                _wants_probabilities(subject, raw, answers, data)
            return "the answers are probabilities, and your loss takes them as such"
        floor = math.log(1 + (classes(data, found[0].shape[-1]) - 1) / math.e)
        raise FaultError(
            "M-softmax-twice",
            "the answers are probabilities; a cross-entropy that takes its own softmax cannot fall "
            f"below {number(floor)}",
        )
    normalized = all(bool((answers.logsumexp(-1).abs() < 1e-4).all()) for answers in found)
    if subject.adapter.loss is None or data.targets is None or yes_or_no(data, found[0].shape[-1]):
        return "the answers are " + ("log-probabilities" if normalized else "logits")
    if not normalized:
        moved = readers_loss(subject, raws[0] + 3.0, data) - readers_loss(subject, raws[0], data)
        if abs(float(moved)) > 1e-2:
            raise FaultError(
                "M-loss-mismatch",
                f"3 more for each logit changes no probability, and your loss by "
                f"{number(float(moved))}: it wants log-probabilities",
            )
    return "the answers are logits, and your loss takes them as such"


def _wants_probabilities(subject: Subject, raw, answers: Tensor, data: Batch) -> None:
    """Refuse a loss of probabilities that is not their negative logarithm."""
    if yes_or_no(data, answers.shape[-1]):
        target = data.targets.reshape(answers.shape).to(answers.dtype)
        right = torch.where(target > 0.5, answers, 1 - answers)
    else:
        target = data.targets
        if data.per_step:
            counts = data.real() & (target != IGNORED)
            answers, target = answers[counts], target[counts]
        right = answers.gather(-1, target.long().unsqueeze(-1))
    wanted = float(-right.clamp_min(1e-12).log().mean())
    got = float(readers_loss(subject, raw, data))
    if abs(wanted - got) > 0.02 + 0.02 * wanted:
        raise FaultError(
            "M-softmax-twice",
            f"the answers are probabilities, minus their mean logarithm is {number(wanted)}, and "
            f"your loss is {number(got)}",
        )


def scored(subject: Subject) -> str:
    """Append more padding to the batch; the loss must stay the same."""
    data = require_targets(subject)
    if subject.adapter.loss is None:
        raise SkipError("no loss is given")
    if not data.per_step:
        raise SkipError("there is one target for a sequence, so padding has none")
    if data.lengths is None or bool((data.lengths == data.steps).all()):
        raise SkipError("the batch shows no padding, so it is not known what its targets would be")
    if data.packed:
        raise SkipError("the model takes packed sequences; pad more to try the loss")
    fill = float(data.targets[~data.real()].flatten()[0])
    wider = replace(
        data, x=widened(data.x, 4, data.padding), targets=widened(data.targets, 4, fill)
    )
    for perturb in (False, True):  # an untrained model may find padding as likely as anything else
        losses = [
            float(readers_loss(subject, _raw(subject, batch, perturb=perturb), batch))
            for batch in (data, wider)
        ]
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
    x, targets = data.x, data.targets
    if targets.dim() < x.dim():
        x = x[..., 0]
    if x.shape != targets.shape or x.shape[1] < 2:
        raise SkipError("the targets do not have the form of the inputs")
    real = data.real()
    shares = {}
    for name, one, other, counts in (
        ("next", targets[:, :-1], x[:, 1:], real[:, 1:]),
        ("same", targets, x, real),
        ("earlier", targets[:, 1:], x[:, :-1], real[:, 1:]),
        ("second next", targets[:, :-2], x[:, 2:], real[:, 2:]),
    ):
        counts = counts & (one != IGNORED) if one.dim() == 2 else counts
        shares[name] = float((one == other)[counts].double().mean()) if counts.any() else 0.0
    share = shares["next"]
    if share > 0.99:
        return "each target is the next input"
    where = max(shares, key=shares.get)
    raise FaultError(
        "M-off-by-one",
        f"{share:.0%} of the targets are the next input, {shares[where]:.0%} the {where} input"
        if where != "next"
        else f"only {share:.0%} of the targets are the next input",
    )
