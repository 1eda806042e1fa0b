"""Each task is what its docstring says: the definition, the balance, and the floor."""

import re

import pytest
import torch

from rnn_tutorial import tasks
from rnn_tutorial.tasks.elman_streams import WORDS
from tests.task_tools import generator, memoryless_error

# Elman's features: consonant, vowel, interrupted, high, back, voiced.
LETTERS = {
    "b": (1, 0, 1, 0, 0, 1),
    "d": (1, 0, 1, 1, 0, 1),
    "g": (1, 0, 1, 0, 1, 1),
    "a": (0, 1, 0, 0, 1, 1),
    "i": (0, 1, 0, 1, 0, 1),
    "u": (0, 1, 0, 1, 1, 1),
}
ALL = {
    "letters": lambda g: tasks.letters(20, generator=g)[0],
    "temporal_xor": lambda g: tasks.temporal_xor(20, generator=g),
    "word_boundaries": lambda g: tasks.word_boundaries(5, generator=g)[0],
    "latch": lambda g: tasks.latch(4, 9, generator=g),
    "temporal_order": lambda g: tasks.temporal_order(4, 20, generator=g),
    "adding": lambda g: tasks.adding(4, 9, generator=g),
    "copy_memory": lambda g: tasks.copy_memory(4, 5, generator=g),
    "embedded_reber": lambda g: tasks.embedded_reber(4, generator=g)[0],
    "reber_stream": lambda g: tasks.reber_stream(4, generator=g)[0],
    "counting": lambda g: tasks.counting(4, 1, 9, generator=g)[0],
    "parity": lambda g: tasks.parity(4, 1, 9, generator=g),
}


def test_a_batch_is_inputs_and_targets_for_the_training_loop():
    sequences = tasks.copy_memory(4, 5, generator=generator())
    (inputs,), targets = sequences.batch
    assert inputs is sequences.inputs
    assert targets is sequences.targets
    hot = sequences.one_hot(10)
    assert hot.inputs.dtype == torch.float32
    assert torch.equal(hot.inputs.argmax(-1), inputs)
    assert (hot.inputs.sum(-1) == 1).all()
    assert hot.targets is targets


def parts(sequences):
    return [part for part in sequences if part is not None]


@pytest.mark.parametrize("name", ALL)
def test_the_generator_decides_and_nothing_else(name):
    torch.manual_seed(1)
    first = parts(ALL[name](generator()))
    torch.manual_seed(2)
    state = torch.get_rng_state()
    again = parts(ALL[name](generator()))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    other = ALL[name](generator(1)).inputs
    assert other.shape != first[0].shape or not torch.equal(other, first[0])


@pytest.mark.parametrize("name", ALL)
def test_the_shapes_fit_each_other(name):
    inputs, targets, counts, lengths = ALL[name](generator())
    assert counts.dtype == torch.bool
    assert counts.any()
    assert counts.shape == inputs.shape[: counts.dim()]
    assert targets.shape[: min(targets.dim(), counts.dim())] == counts.shape[: targets.dim()]
    if lengths is not None:
        assert lengths.max() == inputs.shape[1]
        for row, length in enumerate(lengths):
            assert not counts[row, length:].any()
            assert not inputs[row, length:].any()


@pytest.mark.parametrize("name", ALL)
def test_a_missing_generator_is_refused(name):
    with pytest.raises(TypeError, match=r"generator must be .* got NoneType"):
        ALL[name](None)


def test_letters_are_elmans():
    sequences, text = tasks.letters(3000, generator=generator())
    assert re.fullmatch(r"(ba|dii|guuu)*[bdg]", text)
    assert len(text) == len(sequences.inputs) + 1
    counts = {letter: text[:-1].count(letter) for letter in "bdg"}
    assert sum(counts.values()) == 3000
    assert all(900 < count < 1100 for count in counts.values())
    for letter, row, following in zip(text, sequences.inputs, text[1:], strict=False):
        assert tuple(row.int().tolist()) == LETTERS[letter]
        assert (following in "aiu") == (LETTERS[following][1] == 1)
    assert torch.equal(sequences.targets[:-1], sequences.inputs[1:])
    following = torch.tensor([letter in "aiu" for letter in text[1:]])
    assert torch.equal(sequences.counts, following)


def test_the_floor_of_the_letters():
    sequences, text = tasks.letters(6000, generator=generator(1))
    after = {letter: torch.tensor([t == letter for t in text[:-1]]) for letter in "aiu"}
    for letter, expected in (("a", 0.0), ("i", 1 / 4), ("u", 2 / 9)):
        rows = after[letter]
        error = memoryless_error(sequences.inputs[rows], sequences.targets[rows])[0]
        assert error.item() == pytest.approx(expected, abs=0.005)


def test_every_third_bit_is_the_xor_of_the_two_before():
    inputs, targets, counts, _ = tasks.temporal_xor(4000, generator=generator())
    bits = [*inputs.flatten().int().tolist(), int(targets[-1])]
    assert len(inputs) == 12000
    for first, second, third in zip(bits[0:-1:3], bits[1:-1:3], bits[2:-1:3], strict=True):
        assert third == first ^ second
    assert counts.sum() == 4000
    assert all(bits[t + 1] == bits[t] ^ bits[t - 1] for t in counts.nonzero().flatten().tolist())
    for kind in (0, 1, 2):  # all three kinds of bits are balanced
        assert 0.47 < sum(bits[kind:-1:3]) / 4000 < 0.53
    assert memoryless_error(inputs, targets).item() == pytest.approx(0.25, abs=0.002)
    pairs = torch.cat([inputs[:-1], inputs[1:]], dim=1)
    with_memory = memoryless_error(pairs[counts[1:]], targets[1:][counts[1:]])
    assert with_memory.item() == 0


def test_words_stand_without_blanks():
    sequences, text = tasks.word_boundaries(200, generator=generator())
    assert re.fullmatch(f"({'|'.join(sorted(WORDS, key=len, reverse=True))})+", text)
    assert len(WORDS) == len(set(WORDS)) == 15
    inside = int(sequences.counts.sum())
    boundaries = len(sequences.counts) - inside
    assert 1200 < boundaries + 1 < 1400  # 200 sentences of 4 to 9 words
    codes = {}
    for letter, row in zip(text, sequences.inputs, strict=False):
        assert codes.setdefault(letter, tuple(row.tolist())) == tuple(row.tolist())
    assert len(set(codes.values())) == len(codes) == len(set("".join(WORDS)))
    assert torch.equal(sequences.targets[:-1], sequences.inputs[1:])


def test_the_onsets_of_words_are_marked():
    sequences, text = tasks.word_boundaries(50, generator=generator(), words=["ab", "cde"])
    following = [letter in "bde" for letter in text[1:]]
    assert sequences.counts.tolist() == following


def test_the_latch_is_set_by_the_first_number():
    inputs, targets, counts, _ = tasks.latch(4000, 50, generator=generator())
    assert torch.equal(inputs[:, 0, 0] == 1, targets == 1)
    assert torch.equal(inputs[:, 0, 0] == -1, targets == 0)
    assert 0.47 < targets.double().mean() < 0.53
    noise = inputs[:, 1:]
    assert noise.mean().item() == pytest.approx(0, abs=0.01)
    assert noise.var().item() == pytest.approx(0.2, abs=0.005)
    last = inputs[:, -1, 0]
    assert abs(torch.corrcoef(torch.stack([last, targets.float()]))[0, 1]) < 0.06
    assert counts.nonzero()[:, 1].unique().tolist() == [49]


@pytest.mark.parametrize("time_steps", [10, 50, 100, 173])
def test_the_temporal_order_is_that_of_two_symbols(time_steps):
    inputs, targets, _, _ = tasks.temporal_order(2000, time_steps, generator=generator())
    assert (inputs.sum(-1) == 1).all()
    relevant = inputs[..., :2].sum(-1)
    assert (relevant.sum(1) == 2).all()
    positions = relevant.nonzero()[:, 1].view(-1, 2)
    for column, (low, high) in enumerate(((0.1, 0.2), (0.5, 0.6))):
        assert positions[:, column].min() == int(low * time_steps)
        assert positions[:, column].max() == int(high * time_steps) - 1
    symbols = inputs.argmax(-1).gather(1, positions)
    assert torch.equal(2 * symbols[:, 0] + symbols[:, 1], targets)
    assert targets.bincount().min() > 400
    assert (inputs[:, -1, :2] == 0).all()


def test_the_sum_to_add_is_that_of_the_marked_numbers():
    inputs, targets, _, _ = tasks.adding(20000, 30, generator=generator())
    values, marks = inputs.unbind(2)
    assert (marks.sum(1) == 2).all()
    assert set(marks.unique().tolist()) == {0.0, 1.0}
    assert values.min() >= 0
    assert values.max() < 1
    torch.testing.assert_close((values * marks).sum(1), targets)
    where = marks.sum(0) / marks.sum()
    assert (where - 1 / 30).abs().max() < 0.005  # every step is marked as often
    assert (targets - 1).square().mean().item() == pytest.approx(1 / 6, abs=0.004)


@pytest.mark.parametrize(("delay", "length", "symbols"), [(1, 3, 2), (20, 10, 8), (7, 5, 4)])
def test_what_is_to_be_copied(delay, length, symbols):
    inputs, targets, counts, _ = tasks.copy_memory(
        3000, delay, generator=generator(), length=length, symbols=symbols
    )
    assert inputs.shape == targets.shape == (3000, delay + 2 * length)
    assert torch.equal(inputs[:, :length], targets[:, -length:])
    shares = inputs[:, :length].flatten().bincount(minlength=symbols + 2) / (3000 * length)
    assert shares[0] == shares[-1] == 0
    assert (shares[1:-1] - 1 / symbols).abs().max() < 0.02
    assert (inputs == symbols + 1).nonzero()[:, 1].unique().tolist() == [length + delay - 1]
    assert (inputs[:, length:] != 0).sum(1).unique().tolist() == [1]
    assert (targets[:, :-length] == 0).all()
    assert counts.all()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda g: tasks.letters(0, generator=g), ValueError, "syllables must be at least 1"),
        (lambda g: tasks.temporal_xor(1.5, generator=g), TypeError, "triples must be an integer"),
        (lambda g: tasks.word_boundaries(0, generator=g), ValueError, "sentences must be at least"),
        (lambda g: tasks.word_boundaries(2, generator=g, words=["B"]), ValueError, "words must be"),
        (lambda g: tasks.latch(2, 1, generator=g), ValueError, "time_steps must be at least 2"),
        (lambda g: tasks.latch(2, 5, generator=g, variance=-1.0), ValueError, "variance must be"),
        (lambda g: tasks.temporal_order(2, 9, generator=g), ValueError, "time_steps must be at"),
        (lambda g: tasks.adding(2, 1, generator=g), ValueError, "time_steps must be at least 2"),
        (lambda g: tasks.copy_memory(2, 5, generator=g, symbols=1), ValueError, "symbols must be"),
        (lambda g: tasks.embedded_reber(0, generator=g), ValueError, "batch_size must be at least"),
        (lambda g: tasks.reber_stream(-1, generator=g), ValueError, "strings must be at least 1"),
        (lambda g: tasks.counting(2, 5, 4, generator=g), ValueError, "high must be at least 5"),
        (lambda g: tasks.parity(2, 0, 4, generator=g), ValueError, "low must be at least 1"),
        (lambda g: tasks.one_number_stack(0, generator=g), ValueError, "length must be at least"),
    ],
)
def test_impossible_tasks_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(generator())
