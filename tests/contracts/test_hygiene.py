"""The stored notebooks and the pages of the book; test_hygiene_faults shows the checks failing."""

import functools
from pathlib import Path

import pytest

from rnn_tutorial import experiments
from tools.contracts import hygiene, rewrite
from tools.contracts.stored_tables import table_faults

read = functools.cache(rewrite.read)  # the checks change nothing

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(ROOT.glob("book/*.ipynb"))
PAGES = [path for path in sorted(ROOT.glob("book/*.md")) if path.name[0] not in "_."]

CHAPTERS = [path for path in NOTEBOOKS if hygiene.is_chapter(path)]

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_the_book_has_notebooks():
    assert NOTEBOOKS


@each_notebook
def test_normal_form(path):
    assert hygiene.form_faults(path) == []


@each_notebook
def test_outputs_name_no_machine(path):
    assert hygiene.local_faults(read(path)) == []


@each_notebook
def test_figures_are_described(path):
    assert hygiene.figure_faults(read(path)) == []


@each_notebook
def test_code_is_short(path):
    assert hygiene.source_faults(read(path)) == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_anatomy_of_a_chapter(path):
    assert hygiene.anatomy_faults(read(path)) == []


@each_notebook
def test_cells_that_only_read_tables_have_no_tolerance(path):
    assert table_faults(read(path)) == []


@each_notebook
def test_tolerances_are_no_wider_than_the_evidence_allows(path):
    assert hygiene.tolerance_faults(read(path), experiments.load) == []


def test_few_cells_are_exempt():
    assert hygiene.exemption_faults([read(path) for path in NOTEBOOKS]) == []


def test_every_page_is_in_the_toc():
    pages = [path.relative_to(ROOT) for path in NOTEBOOKS + PAGES]
    assert hygiene.toc_faults((ROOT / "_toc.yml").read_text(encoding="utf-8"), pages) == []


def test_citations_and_bibliography_agree():
    texts = [hygiene.markdown(read(path)) for path in NOTEBOOKS]
    texts += [path.read_text(encoding="utf-8") for path in PAGES]
    texts += [path.read_text(encoding="utf-8") for path in ROOT.glob("rnn_tutorial/**/*.py")]
    bibliography = (ROOT / "book/references.bib").read_text(encoding="utf-8")
    assert hygiene.citation_faults(texts, bibliography) == []
