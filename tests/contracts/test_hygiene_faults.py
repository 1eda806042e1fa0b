"""Each check of the stored notebooks finds the fault it is there for."""

import copy
from pathlib import PurePosixPath

import nbformat
import pandas as pd
import pytest

from tools.contracts import hygiene
from tools.contracts.rewrite import as_text, read

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


def _display(mime, value):
    return nbformat.v4.new_output("display_data", data={mime: value})


@pytest.fixture
def notebook():
    cells = [nbformat.v4.new_markdown_cell(text) for text in GOOD.split("=====\n")]
    printed = nbformat.v4.new_output("stream", name="stdout", text="loss 0.5, 1981-01-01 00:00")
    cells.append(nbformat.v4.new_code_cell("print(1)", outputs=[printed], execution_count=1))
    figure = nbformat.v4.new_code_cell("plot()", execution_count=2)
    figure.outputs = [_display("application/papermill.record/image/png", "/tmp/0x1234567")]
    figure.metadata.mystnb = nbformat.from_dict(
        {"image": {"alt": "a curve"}, "figure": {"caption": "A curve.", "name": "fig-curve"}}
    )
    return nbformat.v4.new_notebook(cells=[*cells, figure])


@pytest.fixture
def stored(notebook, tmp_path):
    path = tmp_path / "01_chapter.ipynb"
    nbformat.write(notebook, path)
    path.write_text(as_text(read(path)), encoding="utf-8")
    return path


def test_good_example_has_no_faults(notebook, stored):
    assert hygiene.form_faults(stored) == []
    for check in (
        hygiene.local_faults,
        hygiene.figure_faults,
        hygiene.source_faults,
        hygiene.anatomy_faults,
    ):
        assert check(notebook) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"metadata": {}', '"metadata": {"editable": true}', "not in normal form"),
        ('   "execution_count": 1', '   "execution_count": 3', "not in normal form"),
        ('"name": "stdout"', '"name": "stderr"', "stored output on stderr"),
    ],
)
def test_form_faults_are_found(stored, old, new, message):
    text = stored.read_text(encoding="utf-8")
    assert old in text
    stored.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert message in "\n".join(hygiene.form_faults(stored))


def test_repeated_id_is_found(notebook, tmp_path):
    notebook.cells[1].id = notebook.cells[0].id
    path = tmp_path / "twice.ipynb"
    path.write_text(nbformat.v4.writes(notebook), encoding="utf-8")
    assert "not in normal form: run make notebooks" in hygiene.form_faults(path)


def test_big_file_is_found(stored, monkeypatch):
    monkeypatch.setattr(hygiene, "MAX_BYTES", 100)
    assert "at most 100" in hygiene.form_faults(stored)[0]


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
    cell = hygiene.code_cells(notebook)[0]
    error = nbformat.v4.new_output("error", ename="E", evalue="", traceback=["", printed])
    for output in (
        nbformat.v4.new_output("stream", name="stdout", text=printed),
        _display("text/html", printed),
        _display("application/papermill.record/text/plain", printed),
        error,
    ):
        cell.outputs = [output]
        assert len(hygiene.local_faults(notebook)) == 1


@pytest.mark.parametrize("printed", ["3/4 of 0x10", "https://example.org/tmp/a.py", "a/b/c.py"])
def test_other_slashes_are_not_paths(notebook, printed):
    cell = hygiene.code_cells(notebook)[0]
    cell.outputs[0].text = printed
    assert hygiene.local_faults(notebook) == []


@pytest.mark.parametrize(
    ("part", "entry", "value", "message"),
    [
        ("image", "alt", " ", "mystnb.image.alt"),
        ("figure", "caption", "", "mystnb.figure.caption"),
        ("figure", "name", "curve", "mystnb.figure.name"),
    ],
)
def test_figure_without_description_is_found(notebook, part, entry, value, message):
    notebook.cells[-1].metadata.mystnb[part][entry] = value
    (fault,) = hygiene.figure_faults(notebook)
    assert message in fault


def test_two_figures_of_one_name_are_found(notebook):
    notebook.cells.append(copy.deepcopy(notebook.cells[-1]))
    assert len(hygiene.figure_faults(notebook)) == 1


def test_long_code_is_found(notebook):
    longest = "x\n" * hygiene.MAX_CELL_LINES
    notebook.cells[-1].source = "import a\nfrom b import (\n    c,\n)\n" + longest
    assert hygiene.source_faults(notebook) == []
    notebook.cells[-1].source = longest + "x\n"
    assert len(hygiene.source_faults(notebook)) == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("|---|---|", "", "no learning table"),
        ("## Common mistakes", "", "Common mistakes"),
        ("## Exercises", "### Exercises", "## Exercises"),
        ("## Summary", "## Summary of it", "## Summary"),
        ("## Read the originals", "", "Read the originals"),
        (":::{solution} ex-hand", ":::{note}", "solutions of []"),
        (":label: ex-hand", "", "without label"),
        (":::{exercise} By hand", ":::{note}", "no exercise"),
    ],
)
def test_missing_part_of_a_chapter_is_found(notebook, old, new, message):
    for cell in notebook.cells:
        cell.source = cell.source.replace(old, new)
    assert message in "\n".join(hygiene.anatomy_faults(notebook))


@pytest.mark.parametrize(("cells", "faults"), [(49, 2), (50, 0)])
def test_too_many_exemptions_are_found(notebook, cells, faults):
    cell = nbformat.v4.new_code_cell("1")
    exempt = nbformat.v4.new_code_cell("2", metadata={"tags": ["nbval-ignore-output"]})
    notebook.cells = [cell] * (cells - 1) + [exempt]
    assert len(hygiene.exemption_faults([notebook])) == faults


EVIDENCE = {"experiment": "runs", "rows": "variant == 'gru'", "column": "accuracy"}
RUNS = pd.DataFrame(
    {
        "variant": ["gru"] * 5 + ["rnn"] * 4,
        "seed": [*range(5), *range(4)],
        "accuracy": [0.80, 0.81, 0.82, 0.81, 0.80, 0.1, 0.2, 0.3, 0.9],
        "recall": [0.70, 0.71, 0.74, 0.71, 0.70, 0.1, 0.2, 0.3, 0.9],
    }
)


def _load(experiment, table):
    if (experiment, table) != ("runs", ""):
        raise ValueError(f"no table {experiment} {table}")
    return RUNS


@pytest.mark.parametrize(
    ("contract", "message"),
    [
        ({"atol": 0.039, "evidence": [EVIDENCE]}, None),
        ({"atol": 0.07, "evidence": [EVIDENCE, EVIDENCE | {"column": "recall"}]}, None),
        ({"rms": 200}, None),
        (
            {"atol": 0.05, "evidence": [EVIDENCE]},
            "atol 0.05 is more than 2 times the spread of 0.02",
        ),
        ({"atol": 0.01}, "no good evidence for its tolerance: KeyError('evidence')"),
        ({"atol": 0.01, "evidence": [EVIDENCE | {"experiment": "runs2"}]}, "no table runs2"),
        ({"atol": 0.01, "evidence": [EVIDENCE | {"column": "loss"}]}, "KeyError('loss')"),
        ({"atol": 0.01, "evidence": [EVIDENCE | {"rows": "variant == 'rnn'"}]}, "5 seeds or more"),
        ({"atol": 0.01, "evidence": [EVIDENCE | {"rows": "seed >= 0"}]}, "once each"),
    ],
)
def test_a_tolerance_beyond_the_evidence_is_found(notebook, contract, message):
    notebook.cells[-2].metadata.contract = nbformat.from_dict({**contract, "reason": "trained"})
    faults = hygiene.tolerance_faults(notebook, _load)
    assert (faults == []) if message is None else (message in faults[0])


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        (["book/index.md", "book/a.ipynb", "book/b.md"], "book/b is not in _toc.yml"),
        (["book/index.md"], "book/a in _toc.yml is not a page"),
    ],
)
def test_toc_faults_are_found(pages, message):
    toc = "root: book/index\nparts:\n- chapters:\n  - file: book/a\n"
    assert hygiene.toc_faults(toc, [PurePosixPath(page) for page in pages]) == [message]
    good = [PurePosixPath("book/index.md"), PurePosixPath("book/a.ipynb")]
    assert hygiene.toc_faults(toc, good) == []


def test_citation_faults_are_found():
    entries = "@misc{elman1990, title={A}}\n@misc{lonely2000, title={B}}"
    texts = [
        "see {cite}`elman1990` and {cite:p}`elman1990,missing1999`",
        ":cite:t:`lost1980`",
        "`{cite}` is, `a`",
    ]
    assert hygiene.citation_faults(texts, entries) == [
        "lost1980 is cited and not in the bibliography",
        "missing1999 is cited and not in the bibliography",
        "lonely2000 is in the bibliography, uncited",
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("01_history", True), ("12_broken_rnns", True), ("00_before_you_start", False), ("a", False)],
)
def test_chapters_are_told_by_their_number(name, expected):
    assert hygiene.is_chapter(f"{name}.ipynb") is expected
