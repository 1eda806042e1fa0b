"""Stored outputs that were changed on purpose fail, the untouched ones pass."""

import copy
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from tools.contracts import plugin
from tools.contracts.rewrite import main, read, write

# A chapter in small. What a test changes is a copy of one of these cells.
SOURCES = {
    "text": "print(f'loss {0.53124:.3f} after {12} steps of h_3')",
    "rounding": "print(f'distance {0.53124:.3f} after {12} steps')",
    "trained": "print('accuracy 0.831, that is 83.1%, over 12 seeds')",
    "raises": "raise ValueError('the loss is 0.53, over the bound')",
    "timed": "print('took 0.52 s')",
    "picture": "import io\nfrom IPython.display import Image as Show\nfrom PIL import Image\n\n"
    "file = io.BytesIO()\nImage.new('L', (40, 20), 200).save(file, 'PNG')\nShow(file.getvalue())",
    "other picture": "file = io.BytesIO()\nImage.new('L', (40, 20), 210).save(file, 'PNG')\n"
    "Show(file.getvalue())",
}
METADATA = {
    "rounding": {"contract": {"rounding": ["MKL_CBWR=COMPATIBLE"]}},
    "trained": {"contract": {"atol": 0.01, "reason": "trained live; .01 is the spread of 5 seeds"}},
    "raises": {"tags": ["raises-exception"]},
    "timed": {"tags": ["nbval-ignore-output"], "nbval_ignore_reason": "a time is not a claim"},
}
WARNS = "import warnings\nwarnings.warn('deprecated')"
ROOMY = {"contract": {"rms": 20, "reason": "drawn from a trained network"}}


def _prints(old, new, **metadata):
    """Change what a cell printed, and its metadata."""

    def mutate(cell, _):
        text = nbformat.v4.writes(nbformat.v4.new_notebook(cells=[cell]))
        assert old in text, f"the mutation does not find {old!r}"
        cell.outputs = nbformat.v4.reads_json(text.replace(old, new)).cells[0].outputs
        cell.metadata.update(metadata)

    return mutate


def _shows(donor, **metadata):
    def mutate(cell, chapter):
        count = cell.outputs[0].execution_count
        cell.outputs = copy.deepcopy(chapter[donor].outputs)
        cell.outputs[0].execution_count = count
        cell.metadata.update(nbformat.from_dict(metadata))

    return mutate


def _stores(**entries):
    return lambda cell, _: cell.update(entries)


def _does(source):
    return _stores(source=source)


# name: cell, mutation, what the message of the failure says
FAILING = {
    "last digit": ("text", _prints("0.531", "0.532"), "0.532 became 0.531, which is exact"),
    "two units": ("rounding", _prints("0.531", "0.533"), "more than 0.001 away"),
    "more than atol": ("trained", _prints("0.831", "0.842"), "more than 0.01 away"),
    "picture": ("picture", _shows("other picture"), "the figures differ by 10.00"),
    "lost output": ("text", _stores(outputs=[]), "expected none"),
    "never run": ("text", _stores(execution_count=None, outputs=[]), "never run"),
    "message": ("raises", _prints("0.53, over", "0.54, over"), "0.54 became 0.53"),
    "raises no more": ("raises", _does("pass"), "nothing was raised (live)"),
    "live stderr": ("text", _does(WARNS), "live output on stderr"),
    "exempt, live stderr": ("timed", _does(WARNS), "live output on stderr"),
    "comment for nbval": ("text", _does("# NBVAL_SKIP\nprint('x')"), "the text differs"),
    "tag for nbval": ("text", _prints("0.531", "0.532", tags=["nbval-skip"]), "0.532 became 0.531"),
    "fails": ("text", _does("undefined"), "NameError"),
}
PASSING = {
    "one unit": ("rounding", _prints("0.531", "0.532")),
    "within atol": ("trained", _prints("0.831", "0.839")),
    "picture within rms": ("picture", _shows("other picture", **ROOMY)),
    "exempt": ("timed", _prints("0.52", "0.61")),
}


@pytest.fixture(scope="module")
def chapter(tmp_path_factory, write_notebook):
    """Return the executed cells by name; a test copies what it changes."""
    path = tmp_path_factory.mktemp("chapter") / "chapter.ipynb"
    assert main([str(write_notebook(path, SOURCES, METADATA))]) == 0
    return dict(zip(SOURCES, read(path).cells, strict=True))


@pytest.fixture(scope="module")
def messages(chapter, tmp_path_factory):
    """Run the untouched chapter and all mutated copies of its cells in one kernel.

    Returns the failure messages by name, None for a cell that passed.
    """
    cells = {f"untouched {name}": cell for name, cell in chapter.items()}
    for name, (source, mutate, *_) in (FAILING | PASSING).items():
        cells[name] = copy.deepcopy(chapter[source])
        mutate(cells[name], chapter)
    cases = _tested(tmp_path_factory.mktemp("mutated") / "mutated.ipynb", cells.values())
    return dict(zip(cells, (case.findtext("failure") for case in cases), strict=True))


def _tested(path, cells, *options):
    """Store copies of cells as a notebook and return pytest's report on each."""
    cells = [copy.deepcopy(cell) for cell in cells]
    for count, cell in enumerate(cells, start=1):
        cell.id = f"cell-{count}"
        cell.execution_count = cell.execution_count and count
    write(nbformat.v4.new_notebook(cells=cells), path)
    command = [sys.executable, "-m", "pytest", "-p", "tools.contracts.plugin", "--nbval"]
    command += ["--nbval-current-env", "-c", "pyproject.toml", f"--rootdir={path.parent}"]
    report = path.with_name("report.xml")
    command += ["--color=no", str(path), f"--junitxml={report}", *options]
    subprocess.run(command, capture_output=True, check=False)
    return [*ElementTree.parse(report).iter("testcase")]


@pytest.mark.parametrize("name", [*(f"untouched {name}" for name in SOURCES), *PASSING])
def test_accepted_output_passes(messages, name):
    assert messages[name] is None


@pytest.mark.parametrize("name", FAILING)
def test_mutation_fails_and_says_why(messages, name):
    assert FAILING[name][2] in (messages[name] or "")


def test_message_names_notebook_cell_and_source(messages):
    number = list(messages).index("last digit") + 1
    message = messages["last digit"]
    assert f"mutated.ipynb, code cell {number}:" in message
    assert plugin.LAST_DIGIT in message
    assert "    print(f'loss {0.53124:.3f}" in message
    assert "expected 'loss 0.532 after 12 steps of h_3'" in message
    assert "got      'loss 0.531 after 12 steps of h_3'" in message


def test_pictures_that_differ_are_kept(messages):
    paths = [line.split()[1] for line in messages["picture"].splitlines() if line.endswith(".png")]
    names = [path.rpartition("-")[2] for path in paths]
    assert names == ["expected.png", "actual.png", "difference.png"]
    for path in paths:
        assert Path(path).read_bytes()[:4] == b"\x89PNG"


@pytest.mark.slow
def test_no_cell_passes_after_the_kernel_has_died(chapter, tmp_path):
    dies = copy.deepcopy(chapter["text"])
    dies.source = "import os\nos._exit(0)"
    cells = [chapter["text"], dies, chapter["text"], chapter["text"]]
    cases = _tested(tmp_path / "dies.ipynb", cells, "--nbval-cell-timeout=10")
    outcomes = [[part.tag for part in case] for case in cases]
    assert outcomes == [[], ["failure"], ["skipped"], ["skipped"]]


def test_a_kernel_that_dies_at_its_start_is_started_again(monkeypatch):
    starts = iter([RuntimeError("Kernel died before replying to kernel_info")] * 5 + [None])

    def setup(self):
        if error := next(starts):
            raise error

    monkeypatch.setattr(plugin.IPyNbFile, "setup", setup)
    notebook = object.__new__(plugin.ContractFile)
    with pytest.raises(RuntimeError, match="Kernel died"):
        notebook.setup()
    notebook.setup()
