"""What all tasks share: the form of their sequences, and drawing from a generator."""

from typing import NamedTuple

import torch
from torch import Tensor

NOTHING = -100  # the target at a step that does not count; cross_entropy leaves it out


class Sequences(NamedTuple):
    """Inputs, the answers asked for, and the steps at which they count.

    Attributes
    ----------
    inputs : Tensor
        What the network reads: (batch, time, features), or (time, features) for one long stream;
        integers (batch, time) where the task is about symbols.
    targets : Tensor
        The right answers: (batch,) if a sequence has one answer, else one for each step.
    counts : Tensor of bool, (batch, time) or (time,)
        The steps that count: those that can be predicted, or the one with the answer.
    lengths : Tensor of int64, (batch,), or None
        How long each sequence is, if they are padded to the longest one.
    """

    inputs: Tensor
    targets: Tensor
    counts: Tensor
    lengths: Tensor | None = None

    @property
    def batch(self) -> tuple[tuple[Tensor], Tensor]:
        """Inputs and targets in the form that `rnn_tutorial.training` takes."""
        return (self.inputs,), self.targets

    def one_hot(self, number: int) -> "Sequences":
        """Return the same with inputs that are integers below `number` as one-hot vectors."""
        hot = torch.nn.functional.one_hot(self.inputs, number)
        return self._replace(inputs=hot.to(torch.get_default_dtype()))


def only_where(classes: Tensor, counts: Tensor) -> Tensor:
    """Keep class indices where a mask of the same shape is true, and put `NOTHING` elsewhere."""
    return classes.masked_fill(~counts, NOTHING)


def check_generator(generator: torch.Generator) -> torch.Generator:
    """Return a generator; without one, torch would silently draw from its own."""
    if not isinstance(generator, torch.Generator):
        raise TypeError(f"generator must be a torch.Generator, got {type(generator).__name__}")
    return generator


def draw(count: int, shape: int | tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Draw integers from 0 to count - 1."""
    check_generator(generator)
    return torch.randint(
        count, shape if isinstance(shape, tuple) else (shape,), generator=generator
    )


def last_step(batch_size: int, time_steps: int) -> Tensor:
    """Return a mask (batch, time) of the last steps."""
    counts = torch.zeros(batch_size, time_steps, dtype=torch.bool)
    counts[:, -1] = True
    return counts
