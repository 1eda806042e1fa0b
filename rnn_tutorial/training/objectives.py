"""What is asked of a model: the loss that training minimizes, and the metric that judges it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Loss = Callable[[Tensor, Tensor], Tensor]


def sequence_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Compute the mean cross-entropy of all steps of all sequences, in nats.

    Parameters
    ----------
    logits : Tensor, (..., classes)
        One prediction for each step, in either layout: (batch, time, classes) or
        (time, batch, classes).
    targets : Tensor of int64, (...)
        The right classes. A step whose target is -100, torch's ``ignore_index``, does not count.

    Returns
    -------
    Tensor, ()
        The mean over the steps that count.
    """
    return nn.functional.cross_entropy(logits.flatten(0, -2), targets.flatten())


def squared_error(outputs: Tensor, targets: Tensor) -> Tensor:
    """Compute the mean squared error of models with one output, from (batch, 1) and (batch,)."""
    return nn.functional.mse_loss(outputs[:, 0], targets)


def is_right(outputs: Tensor, targets: Tensor) -> Tensor:
    """Tell for each answer, (...), whether its highest output, (..., classes), is at the target."""
    return outputs.argmax(-1) == targets


@dataclass(frozen=True)
class Metric:
    """A number by which answers are judged, in addition to the loss.

    Parameters
    ----------
    name : str
        What tables, figures and the progress bar call it.
    score : callable
        Takes what the model returns and the targets, returns a number or a bool for each answer;
        the metric is their mean.
    higher_is_better : bool
        False for an error.
    by_class : bool
        Whether the mean is taken over the answers to each target first and then over the targets,
        so that a rare class weighs as much as a frequent one. Targets of -100 do not count then.
    """

    name: str
    score: Loss
    higher_is_better: bool = True
    by_class: bool = False


ACCURACY = Metric("accuracy", is_right)
MACRO_RECALL = Metric("macro_recall", is_right, by_class=True)


class MeanScore:
    """The metric of all answers that were added."""

    def __init__(self, metric: Metric):
        self.metric = metric
        self.totals: dict[int | None, tuple[float, int]] = {}

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """Judge the answers of a batch."""
        scores = self.metric.score(outputs, targets).double()
        groups = {None: scores}
        if self.metric.by_class:
            present = targets.unique().tolist()
            groups = {target: scores[targets == target] for target in present if target != -100}
        for group, found in groups.items():
            total, answers = self.totals.get(group, (0.0, 0))
            self.totals[group] = total + found.sum().item(), answers + found.numel()

    @property
    def value(self) -> float:
        """The mean, over answers or over classes."""
        means = [total / answers for total, answers in self.totals.values()]
        return sum(means) / len(means)


@dataclass(frozen=True)
class Objective:
    """The loss of a task, and its metric if it has one.

    Parameters
    ----------
    loss : callable
        Takes what the model returns and the targets, returns the mean loss of the batch.
    metric : Metric, optional
        What is measured besides.
    best_by_loss : bool
        Whether the best epoch is that with the lowest validation loss, although there is a metric.
        Without a metric it always is.
    """

    loss: Loss
    metric: Metric | None = None
    best_by_loss: bool = False


CLASSIFICATION = Objective(nn.functional.cross_entropy, ACCURACY)


def check_finite(*tensors: Tensor) -> None:
    """Raise FloatingPointError if what a trained network says is not finite."""
    if not all(torch.isfinite(tensor).all() for tensor in tensors):
        raise FloatingPointError("the network's output or state is not finite")
