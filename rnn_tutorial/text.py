"""From text to indices: cleaning, vocabulary, encoding, truncation."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from rnn_tutorial import _checks

PADDING = "<pad>"
UNKNOWN = "<unk>"


def clean(text: str, *, lowercase: bool = False) -> str:
    """Normalize what looks the same to be the same.

    Unicode normal form C (one code point for "é", not "e" and an accent), runs of white space
    to one space, none at the ends.

    Parameters
    ----------
    text : str
        The text.
    lowercase : bool
        Drop capitals too. They can be informative, so this is off by default.

    Raises
    ------
    TypeError
        If `text` is not a string.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, got {type(text).__name__}")
    text = unicodedata.normalize("NFC", text.lower() if lowercase else text)
    return re.sub(r"\s+", " ", text).strip()


class Vocabulary:
    """A two-way table between tokens and indices.

    Index 0 is padding and index 1 stands for every token that the table does not hold.

    Parameters
    ----------
    tokens : sequence of str
        The tokens beyond those two, in the order of their indices.
    lowercase : bool
        Whether texts are put into lower case before they are looked up.

    Raises
    ------
    ValueError
        If a token is repeated or reserved.
    """

    padding_index = 0
    unknown_index = 1

    def __init__(self, tokens: Iterable[str], *, lowercase: bool = False):
        self.tokens = (PADDING, UNKNOWN, *tokens)
        self.lowercase = lowercase
        self._index = {token: index for index, token in enumerate(self.tokens)}
        if len(self._index) != len(self.tokens):
            repeated = [token for token, count in Counter(self.tokens).items() if count > 1]
            raise ValueError(f"tokens must be distinct and not reserved, got twice: {repeated}")

    @classmethod
    def from_texts(
        cls, texts: Iterable[str], *, lowercase: bool = False, min_count: int = 1
    ) -> "Vocabulary":
        """Collect the characters of the training texts that occur at least `min_count` times.

        Raises
        ------
        ValueError
            If `texts` holds no character, or `min_count` is below 1.
        TypeError
            If `texts` is one string.
        """
        _checks.integer("min_count", min_count, 1)
        if isinstance(texts, str):
            raise TypeError(f"texts must be several str, got the str {texts!r}; use [text]")
        counts = Counter(c for text in texts for c in clean(text, lowercase=lowercase))
        if not counts:
            raise ValueError("texts must hold at least one character, got none")
        kept = sorted(token for token, count in counts.items() if count >= min_count)
        return cls(kept, lowercase=lowercase)

    def __len__(self):
        return len(self.tokens)

    def __contains__(self, token):
        return token in self._index

    def encode(self, text: str, *, max_length: int | None = None) -> list[int]:
        """Clean a text, turn its characters into indices and cut it off at `max_length`.

        A character that the vocabulary does not hold becomes `unknown_index`.

        Returns
        -------
        list of int
            At least one and at most `max_length` indices.

        Raises
        ------
        ValueError
            If nothing is left of the text after cleaning: a network needs at least one step.
        """
        cleaned = clean(text, lowercase=self.lowercase)
        if not cleaned:
            raise ValueError(f"text must hold at least one character, got {text!r}")
        return truncate(
            [self._index.get(character, self.unknown_index) for character in cleaned], max_length
        )

    def decode(self, indices: Iterable[int]) -> str:
        """Turn indices back into text, without the padding.

        Raises
        ------
        ValueError
            If an index is outside the vocabulary.
        """
        indices = [int(index) for index in indices]
        for index in indices:
            if not 0 <= index < len(self):
                raise ValueError(f"indices must be from 0 to {len(self) - 1}, got {index}")
        return "".join(self.tokens[index] for index in indices if index != self.padding_index)


def truncate(sequence: Sequence[int], max_length: int | None) -> Sequence[int]:
    """Keep the first `max_length` elements; all of them if `max_length` is None.

    Raises
    ------
    ValueError
        If `max_length` is below 1.
    """
    if max_length is not None:
        _checks.integer("max_length", max_length, 1)
    return sequence[:max_length]
