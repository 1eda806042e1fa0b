"""The harness on a chapter of the book: altered copies fail, and a changed package is noticed."""

import copy
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from tools.contracts.rewrite import as_text, read

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = ROOT / "book/09_text_classification.ipynb"
DECIMAL = re.compile(r"0\.(\d)")


def _texts(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


def _has(mime):
    return lambda cell: any(mime in output.get("data", {}) for output in cell.outputs)


def _alter_digit(cell, _):
    (output,) = (output for output in cell.outputs if output.output_type == "stream")
    output.text = DECIMAL.sub(lambda m: f"0.{(int(m[1]) + 5) % 10}", output.text, count=1)


def _alter_curve(cell, cells):
    """Show the last picture of the chapter in place of the right one."""
    pictures = [
        output.data["image/png"]
        for other in cells
        for output in other.outputs
        if "image/png" in output.get("data", {})
    ]
    for output in cell.outputs:
        if "image/png" in output.get("data", {}):
            output.data["image/png"] = pictures[-1]


def _delete_output(cell, _):
    del cell.outputs[-1]


def _strip(cell, _):
    cell.execution_count, cell.outputs = None, []


def _swap_label(cell, _):
    for output in cell.outputs:
        for mime, text in output.get("data", {}).items():
            if mime.startswith("text/"):
                output.data[mime] = text.replace("gru", "lstm")


def _rename_glue(cell, _):
    named = [o for o in cell.outputs if "scrapbook" in o.get("metadata", {})]
    named[0].metadata.scrapbook.name += "-other"


def _raise_no_more(cell, _):
    cell.source = "pass"


# What is done, and to which cells it can be done; where there are fewest such cells comes first.
MUTATIONS = {
    "raises no more": (_raise_no_more, lambda c: "raises-exception" in c.metadata.get("tags", [])),
    "renamed glue key": (_rename_glue, lambda cell: "scrapbook" in str(cell.outputs)),
    "swapped label": (_swap_label, lambda c: _has("text/html")(c) and "gru" in str(c.outputs)),
    "curve": (_alter_curve, _has("image/png")),
    "deleted output": (_delete_output, lambda cell: len(cell.outputs) > 1),
    "digit": (_alter_digit, lambda c: DECIMAL.search(_texts(c)) and "contract" not in c.metadata),
    "stripped cell": (_strip, lambda cell: cell.outputs),
}


def _environment(**changes):
    return os.environ | {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"} | changes


@pytest.fixture(scope="module")
def mutated(tmp_path_factory):
    """Run one copy with all mutations, each in a cell of its own.

    Returns the number of each mutated cell by the name of its mutation, and the messages of the
    cells that failed by their number.
    """
    folder = tmp_path_factory.mktemp("mutated")
    notebook = read(CHAPTER)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    untouched = copy.deepcopy(cells)
    numbers = {}
    for name, (mutate, fits) in MUTATIONS.items():
        number = next(n for n, c in enumerate(cells) if n not in numbers.values() and fits(c))
        mutate(cells[number], untouched)
        assert cells[number] != untouched[number]
        numbers[name] = number
    path = folder / CHAPTER.name
    path.write_text(as_text(notebook), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tools.contracts.plugin", "--nbval"]
    command += ["--nbval-current-env", "-c", "pyproject.toml", f"--rootdir={folder}", "-q"]
    command += ["-p", "no:cacheprovider", str(path), f"--junitxml={folder}/report.xml"]
    subprocess.run(command, env=_environment(), cwd=ROOT, capture_output=True, check=False)
    cases = list(ElementTree.parse(folder / "report.xml").iter("testcase"))
    assert len(cases) == len(cells)
    failures = {n: case.findtext("failure") for n, case in enumerate(cases)}
    return numbers, {n: message for n, message in failures.items() if message is not None}


@pytest.mark.parametrize("name", MUTATIONS)
def test_an_altered_cell_of_a_chapter_fails(mutated, name):
    numbers, failures = mutated
    assert numbers[name] in failures
    assert f"{CHAPTER.name}, code cell {numbers[name] + 1}:" in failures[numbers[name]]


def test_the_untouched_cells_of_the_copy_pass(mutated):
    numbers, failures = mutated
    assert set(failures) == set(numbers.values())


def _rewrite(path, package_folder):
    """Rewrite a chapter, with the package taken from a folder; return how many cells are new."""
    command = [sys.executable, "-m", "tools.contracts.rewrite", str(path)]
    environment = _environment(PYTHONPATH=str(package_folder))
    result = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    changed = re.search(r"(\d+) with new outputs", result.stdout)
    return int(changed[1]) if changed else 0


def test_a_change_of_the_package_is_noticed_and_repaired_where_it_shows(tmp_path):
    """A wrong macro F1 changes the cells that print one, and no other byte of the file."""
    shutil.copytree(ROOT / "rnn_tutorial", tmp_path / "broken/rnn_tutorial")
    module = tmp_path / "broken/rnn_tutorial/evaluation.py"
    source = module.read_text(encoding="utf-8")
    right = 'return float(self.per_class["f1"].mean())'
    assert source.count(right) == 1
    module.write_text(source.replace(right, f"{right} + 0.05"), encoding="utf-8")

    path = tmp_path / "book" / CHAPTER.name
    path.parent.mkdir()
    shutil.copy(CHAPTER, path)
    changed = _rewrite(path, tmp_path / "broken")
    before, after = read(CHAPTER), read(path)
    differing = [
        old.source
        for old, new in zip(before.cells, after.cells, strict=True)
        if old.get("outputs") != new.get("outputs")
    ]
    assert changed == len(differing) > 0
    assert all("macro_f1" in source for source in differing)
    assert nbformat.NotebookNode(before.metadata) == after.metadata

    assert _rewrite(path, ROOT) == changed
    assert _rewrite(path, ROOT) == 0
    assert sorted(p.name for p in path.parent.iterdir()) == [CHAPTER.name]
