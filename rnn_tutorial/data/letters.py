"""The letters of names, one by one: what is known of each, for chapter 3 to look for in states."""

from collections.abc import Sequence

from rnn_tutorial._extras import needs
from rnn_tutorial.data.text import Vocabulary, strip_accents

MAX_LENGTH = 20  # letters of a name that networks read; the rest is cut off


def is_vowel(character: str) -> bool:
    """Tell whether a letter, without its accents, is one of a, e, i, o, u, y."""
    return strip_accents(character)[:1] in set("aeiouy")


def describe(texts: Sequence[str], vocabulary: Vocabulary):
    """Describe each letter of each text: its name, its position, its neighbors, its properties.

    Parameters
    ----------
    texts : sequence of str
        Names; only the first `MAX_LENGTH` letters count.
    vocabulary : Vocabulary
        How the letters are written.

    Returns
    -------
    DataFrame
        One row for each letter: the number of its ``name``, its ``position``, the ``letter``, the
        ``pair`` that it ends, and properties that are true or false.
    """
    needs("data", "pandas")

    import pandas as pd

    rows = []
    for number, text in enumerate(texts):
        letters = [vocabulary.tokens[i] for i in vocabulary.encode(text, max_length=MAX_LENGTH)]
        marked = ["^", "^", *letters, "$"]
        for position, letter in enumerate(letters):
            one_back, two_back = marked[position + 1], marked[position]
            after = marked[position + 3]
            rows.append(
                {
                    "name": number,
                    "position": position,
                    "letter": letter,
                    "pair": one_back + letter,
                    "is a vowel": is_vowel(letter),
                    "a vowel two back": is_vowel(two_back),
                    "a vowel next": is_vowel(after),
                    "the end next": after == "$",
                    "from the sixth on": position >= 5,
                }
            )
    return pd.DataFrame(rows)
