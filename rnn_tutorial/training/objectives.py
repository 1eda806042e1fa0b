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
    """

    name: str
    score: Loss
    higher_is_better: bool = True


ACCURACY = Metric("accuracy", is_right)


@dataclass(frozen=True)
class Objective:
    """The loss of a task, and its metric if it has one.

    Parameters
    ----------
    loss : callable
        Takes what the model returns and the targets, returns the mean loss of the batch.
    metric : Metric, optional
        What the best epoch is chosen by. Without one it is chosen by the loss.
    """

    loss: Loss
    metric: Metric | None = None


CLASSIFICATION = Objective(nn.functional.cross_entropy, ACCURACY)


def check_finite(*tensors: Tensor) -> None:
    """Raise FloatingPointError if what a trained network says is not finite."""
    if not all(torch.isfinite(tensor).all() for tensor in tensors):
        raise FloatingPointError("the network's output or state is not finite")
