"""Reproductions: their records, their verdicts, and the page that shows them."""

import itertools
import re

import nbformat
import numpy as np
import pandas as pd
import pytest
import torch
from pybtex.database import parse_file

from rnn_tutorial import tasks
from rnn_tutorial.experiments import load, report
from rnn_tutorial.experiments.classics import elman, exact, guessing
from rnn_tutorial.experiments.engine.experiment import FRESH
from rnn_tutorial.experiments.engine.published import CONDITIONS, WORDS, Published
from rnn_tutorial.experiments.registry import EXPERIMENTS, FRESH_RUNS, reproductions
from rnn_tutorial.models import SequenceModel
from rnn_tutorial.networks import layers

REPRODUCTIONS = reproductions()
each = pytest.mark.parametrize("experiment", REPRODUCTIONS, ids=lambda e: e.name)


def published(**changes):
    made = {
        "reference": "elman1990finding", "claim": "c", "number": "n", "read_from": "text",
        "brief": "n", "compared": {"accuracy": "a"},
        "setup": "s", "deviations": (), "changed": (), "criterion": "above 1/2",
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


REPRODUCED, SAME_DIRECTION, FINDING = WORDS
NINE = [0.9] * 9


@pytest.mark.parametrize(
    ("accuracies", "word"),
    [
        ([*NINE, 0.9], REPRODUCED),
        ([*NINE, 0.1], REPRODUCED),
        ([*NINE, None], REPRODUCED),
        ([*NINE[:8], 0.1, 0.1], FINDING),
        ([*NINE[:8], 0.1, None], FINDING),
        ([*NINE[:4], 0.1], FINDING),
        ([None, None], FINDING),
    ],
)
def test_nine_seeds_of_ten_decide_and_a_failed_run_is_none_of_them(accuracies, word):
    assert published().verdicts(table(only=accuracies)) == {"only": word}
    assert published().verdict(table(only=accuracies)) == word


@pytest.mark.parametrize("condition", CONDITIONS)
def test_another_setting_has_the_same_direction_at_best(condition):
    other = published(changed=(condition,))
    assert other.verdicts(table(only=[*NINE, 0.9])) == {"only": SAME_DIRECTION}
    assert other.verdicts(table(only=[*NINE[:8], 0.1, 0.1])) == {"only": FINDING}


def test_what_is_no_claim_of_the_paper_is_our_finding():
    record = published(ours=("two",))
    runs = table(one=NINE, two=NINE)
    assert record.verdicts(runs) == {"one": REPRODUCED, "two": FINDING}
    assert record.verdict(runs) == f"{REPRODUCED} (one); {FINDING} (two)"


def test_the_criterion_has_to_be_met_again_on_fresh_seeds():
    good, bad = table(only=[*NINE, 0.9]), table(only=[*NINE[:8], 0.1, 0.1])
    assert published().verdicts(good, good) == {"only": REPRODUCED}
    assert published().verdicts(good, bad) == {"only": FINDING}
    assert published().verdicts(bad, good) == {"only": FINDING}


def test_a_criterion_may_compare_variants_in_any_order_of_the_runs():
    """No run of a seed is to be better. That holds in a tie, and for a run without a number."""

    def holds(runs):
        return ~(runs["accuracy"] < runs.groupby("seed")["accuracy"].transform("max"))

    best = published(holds=holds)
    runs = table(lstm=[0.9, 0.8], rnn=[0.1, 0.8], gru=[0.9, None])
    counts = best.counts(runs)
    assert counts["met"].to_dict() == {"lstm": 2, "rnn": 1, "gru": 1}
    assert counts["seeds"].to_dict() == {"lstm": 2, "rnn": 2, "gru": 2}
    by_seed = runs.sort_values("seed", kind="stable")
    assert best.verdicts(by_seed) == best.verdicts(runs)


def test_a_number_was_read_somewhere():
    with pytest.raises(ValueError, match=r"read_from must be one of table, .* got 'memory'"):
        published(read_from="memory")
    with pytest.raises(ValueError, match=r"changed must be of task, .* got 'weather'"):
        published(changed=("weather",))


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


@each
def test_a_word_follows_from_the_stored_evidence(experiment):
    record, tables = experiment.published, report.evidence(experiment)
    assert set(record.ours) <= set(experiment.variants)
    for variant, word in record.verdicts(*tables).items():
        counts = [record.counts(one).loc[variant] for one in tables]
        if word != FINDING:
            assert all(count["met"] >= 9 and count["seeds"] == 10 for count in counts)
        if word == REPRODUCED:
            assert not record.changed
            assert len(tables) == 2, "reproduced only after a run on fresh seeds"
    for sentence, holds in record.findings.items():
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert holds(tables[0]).sum() >= 9


def test_what_is_called_reproduced_has_its_runs_on_fresh_seeds():
    for fresh in FRESH_RUNS.values():
        assert set(load(fresh.name)["seed"]) == set(FRESH)
    assert {name.removesuffix("_again") for name in FRESH_RUNS} == {
        e.name for e in REPRODUCTIONS if not e.published.changed or e.published.revised
    }


def test_runs_on_fresh_seeds_are_those_of_the_experiment():
    again = EXPERIMENTS["linear_parity"].again()
    assert not {*FRESH} & {seed for e in REPRODUCTIONS for seed in e.seeds}
    assert again.measure("one unit", 3) == EXPERIMENTS["linear_parity"].measure("one unit", 3)
    stack = EXPERIMENTS["elman_letters"]
    assert set(stack.again().variants) == set(stack.variants)


def test_the_summary_says_what_the_records_and_the_stored_tables_say():
    rows = [line[2:-2].split(" | ") for line in report.verdicts().split("\n")]
    assert {len(row) for row in rows[:1] + rows[2:]} == {5}
    said = {}
    for title, read, ours, count, word in rows[2:]:
        assert word in WORDS
        assert re.match(r"\d+ of 10(, of fresh seeds \d+ of 10)?$", count)
        said.setdefault(title.split("](#")[1].split(")")[0], []).append((title, read, ours, word))
    assert list(said) == [report.section(experiment.name) for experiment in REPRODUCTIONS]
    for experiment, own in zip(REPRODUCTIONS, said.values(), strict=True):
        record, tables = experiment.published, report.evidence(experiment)
        words = record.verdicts(*tables)
        claims = own[: len(set(words.values()))]
        assert [word for *_, word in claims] == sorted(set(words.values()), key=WORDS.index)
        assert [ours for _, _, ours, _ in own[len(claims) :]] == list(record.findings)
        assert all(title.startswith(f"[{experiment.description}](#") for title, *_ in own)
        assert all(read == f"{record.brief} ({record.read_from})" for _, read, _, _ in own)
        shown = " ".join(ours for _, _, ours, _ in claims)
        for measure in record.compared:
            for _, values in tables[0].groupby("variant")[measure]:
                assert f"{values.median():.3g}".replace("-", "−") in shown  # noqa: RUF001
    assert [title.split("), ")[1] for title, *_ in said["published-temporal-xor"]] == [
        "8 units",
        "2 units",
    ]


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
    for variant, word in record.verdicts(*report.evidence(experiment)).items():
        assert f"{variant}: **{word}**" in text
    assert ("Criterion changed" in text) == bool(record.revised)
    assert record.revised in text
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
    assert record["counted"] == 1.0
    assert 0.5 < record["counted_half"] < 0.9
    assert record["moving_positive"] == 0 < 0.25 < record["moving_signed"]


def test_a_count_in_half_precision_ends_where_adding_one_changes_nothing():
    states = exact._states(np.ones(3000), np.ones(3000), 0.0, np.float16)
    assert list(states[:3]) == [1, 2, 3]
    assert states.max() == states[2047] == states[-1] == 2048
    assert list(exact._odd(states[:3])) == [True, False, True]


def test_a_unit_still_moves_if_its_state_swings_or_counts(monkeypatch):
    monkeypatch.setattr(exact, "ONES", 5)
    a, b, h = np.array([[-1.0, 0, 1], [0.5, 1, 2], [1, 1, 0]]).T  # swings, rests, counts
    assert exact._moving(a, b, h) == pytest.approx(2 / 3)
