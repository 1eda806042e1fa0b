"""The network and the best n-gram model on the same test names, split by split.

The opponent is logistic regression on n-grams, which has the best validation accuracy of the
baselines on split 0, where the settings of the network were chosen too. On each split it has the
setting that its own search chose there. The seed is the seed of the split; that of the network's
weights is `WEIGHTS` more, and none of these was used before.
"""

import numpy as np
from scipy.stats import binomtest

from rnn_tutorial.data.batching import Batches
from rnn_tutorial.data.labeled import split
from rnn_tutorial.data.letters import MAX_LENGTH
from rnn_tutorial.data.name_lists import surnames as load_surnames
from rnn_tutorial.experiments.engine.evidence import load
from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.experiments.names import surname_baselines, surnames
from rnn_tutorial.training.evaluation import evaluate

SPLITS = (0, 1, 2, 3, 4, 5)
WEIGHTS = 200
OPPONENT = "ngrams"


def mcnemar(only_one: int, only_other: int) -> float:
    """Return the p-value of the exact test of McNemar.

    Of the names that exactly one of two classifiers gets right, each would get half if the two
    were equally good; the test asks how often a fair coin is at least as far off.

    Parameters
    ----------
    only_one, only_other : int
        How many names only the one and only the other gets right; not both zero.
    """
    return float(binomtest(only_one, only_one + only_other).pvalue)


def chosen(seed: int) -> tuple:
    """Return the setting that the search of the opponent chose on a split."""
    settings = load("surname_baselines", "settings")
    rows = settings[(settings["variant"] == OPPONENT) & (settings["seed"] == seed)]
    row = rows[rows["chosen"]].iloc[0]
    return tuple(row[list(surname_baselines.HEADINGS)])


def run(variant: str, seed: int) -> dict[str, list[dict]]:
    """Train both on a split and count the test names that only one of them gets right.

    Returns
    -------
    dict
        ``""``: the scores of the network, the accuracy of the n-grams, how many names only the one
        and only the other gets right, and the p-value of `mcnemar`.
    """
    parts = split(load_surnames(), seed=seed)
    model, vocabulary, _ = surnames.train(surnames.Setup(), parts, WEIGHTS + seed)
    test = Batches.from_texts(parts.test, vocabulary, 256, MAX_LENGTH)
    network = evaluate(model, test, parts.test.classes)
    opponent = surname_baselines.build(OPPONENT, chosen(seed))
    opponent.fit(list(parts.train.texts), parts.train.labels)
    ngrams = surname_baselines.judge(opponent, parts.test)
    by_network = np.asarray(network.predictions) == np.asarray(network.targets)
    by_ngrams = np.asarray(ngrams.predictions) == np.asarray(ngrams.targets)
    only_network = int((by_network & ~by_ngrams).sum())
    only_ngrams = int((by_ngrams & ~by_network).sum())
    return {
        "": [
            {
                "accuracy": network.accuracy,
                "macro_recall": network.macro_recall,
                "ngrams_accuracy": ngrams.accuracy,
                "only_network": only_network,
                "only_ngrams": only_ngrams,
                "p_value": mcnemar(only_network, only_ngrams),
            }
        ]
    }


EXPERIMENT = Experiment(
    "surname_pairs",
    "A GRU and the best n-gram model, name by name on six splits",
    run,
    by_name(["gru"]),
    SPLITS,
)
