"""The milestones agree with the bibliography and with the chapter that shows them."""

from pybtex.database import parse_string

from rnn_tutorial.data.milestones import KINDS, MILESTONES, as_markdown
from tools.contracts.rewrite import markdown, read


def test_each_milestone_has_an_entry_of_its_year(root):
    text = (root / "book/references.bib").read_text(encoding="utf-8")
    entries = parse_string(text, "bibtex").entries
    years = {m.reference: int(entries[m.reference].fields["year"]) for m in MILESTONES}
    assert {m.reference: m.year for m in MILESTONES} == years
    assert len(years) == len(MILESTONES), "no work stands twice"


def test_milestones_are_in_order_and_of_a_known_kind():
    assert [m.year for m in MILESTONES] == sorted(m.year for m in MILESTONES)
    assert {m.kind for m in MILESTONES} == set(KINDS)
    assert (MILESTONES[0].year, MILESTONES[-1].year) == (1943, 2024)


def test_the_chapter_shows_the_table_of_the_data(root):
    assert as_markdown() in markdown(read(root / "book/01_history.ipynb"))
