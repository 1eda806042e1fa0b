"""Speeches from Shakespeare's plays with the genre of the play, split by play or by speech."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rnn_tutorial.data.labeled import LabeledTexts
from rnn_tutorial.data.plays import GENRES, shakespeare

SHORTEST = 10  # words; a speech of fewer says little about a genre
TEST_PLAYS, VALIDATION_PLAYS = (3, 2, 3), (2, 2, 2)  # of each genre


@dataclass(frozen=True)
class Speeches:
    """Speeches with the play that each comes from.

    Parameters
    ----------
    data : LabeledTexts
        The speeches and their genres.
    plays : ndarray of str, (speeches,)
        The name of the play of each.
    """

    data: LabeledTexts
    plays: np.ndarray


@lru_cache(maxsize=1)
def speeches() -> Speeches:
    """Return the speeches of at least `SHORTEST` words in plays that have a genre, each once."""
    classes, rows = tuple(GENRES), {}
    for play in shakespeare():
        if play.genre is not None:
            for speech in play.speeches:
                if len(speech.split()) >= SHORTEST:
                    rows.setdefault(speech, (classes.index(play.genre), play.name))
    labels, plays = zip(*rows.values(), strict=True)
    return Speeches(LabeledTexts(tuple(rows), labels, classes), np.array(plays))


def split_by_play(speeches: Speeches, seed: int) -> list[np.ndarray]:
    """Draw plays of each genre for test and validation; the rest is for training.

    Returns
    -------
    list of three ndarray of int
        The positions of the speeches for training, validation and test.
    """
    generator = np.random.default_rng(seed)
    labels = np.array(speeches.data.labels)
    parts = [[], [], []]
    for label in range(len(speeches.data.classes)):
        plays = generator.permutation(np.unique(speeches.plays[labels == label]))
        test = TEST_PLAYS[label]
        validation = test + VALIDATION_PLAYS[label]
        for part, names in zip(
            parts, (plays[validation:], plays[test:validation], plays[:test]), strict=True
        ):
            part.extend(names)
    return [np.flatnonzero(np.isin(speeches.plays, names)) for names in parts]


def split_by_speech(speeches: Speeches, seed: int) -> list[np.ndarray]:
    """Draw as many speeches of each genre as `split_by_play` does, from all plays together."""
    generator = np.random.default_rng(seed)
    labels = np.array(speeches.data.labels)
    parts = [[], [], []]
    sizes = [np.bincount(labels[part]) for part in split_by_play(speeches, seed)]
    for label in range(len(speeches.data.classes)):
        order = generator.permutation(np.flatnonzero(labels == label))
        first, second = sizes[0][label], sizes[0][label] + sizes[1][label]
        for part, drawn in zip(parts, np.split(order, [first, second]), strict=True):
            part.append(drawn)
    return [np.sort(np.concatenate(part)) for part in parts]
