"""What kind of model a batch belongs to, inferred from its targets and the reader's loss."""

import torch
from torch import Tensor

from rnn_tutorial.checks._adapter import Adapter, apply_loss

IGNORED = -100  # torch's value for targets that do not count


def kind_of(targets, matching: bool, repeats: bool, answers, elementwise: bool) -> str:
    """Return the kind of model that such targets belong to."""
    if targets is None:
        return "tagger" if isinstance(answers, Tensor) and answers.dim() == 3 else "classifier"
    if targets.is_floating_point() and not elementwise:
        return "forecaster"
    if not matching:
        return "classifier"
    return "language_model" if repeats else "tagger"


def repeat_inputs(targets: Tensor, x: Tensor) -> bool:
    """Say whether the targets are the inputs, or the inputs one step later or earlier."""
    if targets.is_floating_point() != x.is_floating_point():
        return False
    if targets.dim() < x.dim():
        x = x[..., 0] if targets.dim() == 2 and x.is_floating_point() else x
    if x.shape != targets.shape or x.shape[1] < 3:
        return False
    pairs = ((targets, x), (targets[:, :-1], x[:, 1:]), (targets[:, 1:], x[:, :-1]))
    counts = (targets[:, :-1] != IGNORED) if not targets.is_floating_point() else None
    shares = []
    for one, other in pairs:
        same = one == other
        if counts is not None and same.shape == counts.shape:
            same = same[counts[:, : same.shape[1]]]
        shares.append(float(same.double().mean()) if same.numel() else 0.0)
    return max(shares) > 0.7 and len(torch.unique(x)) > 1


@torch.no_grad()
def are_logits_of_yes(targets, answers, lengths, adapter: Adapter) -> bool:
    """Say whether answers are logits of a yes: float targets of 0 and 1, a loss that takes logits.

    Such a loss is lower for answers far outside of 0 and 1 than for 0 and 1 themselves.
    """
    if targets is None or not targets.is_floating_point() or adapter.kind == "forecaster":
        return False
    if set(torch.unique(targets).tolist()) != {0.0, 1.0}:
        return False
    if not isinstance(answers, Tensor) or answers.numel() != targets.numel():
        return False
    if adapter.loss is None:
        return adapter.kind is not None
    exact = targets.reshape(answers.shape).to(answers.dtype)
    try:
        far, near = (apply_loss(adapter, a, targets, lengths) for a in (20 * exact - 10, exact))
    except (RuntimeError, TypeError, ValueError):
        return False  # a loss that wants probabilities refuses the first
    return bool(far < near)
