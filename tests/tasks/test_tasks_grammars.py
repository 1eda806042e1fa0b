"""Reber strings, counting, parity and the stack are what their docstrings say."""

import itertools
from fractions import Fraction

import pytest
import torch

from rnn_tutorial import tasks
from rnn_tutorial.tasks.grammars import REBER, REBER_SYMBOLS
from tests.task_tools import generator, memoryless_error


def accepts(string):
    """Tell whether Reber's graph makes a string, and list what it allows after each symbol."""
    state, legal = 0, []
    if string[0] != "B":
        return None
    for symbol in string[1:]:
        legal.append(set(REBER[state]))
        if symbol not in REBER[state]:
            return None
        state = REBER[state][symbol]
        if state == len(REBER):
            break
    return legal if state == len(REBER) else None


def test_rebers_graph_is_the_known_one():
    for string in ("BTXSE", "BPVVE", "BTSSXXTVVE", "BPTVPSE", "BPTTVPXVVE", "BTSXXVPSE"):
        assert accepts(string)
    for string in ("BTXXE", "BPSE", "BTSE", "BPVPE", "BTXS"):
        assert not accepts(string)


def test_embedded_strings_follow_the_grammar():
    sequences, strings = tasks.embedded_reber(500, generator=generator())
    inputs, targets, counts, lengths = sequences
    assert min(map(len, strings)) == 9
    for row, string in enumerate(strings):
        assert string[0] == "B"
        assert string[-1] == "E"
        assert string[1] == string[-2]
        assert string[1] in "TP"
        legal = [{"T", "P"}, {"B"}, *accepts(string[2:-2]), {string[1]}, {"E"}]
        assert lengths[row] == len(string) - 1 == len(legal)
        for step, symbols in enumerate(legal):
            assert REBER_SYMBOLS[inputs[row, step].argmax()] == string[step]
            allowed = {REBER_SYMBOLS[i] for i in targets[row, step].nonzero().flatten()}
            assert allowed == symbols
            assert string[step + 1] in symbols
        assert counts[row].nonzero().flatten().tolist() == [len(string) - 3]
        assert string[len(string) - 3] == "E"  # what stands before the outer T or P says nothing
        assert not targets[row, lengths[row] :].any()
    share = sum(string[1] == "T" for string in strings) / 500
    assert 0.44 < share < 0.56


def test_each_way_at_a_fork_is_taken_as_often():
    _, strings = tasks.embedded_reber(2000, generator=generator())
    after_first = [string[3] for string in strings]  # T or P after the inner B
    assert 0.46 < after_first.count("T") / 2000 < 0.54


def test_the_stream_has_no_mark_between_its_strings():
    sequences, text = tasks.reber_stream(300, generator=generator())
    inputs, targets, counts, _ = sequences
    assert len(text) == len(inputs)
    assert "".join(REBER_SYMBOLS[i] for i in inputs.argmax(1)) == text
    assert counts.sum() == 300
    for step in counts.nonzero().flatten().tolist():
        assert REBER_SYMBOLS[targets[step].argmax()] == text[step + 1]
        assert text[step + 1] in "TP"
        assert text[step + 2] == "E"
        assert REBER_SYMBOLS[targets[step + 2].argmax()] == "B"
        assert step + 3 >= len(text) or text[step + 3] == "B"
    for step, symbol in enumerate(text[1:]):
        assert targets[step, REBER_SYMBOLS.index(symbol)] == 1


def test_counting_words():
    sequences, n = tasks.counting(300, 1, 12, generator=generator())
    inputs, targets, counts, lengths = sequences
    assert set(n.tolist()) == set(range(1, 13))
    assert torch.equal(lengths, 2 * n)
    for row, number in enumerate(n.tolist()):
        word = "".join("ab"[i] for i in inputs[row, : 2 * number].argmax(1))
        assert word == "a" * number + "b" * number
        allowed = [
            {"ab$"[i] for i in step.nonzero().flatten()} for step in targets[row, : 2 * number]
        ]
        assert allowed == [{"a", "b"}] * number + [{"b"}] * (number - 1) + [{"$"}]
        assert counts[row].tolist() == [number <= t < 2 * number for t in range(counts.shape[1])]


def test_parity_is_that_of_all_bits():
    inputs, targets, counts, lengths = tasks.parity(2000, 1, 15, generator=generator())
    assert set(lengths.tolist()) == set(range(1, 16))
    for bits, target, count, length in zip(inputs, targets, counts, lengths, strict=True):
        assert int(bits[:length].sum()) % 2 == target
        assert count.nonzero().flatten().tolist() == [length - 1]
    assert 0.47 < targets.double().mean() < 0.53
    last = inputs[torch.arange(2000), lengths - 1]
    long = lengths > 3
    error = memoryless_error(last[long], targets[long, None].float())
    assert error.item() == pytest.approx(0.25, abs=0.002)


def test_fractions_make_an_exact_stack():
    bits, number = tasks.one_number_stack(200, generator=generator())
    assert set(bits) == {0, 1}
    for bit in reversed(bits):
        assert isinstance(number, Fraction)
        assert tasks.top(number) == bit
        number = tasks.pop(number)
    assert number == 0


def test_floats_make_an_exact_stack_of_26_bits_and_no_deeper_one():
    for bits in itertools.islice(itertools.product((0, 1), repeat=26), 0, 2**26, 2**17 + 1):
        number = 0.0
        for bit in bits:
            number = tasks.push(number, bit)
        for bit in reversed(bits):
            assert tasks.top(number) == bit
            number = tasks.pop(number)
        assert number == 0
    bits, exact = tasks.one_number_stack(60, generator=generator())
    number = 0.0
    for bit in bits:
        number = tasks.push(number, bit)
    assert Fraction(number) != exact


def test_a_stack_refuses_what_it_cannot_do():
    with pytest.raises(ValueError, match="bit must be 0 or 1, got 2"):
        tasks.push(Fraction(0), 2)
    with pytest.raises(ValueError, match="got the empty stack"):
        tasks.pop(0.0)
    assert tasks.top(Fraction(0)) == 0


def hot(*classes, scale=9.0):
    """Logits that are highest at these classes."""
    return scale * torch.nn.functional.one_hot(torch.tensor(classes), 7).float()


def test_the_next_symbols_of_strings_are_those_that_come():
    sequences, strings = tasks.embedded_reber(30, generator=generator())
    following = tasks.next_symbols(sequences)
    for row, string in zip(following, strings, strict=True):
        expected = [REBER_SYMBOLS.index(symbol) for symbol in string[1:]]
        assert row[: len(expected)].tolist() == expected
        assert (row[len(expected) :] == tasks.NOTHING).all()


def test_the_next_symbols_of_a_stream_are_those_that_come():
    stream, text = tasks.reber_stream(20, generator=generator())
    following = tasks.next_symbols(stream).tolist()
    assert following == [REBER_SYMBOLS.index(s) for s in text[1:] + "B"]


def test_what_is_right_at_the_outer_symbols_is_judged_there_and_between_the_two():
    sequences, _ = tasks.embedded_reber(50, generator=generator())
    knows = 9 * sequences.targets.clone()
    assert tasks.outer_right(knows, sequences) == 1.0
    assert tasks.legal(knows, sequences) == 1.0
    always_t = knows.clone()
    always_t[sequences.counts] = hot(1).expand(50, 7)
    share = sequences.targets[sequences.counts][:, 1].mean().item()
    assert 0.3 < share < 0.7
    assert tasks.outer_right(always_t, sequences) == pytest.approx(share)
    says_b_too = always_t.clone()
    says_b_too[sequences.counts] += hot(0, scale=99.0)
    assert tasks.outer_right(says_b_too, sequences) == pytest.approx(share)
    steps = int(sequences.lengths.sum())
    assert tasks.legal(says_b_too, sequences) == pytest.approx((steps - 50) / steps)
