"""The front door: one call runs all checks."""

from collections.abc import Callable, Iterable
from functools import partial

from torch import nn

from rnn_tutorial.checks import (
    _data_checks,
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
from rnn_tutorial.checks._copies import seed_all, undisturbed
from rnn_tutorial.checks._outcomes import FaultError, SkipError
from rnn_tutorial.checks._report import FAIL, NOT_APPLICABLE, PASS, Report, Result
from rnn_tutorial.checks._subject import Subject

CHECKS: dict[str, Callable[[Subject], str]] = {
    "runs": _reading_checks.runs,
    "scale": _data_checks.scale,
    "target": _data_checks.target,
    "repeatable": _reading_checks.repeatable,
    "padding": _reading_checks.padding,
    "zeros": _data_checks.zeros,
    "rows": _reading_checks.rows,
    "causality": _reading_checks.causality,
    "chunks": _reading_checks.chunks,
    "memory": _state_checks.memory,
    "interplay": _state_checks.interplay,
    "weights": _gradient_checks.weights,
    "registered": _weight_checks.registered,
    "tokens": _weight_checks.tokens,
    "slope": _gradient_checks.slope,
    "dropout": _state_checks.dropout,
    "start": _loss_checks.start,
    "logits": _loss_checks.logits,
    "scored": _loss_checks.scored,
    "shift": _loss_checks.shift,
    "pairs": _scoring_checks.pairs,
    "edges": _scoring_checks.edges,
    "ctc": _scoring_checks.ctc,
    "overfit": _training_checks.overfit,
    "step": _step_checks.step,
    "optimizer": _step_checks.optimizer,
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
    batch : pair or triple
        ``(inputs, targets)``, where inputs are a tensor (batch, time, ...) of tokens or features, a
        pair of it and the lengths (batch,), or a PackedSequence; or ``(inputs, lengths, targets)``.
        With batch_first=False, (time, batch, ...). Eight rows of ten or twenty steps are plenty.
        Targets may be None; the checks of the loss then do not apply.
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
        If the lengths or an option do not fit.

    Notes
    -----
    An error in the model is a finding and is not raised. The random states of torch, NumPy and
    Python are restored.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module, got {type(model).__name__}")
    if adapter is not None and options:
        raise TypeError(f"adapter and {', '.join(options)} cannot both be given")
    adapter = adapter or Adapter(**options)
    with undisturbed():
        seed_all(0)
        subject = Subject(model, batch, adapter)
        results, stopped = [], ""
        for name, check in CHECKS.items():
            if stopped:
                results.append(Result(name, NOT_APPLICABLE, stopped))
                continue
            results.append(_result(name, partial(check, subject)))
            if name == "runs" and results[-1].verdict == FAIL and not subject.settled:
                stopped = "the model does not run"
        results.append(_result("overlap", partial(_overlap.overlap, train, test)))
    return Report(tuple(results))


def _result(name: str, check: Callable[[], str]) -> Result:
    try:
        return Result(name, PASS, check())
    except FaultError as fault:
        return Result(name, FAIL, str(fault), fault.misconception)
    except SkipError as skip:
        return Result(name, NOT_APPLICABLE, str(skip))
    except Exception as error:
        reason = f"the check could not be made: {type(error).__name__}: {error}"
        return Result(name, NOT_APPLICABLE, reason)
