"""The loss of a batch: the one that belongs to its kind, and the reader's own."""

from torch import Tensor
from torch.nn import functional

from rnn_tutorial.checks._adapter import apply_loss
from rnn_tutorial.checks._batch import Batch
from rnn_tutorial.checks._kinds import IGNORED
from rnn_tutorial.checks._outcomes import SkipError
from rnn_tutorial.checks._subject import Subject


def classes(data: Batch, outputs: int) -> int:
    """Return the number of classes that so many outputs stand for."""
    return 2 if yes_or_no(data, outputs) else outputs


def yes_or_no(data: Batch, outputs: int) -> bool:
    """Say whether each output is the logit of a yes, as a single one always is."""
    return data.elementwise or outputs == 1


def standard_loss(answers: Tensor, data: Batch) -> Tensor:
    """Compute the loss that belongs to the kind: cross-entropy or squared error of what counts.

    Raises
    ------
    SkipError
        If a forecaster does not give one number for each target; one that gives quantiles does not.
    """
    targets, counts = data.targets, None
    if data.per_step:
        counts = data.real()
        if data.discrete:
            counts = counts & (targets != IGNORED) if targets.dim() == 2 else counts
        answers, targets = answers[counts], targets[counts]
    if not data.discrete:
        if answers.numel() != targets.numel():
            raise SkipError(
                f"{answers.numel()} numbers are answered to {targets.numel()} targets, so it is "
                "not known what they should come to"
            )
        return functional.mse_loss(answers.reshape(targets.shape), targets.to(answers.dtype))
    if yes_or_no(data, answers.shape[-1]):
        asked = targets.reshape(answers.shape).to(answers.dtype)
        return functional.binary_cross_entropy_with_logits(answers, asked)
    return functional.cross_entropy(answers, targets.long())


def readers_loss(subject: Subject, raw, data: Batch) -> Tensor:
    """Compute the reader's loss on answers in the form in which the model returned them."""
    return apply_loss(subject.adapter, raw, data.own_targets(), data.lengths)


def training_loss(subject: Subject, raw, data: Batch) -> Tensor:
    """Compute the loss to train with: the reader's if there is one, else the standard one."""
    if subject.adapter.loss is not None:
        return readers_loss(subject, raw, data)
    return standard_loss(subject.canonical(raw, data), data)


def require_targets(subject: Subject) -> Batch:
    """Return the batch; skip the check if it has no targets."""
    if subject.data.targets is None:
        raise SkipError("the batch holds no targets")
    return subject.data


def probabilities(answers: Tensor, data: Batch) -> bool:
    """Say whether answers are probabilities: in [0, 1], with a sum of 1 over the classes."""
    inside = bool(((answers >= 0) & (answers <= 1)).all())
    if yes_or_no(data, answers.shape[-1]):
        return inside
    return inside and bool(((answers.sum(-1) - 1).abs() < 1e-4).all())
