"""Reproductions: their records, their verdicts, and the page that shows them."""

import itertools

import pandas as pd
import pytest
import torch
from pybtex.database import parse_file

from rnn_tutorial import tasks
from rnn_tutorial.experiments import elman, exact, guessing, report
from rnn_tutorial.experiments.published import Published
from rnn_tutorial.experiments.runner import load

REPRODUCTIONS = report.reproductions()
each = pytest.mark.parametrize("experiment", REPRODUCTIONS, ids=lambda e: e.name)


def published(**changes):
    made = {
        "reference": "elman1990finding", "claim": "c", "number": "n", "read_from": "text",
        "setup": "s", "deviations": (), "criterion": "above 1/2",
        "holds": lambda table: table["accuracy"] > 0.5,
    }  # fmt: skip
    return Published(**made | changes)


@pytest.mark.parametrize(
    ("accuracies", "verdict"),
    [
        ([0.6, 0.9], "reproduced"),
        ([0.6, 0.4, 0.7], "reproduced on 2 of 3 seeds"),
        ([0.1, 0.4], "not reproduced"),
    ],
)
def test_a_verdict_counts_the_seeds(accuracies, verdict):
    assert published().verdict(pd.DataFrame({"accuracy": accuracies})) == verdict


def test_a_number_was_read_somewhere():
    with pytest.raises(ValueError, match=r"read_from must be one of table, .* got 'memory'"):
        published(read_from="memory")


@each
def test_the_record_is_complete(experiment, root):
    record = experiment.published
    assert record.reference in parse_file(root / "book/references.bib").entries
    assert all((record.claim, record.number, record.setup, record.criterion))
    assert record.deviations, "no reproduction is without a deviation"
    assert len(experiment.seeds) >= 5
    assert not {*experiment.seeds} & {*record.tuned_on}


def test_the_verdicts_are_those_of_the_stored_tables():
    verdicts = report.verdicts()["verdict"]
    assert verdicts["elman_letters", "20 units"] == "reproduced"
    assert verdicts["temporal_xor", "8 units"] == "reproduced"
    assert verdicts["temporal_xor", "2 units"] == "not reproduced"
    assert verdicts["guessing", "3 units"] == "reproduced"
    assert verdicts["one_number_stack", "random bits"] == "reproduced"
    assert verdicts["linear_parity", "one unit"] == "reproduced"
    assert len(verdicts) == sum(len(e.variants) for e in REPRODUCTIONS)


@each
def test_the_page_has_a_section_for_each_result(experiment, root):
    page = (root / "book/published_and_measured.ipynb").read_text(encoding="utf-8")
    assert f'report.describe(\\"{experiment.name}\\")' in page
    assert f'report.measured(\\"{experiment.name}\\")' in page
    assert experiment.published.reference in page


@each
def test_the_description_says_everything(experiment):
    text = report.describe(experiment.name)
    record = experiment.published
    for part in (record.claim, record.number, record.setup, record.criterion, *record.deviations):
        assert part in text
    assert f"read from a {record.read_from}" in text
    assert f"python -m rnn_tutorial.experiments {experiment.name}" in text
    for variant in experiment.variants:
        assert (
            f"{variant}: **{report.verdicts().loc[(experiment.name, variant), 'verdict']}**" in text
        )


def test_the_summary_is_over_seeds():
    summary = report.measured("temporal_xor")
    table = load("temporal_xor").query("variant == '2 units'")["predictable"]
    row = summary.loc["2 units", "predictable"]
    assert row.tolist() == [table.median(), table.min(), table.max()]
    assert set(summary.index.get_level_values("measure")) == {"predictable", "elsewhere"}
    with pytest.raises(ValueError, match=r"name must be one of .* got 'surnames'"):
        report.measured("surnames")
    with pytest.raises(ValueError, match=r"name must be one of .* got 'mamba'"):
        report.describe("mamba")


def test_errors_are_those_of_the_next_input():
    """A model that repeats its input is right where nothing changes."""

    class Repeats(torch.nn.Module):
        def forward(self, inputs):
            return inputs, None

    sequences, text = tasks.letters(20, generator=torch.Generator().manual_seed(0))
    errors = elman.squared_errors(Repeats(), sequences)
    same = torch.tensor([a == b for a, b in itertools.pairwise(text)])
    assert (errors[same] == 0).all()
    assert (errors[~same].sum(1) > 0).all()


def test_training_uses_the_whole_stream_and_learns():
    torch.manual_seed(0)
    sequences = tasks.letters(200, generator=torch.Generator().manual_seed(0))[0]
    untrained = elman.NextInput(6, 20)
    model = elman.train(sequences, 20, 30, 0.01)
    before, after = (elman.squared_errors(m, sequences).mean() for m in (untrained, model))
    assert after < 0.5 * before


def test_guesses_are_drawn_from_the_generator_and_judged_by_the_last_output():
    generator = torch.Generator().manual_seed(0)
    guess = guessing.Guess(generator)
    assert all(p.abs().max() <= guessing.RANGE for p in guess.parameters())
    again = guessing.Guess(torch.Generator().manual_seed(0))
    assert torch.equal(guess.output.weight, again.output.weight)
    with torch.no_grad():
        guess.output.weight.zero_()
        guess.output.bias.fill_(50.0)  # always 1
    sequences = tasks.latch(40, 10, generator=generator)
    assert torch.equal(guess.errors(sequences) < 0.2, sequences.targets == 1)


def test_a_search_that_finds_nothing_says_so(monkeypatch):
    monkeypatch.setattr(guessing, "LIMIT", 3)
    monkeypatch.setattr(guessing, "TOLERANCE", 0.0)
    assert guessing.run("3 units", 0)[""] == [{"trials": 3, "test_error": 1.0}]


def come_back(bits):
    """Tell whether all bits come back from a stack of float64."""
    number = 0.0
    for bit in bits:
        number = tasks.push(number, bit)
    for bit in reversed(bits):
        if number == 0 or tasks.top(number) != bit:
            return False
        number = tasks.pop(number)
    return True


@pytest.mark.parametrize("bits", [(1,) * 100, (0,) * 100, (0, 1) * 50, (1, 1, 0) * 33])
def test_the_depth_is_that_of_the_first_wrong_bit(bits):
    depth = exact._first_failure(bits)
    assert depth >= 27
    assert all(come_back(bits[:shorter]) for shorter in range(1, depth))
    assert depth > len(bits) or not come_back(bits[:depth])


def test_the_exact_demonstrations_are_exact():
    assert exact.run_stack("", 3)[""][0]["fractions_right"] == 1
    record = exact.run_parity("", 3)[""][0]
    assert record["right"] == 1.0
    assert 0.4 < record["right_if_positive"] < 0.6
