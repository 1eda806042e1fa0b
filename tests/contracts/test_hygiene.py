"""What the stored notebooks and the pages of the book must look like before anyone runs them.

A check takes a notebook and lists its faults; each is tested on all notebooks and on faults made on
purpose.
"""

import copy
import functools
import re
from pathlib import Path, PurePosixPath

import nbformat
import pandas as pd
import pytest
import yaml
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

MAX_BYTES = 600_000
# What CONTRIBUTING.md says about the length of a cell.
MAX_CELL_LINES = 25
# How many times the spread over seeds a tolerance may be, and how many seeds make a spread.
SPREADS = 2
SEEDS = 5
# One cell in so many may be exempt from comparison.
CELLS_PER_EXEMPTION = 50
HEADINGS = ("## Common mistakes", "## Exercises", "## Summary", "## Read the originals")

IMPORT = re.compile(r"^(?:from \S+ )?import (?:\([^)]*\)|.*)\n", re.MULTILINE)
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


def cell_faults(notebook):
    """Cells that are no contracts: never run, on stderr, exempt without a reason."""
    for count, cell in enumerate(code_cells(notebook), start=1):
        for fault in stored_faults(cell, count):
            yield f"code cell {count}: {fault}"


def local_faults(notebook):
    """Outputs that show a path, an address or a time of the machine that ran them."""
    for count, cell in enumerate(code_cells(notebook), start=1):
        for output in cell.outputs:
            shown = [value for mime, value in parts(output).values() if is_text(mime)]
            for printed in shown + output.get("traceback", []):
                for name, pattern in LOCAL.items():
                    if match := pattern.search(printed):
                        yield f"code cell {count}: {name} in an output: {match[0]!r}"


def figure_faults(notebook):
    """Figures without alternative text, a caption or a name of their own."""
    names = set()
    for count, cell in enumerate(code_cells(notebook), start=1):
        mimes = [mime for output in cell.outputs for mime, _ in parts(output).values()]
        if not any(mime.startswith("image/") for mime in mimes):
            continue
        options = cell.metadata.get("mystnb", {})
        figure = options.get("figure", {})
        name = figure.get("name", "")
        if not options.get("image", {}).get("alt", "").strip():
            yield f"code cell {count}: no mystnb.image.alt for its figure"
        if not figure.get("caption", "").strip():
            yield f"code cell {count}: no mystnb.figure.caption for its figure"
        if not name.startswith("fig-") or name in names:
            yield f"code cell {count}: mystnb.figure.name is {name!r}, not a new fig-..."
        names.add(name)


def length_faults(notebook):
    """Code cells too long for a page; how many lines imports take is the formatter's doing."""
    for count, cell in enumerate(code_cells(notebook), start=1):
        lines = len(IMPORT.sub("", cell.source).splitlines())
        if lines > MAX_CELL_LINES:
            yield f"code cell {count}: {lines} lines, at most {MAX_CELL_LINES}"


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


def tolerance_faults(notebook, load=experiments.load):
    """Tolerances of numbers wider than `SPREADS` times the widest spread of their evidence.

    A contract with ``atol`` names as evidence an experiment, a query that picks one row for each
    seed, the column with the number in question, and perhaps a table of details.
    """
    for count, cell in enumerate(code_cells(notebook), start=1):
        terms = cell.metadata.get("contract", {})
        if "atol" not in terms:
            continue
        try:
            widest = max(spread(load=load, **place) for place in terms["evidence"])
        except (KeyError, TypeError, ValueError) as error:
            yield f"code cell {count}: no good evidence for its tolerance: {error!r}"
            continue
        if terms["atol"] > SPREADS * widest:
            yield (
                f"code cell {count}: atol {terms['atol']} is more than {SPREADS} times the spread "
                f"of {widest:.4f} over the seeds"
            )


def spread(experiment, rows, column, load, table=""):
    """Return the difference of the highest and the lowest seed."""
    chosen = load(experiment, table).query(rows)
    if len(chosen) < SEEDS or chosen["seed"].duplicated().any():
        raise ValueError(f"{rows!r} is to pick {SEEDS} seeds or more of {experiment}, once each")
    return chosen[column].max() - chosen[column].min()


def too_many_exempt(notebooks):
    cells = [cell for notebook in notebooks for cell in code_cells(notebook)]
    return sum(has_tag(cell, EXEMPT) for cell in cells) * CELLS_PER_EXEMPTION > len(cells)


def toc_faults(toc, pages):
    """Pages that the text of ``_toc.yml`` lacks, and those that it only names or names twice."""

    def entries(node):
        if isinstance(node, list):
            return [name for child in node for name in entries(child)]
        if not isinstance(node, dict):
            return []
        here = [node[key] for key in ("root", "file") if key in node]
        return here + entries(list(node.values()))

    listed = sorted(entries(yaml.safe_load(toc)))
    present = sorted(page.with_suffix("").as_posix() for page in pages)
    yield from (f"{name} is not in _toc.yml" for name in present if name not in listed)
    yield from (f"{name} in _toc.yml is not a page" for name in listed if name not in present)
    yield from (f"{name} is twice in _toc.yml" for name in {*listed} if listed.count(name) > 1)


def citation_faults(texts, bibliography):
    """Citations without an entry in the bibliography, and entries that nothing cites."""
    roles = [role for text in texts for role in CITE_ROLE.findall(text)]
    cited = {key.strip() for role in roles for key in re.sub(r"\{[^}]*\}", "", role).split(",")}
    entries = set(parse_string(bibliography, "bibtex").entries)
    yield from (f"{key} is cited and not in the bibliography" for key in sorted(cited - entries))
    yield from (f"{key} is in the bibliography, uncited" for key in sorted(entries - cited))


CHECKS = (cell_faults, local_faults, figure_faults, length_faults, table_faults, tolerance_faults)


def test_the_book_has_notebooks():
    assert CHAPTERS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_normal_form(path):
    assert as_text(read(path)) == path.read_text(encoding="utf-8"), "run make notebooks"
    assert path.stat().st_size <= MAX_BYTES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.parametrize("check", CHECKS)
def test_notebook(path, check):
    assert [*check(read(path))] == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_anatomy_of_a_chapter(path):
    assert [*anatomy_faults(read(path))] == []


def test_few_cells_are_exempt():
    assert not too_many_exempt(map(read, NOTEBOOKS))


def test_every_page_is_in_the_toc():
    pages = [path.relative_to(ROOT) for path in NOTEBOOKS + PAGES]
    assert [*toc_faults((ROOT / "_toc.yml").read_text(encoding="utf-8"), pages)] == []


def test_citations_and_bibliography_agree():
    texts = [markdown(read(path)) for path in NOTEBOOKS]
    texts += [path.read_text(encoding="utf-8") for path in PAGES]
    texts += [path.read_text(encoding="utf-8") for path in ROOT.glob("rnn_tutorial/**/*.py")]
    bibliography = (ROOT / "book/references.bib").read_text(encoding="utf-8")
    assert [*citation_faults(texts, bibliography)] == []


# What follows shows the checks failing.

GOOD = """# A chapter

| you will | you need |
|---|---|
| learn | time |
=====
## Common mistakes

## Exercises

:::{exercise} By hand
:label: ex-hand

Compute.
:::

:::{solution} ex-hand
Done.
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
def notebook():
    cells = [nbformat.v4.new_markdown_cell(text) for text in GOOD.split("=====\n")]
    printed = _stream("loss 0.5, 1981-01-01 00:00, 3/4 of 0x10, https://example.org/tmp/a.py")
    cells.append(nbformat.v4.new_code_cell("print(1)", outputs=[printed], execution_count=1))
    figure = nbformat.v4.new_code_cell("plot()", execution_count=2)
    figure.outputs = [_display(f"{GLUED}image/png", "/tmp/0x1234567")]
    figure.metadata.mystnb = nbformat.from_dict(
        {"image": {"alt": "a curve"}, "figure": {"caption": "A curve.", "name": "fig-curve"}}
    )
    return nbformat.v4.new_notebook(cells=[*cells, figure])


@pytest.mark.parametrize("check", [*CHECKS, anatomy_faults])
def test_good_example_has_no_faults(notebook, check):
    assert [*check(notebook)] == []


def test_cell_that_is_no_contract_is_found(notebook):
    notebook.cells[-2].outputs = [_stream("careful", "stderr")]
    notebook.cells[-1].execution_count = None
    first, second = cell_faults(notebook)
    assert "code cell 1: stored output on stderr" in first
    assert "code cell 2: stored without an execution count" in second


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
def test_traces_of_a_machine_are_found(notebook, printed):
    outputs = [
        _stream(printed),
        _display("text/html", printed),
        _display(f"{GLUED}text/plain", printed),
        nbformat.v4.new_output("error", ename="E", evalue="", traceback=["", printed]),
    ]
    notebook.cells[-2].outputs = outputs
    assert len([*local_faults(notebook)]) == len(outputs)


@pytest.mark.parametrize(
    ("part", "entry", "value"),
    [("image", "alt", " "), ("figure", "caption", ""), ("figure", "name", "curve")],
)
def test_figure_without_description_is_found(notebook, part, entry, value):
    notebook.cells[-1].metadata.mystnb[part][entry] = value
    (fault,) = figure_faults(notebook)
    assert f"mystnb.{part}.{entry}" in fault


def test_two_figures_of_one_name_are_found(notebook):
    notebook.cells.append(copy.deepcopy(notebook.cells[-1]))
    assert len([*figure_faults(notebook)]) == 1


def test_long_code_is_found(notebook):
    longest = "x\n" * MAX_CELL_LINES
    notebook.cells[-1].source = "import a\nfrom b import (\n    c,\n)\n" + longest
    assert [*length_faults(notebook)] == []
    notebook.cells[-1].source = longest + "x\n"
    assert len([*length_faults(notebook)]) == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("|---|---|", "", "no learning table"),
        ("## Exercises", "### Exercises", "## Exercises"),
        ("## Summary", "## Summary of it", "## Summary"),
        (":::{solution} ex-hand", ":::{note}", "solutions of []"),
        (":label: ex-hand", "", "exercises ['']"),
        (":::{exercise} By hand", ":::{note}", "no exercise"),
    ],
)
def test_missing_part_of_a_chapter_is_found(notebook, old, new, message):
    for cell in notebook.cells:
        cell.source = cell.source.replace(old, new)
    assert message in "\n".join(anatomy_faults(notebook))


@pytest.mark.parametrize(("cells", "too_many"), [(49, True), (50, False)])
def test_too_many_exemptions_are_found(notebook, cells, too_many):
    exempt = nbformat.v4.new_code_cell("2", metadata={"tags": ["nbval-ignore-output"]})
    notebook.cells = [nbformat.v4.new_code_cell("1")] * (cells - 1) + [exempt]
    assert too_many_exempt([notebook]) is too_many


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
def test_a_tolerance_beyond_the_evidence_is_found(notebook, atol, evidence, message):
    contract = {"atol": atol, "evidence": [EVIDENCE | place for place in evidence]}
    notebook.cells[-2].metadata.contract = nbformat.from_dict(contract)
    faults = [*tolerance_faults(notebook, lambda experiment, _: {"runs": RUNS}[experiment])]
    assert (faults == []) if message is None else (message in faults[0])


@pytest.mark.parametrize(
    ("pages", "faults"),
    [
        (["book/index.md", "book/a.ipynb"], []),
        (["book/index.md", "book/a.ipynb", "book/b.md"], ["book/b is not in _toc.yml"]),
        (["book/index.md"], ["book/a in _toc.yml is not a page"]),
    ],
)
def test_toc_faults_are_found(pages, faults):
    toc = "root: book/index\nparts:\n- chapters:\n  - file: book/a\n"
    assert [*toc_faults(toc, map(PurePosixPath, pages))] == faults


def test_citation_faults_are_found():
    entries = "@misc{elman1990, title={A}}\n@misc{lonely2000, title={B}}"
    texts = [
        "see {cite}`elman1990` and {cite:p}`elman1990,missing1999`",
        ":cite:t:`lost1980`",
        "`{cite}` is, `a`",
    ]
    assert [*citation_faults(texts, entries)] == [
        "lost1980 is cited and not in the bibliography",
        "missing1999 is cited and not in the bibliography",
        "lonely2000 is in the bibliography, uncited",
    ]
