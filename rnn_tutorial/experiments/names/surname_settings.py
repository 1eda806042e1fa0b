"""The last round of the search for settings of the surname classifier, on validation names only.

Each variant changes one thing of the setup that was chosen.
"""

from dataclasses import replace

from rnn_tutorial.data import name_lists
from rnn_tutorial.data.batching import Batches
from rnn_tutorial.data.labeled import split
from rnn_tutorial.data.letters import MAX_LENGTH
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.names import surnames
from rnn_tutorial.training.evaluation import evaluate

SEEDS = (0, 1)
CHOSEN = surnames.Setup()
VARIANTS = {
    "chosen": CHOSEN,
    "no dropout": replace(CHOSEN, dropout=0.0),
    "no token dropout": replace(CHOSEN, token_dropout=0.0),
    "capitals kept": replace(CHOSEN, lowercase=False),
    "last state only": replace(CHOSEN, readout="last"),
    "one direction": replace(CHOSEN, bidirectional=False),
}


def run(setup: surnames.Setup, seed: int) -> dict[str, list[dict]]:
    """Train one model on split 0 and judge it on its validation set."""
    parts = split(name_lists.surnames(), seed=0)
    model, vocabulary, history = surnames.train(setup, parts, seed)
    batches = Batches.from_texts(parts.validation, vocabulary, 256, MAX_LENGTH)
    judged = evaluate(model, batches, parts.validation.classes)
    return {
        "": [
            {
                "accuracy": judged.accuracy,
                "macro_recall": judged.macro_recall,
                "best_epoch": history.best + 1,
            }
        ]
    }


EXPERIMENT = Experiment(
    "surname_settings",
    "The search for settings: one thing changed at a time, on validation names",
    run,
    VARIANTS,
    SEEDS,
)
