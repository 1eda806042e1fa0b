"""What kind of model a batch belongs to, inferred from its targets and the reader's loss."""

import torch
from torch import Tensor

from rnn_tutorial.checks._adapter import Adapter, apply_loss
from rnn_tutorial.checks._outcomes import SkipError

IGNORED = -100  # torch's value for targets that do not count
SHIFTS = {"same": 0, "next": 1, "earlier": -1}  # how many steps later the input is
REPEATED = 0.7  # share of targets that are inputs, from which they are meant to be


def kind_of(data, matching: bool, repeats: str, by_steps: str, discrete: bool) -> str:
    """Return the kind of model that such targets belong to."""
    targets = data.targets
    if targets is None:
        return "tagger" if by_steps else "classifier"
    if targets.is_floating_point() and not discrete:
        return "forecaster"
    if targets.is_floating_point() or targets.dim() == 1:
        return "tagger" if matching and by_steps else "classifier"
    return "language_model" if repeats else "tagger"


def share(targets: Tensor, x: Tensor, later: int) -> float:
    """Return which share of the targets are the inputs so many steps later, of those that count."""
    steps = x.shape[1]
    one = targets[:, max(0, -later) : steps - max(0, later)]
    other = x[:, max(0, later) : steps - max(0, -later)]
    same = (one == other)[one != IGNORED]
    return float(same.double().mean()) if same.numel() else 0.0


def comparable(targets: Tensor, x: Tensor) -> Tensor | None:
    """Return the inputs in the form of the targets, or None if they cannot be the same.

    Of several features it is the one whose next steps are the targets, else the first.
    """
    if targets.is_floating_point() != x.is_floating_point() or targets.shape[:2] != x.shape[:2]:
        return None
    if x.dim() == 3 and x.is_floating_point() and targets.shape[2:] in ((), (1,)):
        features = [feature.reshape(targets.shape) for feature in x.unbind(-1)]
        x = next((one for one in features if share(targets, one, 1) > REPEATED), features[0])
    return x if x.shape == targets.shape and x.shape[1] >= 3 else None


def repeat_inputs(targets: Tensor, x: Tensor) -> str:
    """Say whether the targets are the inputs, or the inputs one step later or earlier."""
    x = comparable(targets, x)
    if x is None or len(torch.unique(x)) < 2:
        return ""
    shares = {name: share(targets, x, later) for name, later in SHIFTS.items()}
    if targets.is_floating_point():
        shares.pop("earlier")  # numbers are repeated after a delay on purpose
    best = max(shares, key=shares.get)
    return best if shares[best] > REPEATED else ""


def are_next(targets: Tensor, x: Tensor) -> bool:
    """Say whether the targets are the inputs one step later."""
    return repeat_inputs(targets, x) == "next"


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
        return bool(far < near)
    except (RuntimeError, TypeError, ValueError, SkipError):
        return False  # a loss that wants probabilities refuses the first


@torch.no_grad()
def are_shares(targets, answers, lengths, adapter: Adapter) -> bool:
    """Say whether targets are soft labels: shares of the classes, a loss with its own softmax.

    Such a loss stays the same if all answers of a sequence grow alike.
    """
    if targets is None or not targets.is_floating_point() or adapter.kind == "forecaster":
        return False
    if not isinstance(answers, Tensor) or answers.shape != targets.shape or targets.shape[-1] < 2:
        return False
    sums = targets.sum(-1)
    if bool((targets < 0).any()) or not torch.allclose(sums, torch.ones_like(sums), atol=1e-4):
        return False
    if adapter.loss is None:
        return True
    try:
        one, two = (apply_loss(adapter, answers + more, targets, lengths) for more in (0.0, 3.0))
        return bool((one - two).abs() < 1e-3 * (1 + one.abs()))
    except (RuntimeError, TypeError, ValueError, SkipError):
        return False
