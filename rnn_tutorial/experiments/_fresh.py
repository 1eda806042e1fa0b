"""Training on batches that are drawn anew at every step, so that nothing can be learned by heart.

What the reproductions of synthetic tasks share: a network, its training, its test. The loss of a
batch is measured before the batch is learned from, so the record of the training is that of an
everlasting test.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from rnn_tutorial import _arguments
from rnn_tutorial.networks import initialization, layers
from rnn_tutorial.training.loop import Batch, Loss, train_step

CELLS = ("rnn", "irnn", "lstm", "gru")
Draw = Callable[[torch.Generator], Batch]  # draws a batch: the model's inputs and the targets


class Network(nn.Module):
    """A recurrent layer and a linear readout, of the last step or of all steps.

    Parameters
    ----------
    cell : {"rnn", "irnn", "lstm", "gru"}
        The layer: tanh RNN, ReLU RNN that starts with the identity, LSTM, GRU.
    input_size, hidden_size, output_size : int
        Features of a step, units, and numbers that are read out.
    every_step : bool
        Whether the readout is of all steps, or of the last one.
    """

    def __init__(
        self, cell: str, input_size: int, hidden_size: int, output_size: int, *, every_step: bool
    ):
        super().__init__()
        _arguments.choice("cell", cell, CELLS)
        if cell == "irnn":
            relu = layers.RNN(input_size, hidden_size, nonlinearity="relu")
            self.recurrent = initialization.identity_(relu)
        else:
            made_of = {"rnn": layers.RNN, "lstm": layers.LSTM, "gru": layers.GRU}
            self.recurrent = made_of[cell](input_size, hidden_size)
        self.readout = nn.Linear(hidden_size, output_size)
        self.every_step = _arguments.boolean("every_step", every_step)

    def forward(self, inputs: Tensor) -> Tensor:
        """Read (batch, time, features); return (batch, outputs), or (batch, time, outputs)."""
        states, _ = self.recurrent(inputs.transpose(0, 1))  # (time, batch, hidden)
        if self.every_step:
            return self.readout(states).transpose(0, 1)
        return self.readout(states[-1])


def generators(seed: int) -> tuple[torch.Generator, torch.Generator]:
    """Seed torch for the weights; return a generator of training data and one of test data."""
    torch.manual_seed(seed)
    return torch.Generator().manual_seed(seed), torch.Generator().manual_seed(1_000_000 + seed)


def train(
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
) -> list[dict[str, float]]:
    """Train with Adam on a fresh batch at each step.

    Parameters
    ----------
    model : Module
        Called with a batch's inputs.
    draw : callable
        Takes the generator, returns a batch: a tuple of inputs, and the targets.
    loss_function : callable
        Takes what the model returns and the targets, returns the mean loss of the batch.
    generator : torch.Generator
        Draws the batches.
    steps : int
        How many batches at most.
    learning_rate, max_norm : float
        Adam's rate; the norm to which a longer gradient is rescaled.
    every : int
        One record for each so many steps.
    stop_below : float
        Stop when the loss of a record is below this.

    Returns
    -------
    list of dict
        The records: "step", so many batches have been learned from; "loss", its mean since the
        record before; "right", the share of answers whose highest output is at the target.

    Raises
    ------
    FloatingPointError
        If the loss or the gradient is not finite; the message says at which step.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    records, losses, right, answers = [], 0.0, 0, 0
    for step in range(1, _arguments.integer("steps", steps, 1) + 1):
        batch = draw(generator)
        try:
            loss, correct, _ = train_step(
                model, batch, optimizer, loss_function=loss_function, max_norm=max_norm
            )
        except FloatingPointError as error:
            raise FloatingPointError(f"step {step}: {error}") from error
        losses, right, answers = losses + loss, right + correct, answers + batch[1].numel()
        if step % every == 0:
            records.append({"step": step, "loss": losses / every, "right": right / answers})
            losses, right, answers = 0.0, 0, 0
            if records[-1]["loss"] < stop_below:
                break
    return records
