"""Judging a classifier with scikit-learn's metrics, and asking it about new text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import nn

from rnn_tutorial._extras import needs
from rnn_tutorial.data.batching import encoded, pad
from rnn_tutorial.data.text import Vocabulary
from rnn_tutorial.training.loop import Batch, call, evaluation_mode

AT_ONCE = 256  # texts that `predict` pads to the length of the longest


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The true and the predicted label of each example, and what follows from them.

    Parameters
    ----------
    targets, predictions : ndarray of int, (examples,)
        Labels.
    classes : sequence of str
        The class names; the position is the label.

    Raises
    ------
    ValueError
        If there is no example, the two arrays differ in shape, or a label is outside `classes`.
    """

    targets: np.ndarray
    predictions: np.ndarray
    classes: tuple[str, ...]

    def __post_init__(self):
        object.__setattr__(self, "targets", np.asarray(self.targets))
        object.__setattr__(self, "predictions", np.asarray(self.predictions))
        if len(self.targets) == 0 or self.targets.shape != self.predictions.shape:
            raise ValueError(
                f"targets and predictions must have the same shape and at least one element, "
                f"got {self.targets.shape} and {self.predictions.shape}"
            )
        for name in ("targets", "predictions"):
            outside = sorted(set(getattr(self, name).tolist()) - set(range(len(self.classes))))
            if outside:
                raise ValueError(
                    f"{name} must be labels from 0 to {len(self.classes) - 1}, got {outside}"
                )

    @cached_property
    def accuracy(self) -> float:
        """The share of correct answers."""
        needs("data", "sklearn")

        from sklearn.metrics import accuracy_score

        return float(accuracy_score(self.targets, self.predictions))

    @cached_property
    def per_class(self):
        """A pandas.DataFrame of precision, recall, F1 and number of examples by class.

        It has a row for each class with an example. A class that is never predicted has
        precision 0.
        """
        needs("data", "pandas", "sklearn")

        import pandas as pd
        from sklearn.metrics import precision_recall_fscore_support

        present = sorted(set(self.targets.tolist()))
        columns = precision_recall_fscore_support(
            self.targets, self.predictions, labels=present, zero_division=0
        )
        return pd.DataFrame(
            dict(zip(("precision", "recall", "f1", "examples"), columns, strict=True)),
            index=pd.Index([self.classes[label] for label in present], name="class"),
        )

    @property
    def macro_precision(self) -> float:
        """The mean precision of the classes, each weighing the same."""
        return float(self.per_class["precision"].mean())

    @property
    def macro_recall(self) -> float:
        """The mean recall of the classes, each weighing the same."""
        return float(self.per_class["recall"].mean())

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the classes, each weighing the same."""
        return float(self.per_class["f1"].mean())

    @cached_property
    def confusion(self) -> np.ndarray:
        """How often each class (row) was given as each class (column), (classes, classes)."""
        needs("data", "sklearn")

        from sklearn.metrics import confusion_matrix

        return confusion_matrix(self.targets, self.predictions, labels=range(len(self.classes)))

    def without(self, *names: str) -> "Evaluation":
        """Judge the examples of the other classes only; their wrong answers may be any class.

        Raises
        ------
        ValueError
            If a name is not a class, or no example is left.
        """
        for name in names:
            if name not in self.classes:
                raise ValueError(f"name must be one of {', '.join(self.classes)}, got {name!r}")
        left_out = [self.classes.index(name) for name in names]
        kept = ~np.isin(self.targets, left_out)
        return Evaluation(self.targets[kept], self.predictions[kept], self.classes)


@torch.no_grad()
def evaluate(model: nn.Module, batches: Iterable[Batch], classes: Sequence[str]) -> Evaluation:
    """Let a model answer every example, in evaluation mode.

    Parameters
    ----------
    model : Module
        Called with a batch's inputs; returns logits (batch, classes).
    batches : iterable of batches
        Each a pair of the model's inputs and the targets (batch,).
    classes : sequence of str
        The class names; the position is the label.

    Returns
    -------
    Evaluation
        The examples in the order of `batches`.

    Raises
    ------
    ValueError
        If `batches` holds none.
    """
    targets, predictions = [], []
    with evaluation_mode(model):
        for inputs, batch_targets in batches:
            outputs, _ = call(model, inputs)
            predictions.append(outputs.argmax(-1))
            targets.append(batch_targets)
    if not targets:
        raise ValueError("batches must hold at least one batch, got none")
    return Evaluation(torch.cat(targets).numpy(), torch.cat(predictions).numpy(), tuple(classes))


@torch.no_grad()
def predict(
    model: nn.Module,
    texts: Sequence[str],
    vocabulary: Vocabulary,
    classes: Sequence[str],
    *,
    max_length: int | None = None,
):
    """Return the probability of each class for new texts.

    Parameters
    ----------
    model : Module
        Called with tokens (batch, time) and lengths (batch,); returns logits (batch, classes).
    texts : sequence of str
        Cleaned and cut into characters or words as the vocabulary says; what it does not hold is
        read as unknown.
    vocabulary : Vocabulary
        The one the model was trained with. One that was made from tokens cannot cut a text.
    classes : sequence of str
        The class names; the position is the label.
    max_length : int, optional
        Where to cut off, as in training.

    Returns
    -------
    pandas.DataFrame, (texts, classes)
        Each row sums to 1.

    Raises
    ------
    TypeError
        If `texts` is one string, or holds something that is not a str.
    ValueError
        If `texts` is empty, a text has no character, `vocabulary` cannot cut a text, or `classes`
        are not as many as logits.
    """
    needs("data", "pandas", "sklearn")

    import pandas as pd

    if isinstance(texts, str):
        raise TypeError(f"texts must be a sequence of str, got the str {texts!r}; use [text]")
    if len(texts) == 0:
        raise ValueError("texts must hold at least one text, got none")
    sequences, found = encoded(texts, vocabulary, max_length), []
    with evaluation_mode(model):
        for start in range(0, len(sequences), AT_ONCE):
            batch = pad(sequences[start : start + AT_ONCE], vocabulary.padding_index)
            found.append(call(model, batch)[0].softmax(-1))
    probabilities = torch.cat(found)
    if probabilities.shape[1] != len(classes):
        raise ValueError(f"classes must be {probabilities.shape[1]} names, got {len(classes)}")
    return pd.DataFrame(probabilities.numpy(), index=list(texts), columns=list(classes))
