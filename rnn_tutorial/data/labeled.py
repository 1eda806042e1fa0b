"""Texts with a class each, and how to split them into parts that share no text."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral
from typing import NamedTuple

from rnn_tutorial import _arguments
from rnn_tutorial._extras import needs
from rnn_tutorial.data.text import clean


@dataclass(frozen=True)
class LabeledTexts:
    """Texts, the class of each as an index, and the names of the classes.

    Parameters
    ----------
    texts : tuple of str
        The texts, N of them.
    labels : tuple of int
        N indices into `classes`.
    classes : tuple of str
        The class names; the position is the label.

    Raises
    ------
    ValueError
        If the lengths differ, a label is not an index into `classes`, or a class name is repeated.
    """

    texts: tuple[str, ...]
    labels: tuple[int, ...]
    classes: tuple[str, ...]

    def __post_init__(self):
        if len(self.texts) != len(self.labels):
            raise ValueError(
                f"texts and labels must have the same length, "
                f"got {len(self.texts)} and {len(self.labels)}"
            )
        if len(set(self.classes)) != len(self.classes):
            raise ValueError(f"classes must be distinct, got {self.classes}")
        for label in set(self.labels):
            if not isinstance(label, Integral) or not 0 <= label < len(self.classes):
                raise ValueError(
                    f"labels must be indices from 0 to {len(self.classes) - 1}, got {label}"
                )

    def __len__(self):
        return len(self.texts)

    def counts(self) -> dict[str, int]:
        """Count the texts of each class, in the order of `classes`."""
        counts = Counter(self.labels)
        return {name: counts[label] for label, name in enumerate(self.classes)}

    def label(self, name: str) -> int:
        """Return the label of a class name.

        Raises
        ------
        ValueError
            If there is no such class; the message lists the classes.
        """
        if name not in self.classes:
            raise ValueError(f"name must be one of {', '.join(self.classes)}, got {name!r}")
        return self.classes.index(name)

    def select(self, indices: Iterable[int]) -> "LabeledTexts":
        """Return the texts at `indices`, in that order, with all the classes."""
        indices = list(indices)
        return LabeledTexts(
            tuple(self.texts[i] for i in indices),
            tuple(self.labels[i] for i in indices),
            self.classes,
        )

    def without(self, *names: str) -> "LabeledTexts":
        """Return the texts of all classes except `names`; the labels keep their meaning."""
        left_out = {self.label(name) for name in names}
        return self.select(i for i, label in enumerate(self.labels) if label not in left_out)


class Split(NamedTuple):
    """Three disjoint parts of one data set."""

    train: LabeledTexts
    validation: LabeledTexts
    test: LabeledTexts


def deduplicate(data: LabeledTexts) -> LabeledTexts:
    """Keep one of several texts that differ only in capitals, spacing or Unicode form.

    Where such texts carry different labels, none of them is kept: there is no right answer.

    Returns
    -------
    LabeledTexts
        The first text of each group, in the order of `data`.

    Raises
    ------
    TypeError
        If `data` is not LabeledTexts.
    """
    if not isinstance(data, LabeledTexts):
        raise TypeError(f"data must be LabeledTexts, got {type(data).__name__}")
    first, seen_labels = {}, {}
    for index, (text, label) in enumerate(zip(data.texts, data.labels, strict=True)):
        key = clean(text, lowercase=True)
        first.setdefault(key, index)
        seen_labels.setdefault(key, set()).add(label)
    return data.select(index for key, index in first.items() if len(seen_labels[key]) == 1)


def split(
    data: LabeledTexts, *, validation: float = 0.1, test: float = 0.2, seed: int = 0
) -> Split:
    """Deduplicate, then split into train, validation and test, stratified by class.

    Parameters
    ----------
    data : LabeledTexts
        What to split.
    validation, test : float
        The shares of the deduplicated data; what is left is for training.
    seed : int
        The same seed gives the same split.

    Returns
    -------
    Split
        The three parts. None of them shares a text with another, even with other capitals.

    Raises
    ------
    ValueError
        If a share is not between 0 and 1, nothing is left for training, or a class has too few
        texts to appear in each part.
    TypeError
        If `data` is not LabeledTexts, or a share or `seed` is not a number.
    """
    validation = _arguments.share("validation", validation)
    test = _arguments.share("test", test)
    seed = _arguments.integer("seed", seed, 0)
    if validation + test >= 1:
        raise ValueError(
            f"validation and test must leave a share for training, got {validation} + {test}"
        )
    data = deduplicate(data)
    if not len(data):
        raise ValueError("data must hold at least one text, got none")
    needs("data", "sklearn")

    from sklearn.model_selection import train_test_split

    try:
        rest, test_indices = train_test_split(
            range(len(data)), test_size=test, random_state=seed, stratify=data.labels
        )
        train_indices, validation_indices = train_test_split(
            rest,
            test_size=validation / (1 - test),
            random_state=seed,
            stratify=[data.labels[i] for i in rest],
        )
    except ValueError as error:
        raise ValueError(f"data cannot be split into these shares: {error}") from error
    parts = Split(*map(data.select, (train_indices, validation_indices, test_indices)))
    for part, texts in parts._asdict().items():
        missing = set(data.labels) - set(texts.labels)
        if missing:
            names = ", ".join(data.classes[label] for label in sorted(missing))
            raise ValueError(f"data must hold more texts of {names}: none would be in {part}")
    return parts
