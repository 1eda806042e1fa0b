"""What can be read out of hidden states: single units, and probes with a control task.

All functions take states that are already computed, as arrays or tensors (samples, hidden), and
know nothing of the network that they come from. Whatever is fitted is judged on samples that played
no part in the fit.
"""

import warnings
from collections.abc import Hashable, Sequence

import numpy as np

from rnn_tutorial import _arguments
from rnn_tutorial._extras import needs


def unit_scores(states: np.ndarray, labels: Sequence[bool]) -> np.ndarray:
    """Measure how well each unit tells two kinds of steps apart: the area under its ROC curve.

    Parameters
    ----------
    states : array, (samples, hidden)
        States.
    labels : sequence of bool, (samples,)
        Whether each sample has the property in question.

    Returns
    -------
    ndarray, (hidden,)
        The probability that the unit is higher in a sample with the property than in one without.
        1/2 means nothing is told; 1 and 0 are perfect, the latter with the opposite sign.

    Raises
    ------
    ValueError
        If the shapes do not fit, a state is not finite, a label is neither true nor false, or all
        samples are of one kind.
    """
    needs("data", "scipy")

    from scipy.stats import rankdata

    states, labels = _arguments.states_with("labels", states, labels)
    if labels.dtype.kind not in "biuf" or not np.isin(labels, (0, 1)).all():
        raise ValueError("labels must be true or false, or 1 and 0")
    labels = labels.astype(bool)
    with_it, without = labels.sum(), (~labels).sum()
    if not with_it or not without:
        raise ValueError("labels must hold both kinds, got only one")
    ranks = rankdata(states, axis=0)[labels]
    return (ranks.mean(axis=0) - (with_it + 1) / 2) / without


def probe(
    states: np.ndarray,
    labels: Sequence[Hashable],
    groups: Sequence[Hashable] | None = None,
    *,
    hidden_units: int = 0,
    test: float = 0.5,
    seed: int = 0,
) -> float:
    """Fit a classifier to states and return its accuracy on states that it has not seen.

    Parameters
    ----------
    states : array, (samples, hidden)
        States; each unit is standardized before the fit.
    labels : sequence, (samples,)
        The property to be read.
    groups : sequence, (samples,), optional
        Samples of one group are never on both sides, for example the letters of one name.
    hidden_units : int
        0 for logistic regression, the linear probe; else a network with one hidden layer of that
        many ReLU units, a probe that can compute something of its own.
    test : float
        Share of the groups that is kept for the test, between 0 and 1.
    seed : int
        Draws the split, and the weights of a network.

    Returns
    -------
    float
        Share of the test samples that are answered correctly.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit, there are fewer than two labels, a state is not finite, or a
        number makes no sense.
    """
    needs("data", "sklearn")

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupShuffleSplit
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    states, labels = _arguments.states_with("labels", states, labels)
    if len(np.unique(labels)) < 2:
        raise ValueError("labels must be of at least two kinds, got only one")
    test = _arguments.share("test", test)
    groups = (
        np.arange(len(states))
        if groups is None
        else _arguments.states_with("groups", states, groups)[1]
    )
    split = GroupShuffleSplit(1, test_size=test, random_state=_arguments.integer("seed", seed, 0))
    fit, judged = next(split.split(states, labels, groups))
    if _arguments.integer("hidden_units", hidden_units, 0):
        classifier = MLPClassifier((hidden_units,), max_iter=40, random_state=seed)
    else:
        classifier = LogisticRegression(max_iter=300)
    classifier = make_pipeline(StandardScaler(), classifier)
    with warnings.catch_warnings():  # the number of passes is chosen on purpose
        warnings.simplefilter("ignore", ConvergenceWarning)
        classifier.fit(states[fit], labels[fit])
    return float((classifier.predict(states[judged]) == labels[judged]).mean())


def control_labels(
    types: Sequence[Hashable], labels: Sequence[Hashable], *, seed: int
) -> np.ndarray:
    """Draw the labels of a control task: each type gets one at random, whatever it means [1]_.

    A probe that is good at the control task has memorized types, so its accuracy on the real task
    says less about the states. The difference of the two accuracies is its selectivity.

    Parameters
    ----------
    types : sequence, (samples,)
        What the label depends on, for example the last two letters.
    labels : sequence, (samples,)
        The real labels; the control labels are drawn with their frequencies.
    seed : int
        Draws them.

    Returns
    -------
    ndarray, (samples,)
        A label for each sample, the same for samples of the same type.

    Raises
    ------
    ValueError
        If `types` and `labels` differ in length or are empty.

    References
    ----------
    .. [1] Hewitt and Liang, Designing and interpreting probes with control tasks, EMNLP 2019.
    """
    if len(types) != len(labels) or len(types) == 0:
        raise ValueError(
            "types and labels must have the same length, at least 1, "
            f"got {len(types)} and {len(labels)}"
        )
    generator = np.random.default_rng(_arguments.integer("seed", seed, 0))
    order = sorted(set(types), key=repr)
    drawn = dict(zip(order, generator.choice(np.asarray(labels), len(order)), strict=True))
    return np.array([drawn[kind] for kind in types])
