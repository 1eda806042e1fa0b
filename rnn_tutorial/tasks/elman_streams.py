"""Elman's streams of 1990: one long sequence, and the question what comes next."""

from collections.abc import Sequence

import torch

from rnn_tutorial import _arguments
from rnn_tutorial.tasks.sequences import Sequences, draw

# Elman's features: consonant, vowel, interrupted, high, back, voiced.
LETTERS = {
    "b": (1, 0, 1, 0, 0, 1),
    "d": (1, 0, 1, 1, 0, 1),
    "g": (1, 0, 1, 0, 1, 1),
    "a": (0, 1, 0, 0, 1, 1),
    "i": (0, 1, 0, 1, 0, 1),
    "u": (0, 1, 0, 1, 1, 1),
}
SYLLABLES = {"b": "ba", "d": "dii", "g": "guuu"}


def letters(syllables: int, *, generator: torch.Generator) -> tuple[Sequences, str]:
    """Draw Elman's letter sequence: b, d and g at random, turned into ba, dii and guuu [1]_.

    The network predicts the next letter. Which consonant comes is chance; that one comes, and which
    vowels follow it, is certain.

    Parameters
    ----------
    syllables : int
        How many consonants to draw, each with probability 1/3.
    generator : torch.Generator
        Draws them.

    Returns
    -------
    sequences : Sequences
        Inputs and targets (time, 6): the features of each letter and of the next. A step counts if
        the next letter is a vowel, so that it can be predicted.
    text : str
        The letters of the inputs, followed by that of the last target.

    Notes
    -----
    The floor: after a consonant the first vowel is certain. After "i" one of two letters is an "i"
    again; after "u" two of three are a "u"; the rest are consonants. For the first feature,
    "consonant", the best guess without memory leaves a squared error of 1/4 after "i" and 2/9
    after "u"; with memory the error is 0.

    References
    ----------
    .. [1] Elman, Finding structure in time, Cognitive Science 14, 1990, "Structure in letter
       sequences".
    """
    drawn = draw(len(SYLLABLES), _arguments.integer("syllables", syllables, 1), generator)
    text = "".join(list(SYLLABLES.values())[index] for index in drawn.tolist())
    # the letter after the last syllable, so that every letter of the inputs has a successor
    text += list(SYLLABLES)[int(draw(len(SYLLABLES), 1, generator))]
    features = torch.tensor([LETTERS[letter] for letter in text], dtype=torch.get_default_dtype())
    vowels = features[1:, 1] == 1
    return Sequences(features[:-1], features[1:], vowels), text


def temporal_xor(triples: int, *, generator: torch.Generator) -> Sequences:
    """Draw Elman's temporal XOR: two random bits, then their exclusive or, again and again [1]_.

    Parameters
    ----------
    triples : int
        How many groups of three bits; 1000 in the paper.
    generator : torch.Generator
        Draws the bits.

    Returns
    -------
    Sequences
        Inputs and targets (time, 1), 0 or 1: each bit and the next. A step counts if the next bit
        is the third of its group, so that it can be predicted.

    Notes
    -----
    The floor: one bit says nothing about the next, so the best guess is 0.5, with a squared error
    of 1/4 at every step. At the steps that count, a memory of one bit brings it down to 0.

    References
    ----------
    .. [1] Elman, Finding structure in time, Cognitive Science 14, 1990, "Exclusive-OR".
    """
    pairs = draw(2, (_arguments.integer("triples", triples, 1), 2), generator)
    bits = torch.cat([pairs, pairs.sum(1, keepdim=True) % 2], dim=1).flatten()
    bits = torch.cat([bits, draw(2, 1, generator)])[:, None].to(torch.get_default_dtype())
    counts = torch.arange(3 * triples) % 3 == 1
    return Sequences(bits[:-1], bits[1:], counts)


WORDS = (
    "many", "years", "ago", "a", "boy", "and", "girl", "lived", "by", "the", "sea", "they",
    "played", "happily", "all",
)  # fmt: skip


def word_boundaries(
    sentences: int, *, generator: torch.Generator, words: Sequence[str] = WORDS
) -> tuple[Sequences, str]:
    """Draw sentences of random words, written without spaces, as random codes of five bits [1]_.

    Elman had 15 words and 200 sentences with 1,270 words and 4,963 letters. Here a sentence has 4
    to 9 words, so 200 sentences have about as many. The lexicon is ours: the words of his example,
    "many years ago a boy and girl lived by the sea they played happily", and one more.

    Parameters
    ----------
    sentences : int
        How many sentences.
    generator : torch.Generator
        Draws lengths, words and the code of each letter.
    words : sequence of str
        The lexicon, in lower case.

    Returns
    -------
    sequences : Sequences
        Inputs and targets (time, 5): the code of each letter and of the next. A step counts if the
        next letter is inside a word, not its first.
    text : str
        The letters of the inputs, followed by that of the last target.

    Notes
    -----
    The floor depends on the lexicon: it is the error that remains when the frequencies of pairs of
    letters are known.

    References
    ----------
    .. [1] Elman, Finding structure in time, Cognitive Science 14, 1990, "Discovering the notion
       'word'".
    """
    words = list(words)
    if not words or any(not word.isalpha() or not word.islower() for word in words):
        raise ValueError(f"words must be words in lower case, got {words}")
    lengths = 4 + draw(6, _arguments.integer("sentences", sentences, 1), generator)
    drawn = [words[index] for index in draw(len(words), int(lengths.sum()), generator).tolist()]
    text = "".join(drawn)
    onsets = torch.zeros(len(text), dtype=torch.bool)
    onsets[torch.tensor([0, *map(len, drawn[:-1])]).cumsum(0)] = True
    alphabet = sorted(set("".join(words)))
    codes = torch.randperm(32, generator=generator)[: len(alphabet)]
    bits = (codes[:, None] >> torch.arange(5)) & 1  # a code of five bits for each letter
    rows = torch.tensor([alphabet.index(letter) for letter in text])
    coded = bits[rows].to(torch.get_default_dtype())
    return Sequences(coded[:-1], coded[1:], ~onsets[1:]), text
