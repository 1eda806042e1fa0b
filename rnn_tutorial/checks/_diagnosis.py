"""The front door: one call runs all checks."""

from collections.abc import Callable, Iterable
from functools import partial

from torch import nn
from torch.utils.data import DataLoader

from rnn_tutorial.checks import (
    _data_checks,
    _forms,
    _gradient_checks,
    _loss_checks,
    _overlap,
    _reading_checks,
    _scoring_checks,
    _state_checks,
    _step_checks,
    _training_checks,
    _weight_checks,
)
from rnn_tutorial.checks._adapter import Adapter
from rnn_tutorial.checks._answers import ShapeError
from rnn_tutorial.checks._copies import seed_all, undisturbed
from rnn_tutorial.checks._outcomes import FaultError, SkipError
from rnn_tutorial.checks._report import FAIL, NOT_APPLICABLE, PASS, Report, Result
from rnn_tutorial.checks._subject import Subject

CHECKS: dict[str, Callable[[Subject], str]] = {
    "runs": _reading_checks.runs,
    "scale": _data_checks.scale,
    "target": _data_checks.target,
    "repeatable": _reading_checks.repeatable,
    "rows": _reading_checks.rows,
    "padding": _reading_checks.padding,
    "zeros": _data_checks.zeros,
    "causality": _reading_checks.causality,
    "chunks": _reading_checks.chunks,
    "memory": _state_checks.memory,
    "interplay": _state_checks.interplay,
    "registered": _weight_checks.registered,
    "weights": _gradient_checks.weights,
    "tokens": _weight_checks.tokens,
    "slope": _gradient_checks.slope,
    "dropout": _state_checks.dropout,
    "start": _loss_checks.start,
    "logits": _loss_checks.logits,
    "scored": _loss_checks.scored,
    "shift": _loss_checks.shift,
    "ctc": _scoring_checks.ctc,
    "pairs": _scoring_checks.pairs,
    "edges": _scoring_checks.edges,
    "overfit": _training_checks.overfit,
    "step": _step_checks.step,
    "optimizer": _step_checks.optimizer,
}

# What is not asked after a check has failed, because its failure explains what they would see.
EXPLAINED = {
    "runs": tuple(CHECKS),  # unless the model answers the whole batch with finite numbers
    "rows": ("padding", "causality", "chunks", "memory", "interplay"),
    "memory": ("interplay",),
    "scale": ("memory", "interplay", "weights", "slope", "overfit"),
    "registered": ("weights",),
    "ctc": ("pairs", "step"),
    "pairs": ("overfit", "step"),
    "M-constant": ("interplay", "weights", "overfit", "step"),
}


def diagnose(
    model: nn.Module,
    batch,
    adapter: Adapter | None = None,
    *,
    train: Iterable | None = None,
    test: Iterable | None = None,
    **options,
) -> Report:
    """Try a recurrent model's behavior on a batch and say what is wrong with it.

    Parameters
    ----------
    model : Module
        Any model that reads sequences. It is not changed: everything is tried on copies.
    batch : pair, triple, dict or DataLoader
        ``(inputs, targets)``, where inputs are a tensor (batch, time, ...) of tokens or features; a
        tuple of it, the lengths (batch,), and whatever else the model takes, in that order; a
        dictionary of what it takes by name; a PackedSequence; or a list of sequences of different
        lengths. ``(inputs, lengths, targets)`` and ``(inputs, targets, lengths)`` too, and one
        dictionary with "labels" or "targets" in it. Of a DataLoader the first batch is taken. With
        batch_first=False, (time, batch, ...). Eight rows of ten or twenty steps are plenty.
        A mask (batch, time) of real steps, or of padding, is seen as such. The sequences that the
        checks change are the first such input, or the one whose next steps are the targets, as a
        decoder's. Targets may be None, and the checks of the loss then do not apply, or several
        tensors, for a loss that takes them so, such as targets and their lengths.
    adapter : Adapter, optional
        What the checks need to know about the model and cannot see in the batch.
    train, test : iterables of texts, sequences or windows, optional
        What the model is trained on and tested on, to look for overlap.
    **options
        Fields of `Adapter`, in place of one.

    Returns
    -------
    Report
        A result for each check of `CHECKS`, and "overlap".

    Raises
    ------
    TypeError
        If `model` is not a Module, or `batch` does not have one of these forms.
    ValueError
        If the number of lengths or an option do not fit, or the DataLoader is empty.

    Notes
    -----
    An error in the model is a finding and is not raised. A check that cannot judge says so, why,
    and what would let it. One thread is used. The random states of torch, NumPy and Python are
    restored.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module, got {type(model).__name__}")
    if adapter is not None and options:
        raise TypeError(f"adapter and {', '.join(options)} cannot both be given")
    adapter = adapter or Adapter(**options)
    unknown = sorted(set(adapter.skip) - set(CHECKS))
    if unknown:
        raise ValueError(f"skip must hold names of checks, got {', '.join(map(repr, unknown))}")
    with undisturbed(model):
        seed_all(0)
        batch = _forms.first_of(batch) if isinstance(batch, DataLoader) else batch
        subject = Subject(model, batch, adapter)
        results, explained = [], dict.fromkeys(adapter.skip, "left out, as skip says")
        for name, check in CHECKS.items():
            if name in explained:
                results.append(Result(name, NOT_APPLICABLE, explained[name]))
                continue
            result = _result(name, partial(check, subject))
            results.append(result)
            for other in _explained(result):
                explained.setdefault(other, f"what {name} found explains what this would see")
            if not subject.settled:
                explained = dict.fromkeys(CHECKS, "the model could not be called; see runs")
        results.append(_result("overlap", partial(_overlap.overlap, train, test)))
    return Report(tuple(results))


def _explained(result: Result) -> tuple[str, ...]:
    """Return the checks that a result leaves nothing to ask."""
    if result.verdict != FAIL or (result.name == "runs" and result.misconception != "M-not-finite"):
        return ()
    return EXPLAINED.get(result.name, ()) + EXPLAINED.get(result.misconception, ())


def _result(name: str, check: Callable[[], str]) -> Result:
    try:
        return Result(name, PASS, check())
    except FaultError as fault:
        return Result(name, FAIL, str(fault), fault.misconception)
    except (SkipError, ShapeError) as skip:
        return Result(name, NOT_APPLICABLE, str(skip))
    except Exception as error:
        reason = f"the check could not be made: {type(error).__name__}: {error}"
        return Result(name, NOT_APPLICABLE, reason)
