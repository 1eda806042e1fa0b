"""From text to indices: cleaning, vocabulary, encoding, truncation."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from rnn_tutorial import _arguments

PADDING = "<pad>"
UNKNOWN = "<unk>"
RESERVED = (PADDING, UNKNOWN)

# control characters that are no white space, and what Unicode calls default ignorable
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# micro sign, letters in pairs, ellipsis, Roman numerals, radicals, wide space, ligatures and Arabic
# letters as they are printed, full and half width, mathematical alphabets
_LOOK_ALIKE = re.compile(
    "[\u00b5\u0132\u0133\u01c4-\u01cc\u01f1-\u01f3\u2026\u2160-\u217f\u2e80-\u2fd5\u3000"
    "\ufb00-\ufdff\ufe70-\uffdc\uffe0-\uffe2\uffe4-\uffee\U0001d400-\U0001d7ff]"
)
_QUOTES = str.maketrans("\u2018\u2019\u201b\u02bb\u02bc\u00b4\u201c\u201d", "''''''" + '""')
# letters of languages that are written without spaces: Thai, Lao, Burmese, Khmer, Chinese, Japanese
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    "\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
)
_MARKS = "".join(chr(c) for c in range(0x300, 0x10000) if unicodedata.category(chr(c))[0] == "M")
_UNSPACED_LETTER = re.compile(rf"[{_UNSPACED}][{_MARKS}]*")
_TOKEN = re.compile(rf"\d+(?:[.,:]\d+)+[\w'{_MARKS}]*|[\w'{_MARKS}]+|[^\w\s]")


def clean(text: str, *, lowercase: bool = False) -> str:
    """Make texts that look the same equal.

    What cannot be seen is dropped: zero-width characters, byte order marks, soft hyphens, marks of
    the direction of writing, variation selectors, control characters. A family emoji thereby
    becomes its members. Ligatures, letters of full or half width, mathematical letters and the like
    become plain letters, and curly quotation marks and apostrophes straight ones; superscripts and
    fractions stay, because they mean something else. Then comes Unicode normal form C (one code
    point for "é", not "e" and an accent), and each run of white space becomes one space, with none
    at the ends.

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
    text = _plain(text)
    if lowercase:
        text = _plain(text.lower())
    return re.sub(r"\s+", " ", text).strip()


def _plain(text):
    text = _INVISIBLE.sub("", text)
    if text.isascii():
        return text
    text = _LOOK_ALIKE.sub(
        lambda found: unicodedata.normalize("NFKC", found[0]), unicodedata.normalize("NFC", text)
    )
    return unicodedata.normalize("NFC", text.translate(_QUOTES))


def is_unspaced(text: str) -> bool:
    """Tell whether a text has letters of a language that is written without spaces."""
    return _UNSPACED_LETTER.search(text) is not None


def strip_accents(text: str) -> str:
    """Return a text without its combining marks: "Novák" becomes "Novak"."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(text: str, *, lowercase: bool = True) -> list[str]:
    """Clean a text and cut it into words and punctuation marks.

    A word is a run of letters, digits and apostrophes, so "'tis" and "king's" are one each, and so
    is a number such as "3.14" or "1,000"; any other mark except white space is a token of its own.
    Chinese, Japanese, Thai, Lao, Khmer and Burmese are written without spaces, so their words
    cannot be seen: they are cut into characters.

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
    return _TOKEN.findall(_UNSPACED_LETTER.sub(r" \g<0> ", clean(text, lowercase=lowercase)))


class Vocabulary:
    """A two-way table between tokens and indices, which knows how a text is cut into tokens.

    Index 0 is padding, and index 1 stands for every token that is not in the table. A vocabulary
    comes back from its `settings`, ``Vocabulary(**settings)``.

    Parameters
    ----------
    tokens : sequence of str
        The other tokens, in the order of their indices; ``vocabulary.tokens`` will do as well.
    lowercase : bool
        Whether texts are put into lower case before they are looked up.
    cut : {"characters", "words"} or None
        What `encode` cuts a text into; see `words`. With None the tokens were cut in a way that the
        vocabulary does not know, so it looks up tokens and encodes no text.

    Raises
    ------
    ValueError
        If a token is repeated or reserved, `cut` is not one of those, or a token is longer than the
        character that it should be.
    """

    padding_index = 0
    unknown_index = 1

    def __init__(
        self, tokens: Iterable[str], *, lowercase: bool = False, cut: str | None = "characters"
    ):
        tokens = tuple(tokens)
        self.tokens = tokens if tokens[:2] == RESERVED else RESERVED + tokens
        self.lowercase = lowercase
        self.cut = None if cut is None else _arguments.choice("cut", cut, ("characters", "words"))
        self._index = {token: index for index, token in enumerate(self.tokens)}
        if len(self._index) != len(self.tokens):
            repeated = [token for token, count in Counter(self.tokens).items() if count > 1]
            raise ValueError(
                f"tokens must be distinct and not reserved, got more than once: {repeated}"
            )
        longer = [token for token in self.tokens[2:] if len(token) != 1]
        if cut == "characters" and longer:
            raise ValueError(
                f'tokens must be single characters, got {longer[0]!r}; say cut="words", or '
                f"cut=None if you cut texts yourself"
            )

    @property
    def settings(self) -> dict:
        """The arguments that make this vocabulary again, in types that JSON has."""
        return {"tokens": list(self.tokens), "lowercase": self.lowercase, "cut": self.cut}

    @classmethod
    def from_texts(
        cls,
        texts: Iterable[str],
        *,
        cut: str = "characters",
        lowercase: bool = False,
        min_count: int = 1,
        max_size: int | None = None,
    ) -> "Vocabulary":
        """Collect the characters or the words of the training texts.

        Characters are in alphabetical order, words as in `from_tokens`.

        Parameters
        ----------
        texts : iterable of str
            The training texts.
        cut : {"characters", "words"}
            What to cut them into, here and in `encode`.
        lowercase : bool
            Whether to drop capitals.
        min_count : int
            How often a token has to occur.
        max_size : int, optional
            How many tokens there are at most, the most frequent, apart from padding and unknown.

        Raises
        ------
        ValueError
            If `texts` holds no character, `cut` is not one of those, or `min_count` or `max_size`
            is below 1.
        TypeError
            If `texts` is one string, or holds something else than strings.
        """
        _arguments.choice("cut", cut, ("characters", "words"))
        if isinstance(texts, str):
            raise TypeError(f"texts must be several str, got the str {texts!r}; use [text]")
        texts = list(texts)
        for text in texts:
            if not isinstance(text, str):
                raise TypeError(f"texts must be several str, got one {type(text).__name__}")
        pieces = words if cut == "words" else clean
        counts = _count([pieces(text, lowercase=lowercase) for text in texts], "character")
        tokens = _most_frequent(counts, min_count, max_size)
        return cls(sorted(tokens) if cut == "characters" else tokens, lowercase=lowercase, cut=cut)

    @classmethod
    def from_tokens(
        cls, texts: Iterable[Sequence[str]], *, min_count: int = 1, max_size: int | None = None
    ) -> "Vocabulary":
        """Collect the tokens of training texts that are already cut, the most frequent first.

        Tokens that occur equally often are in alphabetical order. A token that is written like a
        reserved one, as in a corpus with "<unk>" for its rare words, is taken for that. The
        vocabulary does not know how the texts were cut, so it looks up tokens (`look_up`) and
        encodes no text.

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
        texts = list(texts)
        for text in texts:
            if isinstance(text, str):
                raise TypeError(f"texts must be sequences of tokens, got the str {text!r}")
        return cls(_most_frequent(_count(texts, "token"), min_count, max_size), cut=None)

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
        """Clean a text, cut it, turn its tokens into indices and cut those off at `max_length`.

        A token that is not in the vocabulary becomes `unknown_index`.

        Returns
        -------
        list of int
            At least one and at most `max_length` indices.

        Raises
        ------
        ValueError
            If nothing is left of the text after cleaning, since a network needs at least one step;
            or if the vocabulary was made from tokens and does not know how to cut a text.
        """
        if self.cut is None:
            raise ValueError(
                "this vocabulary was made from tokens and cannot cut a text: look up its tokens, "
                "as in look_up(words(text)), or make it with "
                'Vocabulary.from_texts(texts, cut="words")'
            )
        cleaned = clean(text, lowercase=self.lowercase)
        if not cleaned:
            raise ValueError(f"text must hold at least one character, got {text!r}")
        tokens = words(cleaned, lowercase=self.lowercase) if self.cut == "words" else list(cleaned)
        return truncate(self.look_up(tokens), max_length)

    def decode(self, indices: Iterable[int]) -> str:
        """Turn indices back into text, without the padding; words get a space between them.

        Raises
        ------
        ValueError
            If an index is outside the vocabulary.
        """
        indices = [int(index) for index in indices]
        for index in indices:
            if not 0 <= index < len(self):
                raise ValueError(f"indices must be from 0 to {len(self) - 1}, got {index}")
        between = " " if self.cut == "words" else ""
        return between.join(self.tokens[index] for index in indices if index != self.padding_index)


def _count(texts, what):
    counts = Counter(token for text in texts for token in text if token not in RESERVED)
    if not counts:
        raise ValueError(f"texts must hold at least one {what}, got none")
    return counts


def _most_frequent(counts, min_count, max_size):
    _arguments.integer("min_count", min_count, 1)
    if max_size is not None:
        _arguments.integer("max_size", max_size, 1)
    kept = [token for token, count in counts.items() if count >= min_count]
    return sorted(kept, key=lambda token: (-counts[token], token))[:max_size]


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
