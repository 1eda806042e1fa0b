"""Writing with a model: filters on the next symbol's distribution, generation, what was copied.

A model is anything with a method ``predict(tokens, state=None)`` that reads tokens from a state on
and returns the log-probabilities of the next one, (vocabulary,), and the new state: a
`rnn_tutorial.models.LanguageModel`, the NumPy network of chapter 4, an n-gram model, the networks
of chapter 3, or a table of your own.
"""

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from rnn_tutorial import _arguments


class Predictor(Protocol):
    """What `generate` needs of a model."""

    def predict(self, tokens: Sequence[int], state=None):
        """Read tokens from a state on; return log-probabilities (vocabulary,) and the new state."""


def temper(logits: Tensor, temperature: float) -> Tensor:
    """Divide logits by a temperature: below 1 the probable becomes more so, above 1 less.

    Parameters
    ----------
    logits : Tensor, (..., vocabulary)
        Logits or log-probabilities. Probabilities would be wrong here.
    temperature : float
        Above 0. At 1 nothing changes; toward 0 only the most probable symbol is left.

    Returns
    -------
    Tensor, (..., vocabulary)
        Log-probabilities.

    Raises
    ------
    TypeError, ValueError
        If the temperature is not a positive finite number.
    """
    return (logits / _arguments.positive("temperature", temperature)).log_softmax(-1)


def keep_top_k(logits: Tensor, k: int) -> Tensor:
    """Keep the k most probable symbols and give all others probability zero [1]_.

    In a tie for the k-th place, symbols with the lower index are kept.

    Parameters
    ----------
    logits : Tensor, (..., vocabulary)
        Logits or log-probabilities.
    k : int
        How many; all of them if there are fewer.

    Returns
    -------
    Tensor, (..., vocabulary)
        Log-probabilities, -inf for what is left out.

    Raises
    ------
    TypeError, ValueError
        If `k` is not an integer or is below 1.

    References
    ----------
    .. [1] Fan, Lewis and Dauphin, Hierarchical neural story generation, ACL 2018, section 5.4.
    """
    k = min(_arguments.integer("k", k, 1), logits.shape[-1])
    order = logits.argsort(dim=-1, descending=True, stable=True)
    return _keep(logits, order, torch.arange(logits.shape[-1], device=logits.device) < k)


def keep_nucleus(logits: Tensor, p: float) -> Tensor:
    """Keep the nucleus: the fewest symbols whose probabilities add up to at least p [1]_.

    Parameters
    ----------
    logits : Tensor, (..., vocabulary)
        Logits or log-probabilities.
    p : float
        Above 0, at most 1. The most probable symbol is always kept; at 1 all are.

    Returns
    -------
    Tensor, (..., vocabulary)
        Log-probabilities, -inf for what is left out.

    Raises
    ------
    TypeError, ValueError
        If `p` is not a number above 0 and at most 1.

    References
    ----------
    .. [1] Holtzman et al., The curious case of neural text degeneration, ICLR 2020, section 3.1.
    """
    if _arguments.probability("p", p, one=True) == 0:
        raise ValueError("p must be above 0 and at most 1, got 0")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    sorted_ = logits.softmax(-1).gather(-1, order)
    before = sorted_.cumsum(-1) - sorted_  # what the more probable ones add up to
    kept = (before < p - 1e-9) | (p == 1)  # rounding must not admit another one
    return _keep(logits, order, kept)


def _keep(logits: Tensor, order: Tensor, kept: Tensor) -> Tensor:
    mask = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, kept.expand(order.shape))
    return logits.masked_fill(~mask, -math.inf).log_softmax(-1)


def draw(log_probabilities: Tensor, generator: torch.Generator) -> int:
    """Draw one symbol: the first whose cumulative probability exceeds a uniform number.

    Parameters
    ----------
    log_probabilities : Tensor, (vocabulary,)
        Of each symbol.
    generator : torch.Generator
        Draws one number in float64.

    Returns
    -------
    int
        A symbol whose probability is not zero.
    """
    cumulated = log_probabilities.double().exp().cumsum(0)
    number = torch.rand((), dtype=torch.float64, generator=generator) * cumulated[-1]
    return int(torch.searchsorted(cumulated, number, right=True))


def generate(
    model: Predictor,
    prompt: Sequence[int],
    length: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
) -> list[int]:
    """Let a model write: draw a symbol, let the model read it, draw the next.

    The temperature comes first, then the filter; at most one filter can be given.

    Parameters
    ----------
    model : Predictor
        Anything with a method ``predict``; see the top of this module.
    prompt : sequence of int
        What it reads before it writes; at least one symbol.
    length : int
        How many symbols it writes.
    temperature : float
        See `temper`; 0 is *greedy*: always the most probable symbol, the first in a tie.
    top_k : int, optional
        See `keep_top_k`.
    top_p : float, optional
        See `keep_nucleus`.
    generator : torch.Generator, optional
        Draws; needed unless `temperature` is 0.

    Returns
    -------
    list of int
        What was written, without the prompt.

    Raises
    ------
    TypeError, ValueError
        If the prompt is empty, the length below 1, the temperature negative, both filters are given
        or either with temperature 0, or `generator` is missing.
    FloatingPointError
        If the model's answer is not a distribution.
    """
    _check(prompt, length, temperature, top_k, top_p, generator)
    written, state, read = [], None, [int(token) for token in prompt]
    for _ in range(length):
        answer, state = model.predict(read, state)
        token = _choose(torch.as_tensor(answer), temperature, top_k, top_p, generator)
        written.append(token)
        read = [token]
    return written


def _check(prompt, length, temperature, top_k, top_p, generator) -> None:
    if len(prompt) == 0:
        raise ValueError("prompt must hold at least one symbol, got none")
    _arguments.integer("length", length, 1)
    greedy = _arguments.real("temperature", temperature) == 0
    if temperature < 0:
        raise ValueError(f"temperature must be at least 0, got {temperature}")
    if (top_k is not None) + (top_p is not None) + greedy > 1:
        raise ValueError("top_k, top_p and temperature=0 exclude each other, got more than one")
    if generator is None and not greedy:
        raise ValueError("generator must be given unless temperature is 0, got None")


def _choose(logits: Tensor, temperature, top_k, top_p, generator) -> int:
    """Take the most probable symbol at temperature 0, else draw from what the filter keeps."""
    if not torch.isfinite(logits.logsumexp(-1)):
        raise FloatingPointError("the model's answer is not a distribution: it holds nan or inf")
    if temperature == 0:
        return int(logits.argmax())
    logits = temper(logits, temperature)
    if top_k is not None:
        logits = keep_top_k(logits, top_k)
    if top_p is not None:
        logits = keep_nucleus(logits, top_p)
    return draw(logits, generator)


def shared_lengths(text: str, source: str) -> np.ndarray:
    """Return for each place of a text the length of the passage of a source that begins there.

    The largest is the length of the longest substring that both have. When the place moves on by
    one, the passage loses at most one character, so about two passages are searched for at each
    place, with Python's own ``in``.

    Parameters
    ----------
    text : str
        What may have been copied, for example what a model wrote.
    source : str
        What it may have been copied from, for example the training text.

    Returns
    -------
    ndarray of int, (length of the text,)
        0 where not even the character occurs in the source.
    """
    lengths = np.zeros(len(text), dtype=int)
    length = 0
    for start in range(len(text)):
        length = max(length - 1, 0)
        while start + length < len(text) and text[start : start + length + 1] in source:
            length += 1
        lengths[start] = length
    return lengths


def distinct(items: Sequence, n: int = 1) -> float:
    """Return the share of different n-grams among all n-grams of a sequence [1]_.

    Parameters
    ----------
    items : sequence
        Characters of a str, or words.
    n : int
        The length of the n-grams.

    Returns
    -------
    float
        1 if no n-gram occurs twice. It falls as the sequence grows, so compare equal lengths.

    Raises
    ------
    ValueError
        If `n` is below 1, or there are fewer than `n` items.

    References
    ----------
    .. [1] Li et al., A diversity-promoting objective function for neural conversation models,
       NAACL 2016.
    """
    _arguments.integer("n", n, 1)
    grams = [tuple(items[i : i + n]) for i in range(len(items) - n + 1)]
    if not grams:
        raise ValueError(f"items must be at least {n}, got {len(items)}")
    return len(set(grams)) / len(grams)
