"""Hidden tests of `report`."""

import math

import torch
from checking import call_alone, close, expect
from drawing import generator


def _answers(offset, sizes, classes):
    """Draw targets with `sizes` examples a class, and predictions of any class."""
    targets = torch.tensor([label for label, size in enumerate(sizes) for _ in range(size)])
    targets = targets[torch.randperm(len(targets), generator=generator(offset))]
    predictions = torch.randint(classes, targets.shape, generator=generator(offset + 1))
    right = torch.rand(len(targets), generator=generator(offset + 2)) < 0.5
    return targets, torch.where(right, targets, predictions)


def _shares(targets, predictions, classes):
    shares = torch.full((classes, classes), math.nan, dtype=torch.float64)
    for i in range(classes):
        given = predictions[targets == i]
        for j in range(classes if len(given) else 0):
            shares[i, j] = (given == j).sum() / len(given)
    return shares


def _report(env, targets, predictions, classes, key):
    found = call_alone(env, "report", targets.clone(), predictions.clone(), classes)
    keys = ("confusion", "confused", "macro_recall")
    expect(
        isinstance(found, dict) and sorted(found) == sorted(keys),
        f"`report` must return a dictionary with {', '.join(keys)}.",
    )
    return found[key]


# sizes of classes: all, unequal, one of them empty, one class that dominates
_SIZES = ([7, 5, 9], [2, 60, 5, 11], [4, 0, 30, 6, 3], [300, 4, 6])


def report_confusion(env):
    """Rows are truths, entries are shares, an empty class has no row."""
    for offset, sizes in enumerate(_SIZES):
        classes = len(sizes)
        targets, predictions = _answers(10 * offset, sizes, classes)
        found = _report(env, targets, predictions, classes, "confusion")
        wanted = _shares(targets, predictions, classes)
        expect(isinstance(found, torch.Tensor), "The confusion must be a tensor.")
        expect(found.shape == wanted.shape, "The confusion must be (classes, classes).")
        empty = wanted.isnan()
        expect(bool((found.isnan() == empty).all()), "NaN belongs to rows of empty classes only.")
        text = f"An entry is wrong where the classes have {sizes} examples."
        close(found[~empty], wanted[~empty], text, tolerance=1e-6)


def report_recall(env):
    """Each class that has examples weighs the same."""
    for offset, sizes in enumerate(_SIZES):
        classes = len(sizes)
        targets, predictions = _answers(10 * offset, sizes, classes)
        found = _report(env, targets, predictions, classes, "macro_recall")
        wanted = float(_shares(targets, predictions, classes).diagonal().nanmean())
        try:
            right = math.isclose(float(found), wanted, abs_tol=1e-6)
        except (TypeError, ValueError):
            right = False
        expect(right, f"The macro recall is wrong where the classes have {sizes} examples.")


def report_confused(env):
    """The pair of classes with the largest share of mistakes."""
    for offset, sizes in enumerate((*_SIZES, [5, 400], [9, 3, 200, 8])):
        classes = len(sizes)
        targets, predictions = _answers(10 * offset, sizes, classes)
        found = _report(env, targets, predictions, classes, "confused")
        shares = _shares(targets, predictions, classes).nan_to_num().fill_diagonal_(-1)
        wanted = divmod(int(shares.argmax()), classes)
        try:
            right = tuple(int(label) for label in found) == wanted
        except TypeError:
            right = False
        expect(right, f"Another pair is confused most where the classes have {sizes} examples.")
