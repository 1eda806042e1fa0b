"""Subwords by byte-pair encoding: learn which neighbors to merge, then cut words accordingly.

The algorithm is that of Sennrich, Haddow and Birch, Neural machine translation of rare words with
subword units, ACL 2016, section 3.2; ties are broken so that the result is always the same.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from rnn_tutorial import _arguments

END = "·"  # follows the last character of a word

Pair = tuple[str, str]


def pieces(word: str) -> tuple[str, ...]:
    """Cut a word into its characters, the last one marked as the end of the word.

    Raises
    ------
    ValueError
        If the word is empty.
    TypeError
        If it is not a string.
    """
    if not isinstance(word, str):
        raise TypeError(f"word must be a str, got {type(word).__name__}")
    if not word:
        raise ValueError("word must hold at least one character, got ''")
    return (*word[:-1], word[-1] + END)


def merge(symbols: Sequence[str], pair: Pair) -> tuple[str, ...]:
    """Join each occurrence of a pair of neighbors, from left to right."""
    merged = []
    for symbol in symbols:
        if merged and (merged[-1], symbol) == pair:
            merged[-1] += symbol
        else:
            merged.append(symbol)
    return tuple(merged)


def learn_merges(counts: Mapping[str, int], merges: int) -> list[Pair]:
    """Find the most frequent pair of neighbors, merge it everywhere, and repeat.

    Parameters
    ----------
    counts : mapping of str to int
        How often each word occurs in the training texts.
    merges : int
        How many pairs to merge at most; fewer if every word has become one piece by then.

    Returns
    -------
    list of pairs of str
        In the order in which they were merged. Of pairs that are equally frequent, the
        alphabetically first is merged.

    Raises
    ------
    ValueError
        If there is no word, a word is empty, or `merges` is below 0.
    """
    _arguments.integer("merges", merges, 0)
    if not counts:
        raise ValueError("counts must hold at least one word, got none")
    words = {word: pieces(word) for word in counts}
    pairs, words_with = Counter(), {}
    for word, symbols in words.items():
        _add(pairs, words_with, word, symbols, counts[word])
    learned = []
    for _ in range(merges):
        highest = max(pairs.values(), default=0)
        if highest == 0:
            break
        best = min(pair for pair, count in pairs.items() if count == highest)
        learned.append(best)
        for word in sorted(words_with[best]):  # only these change
            _add(pairs, words_with, word, words[word], -counts[word])
            words[word] = merge(words[word], best)
            _add(pairs, words_with, word, words[word], counts[word])
        del pairs[best]
    return learned


def _add(pairs, words_with, word, symbols, count):
    for pair in pairwise(symbols):
        pairs[pair] += count
        words_with.setdefault(pair, set()).add(word)


class Subwords:
    """Cut words into pieces with learned merges.

    Parameters
    ----------
    merges : iterable of pairs of str
        In the order in which they are applied; see `learn_merges`.
    """

    def __init__(self, merges: Iterable[Pair]):
        self.rank = {pair: rank for rank, pair in enumerate(merges)}
        self._known = {}

    def cut(self, word: str) -> tuple[str, ...]:
        """Cut one word: apply the merges that fit, in the order in which they were learned.

        Raises
        ------
        ValueError
            If the word is empty.
        """
        if word not in self._known:
            symbols = pieces(word)
            while len(symbols) > 1:
                pairs = pairwise(symbols)
                best = min(pairs, key=lambda pair: self.rank.get(pair, len(self.rank)))
                if best not in self.rank:
                    break
                symbols = merge(symbols, best)
            self._known[word] = symbols
        return self._known[word]

    def cut_all(self, words: Iterable[str]) -> list[str]:
        """Cut several words and return all their pieces in one list."""
        return [piece for word in words for piece in self.cut(word)]
