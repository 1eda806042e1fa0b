"""The studies in short: they learn, are the same again, and judge by their criterion."""

import math

import pandas as pd
import pytest
import torch

from rnn_tutorial import tasks
from rnn_tutorial.experiments.classics import (
    adding,
    copy_memory,
    counting,
    parity_length,
    reber,
    temporal_order,
    word_boundaries,
)
from rnn_tutorial.experiments.gating import forget_gate
from rnn_tutorial.experiments.long_range import truncation
from rnn_tutorial.tasks import NOTHING
from rnn_tutorial.training import Objective, measure, squared_error
from tests.task_tools import generator


def short_sums(record, tables):
    assert record["mse"] < 0.1 < tables["curves"][0]["mse"]
    assert record["steps"] == tables["curves"][-1]["step"]


def down_to_the_floor(record, tables):
    assert record["ratio"] == pytest.approx(record["loss"] / copy_memory.FLOOR, abs=1e-5)
    assert 0.98 < record["ratio"] < 1.6
    assert [row["step"] for row in tables["curves"]] == [100, 200]
    assert tables["curves"][1]["ratio"] < tables["curves"][0]["ratio"]
    assert tables["curves"][0]["ratio"] < math.log(9) / copy_memory.FLOOR


def every_length(record, tables):
    assert [row["length"] for row in tables["lengths"]] == [2, 20, 500]
    assert record["at_20"] == tables["lengths"][1]["accuracy"]
    assert record["at_500"] == tables["lengths"][2]["accuracy"]


def grammar(record, tables):
    """100 batches teach the grammar, in which one of seven symbols would be legal by chance."""
    assert set(record) == {"outer", "legal", "rnn_outer", "rnn_legal"}
    assert record["legal"] > 0.8
    assert record["rnn_legal"] > 0.8


def short_orders(record, tables):
    assert record["steps"] == tables["curves"][-1]["step"] == 200
    assert tables["curves"][0]["loss"] > tables["curves"][-1]["loss"]
    assert record["accuracy"] > 0.3, "ten steps are easy; guessing has 0.25"


def growing_states(record, tables):
    assert record["growth"] > 1


def anything(record, tables):
    assert record


# Of each study: its run, what makes it short, the arguments, others, and what it learns
SHORT_ORDER = {"STEPS": 200, "TIME_STEPS": 10, "UNITS": 8, "TESTS": 2}
ONE_PASS = {"STREAMS": 4, "LENGTH": 200, "TEST_STRINGS": 40, "train.__defaults__": (1,)}
WEIGHTS = {
    "PHASES": ((100, 1.0), (100, 0.1)),
    "TRAINED": 3,
    "reach": lambda model: int(1e6 * model.output.weight.sum()),
}
STUDIES = [
    (adding.run, {"STEPS": 300, "TIME_STEPS": 4, "TESTS": 1}, (adding.NETWORKS["gru"], 0, 0.01),
     None, short_sums),
    (copy_memory.run, {"STEPS": 200, "UNITS": 16, "TEST_SIZE": 200}, ("rnn", 0, 0.005), None,
     down_to_the_floor),
    (counting.run, WEIGHTS, ("gru", 0, 0.01), ("gru", 1, 0.01), anything),
    (forget_gate.run, ONE_PASS, (False, 0), (False, 1), growing_states),
    (parity_length.run, {"STEPS": 100, "LENGTHS": (2, 20, 500), "STRINGS": 50}, ("rnn", 0), None,
     every_length),
    (reber.run, {"STEPS": 100, "STRINGS": 64, "UNITS": {"lstm": 12, "rnn": 12}}, ("lstm", 3), None,
     grammar),
    (temporal_order.run, SHORT_ORDER, ("gru", 0, 0.005), None, short_orders),
    (truncation.run_training, {"TRAINING_STEPS": 20}, (("gru", 5, 5), 0, 0.01),
     (("gru", 5, 20), 0, 0.01), anything),
    (word_boundaries.run, {"STREAMS": 20}, (20, 0), None, anything),
]  # fmt: skip


@pytest.mark.parametrize(
    ("run", "short", "arguments", "others", "learned"),
    STUDIES,
    ids=[run.__module__.rpartition(".")[2] for run, *_ in STUDIES],
)
def test_a_short_run_learns_and_is_the_same_again(
    run, short, arguments, others, learned, monkeypatch
):
    for name, value in short.items():
        monkeypatch.setattr(f"{run.__module__}.{name}", value)
    tables = run(*arguments)
    assert tables == run(*arguments)
    assert others is None or tables != run(*others)
    learned(tables[""][0], tables)


@pytest.mark.parametrize(
    ("holds", "table", "met"),
    [
        (adding.holds, {
            "variant": ["rnn", "rnn", "irnn", "irnn", "lstm", "lstm", "gru", "gru"],
            "mse": [0.16, 0.09, 0.09, 0.11, 0.01, 0.03, 0.03, 0.0],
        }, [True, False, True, False, True, False, False, True]),
        # the floor from both sides, or well below
        (copy_memory.holds, {
            "variant": ["rnn", "rnn", "rnn", "lstm", "gru", "gru"],
            "ratio": [1.04, 0.94, 1.06, 0.84, 0.86, 0.5],
        }, [True, False, False, True, False, True]),
        # networks of the same seed are compared
        (counting.holds, {
            "variant": ["lstm", "lstm", "lstm", "gru", "gru", "gru"],
            "seed": [1, 2, 3, 3, 2, 1],
            "reach": [40, 50, 30, 30, 60, 39],
        }, [True, False, False, False, False, True]),
        # the growth of the state decides
        (forget_gate.holds, {
            "variant": ["forget", "forget", "none", "none", "none"],
            "growth": [1.0, 1.6, 4.0, 2.0, 3.1],
        }, [True, False, True, False, True]),
        # another one for the tanh network
        (temporal_order.holds, {
            "variant": ["rnn", "rnn", "lstm", "lstm", "gru", "gru"],
            "accuracy": [0.94, 0.96, 0.94, 0.96, 0.25, 1.0],
        }, [True, False, False, True, False, True]),
        (word_boundaries.EXPERIMENT.published.holds, {
            "onset": [0.16, 0.14], "inside": [0.1, 0.1],
        }, [True, False]),
    ],
)  # fmt: skip
def test_a_criterion_is_met_where_it_should_be(holds, table, met):
    assert holds(pd.DataFrame(table)).tolist() == met


def sums(size):
    return adding.draw(generator(), size)


def test_sums_are_of_the_task_at_its_length():
    (inputs,), targets = sums(32)
    assert inputs.shape == (32, 50, 2)
    assert inputs.dtype == torch.float32
    values, marks = inputs.unbind(2)
    assert (marks.sum(1) == 2).all()
    torch.testing.assert_close((values * marks).sum(1), targets)


def test_the_baseline_of_the_sums_is_the_error_of_a_constant():
    class Constant(torch.nn.Module):
        """Always answers 1."""

        def forward(self, inputs):
            return torch.ones(len(inputs), 1)

    mse, _ = measure(Constant(), [sums(20_000)], Objective(squared_error))
    assert mse == pytest.approx(1 / 6, abs=0.005)  # of always answering 1


def test_the_error_is_that_of_each_sequence_and_not_of_all_pairs():
    outputs, targets = torch.tensor([[0.0], [1.0], [3.0]]), torch.tensor([1.0, 1.0, 1.0])
    assert squared_error(outputs, targets).item() == pytest.approx(5 / 3)
    apart = torch.tensor([0.0, 1.0, 3.0])
    assert squared_error(outputs, apart).item() == 0.0


def test_only_the_forget_gates_of_the_lstm_start_open():
    torch.manual_seed(0)
    lstm, gru = (temporal_order.build(cell).recurrent for cell in ("lstm", "gru"))
    total = lstm.bias_ih_l0 + lstm.bias_hh_l0
    for place, part in enumerate(total.chunk(4)):
        assert (part == 3.0).all() if place == 1 else part.abs().max() < 0.5
    assert gru.bias_ih_l0.abs().max() < 0.5


def test_temporal_orders_are_tested_on_sequences_that_training_has_not_seen(monkeypatch):
    drawn, original = [], tasks.temporal_order

    def spy(batch_size, time_steps, *, generator):
        drawn.append((batch_size, generator.initial_seed()))
        return original(batch_size, time_steps, generator=generator)

    monkeypatch.setattr(temporal_order.tasks, "temporal_order", spy)
    for name, value in (SHORT_ORDER | {"STEPS": 100}).items():
        monkeypatch.setattr(temporal_order, name, value)
    temporal_order.run("rnn", 0, 0.01)
    assert [size for size, _ in drawn] == [20] * 100 + [200] * 2
    assert drawn[0][1] != drawn[-1][1]


def knows_the_parity(inputs):
    odd = inputs[:, :, 0].cumsum(1) % 2
    return torch.stack([1 - odd, odd], dim=2), None


def test_the_parity_is_asked_for_at_the_last_bit_of_each_string():
    sequences = tasks.parity(40, 1, 9, generator=generator())
    (inputs,), targets = parity_length.batch_of(sequences)
    for bits, length, row in zip(inputs[:, :, 0], sequences.lengths, targets, strict=True):
        assert row[length - 1] == int(bits[:length].sum()) % 2
        assert (row != NOTHING).sum() == 1


def test_the_accuracy_of_the_parity_is_that_at_the_last_bit():
    def accuracy(network, strings=50):
        return parity_length.accuracy(network, strings, generator())

    def forgets_the_last(inputs):
        return knows_the_parity(torch.cat([inputs[:, :-1], 0 * inputs[:, -1:]], dim=1))

    assert accuracy(knows_the_parity) == 1.0
    assert accuracy(lambda x: (1 - knows_the_parity(x)[0], None)) == 0.0
    assert 0.4 < accuracy(forgets_the_last) < 0.6
    with pytest.raises(FloatingPointError):
        accuracy(lambda x: (knows_the_parity(x)[0] * float("nan"), None))


def test_the_judge_of_reber_strings_reads_the_test_strings():
    test, _ = tasks.embedded_reber(64, generator=generator())
    knows = {id(test.inputs): 9 * test.targets}
    found = reber.judge(lambda inputs: (knows[id(inputs)], None), test)
    assert found == {"outer": 1.0, "legal": 1.0}
    with pytest.raises(FloatingPointError):
        reber.judge(lambda inputs: (float("nan") * inputs, None), test)


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
