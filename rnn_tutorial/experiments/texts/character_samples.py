"""What a character model writes under several ways to choose the next symbol.

The model is the large one of `rnn_tutorial.models.zoo`; n-gram models write too, and pieces
of the held-out text stand for what Shakespeare wrote. The seed draws the symbols and the piece.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from itertools import pairwise

import numpy as np
import torch

from rnn_tutorial.data.plays import (
    SPEAKER,
    EncodedText,
    casts,
    encoded_tragedies,
    shakespeare,
    tragedies,
)
from rnn_tutorial.data.text import words
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.models import zoo
from rnn_tutorial.models.generation import distinct, generate, shared_lengths
from rnn_tutorial.models.ngrams import WittenBell
from rnn_tutorial.training.language import bits_of

SEEDS = (10, 11, 12, 13, 14)
LENGTH = 2000  # characters that are written
PROMPT = "\n\n"  # between two paragraphs
WAYS = {
    "greedy": {"temperature": 0.0},
    "temperature .5": {"temperature": 0.5},
    "temperature .8": {"temperature": 0.8},
    "temperature 1": {},
    "temperature 1.3": {"temperature": 1.3},
    "top-k 5": {"top_k": 5},
    "nucleus .9": {"top_p": 0.9},
}


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Return all words of the 38 plays except those that only the test text has."""
    others = [play.text for play in shakespeare() if play.folder != "tragedies"]
    return frozenset(words("\n".join([tragedies()[0], *others])))


def same_play(text: str) -> tuple[float, int]:
    """Return the share of neighboring speakers who are from one play, and how many pairs there are.

    Two speakers count if each name occurs in exactly one tragedy, and the names differ.
    """
    names = [name for name in SPEAKER.findall(text) if len(casts().get(name, ())) == 1]
    pairs = [casts()[a] == casts()[b] for a, b in pairwise(names) if a != b]
    return (float(np.mean(pairs)) if pairs else float("nan")), len(pairs)


def measures(text: str, train: str) -> dict[str, float]:
    """Return how diverse a text is, how much of it is copied, and how many of its words exist.

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
        the longest passage that the training text has too, and of the mean one that begins at a
        place; ``words``: the share of words that occur elsewhere in the plays; ``same_play``,
        which is left out if nobody speaks, and ``speakers``: see `same_play`.
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


def excerpt(texts: EncodedText, length: int, generator: torch.Generator) -> list[int]:
    """Return a piece of the test text, as symbols."""
    start = int(torch.randint(len(texts.test) - length, (), generator=generator))
    return texts.test[start : start + length].tolist()


def network_text(
    texts: EncodedText, length: int, generator: torch.Generator, **options
) -> list[int]:
    """Return what the network writes in one of `WAYS`, as symbols."""
    model, vocabulary, _ = zoo.load("large")
    if vocabulary.tokens != texts.vocabulary.tokens:
        raise ValueError("the checkpoint has other symbols than the text")
    prompt = vocabulary.look_up(list(PROMPT))
    # in float64, for the same text on every processor
    return generate(model.double(), prompt, length, generator=generator, **options)


def ngram_text(
    texts: EncodedText, length: int, generator: torch.Generator, order: int
) -> list[int]:
    """Return what n-grams of the training text write, as symbols."""
    model = WittenBell(texts.train, order, len(texts.vocabulary))
    prompt = texts.vocabulary.look_up(list(PROMPT))
    return generate(model, prompt, length, generator=generator)


VARIANTS = {
    "Shakespeare": excerpt,
    **{name: partial(network_text, **options) for name, options in WAYS.items()},
    **{f"{order}-gram": partial(ngram_text, order=order) for order in (3, 5, 8)},
}


def run(write: Callable, seed: int) -> dict[str, list[dict]]:
    """Write a text in one way and measure it.

    Returns
    -------
    dict
        ``""``: the measures, and the bits per character that the text costs the model itself.
    """
    tokens = write(encoded_tragedies(), LENGTH, torch.Generator().manual_seed(seed))
    model, vocabulary, _ = zoo.load("large")
    bits = bits_of(model.double(), torch.tensor(tokens)).mean().item()
    return {"": [measures(vocabulary.decode(tokens), tragedies()[0]) | {"bits": bits}]}


EXPERIMENT = Experiment(
    "character_samples",
    "Texts written by a character model in seven ways, by n-grams, and by Shakespeare",
    run,
    VARIANTS,
    SEEDS,
    headline="bits",
)
