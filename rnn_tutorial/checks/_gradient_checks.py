"""Checks of the gradient: whether it reaches every weight, and equals the slope of the answers."""

import math
import re
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from rnn_tutorial.checks._adapter import closure
from rnn_tutorial.checks._batch import Batch
from rnn_tutorial.checks._copies import in_double, perturbed, seed_all
from rnn_tutorial.checks._objective import readers_loss
from rnn_tutorial.checks._outcomes import FaultError, SkipError, trainable
from rnn_tutorial.checks._subject import Subject
from rnn_tutorial.checks._trees import tensors

SLOPE = 0.05  # a gradient with a larger relative error is wrong
ROWS, STEPS = 3, 10  # enough for gradients


def short_rows(subject: Subject) -> Batch:
    """Return a few rows of few steps, the longest row among them."""
    return subject.shortened(STEPS).head(ROWS)


def projection(subject: Subject, module: nn.Module, data: Batch) -> Tensor:
    """Return a number that depends on all answers that count: their sum with random weights.

    The weights are the same in each call.
    """
    seed_all(0)
    answers = subject.canonical(subject.output(module, data), data)[data.counted]
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(answers.shape, generator=generator, dtype=torch.float64)
    return (answers.double() * weights.to(answers.device)).sum()


def _leaves(results: Iterable[Tensor]) -> dict[int, Tensor]:
    """Return the tensors that autograd would hand a gradient to, by id."""
    found, seen, stack = {}, set(), [result.grad_fn for result in results]
    while stack:
        node = stack.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            found[id(node.variable)] = node.variable
        stack.extend(parent for parent, _ in node.next_functions)
    return found


def _moves(subject: Subject, module: nn.Module, data: Batch, parameter: Tensor) -> bool:
    """Say whether a parameter moves the answers at all."""
    with torch.no_grad():
        before = projection(subject, module, data)
        kept = parameter.clone()
        seed_all(7)
        parameter.add_(0.1 * torch.randn_like(parameter))
        after = projection(subject, module, data)
        parameter.copy_(kept)
    return bool(before != after)


def _gradients(result: Tensor, trained: dict[str, Tensor]) -> list[Tensor]:
    """Differentiate a number by each parameter; zeros where it does not depend on it."""
    if not result.requires_grad:
        return [torch.zeros_like(parameter) for parameter in trained.values()]
    grads = torch.autograd.grad(
        result, list(trained.values()), allow_unused=True, materialize_grads=True
    )
    return [grad.to_dense() for grad in grads]


def weights(subject: Subject) -> str:
    """Follow the gradient to all weights: none may be left out, or be unknown to an optimizer."""
    data = short_rows(subject)
    if data.steps < 2:
        raise SkipError("with one step the recurrent weights have nothing to do")
    unused = None
    for module in (subject.fresh(), perturbed(subject.model).eval()):
        result = projection(subject, module, data)
        unknown = _unknown(subject, module, [result])
        if unknown:
            raise FaultError(
                "M-unregistered",
                f"the answers depend on {sum(t.numel() for t in unknown)} trainable numbers that "
                "are not among model.parameters()",
            )
        trained = trainable(module)
        silent = {
            name
            for (name, parameter), grad in zip(
                trained.items(), _gradients(result, trained), strict=True
            )
            if not bool((grad != 0).any()) and not _moves(subject, module, data, parameter)
        }
        unused = silent if unused is None else unused & silent
    matrices = {name for name in unused if trained[name].dim() > 1}
    if matrices:
        _judge(subject, data, trained, unused)
    said = f"each of {len(trained) - len(unused)} weight tensors moves the answers"
    return f"{said}, and all are parameters" + (
        f"; not {', '.join(sorted(unused))}, vectors that a softmax or a norm takes out"
        if unused
        else ""
    )


def _unknown(subject: Subject, module: nn.Module, results: list[Tensor]) -> list[Tensor]:
    """Return the trainable tensors behind results that are parameters of no module we know of."""
    beside = closure(subject.adapter.forward).values()
    held = [value for value in beside if isinstance(value, nn.Module)]
    known = {id(p) for owner in (module, subject.model, *held) for p in owner.parameters()}
    return [tensor for key, tensor in _leaves(results).items() if key not in known]


def _judge(subject: Subject, data: Batch, trained: dict[str, Tensor], unused: set[str]) -> None:
    """Say what it means that weights move no answer: a fault, or a part that these answers lack.

    A weight that the answers were computed with and that is cut off, by a softmax over one number
    or by reading another layer, is a fault. One that they were not computed with may belong to
    another head, or to the loss.
    """
    share = sum(trained[name].numel() for name in unused) / sum(p.numel() for p in trained.values())
    names = sorted(unused)
    said = f"{share:.0%} of the weights move no answer: {', '.join(names)}"
    if all(re.fullmatch(r".*weight_hh_l\d+_reverse", name) for name in names):
        raise FaultError("M-bidirectional-last", said)
    reached = _reached(subject, data)
    apart = {name for name in names if name not in reached}
    if unused - apart:
        raise FaultError("M-unused-weights", f"{said}, which are computed with them")
    if unused & _reached(subject, data, training=data.rows > 1):
        raise SkipError(f"{said}, in evaluation mode")
    if subject.shows_a_part:
        raise SkipError(f"{said}, nor do these answers depend on them: the model returns more")
    if subject.adapter.loss is None:
        raise SkipError(f"{said}; say loss=, which may use them, or they are of no use")
    if _loss_has_weights(subject, data):
        raise SkipError(f"{said}; the loss has weights of its own")
    raise FaultError("M-unused-weights", f"{said}, nor the loss")


def _reached(subject: Subject, data: Batch, *, training: bool = False) -> set[str]:
    """Return the names of the weights that the answers are computed with."""
    module = subject.fresh(training=training)
    seed_all(0)
    answers = subject.found(subject.output(module, data), data)
    reached = _leaves(list(tensors(answers)))
    return {name for name, p in module.named_parameters() if id(p) in reached}


def _loss_has_weights(subject: Subject, data: Batch) -> bool:
    """Say whether the reader's loss depends on weights, apart from the answers."""
    with torch.no_grad():
        output = subject.output(subject.fresh(), subject.data)
    try:
        return readers_loss(subject, output, subject.data).requires_grad
    except Exception:
        return True


def in_double_if_possible(subject: Subject, data: Batch) -> tuple[nn.Module, Batch, bool]:
    """Copy model and inputs in double precision if the model runs that way; say whether it does."""
    exact = data.double()
    try:
        module = in_double(subject.probe).eval()
        with torch.no_grad():
            value = projection(subject, module, exact)
            single = projection(subject, subject.fresh(), data)
            dtype = subject.canonical(subject.output(module, exact), exact).dtype
        good = dtype == torch.float64 and math.isclose(value, single, rel_tol=1e-2, abs_tol=1e-2)
    except Exception:
        good = False
    if good:
        return module, exact, True
    return subject.fresh(), data, False


def slope(subject: Subject) -> str:
    """Compare autograd's gradient with finite differences, weight tensor by weight tensor."""
    module, data, double = in_double_if_possible(subject, short_rows(subject))
    trained = trainable(module)
    again = [float(projection(subject, module, data)) for _ in range(2)]
    if again[0] != again[1]:
        raise SkipError("the answers change by themselves; see the check named repeatable")
    grads = _gradients(projection(subject, module, data), trained)
    worst, where, left = 0.0, "", []
    for (name, parameter), grad in zip(trained.items(), grads, strict=True):
        error = _slope_error(subject, module, data, parameter, grad, double)
        if error is None:
            left.append(name)
        elif error > worst:
            worst, where = error, name
    if len(left) == len(trained):
        raise SkipError("each call sets the weights anew, or the answers move in steps")
    margin = SLOPE if double else 3 * SLOPE
    if worst > margin:
        raise FaultError(
            "M-wrong-gradient", f"for {where} the gradient is off the slope by {worst:.0%}"
        )
    kind = "double" if double else "single"
    said = f"the gradient is the slope to {margin:.0%}, in {kind} precision"
    return said + (
        f"; not asked of {', '.join(left)}, which calls set anew or which move answers in steps"
        if left
        else ""
    )


def _slope_error(subject, module, data, parameter, grad, double: bool) -> float | None:
    """Return the error of a gradient along itself and along a random direction.

    None if there is no slope to compare it with: the model sets the parameter anew when it is
    called, as an embedding with max_norm does, or the answers move in steps, by rounding.
    """
    size = float(parameter.detach().double().norm()) / math.sqrt(parameter.numel())
    generator = torch.Generator().manual_seed(3)
    random = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    if parameter.dim() > 1 and bool((grad != 0).any()):
        # Rows without a gradient, like the embedding of padding, are left out on purpose.
        random *= (grad != 0).flatten(1).any(1).to(random).reshape(-1, *[1] * (grad.dim() - 1))
    random = (random / random.norm()).to(parameter)
    norm = float(grad.double().norm())
    directions = [random, *([grad / norm] if norm > 0 else [])]
    step = (1e-5 if double else 1e-2) * max(size, 0.1) * (1 if double else 3)
    floor = (1e-11 if double else 2e-4) * max(1.0, abs(float(projection(subject, module, data))))
    worst = 0.0
    for direction in directions:
        along = float((grad * direction).double().sum())
        difference = _difference(subject, module, data, parameter, step * direction)
        if difference is None or (difference == 0.0 and along != 0.0):
            return None
        slope = difference / step
        reference = max(abs(slope), abs(along), norm / math.sqrt(parameter.numel()), 1e-12)
        error = (abs(slope - along) - 3 * floor / step) / reference
        if error > 0.2 * SLOPE:
            # A kink of ReLU between the two points makes the slopes differ, which proves nothing.
            half = _difference(subject, module, data, parameter, step / 2 * direction)
            error -= 3 * abs(slope - 2 * (half or 0.0) / step) / reference
        worst = max(worst, error)
    return worst


@torch.no_grad()
def _difference(subject, module, data, parameter: Tensor, offset: Tensor) -> float | None:
    """Return half the difference between the projections on both sides of a parameter's value.

    None if a call changes the parameter.
    """
    kept, values, changed = parameter.clone(), [], False
    for sign in (1, -1):
        moved = kept + sign * offset
        parameter.copy_(moved)
        values.append(float(projection(subject, module, data)))
        changed = changed or not torch.equal(parameter, moved)
    parameter.copy_(kept)
    return None if changed else (values[0] - values[1]) / 2
