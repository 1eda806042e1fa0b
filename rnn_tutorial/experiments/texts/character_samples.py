"""What a character model writes under several ways to choose the next symbol.

The model is the large one of `rnn_tutorial.experiments.texts.character_model`; n-gram models write
beside it, and pieces of the held-out text stand for what Shakespeare wrote. The seed draws the
symbols and the piece.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch

from rnn_tutorial.data.plays import shakespeare, tragedies
from rnn_tutorial.data.text import words
from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.experiments.texts import character_model
from rnn_tutorial.models.generation import distinct, generate, shared_lengths
from rnn_tutorial.models.ngrams import WittenBell
from rnn_tutorial.training.language import bits_of

SEEDS = (10, 11, 12, 13, 14)
LENGTH = 2000  # characters that are written
PROMPT = "\n\n"  # between two paragraphs
SPEAKER = re.compile(r"\n\n([A-Z][A-Z '&]+)\n")
WAYS = {
    "greedy": {"temperature": 0.0},
    "temperature .5": {"temperature": 0.5},
    "temperature .8": {"temperature": 0.8},
    "temperature 1": {},
    "temperature 1.3": {"temperature": 1.3},
    "top-k 5": {"top_k": 5},
    "nucleus .9": {"top_p": 0.9},
}
ORDERS = (3, 5, 8)
VARIANTS = ("Shakespeare", *WAYS, *(f"{order}-gram" for order in ORDERS))


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Return all words of the 38 plays but those that stand in the test text alone."""
    others = [play.text for play in shakespeare() if play.folder != "tragedies"]
    return frozenset(words("\n".join([tragedies()[0], *others])))


@lru_cache(maxsize=1)
def casts() -> dict[str, frozenset[str]]:
    """Return for each speaker's name the tragedies in which it stands."""
    plays = [play for play in shakespeare() if play.folder == "tragedies"]
    found: dict[str, set[str]] = {}
    for play in plays:
        for name in SPEAKER.findall(play.text):
            found.setdefault(name, set()).add(play.name)
    return {name: frozenset(where) for name, where in found.items()}


def same_play(text: str) -> tuple[float, int]:
    """Return the share of neighboring speakers who are of one play, and how many there are.

    Two speakers count if both names stand in exactly one tragedy, and the names differ.
    """
    names = [name for name in SPEAKER.findall(text) if len(casts().get(name, ())) == 1]
    pairs = [casts()[a] == casts()[b] for a, b in pairwise(names) if a != b]
    return (float(np.mean(pairs)) if pairs else float("nan")), len(pairs)


def measures(text: str, train: str) -> dict[str, float]:
    """Return how diverse a text is, how much of it is copied, and how much are words.

    Parameters
    ----------
    text : str
        What was written.
    train : str
        The training text.

    Returns
    -------
    dict of str to float
        ``distinct``: the share of different words; ``longest``, ``mean_shared``: characters of
        the longest passage that stands in the training text, and of the mean one that begins at
        a place; ``words``: the share of words that stand elsewhere in the plays; ``same_play``,
        which is left out where nobody speaks, and ``speakers``: see `same_play`.
    """
    shared = shared_lengths(text, train)
    written = [word for word in words(text) if word[0].isalpha()]
    share, count = same_play(text)
    found = {
        "distinct": distinct(written),
        "longest": int(shared.max()),
        "mean_shared": float(shared.mean()),
        "words": float(np.mean([word in known_words() for word in written])),
        "speakers": count,
    }
    return found | ({"same_play": share} if count else {})


def write(variant: str, seed: int, texts: character_model.Texts, length: int) -> Sequence[int]:
    """Return what one of `VARIANTS` writes, as symbols."""
    generator = torch.Generator().manual_seed(seed)
    if variant == "Shakespeare":
        start = int(torch.randint(len(texts.test) - length, (), generator=generator))
        return texts.test[start : start + length].tolist()
    options = WAYS.get(variant, {})
    if variant in WAYS:
        model, vocabulary, _ = character_model.load_checkpoint("large")
        model = model.double()  # the same text on every processor
        if vocabulary.tokens != texts.vocabulary.tokens:
            raise ValueError("the checkpoint has other symbols than the text")
    else:
        order = int(variant.partition("-")[0])
        model = WittenBell(texts.train, order, len(texts.vocabulary))
    prompt = texts.vocabulary.look_up(list(PROMPT))
    return generate(model, prompt, length, generator=generator, **options)


def run(variant: str, seed: int) -> dict[str, list[dict]]:
    """Write a text in one way and measure it.

    Returns
    -------
    dict
        ``""``: the measures, and the bits per character that the text costs the model itself.
    """
    texts = character_model.load()
    tokens = write(variant, seed, texts, LENGTH)
    model, vocabulary, _ = character_model.load_checkpoint("large")
    bits = bits_of(model.double(), torch.tensor(tokens)).mean().item()
    found = measures(vocabulary.decode(tokens), tragedies()[0]) | {"bits": bits}
    return {"": [{name: round(value, 6) for name, value in found.items()}]}


EXPERIMENT = Experiment(
    "character_samples",
    "Texts written by a character model in seven ways, by n-grams, and by Shakespeare",
    run,
    by_name(VARIANTS),
    SEEDS,
    headline="bits",
)
