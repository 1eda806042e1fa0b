"""Checks of the batch: its scale, whether it holds what is asked for, and whose zeros are padding.

Where such faults were met: inputs on scales of their own in Shubble-LLC/shubble #353; the target
among the features in you915/Sentiment-Analysis-of-Twitter-Data-for-predicting-Apple-stock-price
#2; a window that ends with it in lingbai-kong/CausalFormer #8; real values that count as padding in
FGA-DIKU/BONSAI #168.
"""

import math
from dataclasses import replace

import torch
from torch import Tensor

from rnn_tutorial.checks._gradient_checks import projection
from rnn_tutorial.checks._kinds import IGNORED
from rnn_tutorial.checks._objective import own_kind
from rnn_tutorial.checks._outcomes import FaultError, SkipError, number
from rnn_tutorial.checks._reading_checks import other_content, require_repeatable
from rnn_tutorial.checks._subject import Subject

LARGE = 400  # inputs of this size keep untrained layers from learning; 100 did not, in our trials
REACTS = 0.4  # of the slope after scaling; models that scale their inputs themselves keep it
AWAY, SPREADS = 50, 10  # targets so far from the first answers, and so many of their own spreads
BITS = 16  # equalities with a chance below one in 2 to the power of this are no chance


def scale(subject: Subject) -> str:
    """Compare inputs and targets with what an untrained network can take and can answer."""
    data = subject.data
    if data.tokens:
        raise SkipError("the inputs are no numbers")
    real = data.x[data.real()].double()
    real = real.reshape(len(real), -1)
    mean, spread = real.mean(0), real.std(0).nan_to_num(0)
    size = float(real.square().mean(0).sqrt().max())
    said = f"inputs with a mean of {number(_largest(mean))} and a spread of {number(spread.max())}"
    if size > LARGE:
        ratios = [_slope_kept(subject, training) for training in (False, True)]
        ratios = [ratio for ratio in ratios if ratio is not None]
        if ratios and max(ratios) < REACTS:
            raise FaultError(
                "M-unscaled",
                f"{said}: relative to that spread, the answers change {number(max(ratios))} times "
                "as fast as with scaled inputs",
            )
    return f"{said}; {_targets_within_reach(subject)}"


def _largest(values: Tensor) -> float:
    return float(values[values.abs().argmax()])


def _slope_kept(subject: Subject, training: bool) -> float | None:
    """Return a model's slope by its inputs, per spread, relative to that after scaling them.

    A saturated network has nearly none at most inputs, so medians are compared: over all steps and
    over the last ones.
    """
    data, real = subject.data, subject.data.real()
    flat = data.x[real]
    mean, spread = flat.mean(0), flat.std(0)
    spread = torch.where(spread > 0, spread, mean.abs().clamp_min(1.0))
    last = torch.arange(data.rows, device=data.x.device), data.ends()
    medians = []
    for inputs, unit in ((data.x, spread), ((data.x - mean) / spread, 1.0)):
        inputs = inputs.clone().requires_grad_()
        asked = replace(data, x=inputs)
        try:
            result = projection(subject, subject.fresh(training=training), asked)
            slopes = (torch.autograd.grad(result, inputs)[0] * unit).abs()
        except Exception:
            return None
        medians.append([float(slopes[real].median()), float(slopes[last].median())])
    ratios = [one / two for one, two in zip(*medians, strict=True) if two > 0]
    return min(ratios, default=None)


def _targets_within_reach(subject: Subject) -> str:
    data = subject.data
    if data.targets is None or data.discrete:
        return "no numbers are asked for"
    answers, targets = subject.answers(), data.targets
    if answers.numel() != targets.numel():
        return "what the answers should come to is not known"
    if data.per_step:
        answers, targets = answers[data.real()], targets[data.real()]
    targets = targets.double()
    away = targets - answers.reshape(targets.shape).double()
    distance, spread = float(away.square().mean().sqrt()), float(targets.std().nan_to_num(0))
    far = distance > AWAY and distance > SPREADS * spread
    if far and not own_kind(subject):
        raise FaultError(
            "M-unscaled",
            f"the first answers are {number(distance)} away from targets with a mean of "
            f"{number(float(targets.mean()))} and a spread of {number(spread)}",
        )
    return f"the targets are {number(distance)} away from the first answers"


def target(subject: Subject) -> str:
    """Look for the targets among the inputs: in the last steps of a window, or in a feature."""
    data = subject.whole
    if data.targets is None:
        raise SkipError("the batch holds no single target")
    if data.tokens:
        raise SkipError("tokens may well hold what is asked for")
    x, y = data.x.double().reshape(data.rows, data.steps, -1), data.targets.double()
    if x.numel() == y.numel() and torch.equal(x.flatten(), y.flatten()):
        raise SkipError("the targets are the inputs, as for an autoencoder")
    if data.per_step:
        return _not_in_the_same_step(data, x, y)
    rows = torch.arange(data.rows, device=x.device)
    y = y.reshape(data.rows, -1)
    if data.discrete:
        return _not_in_a_constant(data, x, y)
    if data.rows < 4:
        raise SkipError("fewer than four sequences show nothing")
    for ahead in range(y.shape[1]):
        if _varied(y[:, ahead]) < 3:
            continue
        for back in {0, y.shape[1] - 1 - ahead}:
            if back >= int(data.ends().min()):
                continue
            column = x[rows, data.ends() - back]  # (batch, features)
            earlier = x[rows, data.ends() - back - 1]
            for feature in range(x.shape[2]):
                if _same(column[:, feature], y[:, ahead], earlier[:, feature]):
                    raise FaultError(
                        "M-target-in-window",
                        f"feature {feature}, {back} steps before the end of the window, is the "
                        "target in each sequence",
                    )
    return "the last steps of the windows do not hold the targets"


def _varied(values: Tensor) -> int:
    return len(torch.unique(values))


def _same(values: Tensor, wanted: Tensor, earlier: Tensor) -> bool:
    """Say whether values are the wanted ones, also on another scale, and their neighbors are not.

    In a series of straight lines every step is every other on another scale.
    """
    if torch.equal(values, wanted):
        return True
    return len(values) >= 6 and _on_a_line(values, wanted) and not _on_a_line(earlier, wanted)


def _on_a_line(one: Tensor, two: Tensor) -> bool:
    one, two = one - one.mean(), two - two.mean()
    product = float(one.norm() * two.norm())
    return product > 0 and abs(float(one @ two)) > (1 - 1e-10) * product


def _not_in_the_same_step(data, x: Tensor, y: Tensor) -> str:
    if y.numel() != data.rows * data.steps or x.shape[2] < 2:
        raise SkipError("there is no other feature that could hold the targets")
    y = y.reshape(x.shape[:2])
    counts = data.real() & (y != IGNORED) if data.discrete else data.real()
    wanted = y[counts]
    for feature in range(x.shape[2]):
        if (
            len(wanted) >= BITS
            and _varied(wanted) > 1
            and torch.equal(x[counts][:, feature], wanted)
        ):
            raise FaultError(
                "M-target-in-window", f"feature {feature} of each step is the target of that step"
            )
    return "no feature is the target of its step"


def _not_in_a_constant(data, x: Tensor, y: Tensor) -> str:
    if y.shape[1] != 1 or data.rows * math.log2(max(2, _varied(y))) < BITS or _varied(y) < 2:
        raise SkipError("so few sequences show nothing")
    real = data.real()
    for feature in range(x.shape[2]):
        if torch.equal(x[..., feature][real], y.expand(-1, x.shape[1])[real]):
            raise FaultError("M-target-in-window", f"feature {feature} is the class, at each step")
    return "no feature is the class"


def zeros(subject: Subject) -> str:
    """Change the last step of sequences that hold real steps which look like padding."""
    data = subject.data
    value = data.padding or 0.0
    real = data.real()
    looks = (data.x == value).reshape(*data.x.shape[:2], -1).all(-1)
    before = (~looks & real).long().cumsum(1) > 0
    after = (~looks & real).flip(1).long().cumsum(1).flip(1) > 0
    inside = looks & real & before & after  # (batch, time)
    rows = inside.any(1).nonzero().flatten()
    if not len(rows):
        raise SkipError("no real step between others looks like padding")
    require_repeatable(subject)
    others = (~inside.any(1)).nonzero().flatten()
    if _reads_the_end(subject, rows).any() or not _reads_the_end(subject, others).all():
        return f"{len(rows)} sequences with steps like padding are read to their end"
    raise FaultError(
        "M-zeros-as-padding",
        f"{len(rows)} sequences hold {int(inside.sum())} real steps of {value:g} between others, "
        "and the last step of none of them moves its answer",
    )


def _reads_the_end(subject: Subject, rows: Tensor) -> Tensor:
    """Say for each row whether its last real step moves its answer."""
    if not len(rows):
        return torch.ones(0, dtype=torch.bool)
    data = subject.data.pick(rows)
    index, ends = torch.arange(len(rows), device=data.x.device), data.ends()
    x = data.x.clone()
    x[index, ends] = other_content(subject.data)[rows][index, ends]
    moved = (subject.answers(replace(data, x=x)) - subject.answers(data)).abs()
    if data.per_step:
        moved = moved[index, ends]
    return moved.flatten(1).amax(1) > subject.rounding
