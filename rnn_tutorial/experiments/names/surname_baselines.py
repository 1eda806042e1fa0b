"""What a recurrent classifier of surnames has to beat, with scikit-learn.

The seed is the seed of the split. Settings are chosen on the validation set, one grid for each
baseline; only the chosen one sees the test set.
"""

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from rnn_tutorial.data.labeled import LabeledTexts, split
from rnn_tutorial.data.name_lists import surnames
from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.training.evaluation import Evaluation

# Each setting: how a name is cut into features (scikit-learn's analyzer, the longest n-gram,
# whether capitals are dropped), and a number: C of the logistic regression, or alpha of naive
# Bayes. The analyzer "char_wb" marks the boundaries of words with spaces; where "char" leaves them
# unmarked, only capitals show them.
HEADINGS = ("analyzer", "longest", "lowercase", "number")
CUTS = (("char", False), ("char_wb", True))
GRIDS = {
    "majority": (("none", 0, False, 0.0),),
    "bag": tuple(("char", 1, lowercase, C) for lowercase in (False, True) for C in (0.3, 1.0, 3.0)),
    "naive_bayes": tuple(
        (analyzer, longest, lowercase, alpha)
        for analyzer, lowercase in CUTS
        for longest in (3, 4, 5)
        for alpha in (0.03, 0.1, 0.3, 1.0)
    ),
    "ngrams": tuple(
        (analyzer, longest, lowercase, C)
        for analyzer, lowercase in CUTS
        for longest in (4, 5)
        for C in (1.0, 3.0)
    ),
}


def build(kind: str, setting: tuple):
    """Return a classifier, not fitted, of a kind in `GRIDS` and with one of its settings."""
    if kind == "majority":
        return DummyClassifier(strategy="most_frequent")
    analyzer, longest, lowercase, number = setting
    counts = CountVectorizer(analyzer=analyzer, ngram_range=(1, longest), lowercase=lowercase)
    if kind == "naive_bayes":
        return make_pipeline(counts, MultinomialNB(alpha=number))
    return make_pipeline(counts, LogisticRegression(C=number, max_iter=1000))


def judge(classifier, data: LabeledTexts) -> Evaluation:
    """Evaluate a fitted classifier on every text."""
    return Evaluation(
        np.array(data.labels), classifier.predict(list(data.texts)), tuple(data.classes)
    )


def run(kind: str, seed: int) -> dict[str, list[dict]]:
    """Choose the setting with the highest validation accuracy, then test it once.

    Returns
    -------
    dict
        ``""``: scores of the chosen setting; ``accuracy_refit`` is after a second training on
        train and validation together. ``"settings"``: the grid with its validation scores.
    """
    parts = split(surnames(), seed=seed)
    fitted, settings = [], []
    for setting in GRIDS[kind]:
        classifier = build(kind, setting).fit(list(parts.train.texts), parts.train.labels)
        validation = judge(classifier, parts.validation)
        fitted.append((validation.accuracy, classifier, setting))
        settings.append(
            dict(zip(HEADINGS, setting, strict=True))
            | {
                "validation_accuracy": validation.accuracy,
                "validation_macro_recall": validation.macro_recall,
            }
        )
    best = max(range(len(fitted)), key=lambda i: fitted[i][0])
    _, classifier, setting = fitted[best]
    refit = build(kind, setting).fit(
        [*parts.train.texts, *parts.validation.texts],
        [*parts.train.labels, *parts.validation.labels],
    )
    for position, row in enumerate(settings):
        row["chosen"] = position == best
    return {
        "": [
            scores(judge(classifier, parts.test))
            | {
                "validation_accuracy": settings[best]["validation_accuracy"],
                "accuracy_refit": judge(refit, parts.test).accuracy,
            }
        ],
        "settings": settings,
    }


def scores(evaluation: Evaluation) -> dict[str, float]:
    """Return the headline numbers, with and without the Irish names."""
    return {
        "accuracy": evaluation.accuracy,
        "macro_precision": evaluation.macro_precision,
        "macro_recall": evaluation.macro_recall,
        "macro_f1": evaluation.macro_f1,
        "accuracy_without_irish": evaluation.without("Irish").accuracy,
    }


EXPERIMENT = Experiment(
    "surname_baselines",
    "What a surname classifier has to beat: majority, bags of characters, n-grams",
    run,
    by_name(GRIDS),
    (0, 1, 2, 3, 4, 5),
)
