"""Reproductions: their records, their verdicts, and the page that shows them."""

import itertools
import re

import nbformat
import pandas as pd
import pytest
import torch
from pybtex.database import parse_file

from rnn_tutorial import tasks
from rnn_tutorial.experiments import load, report
from rnn_tutorial.experiments.classics import elman, exact, guessing
from rnn_tutorial.experiments.engine.published import Published
from rnn_tutorial.experiments.registry import reproductions
from rnn_tutorial.models import SequenceModel
from rnn_tutorial.networks import layers

REPRODUCTIONS = reproductions()
each = pytest.mark.parametrize("experiment", REPRODUCTIONS, ids=lambda e: e.name)


def published(**changes):
    made = {
        "reference": "elman1990finding", "claim": "c", "number": "n", "read_from": "text",
        "brief": "n", "compared": {"accuracy": "a"},
        "setup": "s", "deviations": (), "criterion": "above 1/2",
        "holds": lambda table: table["accuracy"] > 0.5,
    }  # fmt: skip
    return Published(**made | changes)


def table(**accuracies):
    """The main table of an experiment: accuracies of each variant by name, None for a failure."""
    return pd.DataFrame(
        [
            {
                "variant": variant,
                "seed": seed,
                "accuracy": value,
                "error": None if value else "E: x",
            }
            for variant, values in accuracies.items()
            for seed, value in enumerate(values)
        ]
    ).astype({"accuracy": float, "error": object})


@pytest.mark.parametrize(
    ("accuracies", "verdict"),
    [
        ([0.6, 0.9], "reproduced"),
        ([0.6, 0.4, 0.7], "reproduced on 2 of 3 seeds"),
        ([0.1, 0.4], "not reproduced"),
        ([0.6, None, 0.7], "reproduced on 2 of 3 seeds, 1 of the runs failed"),
        ([None, None], "not reproduced, 2 of the runs failed"),
    ],
)
def test_a_verdict_counts_the_seeds(accuracies, verdict):
    assert published().verdicts(table(only=accuracies)) == {"only": verdict}


@pytest.mark.parametrize(
    ("one", "two", "verdict"),
    [
        ([0.6, 0.9], [0.7], "reproduced"),
        ([0.6, 0.9], [0.7, 0.1], "reproduced only with one"),
        ([0.6, None], [0.7, 0.9], "reproduced only with two"),
        ([0.6, 0.1], [0.7, 0.1], "reproduced on 2 of 4 runs"),
        ([0.1, 0.1], [None], "not reproduced"),
    ],
)
def test_the_verdict_on_the_whole_names_what_it_holds_for(one, two, verdict):
    assert published().verdict(table(one=one, two=two)) == verdict


@pytest.mark.parametrize(
    ("accuracies", "verdict"),
    [
        ({"lstm": [0.9, 0.8], "gru": [0.9, 0.8]}, "reproduced"),
        (
            {"lstm": [0.9, 0.8], "rnn": [0.1, 0.8], "gru": [0.9, 0.8]},
            "reproduced only with lstm, gru",
        ),
        ({"lstm": [0.9, 0.1], "gru": [0.1, 0.8]}, "reproduced on 2 of 4 runs"),
        ({"lstm": [0.9, None], "gru": [0.1, 0.1]}, "reproduced on 2 of 4 runs"),
        ({"lstm": [None, None], "gru": [None, None]}, "not reproduced"),
    ],
)
def test_a_criterion_may_compare_variants_and_a_failed_run_never_meets_it(accuracies, verdict):
    """No run of a seed is to be better. That holds in a tie, and for a run without a number."""

    def holds(runs):
        return ~(runs["accuracy"] < runs.groupby("seed")["accuracy"].transform("max"))

    best, runs = published(holds=holds), table(**accuracies)
    assert best.verdict(runs) == verdict
    by_seed = runs.sort_values("seed", kind="stable")
    assert best.verdict(by_seed) == verdict
    assert best.verdicts(by_seed) == best.verdicts(runs)


def test_a_number_was_read_somewhere():
    with pytest.raises(ValueError, match=r"read_from must be one of table, .* got 'memory'"):
        published(read_from="memory")


@each
def test_the_record_is_complete(experiment, root):
    record = experiment.published
    assert record.reference in parse_file(root / "book/references.bib").entries
    assert all((record.claim, record.number, record.setup, record.criterion))
    assert 0 < len(record.brief) <= 70
    assert record.compared
    assert record.deviations, "no reproduction is without a deviation"
    assert len(experiment.seeds) >= 5
    assert not {*experiment.seeds} & {*record.tuned_on}


def test_the_verdicts_are_those_of_the_stored_tables():
    rows = [line[2:-2].split(" | ") for line in report.verdicts().split("\n")]
    assert [len(row) for row in rows[:1] + rows[2:]] == [4] * (1 + len(REPRODUCTIONS))
    for experiment, (title, published, ours, verdict) in zip(REPRODUCTIONS, rows[2:], strict=True):
        record, stored = experiment.published, load(experiment.name)
        assert title == f"[{experiment.description}](#{report.section(experiment.name)})"
        assert published == f"{record.brief} ({record.read_from})"
        for measure, words in record.compared.items():
            assert f"{words}: " in ours
            for _, values in stored.groupby("variant")[measure]:
                assert f"{values.median():.3g}".replace("-", "−") in ours  # noqa: RUF001
        assert verdict.split(" only")[0] == record.verdict(stored).split(" only")[0]
    assert rows[3][3] == "reproduced only with 8 units"
    assert "reproduced only with LSTM" in report.verdicts(), "in words"


def stored_texts(page, source):
    """Return what the page stores as Markdown under a cell."""
    notebook = nbformat.read(page, as_version=4)
    (cell,) = [cell for cell in notebook.cells if cell.source == source]
    return [output.data["text/markdown"] for output in cell.outputs if "data" in output]


@each
def test_the_page_agrees_with_the_evidence(experiment, root):
    page = root / "book/published_and_measured.ipynb"
    source = f'Markdown(report.describe("{experiment.name}"))'
    assert stored_texts(page, source) == [report.describe(experiment.name)]
    text = page.read_text(encoding="utf-8")
    assert f'report.measured(\\"{experiment.name}\\")' in text
    assert f'"({report.section(experiment.name)})=\\n"' in text
    assert experiment.published.reference in text


@each
def test_the_description_says_everything(experiment):
    text = report.describe(experiment.name)
    record = experiment.published
    for part in (record.claim, record.number, record.setup, record.criterion, *record.deviations):
        assert part in text
    assert f"read from a {record.read_from}" in text
    assert f"python -m rnn_tutorial.experiments {experiment.name}" in text
    for variant, verdict in record.verdicts(load(experiment.name)).items():
        assert f"{variant}: **{verdict}**" in text
    for seed in (*experiment.seeds, *record.tuned_on):
        assert re.search(rf"\b{seed}\b", text)


def test_the_description_reports_runs_that_failed(monkeypatch):
    stored = load("elman_letters").astype({"error": object})
    stored.loc[1, "error"] = "RuntimeError: power cut"
    monkeypatch.setattr(report, "load", lambda name: stored)
    text = report.describe("elman_letters")
    assert f"20 units, seed {stored['seed'][1]} (RuntimeError: power cut)" in text


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


def cheap_runs():
    """The cheapest run of each reproduction, if it takes at most half a second."""
    for experiment in REPRODUCTIONS:
        stored = load(experiment.name)
        cheapest = stored.loc[stored["cpu_seconds"].idxmin()]
        if cheapest["cpu_seconds"] <= 0.5:
            run = (experiment, cheapest["variant"], cheapest["seed"])
            yield pytest.param(*run, id=experiment.name)


@pytest.mark.parametrize(("experiment", "variant", "seed"), list(cheap_runs()))
def test_the_same_seed_gives_the_same_numbers_twice(experiment, variant, seed):
    """Whatever was drawn from torch's own generator before."""
    torch.manual_seed(1)
    first = experiment.measure(variant, int(seed))
    torch.rand(7)
    assert experiment.measure(variant, int(seed)) == first


def test_errors_are_those_of_the_next_input():
    """A model that repeats its input is right where nothing changes."""

    class Repeats(torch.nn.Module):
        def forward(self, inputs):
            return torch.logit(inputs), None

    sequences, text = tasks.letters(20, generator=torch.Generator().manual_seed(0))
    errors = elman.squared_errors(Repeats(), sequences)
    same = torch.tensor([a == b for a, b in itertools.pairwise(text)])
    assert (errors[same] == 0).all()
    assert (errors[~same].sum(1) > 0).all()


def test_training_uses_the_whole_stream_and_learns():
    torch.manual_seed(0)
    sequences = tasks.letters(200, generator=torch.Generator().manual_seed(0))[0]
    untrained = SequenceModel(layers.RNN(6, 20), 6, batch_first=False)
    model = elman.train(sequences, 20, 30, 0.01)
    before, after = (elman.squared_errors(m, sequences).mean() for m in (untrained, model))
    assert after < 0.5 * before


def test_with_copies_the_gradient_is_that_of_one_step():
    """The gradient that is written out is autograd's, with the context detached at every step."""
    sequences = tasks.letters(30, generator=torch.Generator().manual_seed(0))[0]
    torch.manual_seed(0)
    found = elman.train_with_copies(sequences, 5, 1, 0.01)
    torch.manual_seed(0)
    model = SequenceModel(layers.RNN(6, 5), 6, batch_first=False)
    optimizer, state = torch.optim.Adam(model.parameters(), lr=0.01), None
    steps = len(sequences.inputs) // elman.STREAMS
    parts = (
        part[: steps * elman.STREAMS].view(elman.STREAMS, steps, -1)
        for part in (sequences.inputs, sequences.targets)
    )
    inputs, targets = parts
    for t in range(steps):
        outputs, state = model(inputs[:, t][None], state)
        optimizer.zero_grad()
        elman.error(outputs, targets[:, t][None]).backward()
        optimizer.step()
        state = state.detach()
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(found.get_parameter(name), parameter, msg=name)


def test_guesses_are_drawn_from_the_generator_and_judged_by_the_last_output():
    generator = torch.Generator().manual_seed(0)
    guess = guessing.guess(3, generator)
    assert all(p.abs().max() <= guessing.RANGE for p in guess.parameters())
    again = guessing.guess(3, torch.Generator().manual_seed(0))
    assert torch.equal(guess.output.weight, again.output.weight)
    with torch.no_grad():
        guess.output.weight.zero_()
        guess.output.bias.fill_(50.0)  # always 1
    sequences = tasks.latch(40, 10, generator=generator)
    assert torch.equal(guessing.errors(guess, sequences) < 0.2, sequences.targets == 1)


def test_a_search_that_finds_nothing_says_so(monkeypatch):
    monkeypatch.setattr(guessing, "LIMIT", 3)
    monkeypatch.setattr(guessing, "TOLERANCE", 0.0)
    assert guessing.run(3, 0)[""] == [{"trials": 3, "test_error": 1.0}]


def test_the_exact_demonstrations_are_exact():
    assert exact.run_stack("", 3)[""][0]["fractions_right"] == 1
    record = exact.run_parity("", 3)[""][0]
    assert record["right"] == 1.0
    assert 0.4 < record["right_if_positive"] < 0.6
