"""Embedded Reber strings: batches from fixed strings, the judgment, both networks in a run."""

import pytest
import torch

from rnn_tutorial import tasks
from rnn_tutorial.experiments.classics import reber


def test_the_judge_reads_the_test_strings():
    test, _ = tasks.embedded_reber(64, generator=torch.Generator().manual_seed(0))
    knows = dict(zip(map(id, [test.inputs]), [9 * test.targets], strict=True))
    assert reber.judge(lambda inputs: (knows[id(inputs)], None), test) == {
        "outer": 1.0,
        "legal": 1.0,
    }
    with pytest.raises(FloatingPointError):
        reber.judge(lambda inputs: (float("nan") * inputs, None), test)


def test_a_short_run_trains_both_networks_and_is_the_same_twice(monkeypatch):
    monkeypatch.setattr(reber, "STEPS", 100)
    monkeypatch.setattr(reber, "STRINGS", 64)
    monkeypatch.setattr(reber, "UNITS", {"lstm": 12, "rnn": 12})
    first = reber.run("lstm", 3)
    assert reber.run("lstm", 3) == first
    (record,) = first[""]
    assert set(record) == {"outer", "legal", "rnn_outer", "rnn_legal"}
    # 100 batches teach the grammar, in which one of seven symbols would be legal by chance
    assert record["legal"] > 0.8
    assert record["rnn_legal"] > 0.8


def test_both_networks_see_the_same_strings_and_are_tested_on_others(monkeypatch):
    seen = []

    def fit(cell, units, training, generator):
        seen.append((cell, training.inputs))
        return lambda inputs: (seen.append(("test", inputs)) or inputs, None)

    monkeypatch.setattr(reber, "fit", fit)
    reber.run("lstm", 0)
    (lstm, training), (_, test), (rnn, same), (_, test_again) = seen
    assert (lstm, rnn) == ("lstm", "rnn")
    assert training is same
    assert test is test_again
    assert len(training) == len(test) == reber.STRINGS
    width = min(training.shape[1], test.shape[1])
    assert not torch.equal(training[:, :width], test[:, :width])
