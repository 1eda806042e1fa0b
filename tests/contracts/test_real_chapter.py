"""In a copy of a chapter the altered cells fail, and no others."""

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from tools.contracts.rewrite import as_text, code_cells, read

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = ROOT / "book/09_text_classification.ipynb"
DECIMAL = re.compile(r"(0\.\d*)([3-5])\b")


def _raise(units):
    """Raise the last digit of the first number that a cell prints."""

    def mutate(cell):
        (output,) = (output for output in cell.outputs if output.output_type == "stream")
        raised = DECIMAL.sub(lambda match: match[1] + str(int(match[2]) + units), output.text, 1)
        output.text = raised

    return mutate


def _raise_rounded(units):
    def mutate(cell):
        cell.metadata.contract = nbformat.from_dict({"rounding": ["MKL_CBWR=COMPATIBLE"]})
        _raise(units)(cell)

    return mutate


def _rename_glue(cell):
    named = [output for output in cell.outputs if "scrapbook" in output.get("metadata", {})]
    named[0].metadata.scrapbook.name += "-other"


def _swap_label(cell):
    for output in cell.outputs:
        for mime, text in output.get("data", {}).items():
            if mime.startswith("text/"):
                output.data[mime] = text.replace("gru", "lstm")


def _strip(cell):
    cell.execution_count, cell.outputs = None, []


def _prints_a_decimal(cell):
    streams = [output.text for output in cell.outputs if output.output_type == "stream"]
    return "contract" not in cell.metadata and len(streams) == 1 and DECIMAL.search(streams[0])


# name: what is done and to which cells it can be done; where there are fewest comes first
MUTATIONS = {
    "raises no more": (
        lambda cell: cell.update(source="pass"),
        lambda cell: "raises-exception" in cell.metadata.get("tags", []),
    ),
    "renamed glue": (_rename_glue, lambda cell: "scrapbook" in str(cell.outputs)),
    "swapped label": (
        _swap_label,
        lambda cell: "text/html" in str(cell.outputs) and "gru" in str(cell.outputs),
    ),
    "lost output": (lambda cell: cell.outputs.pop(), lambda cell: len(cell.outputs) > 1),
    "last digit": (_raise(1), _prints_a_decimal),
    "two units": (_raise_rounded(2), _prints_a_decimal),
    "one unit": (_raise_rounded(1), _prints_a_decimal),
    "stripped": (_strip, lambda cell: cell.outputs),
}
ACCEPTED = {"one unit"}


def test_the_altered_cells_of_a_chapter_fail_and_no_others(tmp_path):
    notebook = read(CHAPTER)
    cells = code_cells(notebook)
    numbers = {}
    for name, (mutate, fits) in MUTATIONS.items():
        free = (n for n, cell in enumerate(cells) if n not in numbers.values() and fits(cell))
        numbers[name] = next(free)
        mutate(cells[numbers[name]])
    path = tmp_path / CHAPTER.name
    path.write_text(as_text(notebook), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tools.contracts.plugin", "--nbval"]
    command += ["--nbval-current-env", "-c", "pyproject.toml", f"--rootdir={tmp_path}", "-q"]
    command += ["-p", "no:cacheprovider", str(path), f"--junitxml={tmp_path}/report.xml"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
    subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=False)
    cases = list(ElementTree.parse(tmp_path / "report.xml").iter("testcase"))
    assert len(cases) == len(cells)
    messages = {n: case.findtext("failure") for n, case in enumerate(cases)}
    failed = {n for n, message in messages.items() if message is not None}
    assert failed == {number for name, number in numbers.items() if name not in ACCEPTED}
    assert all(f"{CHAPTER.name}, code cell {n + 1}:" in messages[n] for n in failed)
