"""Parity by length: targets, the accuracy of a network that knows, and of one that guesses."""

import pytest
import torch

from rnn_tutorial import tasks
from rnn_tutorial.experiments.classics import parity_length
from rnn_tutorial.tasks import NOTHING


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def knows(inputs):
    odd = inputs[:, :, 0].cumsum(1) % 2
    return torch.stack([1 - odd, odd], dim=2), None


def test_the_parity_is_asked_for_at_the_last_bit_of_each_string():
    sequences = tasks.parity(40, 1, 9, generator=generator())
    (inputs,), targets = parity_length.batch_of(sequences)
    for bits, length, row in zip(inputs[:, :, 0], sequences.lengths, targets, strict=True):
        assert row[length - 1] == int(bits[:length].sum()) % 2
        assert (row != NOTHING).sum() == 1


def test_the_accuracy_is_that_at_the_last_bit():
    def forgets_the_last(inputs):
        return knows(torch.cat([inputs[:, :-1], 0 * inputs[:, -1:]], dim=1))

    assert parity_length.accuracy(knows, 50, generator()) == 1.0
    assert parity_length.accuracy(lambda x: (1 - knows(x)[0], None), 50, generator()) == 0.0
    assert 0.4 < parity_length.accuracy(forgets_the_last, 50, generator()) < 0.6
    with pytest.raises(FloatingPointError):
        parity_length.accuracy(lambda x: (knows(x)[0] * float("nan"), None), 5, generator())


def test_a_short_run_is_the_same_twice_and_tests_every_length(monkeypatch):
    monkeypatch.setattr(parity_length, "STEPS", 100)
    monkeypatch.setattr(parity_length, "LENGTHS", (2, 20, 500))
    monkeypatch.setattr(parity_length, "STRINGS", 50)
    tables = parity_length.run("rnn", 0)
    assert tables == parity_length.run("rnn", 0)
    assert [row["length"] for row in tables["lengths"]] == [2, 20, 500]
    assert tables[""][0]["at_20"] == tables["lengths"][1]["accuracy"]
    assert tables[""][0]["at_500"] == tables["lengths"][2]["accuracy"]
