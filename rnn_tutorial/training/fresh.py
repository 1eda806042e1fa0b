"""Training on batches that are drawn anew at every step, so that nothing can be memorized.

The loss of a batch is measured before the batch is learned from, so the record of the training is
the record of a test that never ends.
"""

from collections.abc import Callable

import torch
from torch import nn

from rnn_tutorial import _arguments
from rnn_tutorial.training.loop import Batch, train_pass
from rnn_tutorial.training.objectives import Loss, MeanScore, Metric

Draw = Callable[[torch.Generator], Batch]


def generators(seed: int) -> tuple[torch.Generator, torch.Generator]:
    """Seed torch for the weights; return a generator of training data and one of test data."""
    torch.manual_seed(seed)
    return torch.Generator().manual_seed(seed), torch.Generator().manual_seed(1_000_000 + seed)


def train_fresh(
    model: nn.Module,
    draw: Draw,
    loss_function: Loss,
    *,
    generator: torch.Generator,
    steps: int,
    learning_rate: float,
    max_norm: float = 1.0,
    every: int = 100,
    stop_below: float = 0.0,
    metric: Metric | None = None,
) -> list[dict[str, float]]:
    """Train with Adam on a fresh batch at each step.

    Parameters
    ----------
    model, loss_function, max_norm
        See `train_step`.
    draw : callable
        Takes the generator, returns a batch.
    generator : torch.Generator
        Draws the batches.
    steps : int
        How many batches at most.
    learning_rate : float
        Adam's rate.
    every : int
        How many steps there are to a record.
    stop_below : float
        Stop when the loss of a record is below this.
    metric : Metric, optional
        What to record in addition to the loss.

    Returns
    -------
    list of dict
        The records: "step", how many batches have been learned from; "loss", its mean since the
        record before; and the metric by its name, over all answers since then.

    Raises
    ------
    FloatingPointError
        If the loss or the gradient is not finite; the message says in which batch.
    """
    _arguments.integer("steps", steps, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    batches = (draw(generator) for _ in range(steps))
    found = train_pass(model, batches, optimizer, loss_function=loss_function, max_norm=max_norm)
    records, losses, mean = [], 0.0, None if metric is None else MeanScore(metric)
    for number, step in enumerate(found, start=1):
        losses += step.loss
        if mean is not None:
            mean.add(step.outputs, step.targets)
        if number % every == 0:
            records.append({"step": number, "loss": losses / every})
            if mean is not None:
                records[-1][metric.name] = mean.value
                mean = MeanScore(metric)
            losses = 0.0
            if records[-1]["loss"] < stop_below:
                break
    return records
