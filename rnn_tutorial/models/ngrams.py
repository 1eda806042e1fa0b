"""N-gram models, smoothed by Witten and Bell's rule or by Kneser and Ney's, with sorted arrays.

An n-gram of symbols below V is one integer, its digits in base V, so that counting is sorting and
looking up is a binary search. There is no loop over the text.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from torch import Tensor

from rnn_tutorial import _arguments


class _NGrams(ABC):
    """Mix what n-grams of each length say with what the shorter ones say.

    A rule of smoothing gives each n-gram a credit, each context a weight and a total:

        p(w | context) = (credit(context, w) + weight(context) · p(w | shorter context)) / total,

    where the shorter context lacks its first symbol. A context that was never seen gives what the
    shorter one does, and below the empty context all symbols are equally probable. So every symbol
    has a probability above zero, and the probabilities add up to one.
    """

    def __init__(self, tokens: Sequence[int], order: int, vocabulary_size: int):
        self.order = _arguments.integer("order", order, 1)
        self.vocabulary_size = _arguments.integer("vocabulary_size", vocabulary_size, 1)
        if order * np.log2(max(vocabulary_size, 2)) >= 63:
            raise ValueError(f"order must be lower for {vocabulary_size} symbols, got {order}")
        tokens = self._checked(tokens)
        if len(tokens) < order:
            raise ValueError(f"tokens must be at least {order}, got {len(tokens)}")
        self._credits, self._contexts = [], []
        for grams, counts in self._count(tokens):
            contexts = grams // vocabulary_size
            first = np.flatnonzero(np.diff(contexts, prepend=-1))
            credit, weight, total = self._smooth(counts, first)
            self._credits.append((grams, credit))
            self._contexts.append((contexts[first], weight, total))

    def _count(self, tokens: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the sorted n-grams of each length, from 1 to `order`, with their counts."""
        lengths = range(1, self.order + 1)
        return [np.unique(self._numbers(tokens, n), return_counts=True) for n in lengths]

    @abstractmethod
    def _smooth(self, counts: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return credits of n-grams, and weights and totals of the contexts that begin at `first`.

        The n-grams are sorted, so those of a context stand together.
        """

    def __len__(self):
        """Count the different n-grams of the highest order."""
        return len(self._credits[-1][0])

    def bits(self, tokens: Sequence[int]) -> np.ndarray:
        """Return the bits that each symbol of a text costs, given those before it.

        Parameters
        ----------
        tokens : sequence of int, (length,)
            A text. Its first symbols have less context than `order` - 1.

        Returns
        -------
        ndarray, (length,)
            -log2 of the probability of each symbol.
        """
        tokens = self._checked(tokens)
        found = np.full(len(tokens), 1 / self.vocabulary_size)
        for length in range(1, min(self.order, len(tokens)) + 1):
            grams = self._numbers(tokens, length)
            found[length - 1 :] = self._interpolate(length, grams, found[length - 1 :])
        return -np.log2(found)

    def predict(
        self, tokens: Sequence[int], state: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Read tokens from a state on; return log-probabilities of the next, and the new state.

        This is what `rnn_tutorial.models.generation.generate` needs of a model. The state is the
        context: the last `order` - 1 symbols.
        """
        read = self._checked(tokens)
        context = read if state is None else np.concatenate([state, read])
        context = context[max(0, len(context) - self.order + 1) :]
        symbols = np.arange(self.vocabulary_size)
        found = np.full(self.vocabulary_size, 1 / self.vocabulary_size)
        number, place = 0, 1
        for length in range(1, len(context) + 2):
            found = self._interpolate(length, number * self.vocabulary_size + symbols, found)
            if length <= len(context):
                number += int(context[-length]) * place
                place *= self.vocabulary_size
        return np.log(found), context

    def _interpolate(self, length: int, grams: np.ndarray, shorter: np.ndarray) -> np.ndarray:
        """Mix what n-grams of one length say with what the shorter ones said."""
        numbers, credit = self._credits[length - 1]
        contexts, weight, total = self._contexts[length - 1]
        of_context = grams // self.vocabulary_size
        sums = _look_up(of_context, contexts, total)
        mixed = _look_up(grams, numbers, credit) + _look_up(of_context, contexts, weight) * shorter
        return np.where(sums > 0, mixed / np.maximum(sums, 1), shorter)

    def _numbers(self, tokens: np.ndarray, length: int) -> np.ndarray:
        """Return all n-grams of one length as numbers in base V."""
        end = len(tokens) - length + 1
        numbers = np.zeros(end, dtype=np.int64)
        for start in range(length):
            numbers = numbers * self.vocabulary_size + tokens[start : start + end]
        return numbers

    def _checked(self, tokens: Sequence[int]) -> np.ndarray:
        tokens = tokens.numpy() if isinstance(tokens, Tensor) else np.asarray(tokens)
        if tokens.ndim != 1 or len(tokens) == 0 or not np.issubdtype(tokens.dtype, np.integer):
            raise ValueError(
                "tokens must be one row of integers, at least one, "
                f"got shape {tokens.shape} of {tokens.dtype}"
            )
        if tokens.min() < 0 or tokens.max() >= self.vocabulary_size:
            raise ValueError(
                f"tokens must be from 0 to {self.vocabulary_size - 1}, "
                f"got values from {tokens.min()} to {tokens.max()}"
            )
        return tokens.astype(np.int64)


class WittenBell(_NGrams):
    """Count n-grams up to an order, and say how probable each next symbol is.

    A context that was seen N times, followed by T different symbols, gives [1]_

        p(w | context) = (count(context, w) + T · p(w | shorter context)) / (N + T),

    where the shorter context lacks its first symbol. A context that was never seen gives what the
    shorter one does, and below the empty context all symbols are equally probable. So every symbol
    has a probability above zero, and the probabilities add up to one.

    Parameters
    ----------
    tokens : sequence of int, (length,)
        The training text.
    order : int
        The longest n-gram that is counted: `order` - 1 symbols of context.
    vocabulary_size : int
        Number V of different symbols; those that do not occur in the text count too.

    Raises
    ------
    ValueError
        If `order` or `vocabulary_size` is below 1, the text is shorter than `order`, a token is not
        below `vocabulary_size`, or the numbers of the n-grams do not fit into 63 bits.

    References
    ----------
    .. [1] Witten and Bell, The zero-frequency problem, IEEE Transactions on Information Theory 37,
       1991, method C; interpolated as in Chen and Goodman, An empirical study of smoothing
       techniques for language modeling, 1998, section 2.6.
    """

    def _smooth(self, counts, first):
        types = np.diff(first, append=len(counts))  # different symbols after each context
        return counts, types, np.add.reduceat(counts, first) + types


class KneserNey(_NGrams):
    """Predict the next symbol from n-grams, with modified Kneser-Ney smoothing, interpolated [1]_.

    The rule that wins most comparisons of n-gram models. From the count c of each n-gram a discount
    is taken, D(1), D(2), or D(3) for three and more; what a context saves goes to the shorter one:

        p(w | context) = (c(context, w) - D(c(context, w)) + S · p(w | shorter context)) / N,

    with N and S the sums of the counts and of the discounts over the symbols that followed the
    context. Only n-grams of the highest order are counted as they occur. A shorter one counts how
    many different symbols came *before* it: what was seen in many contexts is what to expect in a
    new one. The discounts follow from how many n-grams have a count of 1, 2, 3 and 4; where there
    are none of one of these, as in a short text, they are 0.5, 1 and 1.5.

    Parameters
    ----------
    tokens : sequence of int, (length,)
        The training text.
    order : int
        The longest n-gram that is counted: `order` - 1 symbols of context.
    vocabulary_size : int
        Number of different symbols; those that do not occur in the text count too.

    Raises
    ------
    ValueError
        As `WittenBell` does.

    References
    ----------
    .. [1] Chen and Goodman, An empirical study of smoothing techniques for language modeling,
       Computer Speech and Language 13, 1999, section 3, after Kneser and Ney, Improved backing-off
       for m-gram language modeling, ICASSP 1995.
    """

    def _count(self, tokens):
        counted = super()._count(tokens)
        for length in range(1, self.order):
            longer, _ = counted[length]
            ends = longer % self.vocabulary_size**length
            counted[length - 1] = np.unique(ends, return_counts=True)
        return counted

    def _smooth(self, counts, first):
        discounts = _discounts(counts)[np.minimum(counts, 3) - 1]
        return counts - discounts, np.add.reduceat(discounts, first), np.add.reduceat(counts, first)


def _discounts(counts: np.ndarray) -> np.ndarray:
    """Return what is taken from the counts 1, 2, and 3 or more (Chen and Goodman, equation 17)."""
    n = np.bincount(np.minimum(counts, 5), minlength=6)[1:5].astype(float)
    if not n.all():
        return np.array([0.5, 1.0, 1.5])
    share = n[0] / (n[0] + 2 * n[1])
    found = np.arange(1, 4) - np.arange(2, 5) * share * n[1:] / n[:-1]
    return np.clip(found, 0, np.arange(1, 4))


def _look_up(wanted: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the value of each wanted key, and 0 for one that the sorted `keys` lack."""
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, values[places], 0)
