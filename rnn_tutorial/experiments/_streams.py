"""Prediction at some of the steps: what the reproductions of formal languages share.

Targets are class indices (batch, time), `NOTHING` at steps that do not count, so that
`rnn_tutorial.experiments._fresh.train` can be used for all of them.
"""

import torch
from torch import Tensor, nn

from rnn_tutorial.tasks import Sequences

NOTHING = -100  # the target at a step that does not count


def only_where(classes: Tensor, counts: Tensor) -> Tensor:
    """Keep class indices where a mask of the same shape is true, and `NOTHING` elsewhere."""
    return classes.masked_fill(~counts, NOTHING)


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean over the steps that count, of logits (..., classes) and targets (...)."""
    return nn.functional.cross_entropy(
        logits.flatten(0, -2), targets.flatten(), ignore_index=NOTHING
    )


def right_everywhere(logits: Tensor, targets: Tensor) -> Tensor:
    """Tell for each sequence, (batch,), whether all steps that count are answered right."""
    return ((logits.argmax(-1) == targets) | (targets == NOTHING)).all(1)


def check_finite(*tensors: Tensor) -> None:
    """Raise FloatingPointError if what a trained network says is not finite."""
    if not all(torch.isfinite(tensor).all() for tensor in tensors):
        raise FloatingPointError("the network's output or state is not finite")


def next_symbols(sequences: Sequences) -> Tensor:
    """Return the symbol that comes next at each step of Reber strings, (batch, time) or (time,).

    That of the last step of a string or of a stream is the one that alone may come; behind the end
    it is `NOTHING`.
    """
    following = sequences.inputs.argmax(-1)
    following = torch.cat([following[..., 1:], following[..., -1:]], dim=-1)
    step = torch.arange(following.shape[-1])
    if sequences.lengths is None:
        last, real = step == len(step) - 1, torch.ones_like(step, dtype=torch.bool)
    else:
        lengths = sequences.lengths[:, None]
        last, real = step == lengths - 1, step < lengths
    following = torch.where(last, sequences.targets.argmax(-1), following)
    return only_where(following, real)


def outer_right(logits: Tensor, sequences: Sequences) -> float:
    """Return the share of outer T and P that are foretold: its logit is above the other's."""
    of_t_and_p = [1, 2]
    said = logits[sequences.counts][:, of_t_and_p].argmax(1)
    wanted = sequences.targets[sequences.counts][:, of_t_and_p].argmax(1)
    return (said == wanted).double().mean().item()


def legal(logits: Tensor, sequences: Sequences) -> float:
    """Return the share of all steps whose highest logit is at a symbol that may come."""
    may_come = sequences.targets.gather(-1, logits.argmax(-1, keepdim=True))[..., 0] == 1
    real = sequences.targets.any(-1)
    return may_come[real].double().mean().item()
