"""Training: one loop, with clipping and early stopping.

Nothing here knows what the model is. A batch is a pair: the tuple of arguments that the model is
called with, and the targets. A model returns its outputs, or a tuple that begins with them and ends
with its state, as recurrent layers do; then its last argument is the state to read on from.
"""

import contextlib
import copy
import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnn_tutorial import _arguments
from rnn_tutorial.networks.kinds import State, detach
from rnn_tutorial.training.history import Epoch, History
from rnn_tutorial.training.objectives import CLASSIFICATION, Loss, MeanScore, Objective
from rnn_tutorial.training.resuming import Run

Batch = tuple[tuple[Tensor | State | None, ...], Tensor]
PER_BATCH = (torch.optim.lr_scheduler.OneCycleLR, torch.optim.lr_scheduler.CyclicLR)


class Step(NamedTuple):
    """What one step of gradient descent found, before it changed the model.

    Attributes
    ----------
    loss : float
        Mean loss of the batch, in nats for cross-entropy.
    outputs, targets : Tensor
        What the model said, without its graph, and what it should have said.
    state : Tensor or tuple of Tensor or None
        The state after the batch, of a model that has one; its graph is not cut.
    gradient_norm : float
        Norm of the gradient before clipping.
    """

    loss: float
    outputs: Tensor
    targets: Tensor
    state: State | None
    gradient_norm: float


def count_parameters(model: nn.Module) -> int:
    """Count the numbers that training changes."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def call(model: nn.Module, inputs: tuple) -> tuple[Tensor, State | None]:
    """Call a model with the inputs of a batch; return its outputs, and its state or None."""
    found = model(*inputs)
    return (found[0], found[-1]) if isinstance(found, tuple) else (found, None)


def train_step(
    model: nn.Module,
    batch: Batch,
    optimizer: torch.optim.Optimizer,
    *,
    loss_function: Loss = nn.functional.cross_entropy,
    max_norm: float = math.inf,
) -> Step:
    """Take one step of gradient descent.

    Parameters
    ----------
    model : Module
        Called with the batch's inputs; returns outputs such as logits (batch, classes), or a tuple
        of outputs and state.
    batch : pair
        The inputs, a tuple, and the targets, for a classifier (batch,).
    optimizer : Optimizer
        Holds the model's parameters.
    loss_function : callable
        Takes outputs and targets, returns the mean loss of the batch.
    max_norm : float
        Rescale the gradient to this norm if its norm is greater.

    Returns
    -------
    Step
        The loss, then what the model said, and at the end the norm of the gradient.

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
    outputs, state = call(model, inputs)
    loss = loss_function(outputs, targets)
    if not torch.isfinite(loss):
        raise FloatingPointError(f"the loss is {loss.item()}")
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    if not torch.isfinite(norm):
        raise FloatingPointError(f"the norm of the gradient is {norm.item()}")
    optimizer.step()
    return Step(loss.item(), outputs.detach(), targets, state, norm.item())


def train_pass(
    model: nn.Module,
    batches: Iterable[Batch],
    optimizer: torch.optim.Optimizer,
    *,
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
    carry: bool = False,
    **options,
) -> Iterator[Step]:
    """Learn from each batch once. All training goes through this loop.

    Parameters
    ----------
    model, optimizer
        See `train_step`. The model is put into training mode.
    batches : iterable of batches
        What to learn from.
    scheduler : LRScheduler, optional
        Stepped after each batch.
    carry : bool
        Whether a batch begins with the state in which the one before ended, cut off from its graph
        (truncated backpropagation through time). The state is then added to the inputs; the first
        batch has None, which is zeros.
    **options
        The rest of what `train_step` takes: `loss_function` and `max_norm`.

    Yields
    ------
    Step
        After each batch. Whoever stops listening stops the training.

    Raises
    ------
    FloatingPointError
        If the loss or the gradient is not finite; the message says in which batch.
    """
    model.train()
    state = None
    for number, (inputs, targets) in enumerate(batches, start=1):
        if carry:
            inputs = (*inputs, state)
        with _named(f"batch {number}: "):
            step = train_step(model, (inputs, targets), optimizer, **options)
        if carry:  # the next batch reads on from here, and no gradient comes back
            state = detach(step.state)
        if scheduler is not None:
            scheduler.step()
        yield step


def train(
    model: nn.Module,
    batches: Iterable[Batch],
    steps: int,
    *,
    optimizer: torch.optim.Optimizer,
    report: Callable[[int, Step], None] | None = None,
    **options,
) -> list[float]:
    """Train for a number of steps, and pass over the batches as often as that takes.

    Parameters
    ----------
    model, batches, optimizer, **options
        See `train_pass`. A state that is carried begins with zeros again at each pass.
    steps : int
        How many batches to learn from.
    report : callable, optional
        Called after each step with its number, from 1, and the step.

    Returns
    -------
    list of float
        The loss of each batch before it was learned from.

    Raises
    ------
    FloatingPointError
        If the loss or the gradient is not finite; the message says in which pass and batch.
    TypeError, ValueError
        If `steps` is not an integer of at least 1, or a pass holds no batch.
    """
    _arguments.integer("steps", steps, 1)
    losses: list[float] = []
    for number in itertools.count(1):
        before = len(losses)
        with _named(f"pass {number}, "):
            one_pass = train_pass(model, batches, optimizer, **options)
            for step in itertools.islice(one_pass, steps - before):
                losses.append(step.loss)
                if report is not None:
                    report(len(losses), step)
        if len(losses) == steps:
            return losses
        if len(losses) == before:
            raise ValueError("batches must hold at least one batch in each pass, got none")


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
    model: nn.Module, batches: Iterable[Batch], objective: Objective = CLASSIFICATION
) -> tuple[float, float | None]:
    """Measure a model in evaluation mode, each example weighing the same.

    Returns
    -------
    loss, score : float
        The mean loss and the metric of the objective, for a classifier the accuracy; None for an
        objective without a metric.

    Raises
    ------
    ValueError
        If `batches` holds none.
    """
    average = _Average(objective)
    with evaluation_mode(model):
        for inputs, targets in batches:
            outputs, _ = call(model, inputs)
            average.add(objective.loss(outputs, targets).item(), outputs, targets)
    if not average.examples:
        raise ValueError("batches must hold at least one batch, got none")
    return average.loss, average.score


def fit(
    model: nn.Module,
    train_batches: Iterable[Batch],
    validation_batches: Iterable[Batch],
    *,
    epochs: int,
    optimizer: torch.optim.Optimizer,
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
    step_scheduler: str | None = None,
    objective: Objective = CLASSIFICATION,
    max_norm: float = 1.0,
    patience: int | None = None,
    checkpoint: str | Path | None = None,
    progress: bool = True,
) -> History:
    """Train a model and leave it with the weights of its best epoch on the validation set.

    Parameters
    ----------
    model : Module
        Called with a batch's inputs; returns what the objective judges, by default logits
        (batch, classes).
    train_batches, validation_batches : iterable of batches
        Iterated over once an epoch; see `rnn_tutorial.data.batching.Batches`.
    epochs : int
        How many epochs to run at most, those before a resumption included.
    optimizer : Optimizer
        Holds the parameters of the model that are not frozen, those of the loss if it has any, and
        no others.
    scheduler : LRScheduler, optional
        Changes the learning rate of `optimizer`.
    step_scheduler : {"batch", "epoch"}, optional
        After what to step it. By default as torch's documentation says: after each batch for
        ``OneCycleLR`` and ``CyclicLR``, after each epoch for all others. ``ReduceLROnPlateau`` is
        shown the validation loss if its mode is "min", and the metric if it is "max".
    objective : Objective
        The loss, the metric, and which of them chooses the best epoch; by default cross-entropy and
        the share of right answers, which chooses. ``Objective(loss, MACRO_RECALL)`` suits classes
        of very different sizes.
    max_norm : float
        The gradient is rescaled to this norm if its norm is greater (`clip_grad_norm_`).
    patience : int, optional
        Stop when no epoch has been a new best one for that many epochs.
    checkpoint : path, optional
        The file that the run is saved to after each epoch. If it exists, the run goes on from it
        (`rnn_tutorial.training.resuming.Run`) and ends with the same weights, bit for bit, as one
        that was not cut off. Build model, batches, optimizer and scheduler as for the first run;
        the settings of the optimizer come from the file, and so do the states of the generators,
        that of the batches and torch's own (on the CPU).
    progress : bool
        Whether to show a progress bar. ``TQDM_DISABLE=1`` hides it everywhere, and without tqdm
        there is none.

    Returns
    -------
    History
        One entry for each epoch that was run.

    Raises
    ------
    TypeError, ValueError
        If `epochs` or `patience` is not an integer or below 1, `max_norm` is not positive,
        `optimizer` lacks a parameter of the model or holds a stranger, `scheduler` is of another
        optimizer or cannot be stepped so, there is no batch, the folder of `checkpoint` is missing,
        or the file was not written by this function or belongs to another run.
    FloatingPointError
        If the loss or the gradient is not finite; the message says in which epoch and batch.
    """
    _check_settings(epochs, patience, max_norm, checkpoint)
    _check_optimizer(model, optimizer, objective.loss)
    per_batch = _steps_per_batch(scheduler, step_scheduler, optimizer, objective)
    history = History(objective=objective)
    generator = getattr(train_batches, "generator", None)
    run = Run(model, optimizer, scheduler, generator, history)
    if checkpoint is not None and Path(checkpoint).exists():
        run.resume(checkpoint)
    with _progress_bar(epochs, len(history), progress) as bar:
        while len(history) < epochs and not _out_of_patience(history, patience):
            with _named(f"epoch {len(history) + 1}, "):
                learned = _learn(
                    model,
                    train_batches,
                    optimizer,
                    scheduler if per_batch else None,
                    objective,
                    max_norm,
                )
            loss, score = measure(model, validation_batches, objective)
            if not math.isfinite(loss):
                raise FloatingPointError(f"epoch {len(history) + 1}: the validation loss is {loss}")
            history.epochs.append(Epoch(validation_loss=loss, validation_score=score, **learned))
            if history.best == len(history) - 1:
                run.best_weights = copy.deepcopy(model.state_dict())
            if scheduler is not None and not per_batch:
                _step_after_epoch(scheduler, loss, score)
            if checkpoint is not None:
                run.save(checkpoint)
            if bar is not None:
                name = "loss" if objective.metric is None else objective.metric.name
                bar.set_postfix({f"validation_{name}": f"{loss if score is None else score:.3f}"})
                bar.update()
    model.load_state_dict(run.best_weights)
    return history


def _check_settings(epochs, patience, max_norm, checkpoint):
    _arguments.positive_integers(epochs=epochs, patience=1 if patience is None else patience)
    _check_max_norm(max_norm)
    if checkpoint is not None and not Path(checkpoint).parent.is_dir():
        raise ValueError(f"checkpoint must be in a folder that exists, got {checkpoint}")


def _check_optimizer(model, optimizer, loss):
    own = dict(model.named_parameters())
    if isinstance(loss, nn.Module):
        own |= {f"loss.{name}": parameter for name, parameter in loss.named_parameters()}
    held = {id(p): p for group in optimizer.param_groups for p in group["params"]}
    missing = [name for name, p in own.items() if p.requires_grad and id(p) not in held]
    if missing:
        raise ValueError(
            f"optimizer must hold the model's parameters, but lacks {', '.join(missing)}; build it "
            f"after the last change of the model, or freeze what is not to be trained with "
            f"requires_grad_(False)"
        )
    strangers = held.keys() - {id(p) for p in own.values()}
    if strangers:
        shapes = ", ".join(str(tuple(held[stranger].shape)) for stranger in strangers)
        raise ValueError(
            f"optimizer must hold the model's parameters only, got strangers of shape {shapes}; "
            f"build it after the last change of the model"
        )


def _steps_per_batch(scheduler, step_scheduler, optimizer, objective):
    """Tell whether the scheduler is stepped after each batch, and refuse what cannot be."""
    if step_scheduler is not None:
        _arguments.choice("step_scheduler", step_scheduler, ("batch", "epoch"))
    if scheduler is None:
        return False
    if getattr(scheduler, "optimizer", optimizer) is not optimizer:
        raise ValueError("scheduler must be of the optimizer that is given, got one of another")
    per_batch = step_scheduler == "batch" or (
        step_scheduler is None and isinstance(scheduler, PER_BATCH)
    )
    if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
        metric = objective.metric
        if per_batch:
            raise ValueError("step_scheduler must be 'epoch' for ReduceLROnPlateau, got 'batch'")
        if scheduler.mode == "max" and (metric is None or not metric.higher_is_better):
            raise ValueError("scheduler must have mode 'min': there is no score that should rise")
    return per_batch


def _step_after_epoch(scheduler, loss, score):
    if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
        scheduler.step(loss if scheduler.mode == "min" else score)
    else:
        scheduler.step()


def _check_max_norm(max_norm):
    if not max_norm > 0:
        raise ValueError(f"max_norm must be positive, got {max_norm}")


@contextlib.contextmanager
def _named(place):
    """Say in the message of a FloatingPointError where it happened."""
    try:
        yield
    except FloatingPointError as error:
        raise FloatingPointError(f"{place}{error}") from error


def _progress_bar(epochs, done, shown):
    """Return the bar to be entered, which is None where tqdm is not installed."""
    try:
        from tqdm import tqdm
    except ModuleNotFoundError:
        return contextlib.nullcontext()
    # without an argument, TQDM_DISABLE decides
    hidden = {} if shown else {"disable": True}
    return tqdm(total=epochs, initial=done, unit="epoch", **hidden)


class _Average:
    """Mean loss of the examples, and mean score of the answers."""

    def __init__(self, objective):
        self.total_loss, self.examples = 0.0, 0
        self.mean = None if objective.metric is None else MeanScore(objective.metric)

    def add(self, loss, outputs, targets):
        self.total_loss += loss * len(targets)
        self.examples += len(targets)
        if self.mean is not None:
            self.mean.add(outputs, targets)

    @property
    def loss(self):
        return self.total_loss / self.examples

    @property
    def score(self):
        return None if self.mean is None else self.mean.value


def _learn(model, batches, optimizer, scheduler, objective, max_norm):
    """Learn from each batch once; return what the epoch measured on the way."""
    average, norms = _Average(objective), []
    for step in train_pass(
        model, batches, optimizer,
        scheduler=scheduler, loss_function=objective.loss, max_norm=max_norm,
    ):  # fmt: skip
        average.add(step.loss, step.outputs, step.targets)
        norms.append(step.gradient_norm)
    if not norms:
        raise ValueError("train_batches must hold at least one batch, got none")
    return {
        "train_loss": average.loss,
        "train_score": average.score,
        "gradient_norm": sum(norms) / len(norms),
        "clipped": sum(norm > max_norm for norm in norms) / len(norms),
    }


def _out_of_patience(history, patience):
    return patience is not None and len(history) > 0 and len(history) - history.best > patience
