"""Tasks about formal languages: Reber's grammar, counting, parity, a stack in one number."""

from fractions import Fraction

import torch

from rnn_tutorial import _arguments
from rnn_tutorial.tasks.sequences import Sequences, draw, only_where

REBER_SYMBOLS = "BTPSXVE"
# For each state the symbols that may come, and the states that they lead to.
REBER = (
    {"T": 1, "P": 2},
    {"S": 1, "X": 3},
    {"T": 2, "V": 4},
    {"X": 2, "S": 5},
    {"P": 3, "V": 5},
    {"E": 6},
)


def embedded_reber(
    batch_size: int, *, generator: torch.Generator
) -> tuple[Sequences, tuple[str, ...]]:
    """Draw strings of the embedded Reber grammar [1]_.

    A Reber string runs through a graph of six states from B to E, with two ways at each fork. It is
    embedded between two equal symbols: B T (a Reber string) T E or B P (a Reber string) P E. The
    outer T or P at the end can be predicted only by remembering the second symbol.

    Parameters
    ----------
    batch_size : int
        How many strings.
    generator : torch.Generator
        Takes each of the two ways with probability 1/2.

    Returns
    -------
    sequences : Sequences
        Inputs (batch, time, 7): one-hot vectors of B, T, P, S, X, V, E, zeros after the end.
        Targets of the same shape: 1 for each symbol that may come next. The step that counts is the
        one before the outer T or P. The last symbol, E, appears in the targets only.
    strings : tuple of str
        The strings.

    Notes
    -----
    The floor: an E comes before the outer T or P, whichever of the two it is, so the best guess is
    right half of the time.

    References
    ----------
    .. [1] Hochreiter and Schmidhuber, Long short-term memory, Neural Computation 9, 1997, task 1;
       the grammar is Reber's, 1967.
    """
    strings, legal = zip(
        *(_embedded(generator) for _ in range(_arguments.integer("batch_size", batch_size, 1))),
        strict=True,
    )
    lengths = torch.tensor([len(string) - 1 for string in strings])
    inputs, targets = torch.zeros(2, batch_size, int(lengths.max()), len(REBER_SYMBOLS))
    counts = torch.zeros(inputs.shape[:2], dtype=torch.bool)
    for row, (string, allowed) in enumerate(zip(strings, legal, strict=True)):
        inputs[row, : len(string) - 1] = _one_hot(string[:-1])
        targets[row, : len(string) - 1] = torch.stack([_any_of(symbols) for symbols in allowed])
        counts[row, len(string) - 3] = True
    return Sequences(inputs, targets, counts, lengths), strings


def reber_stream(strings: int, *, generator: torch.Generator) -> tuple[Sequences, str]:
    """Draw embedded Reber strings, one after the other, without a mark and without a reset [1]_.

    Parameters
    ----------
    strings : int
        How many.
    generator : torch.Generator
        See `embedded_reber`.

    Returns
    -------
    sequences : Sequences
        Inputs and targets (time, 7) as those of `embedded_reber`; after the E of a string comes the
        B of the next. The steps that count are those before an outer T or P.
    text : str
        The symbols of the inputs.

    Notes
    -----
    The floor is that of `embedded_reber`, 1/2.

    References
    ----------
    .. [1] Gers, Schmidhuber and Cummins, Learning to forget, Neural Computation 12, 2000.
    """
    drawn = [_embedded(generator) for _ in range(_arguments.integer("strings", strings, 1))]
    allowed = [symbols for _, legal in drawn for symbols in (*legal, "B")]
    counts = torch.zeros(len(allowed), dtype=torch.bool)
    ends = torch.tensor([len(string) for string, _ in drawn]).cumsum(0)
    counts[ends - 3] = True
    text = "".join(string for string, _ in drawn)
    return Sequences(_one_hot(text), torch.stack([_any_of(s) for s in allowed]), counts), text


def next_symbols(sequences: Sequences) -> torch.Tensor:
    """Return the symbol that comes next at each step of Reber strings, (batch, time) or (time,).

    That of the last step of a string or of a stream is the one that alone may come; after the
    end it is `NOTHING`.
    """
    following = sequences.inputs.argmax(-1)
    following = torch.cat([following[..., 1:], following[..., -1:]], dim=-1)
    step = torch.arange(following.shape[-1])
    if sequences.lengths is None:
        last, real = step == len(step) - 1, torch.ones_like(step, dtype=torch.bool)
    else:
        lengths = sequences.lengths[:, None]
        last, real = step == lengths - 1, step < lengths
    following = torch.where(last, sequences.targets.argmax(-1), following)
    return only_where(following, real)


def outer_right(logits: torch.Tensor, sequences: Sequences) -> float:
    """Return the share of outer T and P that are predicted: its logit is above the other's."""
    of_t_and_p = [1, 2]
    said = logits[sequences.counts][:, of_t_and_p].argmax(1)
    wanted = sequences.targets[sequences.counts][:, of_t_and_p].argmax(1)
    return (said == wanted).double().mean().item()


def legal(logits: torch.Tensor, sequences: Sequences) -> float:
    """Return the share of all steps whose highest logit is at a symbol that may come."""
    may_come = sequences.targets.gather(-1, logits.argmax(-1, keepdim=True))[..., 0] == 1
    real = sequences.targets.any(-1)
    return may_come[real].double().mean().item()


def counting(
    batch_size: int, low: int, high: int, *, generator: torch.Generator
) -> tuple[Sequences, torch.Tensor]:
    """Draw words aⁿbⁿ, in which only counting tells the last b [1]_.

    Parameters
    ----------
    batch_size : int
        How many words.
    low, high : int
        The range of n, both ends included.
    generator : torch.Generator
        Draws n.

    Returns
    -------
    sequences : Sequences
        Inputs (batch, time, 2): one-hot vectors of a and b, zeros after the end. Targets
        (batch, time, 3): 1 for what may come next, a, b or the end. The steps count from the first
        b on, where only one thing may come. A network accepts a word if it is right at all of them.
    n : Tensor of int64, (batch,)
        The numbers.

    Notes
    -----
    The floor: a reader who sees only the current b must give the same answer after each of them, so
    no word with n > 1 is right.

    References
    ----------
    .. [1] Weiss, Goldberg and Yahav, On the practical computational power of finite precision RNNs
       for language recognition, ACL 2018.
    """
    batch_size = _arguments.integer("batch_size", batch_size, 1)
    low = _arguments.integer("low", low, 1)
    high = _arguments.integer("high", high, low)
    n = low + draw(high - low + 1, batch_size, generator)
    step = torch.arange(2 * int(n.max()))
    is_a, is_real = step < n[:, None], step < 2 * n[:, None]
    is_b = is_real & ~is_a
    is_last = step == 2 * n[:, None] - 1
    inputs = torch.stack([is_a, is_b], dim=2)
    targets = torch.stack([is_a, is_a | (is_b & ~is_last), is_last], dim=2)
    dtype = torch.get_default_dtype()
    return Sequences(inputs.to(dtype), targets.to(dtype), is_b, 2 * n), n


def parity(batch_size: int, low: int, high: int, *, generator: torch.Generator) -> Sequences:
    """Draw bits and ask whether the number of ones is odd [1]_.

    Parameters
    ----------
    batch_size : int
        How many sequences.
    low, high : int
        The range of their lengths, both ends included.
    generator : torch.Generator
        Draws lengths and bits.

    Returns
    -------
    Sequences
        Inputs (batch, time, 1), 0 or 1, zeros after the end. Targets (batch,): 1 if odd. The last
        step of each sequence counts.

    Notes
    -----
    The floor: one bit says nothing about the parity of several, so the best guess is right half of
    the time.

    References
    ----------
    .. [1] Delétang et al., Neural networks and the Chomsky hierarchy, ICLR 2023.
    """
    batch_size = _arguments.integer("batch_size", batch_size, 1)
    low = _arguments.integer("low", low, 1)
    high = _arguments.integer("high", high, low)
    lengths = low + draw(high - low + 1, batch_size, generator)
    step = torch.arange(int(lengths.max()))
    bits = draw(2, (batch_size, len(step)), generator) * (step < lengths[:, None])
    counts = step == lengths[:, None] - 1
    inputs = bits[:, :, None].to(torch.get_default_dtype())
    return Sequences(inputs, bits.sum(1) % 2, counts, lengths)


def one_number_stack(
    length: int, *, generator: torch.Generator
) -> tuple[tuple[int, ...], Fraction]:
    """Draw bits and put them on a stack that is one rational number [1]_.

    The stack is what a unit of a recurrent network with rational weights can hold. The empty
    stack is 0; `push` is q → (q + 2 b + 1) / 4, `top` reads σ(4 q - 2), where σ clips to the range
    from 0 to 1, and `pop` is q → 4 q - 2 top(q) - 1. One stack makes a pushdown automaton, two make
    a Turing machine.

    Parameters
    ----------
    length : int
        How many bits.
    generator : torch.Generator
        Draws them.

    Returns
    -------
    bits : tuple of int
        The bits in the order in which they were pushed.
    number : Fraction
        The stack, exactly. As a float64 it is exact up to 26 bits.

    Notes
    -----
    The floor: a bit that was not kept can be guessed correctly half of the time.

    References
    ----------
    .. [1] Siegelmann and Sontag, On the computational power of neural nets, Journal of Computer
       and System Sciences 50, 1995.
    """
    bits = tuple(draw(2, _arguments.integer("length", length, 1), generator).tolist())
    number = Fraction(0)
    for bit in bits:
        number = push(number, bit)
    return bits, number


def push(number: Fraction | float, bit: int) -> Fraction | float:
    """Put a bit on a stack that is one number; see `one_number_stack`.

    With a 1 on top the number is at least 3/4, with a 0 it is from 1/4 to below 1/2.

    Parameters
    ----------
    number : Fraction or float
        The stack, from 0 to 1.
    bit : {0, 1}
        What to put on top.
    """
    if bit not in (0, 1):
        raise ValueError(f"bit must be 0 or 1, got {bit!r}")
    return (number + 2 * bit + 1) / 4


def top(number: Fraction | float) -> Fraction | float:
    """Read the bit on top of a stack, 0 if it is empty; see `one_number_stack`."""
    return min(max(4 * number - 2, type(number)(0)), type(number)(1))


def pop(number: Fraction | float) -> Fraction | float:
    """Remove the bit on top of a stack; see `one_number_stack`.

    Raises
    ------
    ValueError
        If the stack is empty.
    """
    if number == 0:
        raise ValueError("number must be a stack with a bit on it, got the empty stack 0")
    return 4 * number - 2 * top(number) - 1


def _embedded(generator: torch.Generator) -> tuple[str, list[str]]:
    """Return one string, and what may come next after each of its symbols except the last."""
    outer = "TP"[int(draw(2, 1, generator))]
    inner, legal, state = "B", [], 0
    while state < len(REBER):
        choices = "".join(REBER[state])
        legal.append(choices)
        inner += choices[int(draw(len(choices), 1, generator))]
        state = REBER[state][inner[-1]]
    return f"B{outer}{inner}{outer}E", ["TP", "B", *legal, outer, "E"]


def _one_hot(string: str) -> torch.Tensor:
    indices = torch.tensor([REBER_SYMBOLS.index(symbol) for symbol in string])
    hot = torch.nn.functional.one_hot(indices, len(REBER_SYMBOLS))
    return hot.to(torch.get_default_dtype())


def _any_of(symbols: str) -> torch.Tensor:
    return _one_hot(symbols).sum(0)
