"""From text to indices: cleaning, vocabulary, encoding, truncation."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from rnn_tutorial import _arguments

PADDING = "<pad>"
UNKNOWN = "<unk>"


def clean(text: str, *, lowercase: bool = False) -> str:
    """Make texts that look the same equal.

    Unicode normal form C (one code point for "é", not "e" and an accent), each run of white space
    replaced by one space, and none at the ends.

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


def strip_accents(text: str) -> str:
    """Return a text without its combining marks: "Novák" becomes "Novak"."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(text: str, *, lowercase: bool = True) -> list[str]:
    """Clean a text and cut it into words and punctuation marks.

    A word is a run of letters, digits and apostrophes, so "'tis" and "king's" are one each; any
    other mark except white space is a token of its own.

    Parameters
    ----------
    text : str
        The text.
    lowercase : bool
        Drop capitals, so that "The" and "the" are one word.

    Returns
    -------
    list of str
        The tokens; none for an empty text.

    Raises
    ------
    TypeError
        If `text` is not a string.
    """
    return re.findall(r"[\w']+|[^\w\s]", clean(text, lowercase=lowercase))


class Vocabulary:
    """A two-way table between tokens and indices.

    Index 0 is padding, and index 1 stands for every token that is not in the table.

    Parameters
    ----------
    tokens : sequence of str
        The other tokens, in the order of their indices.
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
            raise ValueError(
                f"tokens must be distinct and not reserved, got more than once: {repeated}"
            )

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
            If `texts` is one string, or holds something else than strings.
        """
        _arguments.integer("min_count", min_count, 1)
        if isinstance(texts, str):
            raise TypeError(f"texts must be several str, got the str {texts!r}; use [text]")
        counts = Counter()
        for text in texts:
            if not isinstance(text, str):
                raise TypeError(f"texts must be several str, got one {type(text).__name__}")
            counts.update(clean(text, lowercase=lowercase))
        if not counts:
            raise ValueError("texts must hold at least one character, got none")
        kept = sorted(token for token, count in counts.items() if count >= min_count)
        return cls(kept, lowercase=lowercase)

    @classmethod
    def from_tokens(
        cls, texts: Iterable[Sequence[str]], *, min_count: int = 1, max_size: int | None = None
    ) -> "Vocabulary":
        """Collect the tokens of training texts that are already cut, the most frequent first.

        Tokens that occur equally often are in alphabetical order.

        Parameters
        ----------
        texts : iterable of sequences of str
            The tokens of each text; see `words`.
        min_count : int
            How often a token has to occur.
        max_size : int, optional
            How many tokens there are at most, apart from padding and unknown.

        Raises
        ------
        TypeError
            If a text is one string, which would be cut into characters.
        ValueError
            If `texts` holds no token, or `min_count` or `max_size` is below 1.
        """
        _arguments.integer("min_count", min_count, 1)
        if max_size is not None:
            _arguments.integer("max_size", max_size, 1)
        counts = Counter()
        for text in texts:
            if isinstance(text, str):
                raise TypeError(f"texts must be sequences of tokens, got the str {text!r}")
            counts.update(text)
        if not counts:
            raise ValueError("texts must hold at least one token, got none")
        kept = [token for token, count in counts.items() if count >= min_count]
        return cls(sorted(kept, key=lambda token: (-counts[token], token))[:max_size])

    def look_up(self, tokens: Iterable[str]) -> list[int]:
        """Turn tokens into indices; one that is not in the vocabulary becomes `unknown_index`.

        Raises
        ------
        TypeError
            If `tokens` is one string; `encode` is for texts that are not cut yet.
        """
        if isinstance(tokens, str):
            raise TypeError(f"tokens must be several str, got the str {tokens!r}")
        return [self._index.get(token, self.unknown_index) for token in tokens]

    def __len__(self):
        return len(self.tokens)

    def __contains__(self, token):
        return token in self._index

    def encode(self, text: str, *, max_length: int | None = None) -> list[int]:
        """Clean a text, turn its characters into indices and cut it off at `max_length`.

        A character that is not in the vocabulary becomes `unknown_index`.

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
        _arguments.integer("max_length", max_length, 1)
    return sequence[:max_length]
