"""Texts with a class each, and how to split them into parts that share no text."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from numbers import Integral
from typing import NamedTuple

from rnn_tutorial import _arguments
from rnn_tutorial._extras import needs
from rnn_tutorial.data.text import clean


@dataclass(frozen=True)
class LabeledTexts:
    """Texts, the class of each as an index, and the names of the classes.

    Lists, arrays and columns of pandas will do as arguments; the attributes are tuples.

    Parameters
    ----------
    texts : sequence of str
        The texts, N of them.
    labels : sequence of int or of str
        N indices into `classes`, or N names of classes; the attribute holds the indices.
    classes : sequence of str, optional
        The class names; the position is the label. Without them, the names among the labels, in
        alphabetical order.
    notes : sequence of str
        What is to be said about them; see `rnn_tutorial.data.own_texts.read_texts`.

    Raises
    ------
    TypeError
        If a text is not a string, or `labels` are indices and there are no `classes`.
    ValueError
        If the lengths differ, a label is not an index into `classes` nor one of them, or a class
        name is repeated.
    """

    texts: tuple[str, ...]
    labels: tuple[int, ...]
    classes: tuple[str, ...] | None = None
    notes: tuple[str, ...] = field(default=(), repr=False, compare=False)

    def __post_init__(self):
        for name in ("texts", "labels", "classes"):
            if isinstance(getattr(self, name), str):
                raise TypeError(f"{name} must be several, got the str {getattr(self, name)!r}")
        texts, labels = tuple(self.texts), tuple(self.labels)
        if len(texts) != len(labels):
            raise ValueError(
                f"texts and labels must have the same length, got {len(texts)} and {len(labels)}"
            )
        for position, text in enumerate(texts):
            if not isinstance(text, str):
                raise TypeError(
                    f"texts must be str, got {text!r} ({type(text).__name__}) at position "
                    f"{position}; read_texts leaves out rows without a text"
                )
        classes = self._classes(labels)
        object.__setattr__(self, "texts", texts)
        object.__setattr__(self, "labels", _indices(labels, classes))
        object.__setattr__(self, "classes", classes)
        object.__setattr__(self, "notes", tuple(self.notes))

    def _classes(self, labels):
        if self.classes is None:
            if not all(isinstance(label, str) for label in labels):
                raise TypeError("classes must be given, unless all labels are str")
            return tuple(sorted(set(labels)))
        classes = tuple(self.classes)
        if len(set(classes)) != len(classes):
            raise ValueError(f"classes must be distinct, got {classes}")
        return classes

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


def _indices(labels, classes):
    index = {name: position for position, name in enumerate(classes)}
    found = []
    for position, label in enumerate(labels):
        if isinstance(label, str):
            if label not in index:
                raise ValueError(
                    f"labels must be among the classes {', '.join(map(str, classes))}, "
                    f"got {label!r} at position {position}"
                )
            found.append(index[label])
        elif isinstance(label, Integral) and 0 <= label < len(classes):
            found.append(int(label))
        else:
            raise ValueError(
                f"labels must be indices from 0 to {len(classes) - 1} or names of classes, "
                f"got {label!r} at position {position}"
            )
    return tuple(found)


class Dropped(NamedTuple):
    """The positions of texts that a split leaves out, in three groups.

    Attributes
    ----------
    blank : tuple of int
        Texts without a character that can be seen.
    repeated : tuple of int
        Texts that look like an earlier one with the same label.
    contradictory : tuple of int
        Texts that look alike and have different labels, all of them.
    """

    blank: tuple[int, ...]
    repeated: tuple[int, ...]
    contradictory: tuple[int, ...]


@dataclass(frozen=True)
class Split:
    """Three disjoint parts of one data set, to be unpacked, and what was left out of them."""

    train: LabeledTexts
    validation: LabeledTexts
    test: LabeledTexts
    dropped: Dropped

    def __iter__(self) -> Iterator[LabeledTexts]:
        return iter((self.train, self.validation, self.test))

    def __str__(self):
        sizes = [f"{name} {len(getattr(self, name)):,}" for name in ("train", "validation", "test")]
        left_out = [f"{len(rows):,} {why}" for why, rows in self.dropped._asdict().items() if rows]
        return f"{', '.join(sizes)}\nleft out: {', '.join(left_out) or 'none'}"


def same_texts(data: LabeledTexts) -> tuple[list[int], Dropped]:
    """Find the texts that differ only in capitals, spacing or Unicode form; see `clean`.

    Returns
    -------
    kept : list of int
        The position of the first text of each group whose labels agree.
    dropped : Dropped
        The positions of all others.

    Raises
    ------
    TypeError
        If `data` is not LabeledTexts.
    """
    if not isinstance(data, LabeledTexts):
        raise TypeError(f"data must be LabeledTexts, got {type(data).__name__}")
    groups = {}
    for position, text in enumerate(data.texts):
        groups.setdefault(clean(text, lowercase=True), []).append(position)
    blank = groups.pop("", [])
    kept, repeated, contradictory = [], [], []
    for group in groups.values():
        if len({data.labels[position] for position in group}) > 1:
            contradictory += group
        else:
            kept.append(group[0])
            repeated += group[1:]
    return kept, Dropped(*(tuple(sorted(rows)) for rows in (blank, repeated, contradictory)))


def deduplicate(data: LabeledTexts) -> LabeledTexts:
    """Keep one of several texts that differ only in capitals, spacing or Unicode form.

    Where such texts carry different labels, none of them is kept: there is no right answer. A blank
    text is not kept either.

    Returns
    -------
    LabeledTexts
        The first text of each group, in the order of `data`.

    Raises
    ------
    TypeError
        If `data` is not LabeledTexts.
    """
    kept, _ = same_texts(data)
    return data.select(kept)


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
        ``dropped`` has the positions of what is in none of them, and ``print`` tells how many.

    Raises
    ------
    ValueError
        If a share is not between 0 and 1, nothing is left for training, or a class has too few
        texts to appear in each part; the message names it.
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
    kept, dropped = same_texts(data)
    _refuse_small_classes(data, kept)
    data = data.select(kept)
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
    parts = Split(*map(data.select, (train_indices, validation_indices, test_indices)), dropped)
    for name, part in zip(("train", "validation", "test"), parts, strict=True):
        missing = set(data.labels) - set(part.labels)
        if missing:
            names = ", ".join(data.classes[label] for label in sorted(missing))
            raise ValueError(
                f"data must hold more texts of {names}: none would be in {name}; collect more, or "
                f"leave classes out with without()"
            )
    return parts


def _refuse_small_classes(data, kept):
    if not kept:
        raise ValueError(f"data must hold at least one text, got none of {len(data)} to keep")
    counts = Counter(data.labels[position] for position in kept)
    small = [
        f"{data.classes[label]} ({counts[label]})"
        for label in sorted(set(data.labels))
        if counts[label] < 3
    ]
    if small:
        raise ValueError(
            f"data must hold three different texts of each class, one for each part, "
            f"got too few of {', '.join(small)}; collect more, or leave classes out with without()"
        )
