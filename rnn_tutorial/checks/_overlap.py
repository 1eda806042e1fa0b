"""Whether the test set holds anything that training has seen.

Where such faults were met: windows cut before they were split in Y-debug-sys/Diffusion-TS #67;
windows that are scaled one by one in jaungiers/LSTM-Neural-Network-for-Time-Series-Prediction #40.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from torch import Tensor
from torch.utils.data import DataLoader

from rnn_tutorial.checks._outcomes import FaultError, SkipError, number
from rnn_tutorial.data.text import clean

CHANCE = 40  # bits that two runs must have in common
LABELS = ("label", "labels", "target", "targets", "y")  # what a dict may call what is asked for
SHAPE = 8  # steps after which two windows of the same form up to their scale are the same
TURNS = 3  # a form that bends to the other side less often, like a smooth curve, says nothing
MANY = 0.2  # share of the test windows; by chance a few may have a form in common
ROUNDING = 1e-3  # relative difference of slopes in single precision


def overlap(train: Iterable | None, test: Iterable | None) -> str:
    """Look for test items among the training items, and for windows that share steps.

    Of pairs and dicts the inputs are compared, without the labels.
    """
    if train is None or test is None:
        raise SkipError("no train and test items are given")
    train, test = _inputs(train), _inputs(test)
    if not train or not test:
        raise SkipError("train or test is empty")
    seen = {_key(item) for item in train}
    again = sum(_key(item) in seen for item in test)
    said = "({:.0%}) share steps with windows of training"
    for count, what in (
        (again, "items ({:.0%}) are in train"),
        (0 if again else _shared_runs(train, test), f"windows {said}"),
        (0 if again else _shared_forms(train, test), f"windows {said}, up to their scale"),
    ):
        if count:
            share = count / len(test)
            raise FaultError("M-leak", f"{count} of {len(test)} test {what.format(share)}")
    return f"{number(len(test))} test items, none of them among {number(len(train))} of training"


def _inputs(items: Iterable) -> list:
    """List the inputs of a Dataset, a loader, a frame or any iterable of items or pairs."""
    if isinstance(items, DataLoader):
        items = items.dataset
    if hasattr(items, "itertuples"):  # a data frame
        items = [tuple(row) for row in items.itertuples(index=False)]
    elif not hasattr(items, "__iter__"):
        items = [items[place] for place in range(len(items))]
    return [_without_label(item) for item in items]


def _without_label(item: object) -> object:
    if isinstance(item, Mapping):
        return [value for name, value in item.items() if str(name).lower() not in LABELS]
    if not isinstance(item, tuple | list) or len(item) < 2:
        return item
    first = item[0]
    arrays = isinstance(first, Tensor | np.ndarray) and first.ndim > 0
    if arrays or (isinstance(item, tuple) and isinstance(first, str | list)):
        return first if len(item) == 2 else item[:-1]
    return item


def _array(item: object) -> np.ndarray | None:
    """Return numbers as an array in single precision or of 64-bit integers, or None."""
    if isinstance(item, Tensor):
        item = item.detach().cpu().numpy()
    if isinstance(item, str) or not isinstance(item, np.ndarray | Sequence):
        return None
    try:
        item = np.asarray(item)
    except ValueError:  # rows of different lengths
        return None
    if item.dtype.kind == "f":
        return item.astype(np.float32) + np.float32(0)  # no negative zero
    return item.astype(np.int64) if item.dtype.kind in "biu" else None


def _key(item: object):
    """Make an item comparable; texts that look the same are the same, whatever their capitals."""
    if isinstance(item, str):
        return clean(item, lowercase=True)
    array = _array(item)
    if array is not None:
        return array.shape, array.tobytes()
    if isinstance(item, Sequence):
        return tuple(_key(part) for part in item)
    return item


def _shared_runs(train: list, test: list) -> int:
    """Count test windows that share a run of real numbers, or of many tokens, with a training one.

    Two equal steps of real numbers in a row cannot be chance, unless they were measured on a coarse
    scale; of tokens it takes half a window, and at least eight.
    """
    first = _array(train[0])
    if first is None or first.ndim == 0 or len(first) < 3:
        return 0
    run = max(8, len(first) // 2)
    if _real(first):
        run = max(2, math.ceil(CHANCE / sum(_bits(train))))
    if run > len(first):
        return 0
    seen = {key for item in train for key in _runs(item, run)}
    return sum(any(key in seen for key in _runs(item, run)) for item in test)


def _real(window: np.ndarray) -> bool:
    return window.dtype.kind == "f"


def _bits(windows: list) -> list[float]:
    """Say for each feature how many bits a step holds: few if its values are a coarse scale's."""
    flat = [_array(window).reshape(len(window), -1).astype(np.float64) for window in windows]
    values = np.concatenate(flat)  # (steps of all windows, features)
    changes = np.concatenate([np.diff(window, axis=0) for window in flat]).std(0)
    found = []
    for feature in range(values.shape[1]):
        gaps = np.diff(np.unique(values[:, feature]))
        multiples = gaps / gaps.min(initial=np.inf)
        coarse = len(gaps) > 2 and (abs(multiples - multiples.round()) < 0.01).all()
        levels = 1 + 4 * changes[feature] / gaps.min() if coarse else 2**20
        found.append(max(1.0, math.log2(levels)))
    return found


def _runs(item: object, length: int):
    steps = _array(item)
    for start in range(len(steps) - length + 1):
        part = np.ascontiguousarray(steps[start : start + length])
        if len(np.unique(part)) > 1:  # a constant run says nothing
            yield part.tobytes()


def _shared_forms(train: list, test: list) -> int:
    """Count test windows that hold a run of a training window on another scale.

    Each feature of a run is described by its steps relative to the longest of them, which neither
    an offset nor a factor changes. A few windows may have a form in common by chance.
    """
    windows = [[_array(item) for item in part] for part in (train, test)]
    if any(
        window is None or window.ndim == 0 or not _real(window) or len(window) < SHAPE
        for part in windows
        for window in part
    ):
        return 0
    features = [place for place, bits in enumerate(_bits(train)) if bits * SHAPE > CHANCE]
    (known, _), (forms, owners) = (_forms(part, features) for part in windows)
    if not len(known) or not len(forms):
        return 0
    known = known[np.argsort(known[:, 0])]
    found = set()
    starts = np.searchsorted(known[:, 0], forms[:, 0] - ROUNDING)
    ends = np.searchsorted(known[:, 0], forms[:, 0] + ROUNDING)
    for form, owner, start, end in zip(forms, owners, starts, ends, strict=True):
        if owner not in found and (abs(known[start:end] - form) < ROUNDING).all(1).any():
            found.add(owner)
    return len(found) if len(found) >= MANY * len(test) else 0


def _forms(windows: list[np.ndarray], features: list[int]) -> tuple[np.ndarray, list[int]]:
    """Describe all runs of some features; return a row for each, and whose it is."""
    rows, owners = [np.empty((0, SHAPE - 1))], []
    for owner, window in enumerate(windows):
        window = window.reshape(len(window), -1).astype(np.float64)
        for feature in features:
            runs = np.lib.stride_tricks.sliding_window_view(window[:, feature], SHAPE)
            slopes = np.diff(runs, axis=1)
            longest = abs(slopes).argmax(1)
            scale = slopes[np.arange(len(slopes)), longest]
            enough = abs(scale) > 1e-4 * abs(runs).max(1)  # else rounding has the word
            bends = np.diff(slopes, axis=1)
            enough &= (bends[:, 1:] * bends[:, :-1] < 0).sum(1) >= TURNS
            rows.append(slopes[enough] / scale[enough, None])
            owners += [owner] * int(enough.sum())
    return np.concatenate(rows), owners
