"""Checks of a training step: what it calls in which order, and what the optimizer holds.

Where such faults were met: clipping after the step in VGraphRNN/VGRNN #4 and before the gradient
is there in Cranial-XIX/FAMO #4; a schedule of epochs stepped with each batch in
Lornatang/SRGAN-PyTorch #1; parameters that the optimizer does not hold in pytorch/pytorch #14467
and zjunlp/HVPNeT #5; evaluation mode that stays on in fartashf/vsepp #4; a graph that grows in
pytorch/pytorch #2198.
"""

import math
from collections.abc import Callable, Iterable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad
from torch.optim import Optimizer, lr_scheduler
from torch.optim.optimizer import register_optimizer_step_post_hook

from rnn_tutorial.checks._answers import ShapeError
from rnn_tutorial.checks._copies import seed_all
from rnn_tutorial.checks._objective import require_targets, training_loss
from rnn_tutorial.checks._outcomes import FaultError, SkipError, number, trainable
from rnn_tutorial.checks._subject import Subject
from rnn_tutorial.checks._watch import watched

TURNS, LONGEST = 4, 16  # steps of the reader's loop; the second if it accumulates gradients
BATCHES, FADED = 100, 0.011  # no sound schedule is down to that share of its rate so soon


class _Holder(torch.optim.SGD):
    """An optimizer that leaves the weights where they are."""

    def step(self, closure=None):
        """Compute the gradient if that is asked for, and nothing else."""
        return None if closure is None else torch.enable_grad()(closure)()


def step(subject: Subject) -> str:
    """Take training steps on a copy, on the same batch and with the weights held; watch them."""
    module = subject.fresh(training=subject.data.rows > 1)
    trained = trainable(module)
    theirs = subject.adapter.train_step
    if theirs is None:
        norms = _plain_steps(subject, module, [*trained.values()])
    else:
        norms = _watched_steps(subject, module, [*trained.values()])
    if not all(math.isfinite(norm) for norm in norms) or max(norms) == 0:
        raise FaultError("M-training-step", f"the norm of the gradient is {number(norms[0])}")
    if 0 in norms:
        raise FaultError(
            "M-training-step", f"step {norms.index(0) + 1} of the optimizer has no gradient"
        )
    growth = [norm / norms[0] for norm in norms]
    if len(norms) > 1 and all(
        abs(ratio - turn - 1) < 0.15 * (turn + 1) for turn, ratio in enumerate(growth)
    ):
        raise FaultError(
            "M-gradients-add-up",
            "the same batch and the same weights: the gradient grows like "
            f"{', '.join(number(ratio) for ratio in growth)}",
        )
    return "training steps can follow each other, and each has its own gradient"


def _norm(parameters: list[Tensor]) -> float:
    grads = [p.grad.to_dense() for p in parameters if p.grad is not None]
    return math.sqrt(sum(float(grad.double().square().sum()) for grad in grads))


def _guarded(turn: int, call: Callable, *arguments) -> None:
    """Take one step; an error in it is a fault."""
    seed_all(0)
    try:
        call(*arguments)
    except (SkipError, ShapeError):
        raise
    except Exception as error:
        graph = turn > 0 and isinstance(error, RuntimeError)
        raise FaultError(
            "M-missing-detach" if graph else "M-training-step",
            f"training step {turn + 1} raises {type(error).__name__}: "
            f"{str(error).split(' (')[0].split('. ')[0]}",
        ) from error


def _plain_steps(subject: Subject, module: nn.Module, trained: list[Tensor]) -> list[float]:
    """Take two steps with the loss alone; return the norms of the gradient."""
    data, norms = require_targets(subject), []

    def one_step():
        module.zero_grad()
        training_loss(subject, subject.output(module, data), data).backward()
        norms.append(_norm(trained))

    for turn in range(2):
        _guarded(turn, one_step)
    return norms


def _watched_steps(subject: Subject, module: nn.Module, trained: list[Tensor]) -> list[float]:
    """Take steps of the reader's loop; return the gradient's norm at each step of an optimizer."""
    norms, modes = [], []
    with watched(
        backward=torch.autograd.backward,
        clip=clip_grad.clip_grad_norm_,
        clip_values=clip_grad.clip_grad_value_,
        schedule=lr_scheduler.LRScheduler.step,
    ) as calls:

        def after_step(optimizer, *_):
            calls.append(("step", {"self": optimizer}))
            norms.append(_norm(trained))

        def before_forward(model, _):
            if torch.is_grad_enabled():
                modes.append(model.training)

        module.register_forward_pre_hook(before_forward)
        handle = register_optimizer_step_post_hook(after_step)
        try:
            holder = _Holder(trained, lr=1.0)
            for turn in range(LONGEST):
                if turn >= TURNS and norms:
                    break
                calls.append(("turn", {}))
                _guarded(turn, subject.adapter.train_step, module, subject.batch, holder)
        finally:
            handle.remove()
    if not norms:
        raise FaultError("M-training-step", f"{LONGEST} training steps, none of the optimizer")
    optimizers = [found["self"] for name, found in calls if name == "step"]
    _require_all_held(optimizers, subject.model, module)
    if not _ids(optimizers) & {id(parameter) for parameter in trained}:
        raise SkipError("train_step has an optimizer of its own, which moves no copy of the model")
    _require_clipped([name.removesuffix("_values") for name, _ in calls])
    _require_no_growth([found["tensors"] for name, found in calls if name == "backward"])
    _require_slow([found["self"] for name, found in calls if name == "schedule"])
    if modes and modes[0] and not all(modes):
        raise FaultError(
            "M-stays-in-eval", "the first step trains in training mode, a later one does not"
        )
    return norms


def _ids(optimizers: Iterable[Optimizer]) -> set[int]:
    groups = [group for optimizer in optimizers for group in optimizer.param_groups]
    return {id(parameter) for group in groups for parameter in group["params"]}


def _require_all_held(optimizers: list[Optimizer], *models: nn.Module) -> None:
    """Refuse optimizers that do not hold all trainable parameters of one of the models."""
    held, gaps = _ids(optimizers), []
    for model in models:
        trained = [name for name, p in model.named_parameters() if p.requires_grad]
        gaps.append([n for n in trained if id(model.get_parameter(n)) not in held])
    missing = min(gaps, key=len)
    if missing:
        raise FaultError(
            "M-optimizer-lacks",
            f"{len(missing)} of {len(trained)} trainable weight tensors are in no optimizer: "
            f"{', '.join(missing)}",
        )


def _require_clipped(names: list[str]) -> None:
    """Refuse to clip where there is no gradient yet, or no use for it any more."""
    if "clip" not in names:
        return
    fresh = clipped = False  # whether there is a gradient, and whether it has been clipped
    for name in names:
        if name == "backward":
            fresh, clipped = True, False
        elif name == "clip":
            clipped = fresh
        elif name == "step":
            if fresh and clipped:
                return
            fresh = clipped = False
    order = names[names.index("turn") + 1 :]
    order = order[: order.index("turn")]
    raise FaultError(
        "M-clip-order", f"a training step calls {', '.join(n for n in order if n != 'schedule')}"
    )


def _require_no_growth(losses: list) -> None:
    """Refuse a loop whose graph holds all batches before."""
    sizes = []
    for loss in losses:
        tensors = [loss] if isinstance(loss, Tensor) else loss
        seen, stack = set(), [tensor.grad_fn for tensor in tensors]
        while stack:
            node = stack.pop()
            if node is not None and node not in seen:
                seen.add(node)
                stack.extend(parent for parent, _ in node.next_functions)
        sizes.append(len(seen))
    growing = all(after > before for before, after in pairwise(sizes))
    if len(sizes) >= TURNS and growing and sizes[-1] > 2 * sizes[0]:
        raise FaultError(
            "M-missing-detach",
            f"the same batch: the graph of the loss has {', '.join(map(str, sizes))} nodes",
        )


def _require_slow(schedules: list) -> None:
    """Refuse a schedule that is stepped with each batch and counts in epochs."""
    for schedule in schedules:
        if schedule.last_epoch < 1:  # it was made, which is its first step, and not stepped since
            continue
        if isinstance(schedule, lr_scheduler.StepLR):
            falls = BATCHES // schedule.step_size
        elif isinstance(schedule, lr_scheduler.MultiStepLR):
            falls = sum(n for when, n in schedule.milestones.items() if when <= BATCHES)
        elif isinstance(schedule, lr_scheduler.ExponentialLR):
            falls = BATCHES
        else:
            continue
        left = schedule.gamma**falls
        if left < FADED:
            raise FaultError(
                "M-schedule-step",
                f"{type(schedule).__name__} is stepped with each batch: after {BATCHES} batches "
                f"the learning rate is {number(left)} of what it was",
            )


def optimizer(subject: Subject) -> str:
    """Look for each trainable parameter in the reader's optimizers."""
    given = subject.adapter.optimizer
    if given is None:
        raise SkipError("no optimizer is given")
    optimizers = [given] if isinstance(given, Optimizer) else list(given)
    trainable(subject.model)
    _require_all_held(optimizers, subject.model)
    return "every trainable weight tensor is in an optimizer"
