"""What the stored notebooks and the pages of the book must look like before anyone runs them.

Most checks take a code cell and yield its faults. They run on all notebooks, and on faults made on
purpose.
"""

import functools
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from pybtex.database import parse_string

from rnn_tutorial import experiments
from tools.contracts import rewrite
from tools.contracts.compare import is_text, parts
from tools.contracts.contract import EXEMPT, has_tag, stored_faults
from tools.contracts.rewrite import as_text, code_cells, markdown
from tools.contracts.stored_tables import table_faults

read = functools.cache(rewrite.read)  # the checks change nothing

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(ROOT.glob("book/*.ipynb"))
PAGES = [path for path in sorted(ROOT.glob("book/*.md")) if path.name[0] not in "_."]
# 01_history, but neither 00_before_you_start nor 02a_chaos
CHAPTERS = [path for path in NOTEBOOKS if re.match(r"(?!00)[0-9]{2}_", path.name)]

MAX_BYTES = 1_000_000
# What CONTRIBUTING.md says about the length of a cell.
MAX_CELL_LINES = 25
MAX_LISTING_LINES = 110
# How many times the spread over seeds a tolerance may be, and how many seeds make a spread.
SPREADS = 2
SEEDS = 5
# One cell in so many may be exempt from comparison.
CELLS_PER_EXEMPTION = 50
HEADINGS = ("## Common mistakes", "## Exercises", "## Summary", "## Read the originals")

IMPORT = re.compile(r"^(?:from \S+ )?import (?:\([^)]*\)|.*)\n", re.MULTILINE)
ASSERTION = re.compile(r"^\s*assert\b|\bassert_\w+\(", re.MULTILINE)
TABLE = re.compile(r"^\|.*\|\n\|[-:| ]+\|\n\|", re.MULTILINE)
# Title and options of a directive.
DIRECTIVE = r"^[:`]{{3,}}\{{{0}(?:-start)?\}}[ \t]*(.*)$((?:\n:[\w-]+:.*)*)"
# Not `{cite}` in backticks, which a page writes to name the role.
CITE_ROLE = re.compile(r"(?<!`)(?:\{cite(?::\w+)?\}|:cite(?::\w+)?:)`([^`]+)`")
# Data of the book are older, so a date from here on is that of a run.
RUN_DATE = r"\b20(?:2[5-9]|[3-9][0-9])-[0-9]{2}-[0-9]{2}\b"
CTIME = r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 0-9]?[0-9] [0-9]{2}:[0-9]{2}:"
LOCAL = {
    "a path of a machine": re.compile(
        r"(?<![\w.:/])/(?:(?:home|Users|root|tmp|var|opt|mnt)/|(?:[\w.-]+/){2,})|\b[A-Z]:\\"
    ),
    "an address": re.compile(r"\b0x[0-9a-fA-F]{6,}\b"),
    "the time of a run": re.compile(f"{RUN_DATE}|{CTIME}"),
}


def form_faults(cell):
    """A cell that is no contract: never run, on stderr, exempt without a reason."""
    return stored_faults(cell, cell.execution_count)


def local_faults(cell):
    """A path, an address or a time of the machine that ran the cell."""
    for output in cell.outputs:
        shown = [value for mime, value in parts(output).values() if is_text(mime)]
        for printed in shown + output.get("traceback", []):
            for name, pattern in LOCAL.items():
                if match := pattern.search(printed):
                    yield f"{name} in an output: {match[0]!r}"


def figure_faults(cell):
    """A figure without alternative text, a caption or a name."""
    if has_figure(cell):
        options = cell.metadata.get("mystnb", {})
        if not options.get("image", {}).get("alt", "").strip():
            yield "no mystnb.image.alt for its figure"
        if not options.get("figure", {}).get("caption", "").strip():
            yield "no mystnb.figure.caption for its figure"
        if not options.get("figure", {}).get("name", "").startswith("fig-"):
            yield "no mystnb.figure.name for its figure, which begins with fig-"


def has_figure(cell):
    mimes = [mime for output in cell.outputs for mime, _ in parts(output).values()]
    return any(mime.startswith("image/") for mime in mimes)


def length_faults(cell):
    """A cell too long for a page; how many lines imports take is the formatter's doing.

    A listing is a complete program, which is copied whole.
    """
    most = MAX_LISTING_LINES if has_tag(cell, "listing") else MAX_CELL_LINES
    lines = len(IMPORT.sub("", cell.source).splitlines())
    if lines > most:
        yield f"{lines} lines, at most {most}"


def source_faults(cell):
    """Code of the package that is not shown as code."""
    if "getsource" in cell.source:
        yield "inspect.getsource, in place of figures.code_of"


def anatomy_faults(notebook):
    """Parts of a chapter that are missing: table, headings, solutions."""
    opening = [cell.source for cell in notebook.cells[:3] if cell.cell_type == "markdown"]
    if not any(map(TABLE.search, opening)):
        yield "no learning table in the first three cells"
    prose = markdown(notebook)
    yield from (f"no heading {each!r}" for each in HEADINGS if each not in prose.splitlines())
    exercises, solutions = (
        re.findall(DIRECTIVE.format(name), prose, re.MULTILINE) for name in ("exercise", "solution")
    )
    labels = [re.findall(r":label:\s*(\S+)|$", options)[0] for _, options in exercises]
    solved = [title.strip() for title, _ in solutions]
    if not labels:
        yield "no exercise"
    if sorted(labels) != sorted(solved):
        yield f"exercises {sorted(labels)}, but solutions of {sorted(solved)}"


def open_assertions(notebook):
    """Assertions that a reader of a chapter with proofs meets outside of them."""
    cells = code_cells(notebook)
    if any(has_tag(cell, "proof") for cell in cells):
        for count, cell in enumerate(cells, start=1):
            folded = has_tag(cell, "hide-input") and has_tag(cell, "proof")
            if ASSERTION.search(cell.source) and not folded:
                yield f"code cell {count}: an assertion, but not the tags hide-input and proof"


def tolerance_faults(cell, load=experiments.load):
    """A tolerance of numbers wider than `SPREADS` times the widest spread of its evidence.

    A contract with ``atol`` names as evidence an experiment, a query that picks one row for each
    seed, the column with the number in question, and perhaps a table of details.
    """
    terms = cell.metadata.get("contract", {})
    if "atol" not in terms:
        return
    try:
        widest = max(spread(load=load, **place) for place in terms["evidence"])
    except (KeyError, TypeError, ValueError) as error:
        yield f"no good evidence for its tolerance: {error!r}"
    else:
        if terms["atol"] > SPREADS * widest:
            yield f"atol {terms['atol']} is more than {SPREADS} times the spread of {widest:.4f}"


def spread(experiment, rows, column, load, table=""):
    """Return the difference of the highest and the lowest seed."""
    chosen = load(experiment, table).query(rows)
    if len(chosen) < SEEDS or chosen["seed"].duplicated().any():
        raise ValueError(f"{rows!r} is to pick {SEEDS} seeds or more of {experiment}, once each")
    return chosen[column].max() - chosen[column].min()


CHECKS = (
    form_faults,
    local_faults,
    figure_faults,
    length_faults,
    source_faults,
    tolerance_faults,
)

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@each_notebook
def test_normal_form(path):
    assert as_text(read(path)) == path.read_text(encoding="utf-8"), "run make notebooks"
    assert path.stat().st_size <= MAX_BYTES


@each_notebook
def test_all_that_is_not_text_is_run(path):
    """A raw cell, or a notebook without code, would pass: nbval finds nothing in it to run."""
    assert {cell.cell_type for cell in read(path).cells} == {"code", "markdown"}


@each_notebook
@pytest.mark.parametrize("check", CHECKS)
def test_cells(path, check):
    cells = enumerate(code_cells(read(path)), start=1)
    assert [f"code cell {count}: {fault}" for count, cell in cells for fault in check(cell)] == []


@each_notebook
def test_figures_have_names_of_their_own(path):
    figures = filter(has_figure, code_cells(read(path)))
    names = [cell.metadata.mystnb.figure.name for cell in figures]
    assert sorted({*names}) == sorted(names)


@each_notebook
def test_assertions_of_a_chapter_with_proofs_are_in_them(path):
    assert [*open_assertions(read(path))] == []


@each_notebook
def test_cells_that_only_read_tables_have_no_tolerance(path):
    assert table_faults(read(path)) == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_anatomy_of_a_chapter(path):
    assert [*anatomy_faults(read(path))] == []


def test_few_cells_are_exempt():
    cells = [cell for path in NOTEBOOKS for cell in code_cells(read(path))]
    assert sum(has_tag(cell, EXEMPT) for cell in cells) * CELLS_PER_EXEMPTION <= len(cells)


def test_every_page_is_in_the_toc_once():
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    pages = [path.relative_to(ROOT).with_suffix("").as_posix() for path in NOTEBOOKS + PAGES]
    assert sorted(re.findall(r"^[\s-]*(?:root|file): (\S+)", toc, re.MULTILINE)) == sorted(pages)


def test_citations_and_bibliography_agree():
    texts = [markdown(read(path)) for path in NOTEBOOKS]
    texts += [path.read_text(encoding="utf-8") for path in PAGES]
    texts += [path.read_text(encoding="utf-8") for path in ROOT.glob("rnn_tutorial/**/*.py")]
    roles = [role for text in texts for role in CITE_ROLE.findall(text)]
    cited = {key.strip() for role in roles for key in re.sub(r"\{[^}]*\}", "", role).split(",")}
    bibliography = (ROOT / "book/references.bib").read_text(encoding="utf-8")
    assert cited == {*parse_string(bibliography, "bibtex").entries}


# What follows shows the checks failing.

GOOD = """# A chapter

| you will | you need |
|---|---|
| learn | time |
## Common mistakes
## Exercises
:::{exercise} By hand
:label: ex-hand
Compute.
:::
:::{solution} ex-hand
:::
## Summary
## Read the originals
"""
GLUED = "application/papermill.record/"


def _stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


def _display(mime, value):
    return nbformat.v4.new_output("display_data", data={mime: value})


@pytest.fixture
def cell():
    printed = _stream("loss 0.5, 1981-01-01 00:00, 3/4 of 0x10, https://example.org/tmp/a.py")
    figure = _display(f"{GLUED}image/png", "/tmp/0x1234567")
    options = {"image": {"alt": "a curve"}, "figure": {"caption": "A curve.", "name": "fig-curve"}}
    return nbformat.v4.new_code_cell(
        "plot()",
        execution_count=1,
        outputs=[printed, figure],
        metadata=nbformat.from_dict({"mystnb": options}),
    )


@pytest.mark.parametrize("check", CHECKS)
def test_good_cell_has_no_faults(cell, check):
    assert [*check(cell)] == []


@pytest.mark.parametrize(
    "printed",
    [
        "saved in /home/ada/model.pt",
        "File /srv/python3.11/site-packages/torch/nn/modules/rnn.py:12",
        r"C:\Users\ada",
        "<object at 0x7f3a12bc45d0>",
        "run at 2026-11-23 07:55",
        "Mon Nov 23 07:55:01 2026",
    ],
)
def test_traces_of_a_machine_are_found(cell, printed):
    cell.outputs = [
        _stream(printed),
        _display("text/html", printed),
        _display(f"{GLUED}text/plain", printed),
        nbformat.v4.new_output("error", ename="E", evalue="", traceback=["", printed]),
    ]
    assert len([*local_faults(cell)]) == 4


@pytest.mark.parametrize(
    ("part", "entry", "value"),
    [("image", "alt", " "), ("figure", "caption", ""), ("figure", "name", "curve")],
)
def test_figure_without_description_is_found(cell, part, entry, value):
    cell.metadata.mystnb[part][entry] = value
    (fault,) = figure_faults(cell)
    assert f"mystnb.{part}.{entry}" in fault


def test_long_code_is_found(cell):
    longest = "x\n" * MAX_CELL_LINES
    cell.source = "import a\nfrom b import (\n    c,\n)\n" + longest
    assert [*length_faults(cell)] == []
    cell.source = longest + "x\n"
    assert len([*length_faults(cell)]) == 1


def test_a_listing_may_be_longer(cell):
    cell.metadata.tags = ["listing"]
    cell.source = "x\n" * MAX_LISTING_LINES
    assert [*length_faults(cell)] == []
    cell.source += "x\n"
    assert len([*length_faults(cell)]) == 1


def test_source_text_is_found(cell):
    cell.source = "print(inspect.getsource(plot))"
    assert len([*source_faults(cell)]) == 1


@pytest.mark.parametrize("line", ["assert x", "    assert x", "torch.testing.assert_close(x, y)"])
def test_an_open_assertion_is_found_where_there_are_proofs(cell, line):
    proof = nbformat.v4.new_code_cell(line, metadata={"tags": ["hide-input", "proof"]})
    notebook = nbformat.v4.new_notebook(cells=[cell, proof])
    assert [*open_assertions(notebook)] == []
    cell.source += f"\n{line}"
    assert len([*open_assertions(notebook)]) == 1
    proof.metadata = {}
    assert [*open_assertions(notebook)] == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("", "", ""),
        ("|---|---|", "", "no learning table in the first three cells"),
        ("## Exercises", "### Exercises", "no heading '## Exercises'"),
        ("## Summary", "## Summary of it", "no heading '## Summary'"),
        (":::{solution} ex-hand", ":::{note}", "exercises ['ex-hand'], but solutions of []"),
        (":label: ex-hand", "", "exercises [''], but solutions of ['ex-hand']"),
    ],
)
def test_missing_part_of_a_chapter_is_found(old, new, message):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(GOOD)])
    notebook.cells[0].source = GOOD.replace(old, new)
    assert "\n".join(anatomy_faults(notebook)) == message


EVIDENCE = {"experiment": "runs", "rows": "variant == 'gru'", "column": "accuracy"}
RUNS = pd.DataFrame(
    {
        "variant": ["gru"] * 5 + ["rnn"] * 4,
        "seed": [*range(5), *range(4)],
        "accuracy": [0.80, 0.81, 0.82, 0.81, 0.80, 0.1, 0.2, 0.3, 0.9],
        "recall": [0.70, 0.71, 0.74, 0.71, 0.70, 0.1, 0.2, 0.3, 0.9],
    }
)


@pytest.mark.parametrize(
    ("atol", "evidence", "message"),
    [
        (0.039, [{}], None),
        (0.07, [{}, {"column": "recall"}], None),
        (0.05, [{}], "atol 0.05 is more than 2 times the spread of 0.02"),
        (0.01, [], "no good evidence for its tolerance"),
        (0.01, [{"experiment": "runs2"}], "KeyError('runs2')"),
        (0.01, [{"column": "loss"}], "KeyError('loss')"),
        (0.01, [{"rows": "variant == 'rnn'"}], "5 seeds or more"),
        (0.01, [{"rows": "seed >= 0"}], "once each"),
    ],
)
def test_a_tolerance_beyond_the_evidence_is_found(cell, atol, evidence, message):
    contract = {"atol": atol, "evidence": [EVIDENCE | place for place in evidence]}
    cell.metadata.contract = nbformat.from_dict(contract)
    faults = [*tolerance_faults(cell, lambda experiment, _: {"runs": RUNS}[experiment])]
    assert (faults == []) if message is None else (message in faults[0])
