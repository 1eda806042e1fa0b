"""From clusters of hidden states to a finite automaton, and the true one of Elman's letters."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

# The machine behind ba, dii, guuu. What can follow depends on the part of a syllable that has been
# read; "." is between syllables. Where a letter leads: (state, letter) -> state.
LETTER_MACHINE = {
    (".", "b"): "b",
    (".", "d"): "d",
    (".", "g"): "g",
    ("b", "a"): ".",
    ("d", "i"): "di",
    ("di", "i"): ".",
    ("g", "u"): "gu",
    ("gu", "u"): "guu",
    ("guu", "u"): ".",
}

Transitions = Mapping[tuple[Hashable, Hashable], Hashable]


class Extraction(NamedTuple):
    """What `extract` returns.

    Attributes
    ----------
    transitions : dict of (state, symbol) to state
        Where each symbol most often leads.
    deterministic : float
        Share of all steps that go where their state and symbol most often lead; 1 if the states
        are those of a deterministic automaton.
    """

    transitions: dict[tuple[Hashable, Hashable], Hashable]
    deterministic: float


def walk(machine: Transitions, symbols: Sequence[Hashable], start: Hashable) -> list[Hashable]:
    """Return the state of an automaton after each symbol.

    Parameters
    ----------
    machine : mapping of (state, symbol) to state
        The automaton.
    symbols : sequence
        What it reads.
    start : hashable
        The state before the first symbol.

    Raises
    ------
    ValueError
        If the automaton has no transition for a symbol.
    """
    states, state = [], start
    for symbol in symbols:
        if (state, symbol) not in machine:
            raise ValueError(f"symbols must be legal, got {symbol!r} in the state {state!r}")
        state = machine[state, symbol]
        states.append(state)
    return states


def extract(states: Sequence[Hashable], symbols: Sequence[Hashable]) -> Extraction:
    """Read an automaton from a sequence of states and the symbols that led to them.

    Parameters
    ----------
    states : sequence, (time,)
        The state after each step, for example the number of its cluster.
    symbols : sequence, (time,)
        What was read at each step.

    Returns
    -------
    Extraction
        The transitions and how deterministic they are.

    Raises
    ------
    ValueError
        If there are not as many states as symbols, or fewer than two.
    """
    if len(states) != len(symbols) or len(states) < 2:
        raise ValueError(
            "states and symbols must have the same length, at least 2, "
            f"got {len(states)} and {len(symbols)}"
        )
    counts = defaultdict(Counter)
    for before, symbol, after in zip(states[:-1], symbols[1:], states[1:], strict=True):
        counts[before, symbol][after] += 1
    transitions = {step: ends.most_common(1)[0][0] for step, ends in counts.items()}
    kept = sum(max(ends.values()) for ends in counts.values())
    return Extraction(transitions, kept / (len(states) - 1))


def minimize(
    transitions: Transitions, outputs: Mapping[Hashable, Hashable]
) -> dict[Hashable, Hashable]:
    """Merge states that no continuation can tell apart, by refining a partition [1]_.

    States start in one class if they have the same output, and are separated as long as some symbol
    leads them into different classes.

    Parameters
    ----------
    transitions : mapping of (state, symbol) to state
        The automaton; a missing transition counts as one that leads to a state of its own.
    outputs : mapping of state to hashable
        What each state says, for example which symbols may come next.

    Returns
    -------
    dict of state to int
        The class of each state, numbered from 0 in the order of `outputs`.

    Raises
    ------
    ValueError
        If a state of the transitions has no output.

    References
    ----------
    .. [1] Moore, Gedanken-experiments on sequential machines, Automata Studies, 1956.
    """
    ends = {state for (state, _), after in transitions.items() for state in (state, after)}
    if ends - outputs.keys():
        raise ValueError(f"outputs must hold every state, got none for {ends - outputs.keys()}")
    symbols = sorted({symbol for _, symbol in transitions}, key=repr)
    classes = _number(dict(outputs))
    while True:
        described = {
            state: (
                classes[state],
                *(classes.get(transitions.get((state, symbol)), None) for symbol in symbols),
            )
            for state in outputs
        }
        finer = _number(described)
        if finer == classes:
            return classes
        classes = finer


def _number(described: Mapping[Hashable, Hashable]) -> dict[Hashable, int]:
    """Give each description a number, in the order in which they come."""
    numbers = {}
    return {state: numbers.setdefault(what, len(numbers)) for state, what in described.items()}
