"""The check that trains a copy: whether it memorizes a batch."""

import math
from dataclasses import replace

import torch

from rnn_tutorial.checks._adapter import held
from rnn_tutorial.checks._batch import Batch
from rnn_tutorial.checks._copies import seed_all
from rnn_tutorial.checks._objective import (
    constant_loss,
    judged_loss,
    own_kind,
    readers_loss,
    require_targets,
    training_loss,
)
from rnn_tutorial.checks._outcomes import FaultError, SkipError, number, trainable
from rnn_tutorial.checks._subject import Subject

ROWS, STEPS = 4, 8  # sequences, and steps where each has an answer; else all steps
# learning rates of Adam, and whether in training mode: dropout hinders a deep network for long
RATES = ((0.01, True), (0.003, True), (0.01, False))
PATIENCE, LONGEST = 50, 240  # steps without a loss lower by a tenth; steps in all
LEARNED = 0.5  # share of the loss of the best constant answer that must be reached


def overfit(subject: Subject) -> str:
    """Train a copy on a few sequences until it has learned half of what there is to learn."""
    data = require_targets(subject)
    if subject.adapter.loss is not None and held(subject.adapter.loss, data.rows):
        data = subject.data  # the loss holds something of these sequences
    else:
        data = (subject.shortened(STEPS) if data.per_step else data).head(ROWS)
    trainable(subject.model)
    if own_kind(subject):
        return _falls(subject, data)
    bound = constant_loss(data)
    if data.rows > 1 and not bound > 1e-6:
        data = subject.data
        bound = constant_loss(data)
    if not bound > 1e-6:
        raise SkipError("all targets are the same")
    tries = [(data, bound, "")]
    if not data.discrete and _far(data.targets):
        # A bias that has to reach 1,000 needs more steps than a check can take.
        scaled = replace(data, targets=_standardized(data.targets))
        tries.insert(0, (scaled, 1.0, ", with targets brought to mean 0 and spread 1"))
    for part, bound, how in tries:
        best = _reached(subject, part, bound)
        said = (
            f"{part.rows} sequences: the loss comes to {number(best)}, the best constant answer "
            f"has {number(bound)}{how}"
        )
        if best <= LEARNED * bound:
            return said
    if subject.adapter.loss is not None:
        first, last = _own_losses(subject.on(data=tries[-1][0]))
        if last <= LEARNED * first:  # it leaves out some of the targets
            return f"{said}; your loss comes from {number(first)} to {number(last)}"
    raise FaultError("M-cannot-learn", said)


def _falls(subject: Subject, data: Batch) -> str:
    """Train with a loss of the reader's own kind; say so if it falls to a half."""
    first, last = _own_losses(subject.on(data=data))
    said = f"{data.rows} sequences: your loss comes from {number(first)} to {number(last)}"
    if last > max(0.5 * first, first - 1.0):
        raise SkipError(f"{said}; how low it can come is not known for a loss of its own kind")
    return said


def _own_losses(subject: Subject) -> tuple[float, float]:
    """Train for a while; return the reader's loss in evaluation mode, before and after."""
    module, data = subject.fresh(), subject.data
    trained = [*trainable(module).values()]
    optimizer, losses = _Adam(trained, RATES[0][0]), []
    for step in range(PATIENCE + 1):
        seed_all(step)
        module.zero_grad()
        if step in (0, PATIENCE):
            module.eval()
            with torch.no_grad():
                losses.append(float(readers_loss(subject, subject.output(module, data), data)))
        module.train(data.rows > 1)
        try:
            readers_loss(subject, subject.output(module, data), data).backward()
        except (RuntimeError, IndexError, ValueError):
            raise SkipError("training raises an error; see the check named step") from None
        _clip(trained)
        optimizer.step()
    return losses[0], losses[1]


def _far(targets: torch.Tensor) -> bool:
    """Say whether numbers are far from what an untrained layer answers."""
    return not 0.1 < float(targets.double().square().mean().sqrt()) < 10


def _standardized(targets: torch.Tensor) -> torch.Tensor:
    centered = targets - targets.mean(0)
    return centered / centered.square().mean().sqrt()


def _reached(subject: Subject, data: Batch, bound: float) -> float:
    """Train copies at one learning rate after another; return the lowest loss."""
    subject, best = subject.on(data=data), math.inf
    for rate, training in RATES:
        best = min(best, _learn(subject, data, rate, bound, training=training and data.rows > 1))
        if best <= LEARNED * bound:
            break
    return best


def _learn(subject: Subject, data: Batch, rate: float, bound: float, *, training: bool) -> float:
    """Train until half is learned or progress stops; return the loss that was reached."""
    module = subject.fresh(training=training)
    trained = [*trainable(module).values()]
    optimizer = _Adam(trained, rate)
    best, since = math.inf, 0
    for step in range(LONGEST):
        seed_all(step)
        module.zero_grad()
        try:
            training_loss(subject, subject.output(module, data), data).backward()
        except (RuntimeError, IndexError, ValueError):
            raise SkipError("training raises an error; see the check named step") from None
        _clip(trained)
        optimizer.step()
        if step % 10 == 9:
            module.eval()
            with torch.no_grad():
                answers = subject.canonical(subject.output(module, data), data)
                reached = float(judged_loss(subject, answers, data))
            module.train(training)
            if reached < 0.9 * best:
                best, since = reached, step
            if best <= LEARNED * bound or step - since >= PATIENCE:
                break
    return best


def _clip(parameters: list[torch.Tensor]) -> None:
    """Bring the gradient to a norm of at most 1."""
    for parameter in parameters:
        if parameter.grad is not None and parameter.grad.is_sparse:
            parameter.grad = parameter.grad.to_dense()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)


class _Adam:
    """Adam without the imports of torch's, which take seconds when the first is created."""

    def __init__(self, parameters: list[torch.Tensor], rate: float):
        self.parameters, self.rate, self.count = parameters, rate, 0
        self.means = [torch.zeros_like(p) for p in parameters]
        self.squares = [torch.zeros_like(p) for p in parameters]

    @torch.no_grad()
    def step(self) -> None:
        """Move each parameter that has a gradient."""
        self.count += 1
        for p, mean, square in zip(self.parameters, self.means, self.squares, strict=True):
            if p.grad is None:
                continue
            mean.lerp_(p.grad, 0.1)
            square.lerp_(p.grad.square(), 0.001)
            unbiased = (square / (1 - 0.999**self.count)).sqrt() + 1e-8
            p.sub_(self.rate * mean / (1 - 0.9**self.count) / unbiased)
