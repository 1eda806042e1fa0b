"""n-grams of six tragedies: the order is chosen inside the training text, the test text read once.

Nothing here is random, so there is one seed.
"""

from rnn_tutorial.data.plays import encoded_tragedies, validation_tragedies
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.models import KneserNey, WittenBell

RULES = {"Kneser-Ney": KneserNey, "Witten-Bell": WittenBell}
ORDERS = range(1, 10)


def run(rule: type, seed: int) -> dict[str, list[dict]]:
    """Choose the order of a model on the last tenth of each training part, and test it.

    Returns
    -------
    dict
        ``""``: bits per character of the test text and of the validation text, and the order.
        ``"orders"``: by order, bits of the validation text, of the test text and of the first
        50,000 characters of the training text, and how many n-grams are stored.
    """
    texts, within = encoded_tragedies(), validation_tragedies()
    size, rows = len(texts.vocabulary), []
    for order in ORDERS:
        chosen_by, model = (rule(each.train, order, size) for each in (within, texts))
        rows.append(
            {
                "order": order,
                "validation_bits": chosen_by.bits(within.test)[1:].mean(),
                "bits": model.bits(texts.test)[1:].mean(),
                "training_bits": model.bits(texts.train[:50_000])[1:].mean(),
                "ngrams": len(model),
            }
        )
    best = min(rows, key=lambda row: row["validation_bits"])
    return {
        "": [{name: best[name] for name in ("bits", "validation_bits", "order")}],
        "orders": rows,
    }


EXPERIMENT = Experiment(
    "character_ngrams",
    "Bits per character of tragedies: n-grams by their rule of smoothing",
    run,
    RULES,
    (0,),
    headline="bits",
)
