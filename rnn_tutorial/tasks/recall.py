"""Tasks that ask for something that was read long before."""

import math

import torch

from rnn_tutorial import _arguments
from rnn_tutorial.tasks.sequences import Sequences, check_generator, draw, last_step


def latch(
    batch_size: int, time_steps: int, *, generator: torch.Generator, variance: float = 0.2
) -> Sequences:
    """Draw the two-sequence problem: the first number tells the class, the rest is noise [1]_.

    Parameters
    ----------
    batch_size : int
        How many sequences.
    time_steps : int
        Their length T. (In [1]_ the length is drawn from T to 1.1 T.)
    generator : torch.Generator
        Draws classes and noise.
    variance : float
        Of the noise, which is normal with mean 0.

    Returns
    -------
    Sequences
        Inputs (batch, time, 1): 1 or -1, each with probability 1/2, then the noise. Targets
        (batch,): 1 or 0. The last step counts.

    Notes
    -----
    The floor: the last number is noise, so the best guess is right half of the time.

    References
    ----------
    .. [1] Hochreiter and Schmidhuber, Long short-term memory, Neural Computation 9, 1997, task 3a;
       after Bengio, Simard and Frasconi, 1994.
    """
    batch_size = _arguments.integer("batch_size", batch_size, 1)
    time_steps = _arguments.integer("time_steps", time_steps, 2)
    deviation = math.sqrt(_arguments.positive("variance", variance))
    targets = draw(2, batch_size, generator)
    inputs = deviation * torch.randn(batch_size, time_steps, 1, generator=generator)
    inputs[:, 0, 0] = 2.0 * targets - 1
    return Sequences(inputs, targets, last_step(batch_size, time_steps))


def temporal_order(batch_size: int, time_steps: int, *, generator: torch.Generator) -> Sequences:
    """Draw the temporal order problem: which of A and B came first, and which second [1]_, [2]_.

    Two relevant symbols, each A or B, are placed among distractors c, d, e, f, one in the second
    tenth of the sequence and one in the sixth, as in the code of [2]_.

    Parameters
    ----------
    batch_size : int
        How many sequences.
    time_steps : int
        Their length, at least 10.
    generator : torch.Generator
        Draws symbols and positions.

    Returns
    -------
    Sequences
        Inputs (batch, time, 6): one-hot vectors of A, B, c, d, e, f. Targets (batch,): 0 for A A, 1
        for A B, 2 for B A, 3 for B B, each with probability 1/4. The last step counts.

    Notes
    -----
    The floor: the last symbol is a distractor, so the best guess is right in a quarter of cases.

    References
    ----------
    .. [1] Hochreiter and Schmidhuber, Long short-term memory, Neural Computation 9, 1997, task 6a.
    .. [2] Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks,
       ICML 2013, section 4.1.
    """
    batch_size = _arguments.integer("batch_size", batch_size, 1)
    time_steps = _arguments.integer("time_steps", time_steps, 10)
    symbols = 2 + draw(4, (batch_size, time_steps), generator)
    targets = draw(4, batch_size, generator)
    rows = torch.arange(batch_size)
    for low, high, symbol in ((0.1, 0.2, targets // 2), (0.5, 0.6, targets % 2)):
        first = int(low * time_steps)
        stop = max(int(high * time_steps), first + 1)
        symbols[rows, first + draw(stop - first, batch_size, generator)] = symbol
    inputs = torch.nn.functional.one_hot(symbols, 6).to(torch.get_default_dtype())
    return Sequences(inputs, targets, last_step(batch_size, time_steps))


def adding(batch_size: int, time_steps: int, *, generator: torch.Generator) -> Sequences:
    """Draw the adding problem: the sum of the two numbers that are marked [1]_, [2]_.

    Parameters
    ----------
    batch_size : int
        How many sequences.
    time_steps : int
        Their length, at least 2.
    generator : torch.Generator
        Draws numbers and positions.

    Returns
    -------
    Sequences
        Inputs (batch, time, 2): a number from U[0, 1], and a mark, 1 at two different steps that
        are drawn from all, else 0. Targets (batch,): the sum of the two marked numbers. The last
        step counts. (In [1]_ the numbers are from [-1, 1], the first mark is among the first ten
        steps and the lengths vary; this is the form of [2]_.)

    Notes
    -----
    The floor: always answering 1 has a mean squared error of 1/6 = 0.1667, the variance of the sum
    of two such numbers. ([2]_ prints 0.1767.)

    References
    ----------
    .. [1] Hochreiter and Schmidhuber, Long short-term memory, Neural Computation 9, 1997, task 4.
    .. [2] Bai, Kolter and Koltun, An empirical evaluation of generic convolutional and recurrent
       networks for sequence modeling, arXiv:1803.01271, 2018.
    """
    batch_size = _arguments.integer("batch_size", batch_size, 1)
    time_steps = _arguments.integer("time_steps", time_steps, 2)
    values = torch.rand(batch_size, time_steps, generator=check_generator(generator))
    marked = torch.rand(batch_size, time_steps, generator=generator).topk(2, dim=1).indices
    marks = torch.zeros(batch_size, time_steps).scatter(1, marked, 1.0)
    targets = (values * marks).sum(1)
    return Sequences(
        torch.stack([values, marks], dim=2), targets, last_step(batch_size, time_steps)
    )


def copy_memory(
    batch_size: int,
    delay: int,
    *,
    generator: torch.Generator,
    length: int = 10,
    symbols: int = 8,
) -> Sequences:
    """Draw the copy memory task: repeat some symbols after a delay [1]_.

    A sequence is `length` symbols, ``delay - 1`` blanks, a marker, and `length` blanks, during
    which the symbols are to be repeated in their order; before that, the answer is blanks.

    Parameters
    ----------
    batch_size : int
        How many sequences.
    delay : int
        The number of steps T from the last symbol to the marker.
    generator : torch.Generator
        Draws the symbols.
    length : int
        How many symbols to remember; 10 in [1]_.
    symbols : int
        How many different ones there are; 8 in [1]_.

    Returns
    -------
    Sequences
        Inputs and targets (batch, delay + 2 · length), integers: 0 is the blank, 1 to `symbols` are
        the symbols, ``symbols + 1`` is the marker. All steps count.

    Notes
    -----
    The floor: answering blanks, and at the end each symbol with the same probability, has a mean
    cross-entropy of length · ln(symbols) / (delay + 2 · length) nats a step. (A guess that does not
    even count the steps after the marker is worse.)

    References
    ----------
    .. [1] Arjovsky, Shah and Bengio, Unitary evolution recurrent neural networks, ICML 2016,
       section 4.1; after Hochreiter and Schmidhuber, 1997.
    """
    batch_size = _arguments.integer("batch_size", batch_size, 1)
    delay = _arguments.integer("delay", delay, 1)
    length = _arguments.integer("length", length, 1)
    symbols = _arguments.integer("symbols", symbols, 2)
    remembered = 1 + draw(symbols, (batch_size, length), generator)
    inputs = torch.zeros(batch_size, delay + 2 * length, dtype=torch.int64)
    targets = torch.zeros_like(inputs)
    inputs[:, :length] = remembered
    inputs[:, length + delay - 1] = symbols + 1
    targets[:, -length:] = remembered
    return Sequences(inputs, targets, torch.ones_like(inputs, dtype=torch.bool))
