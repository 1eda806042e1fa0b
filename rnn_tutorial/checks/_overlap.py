"""Whether the test set holds anything that training has seen."""

from collections.abc import Iterable, Sequence

import numpy as np
from torch import Tensor

from rnn_tutorial.checks._outcomes import FaultError, SkipError, number


def overlap(train: Iterable | None, test: Iterable | None) -> str:
    """Look for test items among the training items, and for windows that share steps."""
    if train is None or test is None:
        raise SkipError("no train and test items are given")
    train, test = list(train), list(test)
    if not train or not test:
        raise SkipError("train or test is empty")
    seen = {_key(item) for item in train}
    again = sum(_key(item) in seen for item in test)
    if again:
        raise FaultError(
            "M-leak", f"{again} of {len(test)} test items ({again / len(test):.0%}) are in train"
        )
    runs = _shared_runs(train, test)
    if runs:
        raise FaultError(
            "M-leak",
            f"{runs} of {len(test)} test windows ({runs / len(test):.0%}) share steps with windows "
            "of training",
        )
    return f"{number(len(test))} test items, none of them among {number(len(train))} of training"


def _key(item: object):
    """Make an item comparable; texts that differ only in capitals or white space are the same."""
    if isinstance(item, str):
        return " ".join(item.split()).casefold()
    if isinstance(item, Tensor):
        item = item.detach().cpu().numpy()
    if isinstance(item, np.ndarray):
        return item.shape, item.tobytes()
    if isinstance(item, Sequence):
        return tuple(_key(part) for part in item)
    return item


def _shared_runs(train: list, test: list) -> int:
    """Count test windows that share a run of real numbers, or of many tokens, with a training one.

    Two equal steps of real numbers in a row cannot be chance; of tokens it takes half a window, and
    at least eight.
    """
    first = _steps(train[0])
    if first is None or len(first) < 3:
        return 0
    run = (
        2
        if any(isinstance(value, float) for value in np.ravel(first[0]).tolist())
        else max(8, len(first) // 2)
    )
    if run > len(first):
        return 0
    seen = {key for item in train for key in _runs(item, run)}
    return sum(any(key in seen for key in _runs(item, run)) for item in test)


def _steps(item: object):
    if isinstance(item, str):
        return None
    if isinstance(item, Tensor):
        item = item.detach().cpu().numpy()
    return np.asarray(item) if isinstance(item, np.ndarray | Sequence) else None


def _runs(item: object, length: int):
    steps = _steps(item)
    for start in range(len(steps) - length + 1):
        part = np.ascontiguousarray(steps[start : start + length])
        if len(np.unique(part)) > 1:  # a constant run says nothing
            yield part.tobytes()
