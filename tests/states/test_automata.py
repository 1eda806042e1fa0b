import itertools

import pytest
import torch

from rnn_tutorial import tasks
from rnn_tutorial.states import automata


@pytest.fixture
def text():
    return tasks.letters(200, generator=torch.Generator().manual_seed(0))[1]


def legal(state):
    return {letter for before, letter in automata.LETTER_MACHINE if before == state}


def test_the_machine_of_the_letters_reads_the_task_and_knows_what_may_come(text):
    states = automata.walk(automata.LETTER_MACHINE, text, ".")
    assert len(set(states)) == 7
    for state, (letter, after) in zip(states, itertools.pairwise(text), strict=False):
        assert after in legal(state), (letter, after)
    assert [states[i] for i, letter in enumerate(text) if letter == "a"] == ["."] * text.count("a")


def test_a_walk_that_leaves_the_machine_is_refused():
    with pytest.raises(ValueError, match="must be legal, got 'u' in the state 'b'"):
        automata.walk(automata.LETTER_MACHINE, ["b", "u"], ".")


def test_extraction_returns_the_machine_that_made_the_states(text):
    states = automata.walk(automata.LETTER_MACHINE, text, ".")
    found = automata.extract(states, text)
    assert found.deterministic == 1
    assert found.transitions == automata.LETTER_MACHINE


def test_extraction_counts_the_steps_that_go_another_way():
    found = automata.extract([0, 1, 0, 1, 0, 0], "xyxyxy")
    assert found.transitions[0, "y"] == 1
    assert found.deterministic == pytest.approx(4 / 5)


def test_minimizing_merges_copies_of_a_state_and_nothing_else(text):
    # three copies of "." by the letter that came before, as a network may have them
    states = automata.walk(automata.LETTER_MACHINE, text, ".")
    split = [f".{letter}" if s == "." else s for s, letter in zip(states, text, strict=True)]
    transitions = automata.extract(split, text).transitions
    outputs = {state: frozenset(legal(state[:1] if state[0] == "." else state)) for state in split}
    assert len(outputs) == 9
    classes = automata.minimize(transitions, outputs)
    assert len(set(classes.values())) == 7
    assert classes[".a"] == classes[".i"] == classes[".u"]


def test_minimizing_tells_states_apart_by_what_comes_later():
    # a ring of six states: how many are left depends on what they say
    ring = {(state, "1"): (state + 1) % 6 for state in range(6)}
    assert len(set(automata.minimize(ring, dict.fromkeys(range(6), 0)).values())) == 1
    assert len(set(automata.minimize(ring, {n: n % 2 for n in range(6)}).values())) == 2
    assert len(set(automata.minimize(ring, {n: n % 3 for n in range(6)}).values())) == 3
    assert len(set(automata.minimize(ring, {n: n == 5 for n in range(6)}).values())) == 6


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="the same length, at least 2, got 1 and 2"):
        automata.extract([0], "ab")
    with pytest.raises(ValueError, match="outputs must hold every state"):
        automata.minimize({(0, "a"): 1}, {0: "x"})
