"""Networks beside their opponents: the outcome follows from the numbers that the page shows."""

import re

import nbformat
import pandas as pd
import pytest

from rnn_tutorial.experiments import contests

each = pytest.mark.parametrize("contest", contests.CONTESTS, ids=lambda c: c.task)
SAID = contests.SAID


def by_seed(*values):
    return pd.Series(values, index=range(10, 10 + len(values)))


@pytest.mark.parametrize(
    ("errors", "rival", "outcome"),
    [
        ((0.97, 0.98, 0.99), (1.0,), "win"),
        ((0.97, 0.98, 1.01), (1.0,), "tie"),
        ((0.985, 0.99, 0.99), (1.0,), "tie"),
        ((1.03, 1.03, 1.01), (1.0,), "loss"),
        ((1.03, 1.03, 0.99), (1.0,), "tie"),
        ((1.01, 1.01, 1.01), (1.0,), "tie"),
        ((0.5, 1.5, 2.5), (0.6, 1.6, 2.6), "win"),
        ((0.5, 1.5, 2.5), (0.6, 1.4, 2.6), "tie"),
    ],
)
def test_a_win_needs_a_lead_and_every_seed(errors, rival, outcome):
    assert contests.outcome(by_seed(*errors), by_seed(*rival)) == outcome


@pytest.fixture(scope="module")
def rows():
    """Return the rows of the page's table; each is judged from the stored evidence."""
    return contests.as_markdown().split("\n")


@each
def test_an_outcome_follows_from_the_numbers_of_its_row(contest, rows):
    (row,) = [row for row in rows if contest.task + "](" in row]
    result = contests.judge(contest)
    _, said, network, opponent, data = row[2:-2].split(" | ")
    assert data == contest.data()
    assert said == SAID[result.outcome]
    median, low, high = (
        float(number) for number in re.search(r": (\S+) \((\S+) to (\S+)\)", network).groups()
    )
    rival = float(re.search(r": ([\d.]+)", opponent).group(1))
    if contest.score:
        median, low, high, rival = 1 - median, 1 - high, 1 - low, 1 - rival
    if "(" not in opponent:  # then no seed of it is paired with one of the network's
        if said == SAID["win"]:
            assert high < rival
        if said == SAID["loss"]:
            assert low > rival
        if said == SAID["tie"]:
            assert low <= rival <= high or abs(1 - median / rival) < contests.LEAST + 1e-3
    elif said == SAID["loss"]:
        assert median > rival
    elif said == SAID["win"]:
        assert median < rival


@pytest.mark.parametrize(
    "contest", [c for c in contests.CONTESTS if c.network.chosen_by], ids=lambda c: c.task
)
def test_a_member_is_chosen_on_validation_alone(contest, monkeypatch):
    side = contest.network
    names = dict(zip(side.members, side.names or side.members, strict=True))
    table = contests.load(side.experiment).astype({side.chosen_by: float})
    for member, name in names.items():
        best = table["variant"] == member
        changed = table.assign(**{side.chosen_by: best.astype(float) * (2 * contest.score - 1)})
        monkeypatch.setattr(
            contests, "load", lambda name, changed=changed: {side.experiment: changed}[name]
        )
        chosen, runs = contests._runs(side, contest)
        assert chosen == name
        assert set(runs["variant"]) == {member}


def test_the_page_shows_the_table_as_it_follows_from_the_evidence(root):
    page = nbformat.read(root / "book/which_model_when.ipynb", as_version=4)
    (cell,) = [c for c in page.cells if c.source.endswith("Markdown(contests.as_markdown())")]
    (output,) = cell.outputs
    assert output.data["text/markdown"] == contests.as_markdown()
    for contest in contests.CONTESTS:
        assert (root / f"book/{contest.page}.ipynb").exists()
