"""N-gram models with interpolated Witten-Bell smoothing, counted and looked up with sorted arrays.

An n-gram of symbols below V is one integer, its digits in base V, so that counting is sorting and
looking up is a binary search. There is no loop over the text.
"""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from rnn_tutorial import _arguments


class WittenBell:
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

    def __init__(self, tokens: Sequence[int], order: int, vocabulary_size: int):
        self.order = _arguments.integer("order", order, 1)
        self.vocabulary_size = _arguments.integer("vocabulary_size", vocabulary_size, 1)
        if order * np.log2(max(vocabulary_size, 2)) >= 63:
            raise ValueError(f"order must be lower for {vocabulary_size} symbols, got {order}")
        tokens = self._checked(tokens)
        if len(tokens) < order:
            raise ValueError(f"tokens must be at least {order}, got {len(tokens)}")
        self._counts, self._contexts = [], []
        for length in range(1, order + 1):
            grams, counts = np.unique(self._numbers(tokens, length), return_counts=True)
            contexts = grams // vocabulary_size
            first = np.flatnonzero(np.diff(contexts, prepend=-1))
            types = np.diff(first, append=len(grams))  # different symbols after each context
            self._counts.append((grams, counts))
            self._contexts.append((contexts[first], types, np.add.reduceat(counts, first)))

    def __len__(self):
        """Count the different n-grams of the highest order."""
        return len(self._counts[-1][0])

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
        numbers, counts = self._counts[length - 1]
        contexts, types, totals = self._contexts[length - 1]
        count = _look_up(grams, numbers, counts)
        of_context = grams // self.vocabulary_size
        kinds = _look_up(of_context, contexts, types)
        total = _look_up(of_context, contexts, totals)
        mixed = (count + kinds * shorter) / np.maximum(total + kinds, 1)
        return np.where(total > 0, mixed, shorter)

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


def _look_up(wanted: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the value of each wanted key, and 0 for one that the sorted `keys` lack."""
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, values[places], 0)
