"""Training: the loop, its history, clipping, early stopping, checkpoints that resume exactly.

Nothing here knows what the model is: a batch is a pair of the model's inputs and the targets.
"""

import contextlib
import copy
import math
import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from rnn_tutorial import _arguments
from rnn_tutorial.training.history import Epoch, History

Batch = tuple[tuple[Tensor, ...], Tensor]
Loss = Callable[[Tensor, Tensor], Tensor]


def count_parameters(model: nn.Module) -> int:
    """Count the numbers that training changes."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def train_step(
    model: nn.Module,
    batch: Batch,
    optimizer: torch.optim.Optimizer,
    *,
    loss_function: Loss = nn.functional.cross_entropy,
    max_norm: float = math.inf,
) -> tuple[float, int, float]:
    """Take one step of gradient descent.

    Parameters
    ----------
    model : Module
        Called with the batch's inputs; returns logits (batch, classes).
    batch : pair
        The inputs, a tuple of tensors, and the targets (batch,).
    optimizer : Optimizer
        Holds the model's parameters.
    loss_function : callable
        Takes logits and targets, returns the mean loss of the batch.
    max_norm : float
        Rescale the gradient to this norm if its norm is greater.

    Returns
    -------
    loss : float
        Mean loss of the batch, in nats for cross-entropy.
    correct : int
        How many of the batch had the highest logit at their target.
    gradient_norm : float
        Norm of the gradient before clipping.

    Raises
    ------
    FloatingPointError
        If the loss or the gradient is not finite; the parameters are then left as they were.
    ValueError
        If `max_norm` is not positive.
    """
    _check_max_norm(max_norm)
    inputs, targets = batch
    optimizer.zero_grad()
    logits = model(*inputs)
    loss = loss_function(logits, targets)
    if not torch.isfinite(loss):
        raise FloatingPointError(f"the loss is {loss.item()}")
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    if not torch.isfinite(norm):
        raise FloatingPointError(f"the norm of the gradient is {norm.item()}")
    optimizer.step()
    return loss.item(), int((logits.argmax(-1) == targets).sum()), norm.item()


@contextlib.contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[None]:
    """Switch dropout and the like off, and back to what they were, also after an error."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)


@torch.no_grad()
def measure(
    model: nn.Module,
    batches: Iterable[Batch],
    loss_function: Loss = nn.functional.cross_entropy,
) -> tuple[float, float]:
    """Measure a model in evaluation mode, each example weighing the same.

    Returns
    -------
    loss, accuracy : float
        Mean loss, share of correct answers.

    Raises
    ------
    ValueError
        If `batches` holds none.
    """
    total_loss, correct, examples = 0.0, 0, 0
    with evaluation_mode(model):
        for inputs, targets in batches:
            logits = model(*inputs)
            total_loss += loss_function(logits, targets).item() * len(targets)
            correct += int((logits.argmax(-1) == targets).sum())
            examples += len(targets)
    if not examples:
        raise ValueError("batches must hold at least one batch, got none")
    return total_loss / examples, correct / examples


def fit(
    model: nn.Module,
    train_batches: Iterable[Batch],
    validation_batches: Iterable[Batch],
    *,
    epochs: int,
    optimizer: torch.optim.Optimizer,
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
    loss_function: Loss = nn.functional.cross_entropy,
    max_norm: float = 1.0,
    patience: int | None = None,
    checkpoint: str | Path | None = None,
    progress: bool = True,
) -> History:
    """Train a model and leave it with the weights of its best epoch on the validation set.

    Parameters
    ----------
    model : Module
        Called with a batch's inputs; returns logits (batch, classes).
    train_batches, validation_batches : iterable of batches
        Iterated over once an epoch; see `rnn_tutorial.data.batching.Batches`.
    epochs : int
        How many epochs to run at most, those before a resumption included.
    optimizer : Optimizer
        Holds the model's parameters.
    scheduler : LRScheduler, optional
        Stepped after each batch.
    loss_function : callable
        Takes logits and targets, returns the mean loss of the batch.
    max_norm : float
        The gradient is rescaled to this norm if its norm is greater (`clip_grad_norm_`).
    patience : int, optional
        Stop when validation accuracy has had no new maximum for that many epochs.
    checkpoint : path, optional
        The file that the run is saved to after each epoch. If it exists, the run goes on from
        it and ends with the same weights, bit for bit, as one that was not cut off. Build model,
        batches, optimizer and scheduler as for the first run; the settings of the optimizer come
        from the file. The generator of the batches and torch's own (on the CPU) are put back.
    progress : bool
        Whether to show a progress bar; ``TQDM_DISABLE=1`` hides it everywhere.

    Returns
    -------
    History
        One entry for each epoch that was run.

    Raises
    ------
    TypeError, ValueError
        If `epochs` or `patience` is no integer or below 1, `max_norm` is not positive, `optimizer`
        holds no parameter of the model, there is no batch, the folder of `checkpoint` is missing,
        or it is no file of this function or of another run.
    FloatingPointError
        If the loss or the gradient is not finite; the message says in which epoch and batch.
    """
    for name, value in (("epochs", epochs), ("patience", patience)):
        if value is not None:
            _arguments.integer(name, value, 1)
    _check_max_norm(max_norm)
    if checkpoint is not None and not Path(checkpoint).parent.is_dir():
        raise ValueError(f"checkpoint must be in a folder that exists, got {checkpoint}")
    _check_optimizer(optimizer, model)
    history, best_weights = History(), None
    stateful = {"model": model, "optimizer": optimizer, "scheduler": scheduler}
    generator = getattr(train_batches, "generator", None)
    if checkpoint is not None and Path(checkpoint).exists():
        history, best_weights = _load_checkpoint(Path(checkpoint), stateful, generator)

    from tqdm import tqdm

    # without an argument, TQDM_DISABLE decides
    hidden = {} if progress else {"disable": True}
    bar = tqdm(total=epochs, initial=len(history), unit="epoch", **hidden)
    while len(history) < epochs and not _out_of_patience(history, patience):
        train = _train_epoch(
            model, train_batches, optimizer, scheduler, loss_function, max_norm, len(history) + 1
        )
        loss, accuracy = measure(model, validation_batches, loss_function)
        if not math.isfinite(loss):
            raise FloatingPointError(f"epoch {len(history) + 1}: the validation loss is {loss}")
        history.epochs.append(Epoch(validation_loss=loss, validation_accuracy=accuracy, **train))
        if history.best == len(history) - 1:
            best_weights = copy.deepcopy(model.state_dict())
        if checkpoint is not None:
            _save_checkpoint(Path(checkpoint), stateful, generator, history, best_weights)
        bar.set_postfix(validation_accuracy=f"{accuracy:.3f}")
        bar.update()
    bar.close()
    model.load_state_dict(best_weights)
    return history


def _check_max_norm(max_norm):
    if not max_norm > 0:
        raise ValueError(f"max_norm must be positive, got {max_norm}")


def _check_optimizer(optimizer, model):
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    if held.isdisjoint(id(p) for p in model.parameters()):
        raise ValueError("optimizer must hold the model's parameters, got one of another model")


def _train_epoch(model, batches, optimizer, scheduler, loss_function, max_norm, number):
    model.train()
    losses, correct, norms, examples = [], 0, [], 0
    for position, batch in enumerate(batches, start=1):
        try:
            loss, right, norm = train_step(
                model, batch, optimizer, loss_function=loss_function, max_norm=max_norm
            )
        except FloatingPointError as error:
            raise FloatingPointError(f"epoch {number}, batch {position}: {error}") from error
        if scheduler is not None:
            scheduler.step()
        losses.append(loss * len(batch[1]))
        norms.append(norm)
        correct += right
        examples += len(batch[1])
    if not examples:
        raise ValueError("train_batches must hold at least one batch, got none")
    return {
        "train_loss": sum(losses) / examples,
        "train_accuracy": correct / examples,
        "gradient_norm": sum(norms) / len(norms),
        "clipped": sum(norm > max_norm for norm in norms) / len(norms),
    }


def _out_of_patience(history, patience):
    return patience is not None and len(history) > 0 and len(history) - history.best > patience


def _save_checkpoint(path, stateful, generator, history, best_weights):
    state = {name: part.state_dict() for name, part in stateful.items() if part is not None}
    state |= {
        "optimizer_class": type(stateful["optimizer"]).__name__,
        "best_weights": best_weights,
        "history": [asdict(epoch) for epoch in history.epochs],
        "torch_random_state": torch.get_rng_state(),
        "batch_random_state": None if generator is None else generator.get_state(),
    }
    partial = path.with_name(path.name + ".partial")
    torch.save(state, partial)
    os.replace(partial, path)  # the file is never half written


def _check_same_run(path, state, stateful, generator):
    """Refuse a checkpoint of another run before anything is loaded."""
    shapes = [
        {name: tuple(value.shape) for name, value in weights.items()}
        for weights in (state["model"], stateful["model"].state_dict())
    ]
    optimizer = type(stateful["optimizer"]).__name__
    if state["optimizer_class"] != optimizer:
        raise ValueError(
            f"checkpoint {path} was written with {state['optimizer_class']}, not with {optimizer}"
        )
    saved = [("scheduler" in state), state["batch_random_state"] is not None]
    now = [stateful["scheduler"] is not None, generator is not None]
    if shapes[0] != shapes[1]:
        raise ValueError(f"checkpoint {path} is of a model with other parameters")
    for what, before, after in zip(("scheduler", "batch generator"), saved, now, strict=True):
        if before != after:
            raise ValueError(
                f"checkpoint {path} was written {'with' if before else 'without'} a {what}"
            )


def _load_checkpoint(path, stateful, generator):
    try:
        state = torch.load(path, weights_only=True)
    except (pickle.UnpicklingError, EOFError, KeyError, RuntimeError) as error:
        raise ValueError(f"checkpoint must be a file written by fit, got {path}") from error
    if not isinstance(state, dict) or "torch_random_state" not in state:
        raise ValueError(f"checkpoint must be a file written by fit, got {path}")
    _check_same_run(path, state, stateful, generator)
    for name, part in stateful.items():
        if part is not None:
            part.load_state_dict(state[name])
    torch.set_rng_state(state["torch_random_state"])
    if generator is not None:
        generator.set_state(state["batch_random_state"])
    return History([Epoch(**epoch) for epoch in state["history"]]), state["best_weights"]
