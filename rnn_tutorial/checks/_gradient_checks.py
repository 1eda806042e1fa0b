"""Checks of the gradient: whether it reaches every weight, and equals the slope of the answers."""

import math
from dataclasses import replace

import torch
from torch import Tensor, nn

from rnn_tutorial.checks._batch import Batch
from rnn_tutorial.checks._copies import in_double, perturbed, seed_all
from rnn_tutorial.checks._outcomes import FaultError, SkipError, trainable
from rnn_tutorial.checks._subject import Subject

SLOPE = 0.05  # a gradient with a larger relative error is wrong
ROWS, STEPS = 3, 10  # enough for gradients


def short_rows(subject: Subject) -> Batch:
    """Return a few rows of few steps, the longest row among them."""
    return subject.shortened(STEPS).head(ROWS)


def projection(subject: Subject, module: nn.Module, data: Batch, x: Tensor | None = None) -> Tensor:
    """Return a number that depends on all answers that count: their sum with random weights.

    The weights are the same in each call.
    """
    x = data.x if x is None else x
    seed_all(0)
    raw, _ = subject.call(module, x, data.lengths)
    answers = subject.canonical(raw, data, rows=len(x), steps=x.shape[1])
    answers = answers[data.real()] if data.per_step else answers
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(answers.shape, generator=generator, dtype=torch.float64)
    return (answers.double() * weights.to(answers.device)).sum()


def _leaves(result: Tensor) -> dict[int, Tensor]:
    """Return the tensors that autograd would hand a gradient to, by id."""
    found, seen, stack = {}, set(), [result.grad_fn]
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
    return torch.autograd.grad(
        result, list(trained.values()), allow_unused=True, materialize_grads=True
    )


def weights(subject: Subject) -> str:
    """Follow the gradient to all weights: none may be left out, or be unknown to an optimizer."""
    data = short_rows(subject)
    if data.steps < 2:
        raise SkipError("with one step the recurrent weights have nothing to do")
    unused, count = None, 0
    for module in (subject.fresh(), perturbed(subject.model).eval()):
        result = projection(subject, module, data)
        named = {id(p): name for name, p in module.named_parameters()}
        leaves = _leaves(result)
        unknown = [tensor for key, tensor in leaves.items() if key not in named]
        if unknown:
            raise FaultError(
                "M-unregistered",
                f"the answers depend on {sum(t.numel() for t in unknown)} trainable numbers that "
                "are not among model.parameters()",
            )
        trained = trainable(module)
        count = sum(p.numel() for p in trained.values())
        silent = {
            name
            for (name, parameter), grad in zip(
                trained.items(), _gradients(result, trained), strict=True
            )
            if not bool((grad != 0).any()) and not _moves(subject, module, data, parameter)
        }
        unused = silent if unused is None else unused & silent
    if unused:
        share = sum(trained[name].numel() for name in unused) / count
        raise FaultError(
            "M-bidirectional-last",
            f"{share:.0%} of the weights move no answer: {', '.join(sorted(unused))}",
        )
    return f"each of {len(trained)} weight tensors moves the answers, and all are parameters"


def in_double_if_possible(subject: Subject, data: Batch) -> tuple[nn.Module, Batch, bool]:
    """Copy model and inputs in double precision if the model runs that way; say whether it does."""
    x = data.x.double() if data.x.is_floating_point() else data.x
    try:
        module = in_double(subject.probe).eval()
        with torch.no_grad():
            value = projection(subject, module, replace(data, x=x))
            single = projection(subject, subject.fresh(), data)
            raw, _ = subject.call(module, x, data.lengths)
        good = raw.dtype == torch.float64 and math.isclose(
            value, single, rel_tol=1e-2, abs_tol=1e-2
        )
    except Exception:
        good = False
    if good:
        return module, replace(data, x=x), True
    return subject.fresh(), data, False


def slope(subject: Subject) -> str:
    """Compare autograd's gradient with finite differences, weight tensor by weight tensor."""
    module, data, double = in_double_if_possible(subject, short_rows(subject))
    trained = trainable(module)
    again = [float(projection(subject, module, data)) for _ in range(2)]
    if again[0] != again[1]:
        raise SkipError("the answers change by themselves; see the check named repeatable")
    grads = _gradients(projection(subject, module, data), trained)
    worst, where = 0.0, ""
    for (name, parameter), grad in zip(trained.items(), grads, strict=True):
        error = _slope_error(subject, module, data, parameter, grad, double)
        if error > worst:
            worst, where = error, name
    margin = SLOPE if double else 3 * SLOPE
    if worst > margin:
        raise FaultError(
            "M-wrong-gradient", f"for {where} the gradient is off the slope by {worst:.0%}"
        )
    kind = "double" if double else "single"
    return f"the gradient is the slope to {margin:.0%}, in {kind} precision"


def _slope_error(subject, module, data, parameter, grad, double: bool) -> float:
    """Return the error of a gradient along itself and along a random direction."""
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
        slope = _difference(subject, module, data, parameter, step * direction) / step
        reference = max(abs(slope), abs(along), norm / math.sqrt(parameter.numel()), 1e-12)
        error = (abs(slope - along) - 3 * floor / step) / reference
        if error > 0.2 * SLOPE:
            # A kink of ReLU between the two points makes the slopes differ, which proves nothing.
            half = 2 * _difference(subject, module, data, parameter, step / 2 * direction) / step
            error -= 3 * abs(slope - half) / reference
        worst = max(worst, error)
    return worst


@torch.no_grad()
def _difference(subject, module, data, parameter: Tensor, offset: Tensor) -> float:
    """Return half the difference between the projections on both sides of a parameter's value."""
    kept, values = parameter.clone(), []
    for sign in (1, -1):
        parameter.copy_(kept + sign * offset)
        values.append(float(projection(subject, module, data)))
    parameter.copy_(kept)
    return (values[0] - values[1]) / 2
