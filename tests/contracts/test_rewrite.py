import json
import re

import nbformat
import pytest

from tools.contracts.rewrite import main, read, write

SOURCES = {
    "number": "print(f'loss {0.53124:.3f}')",
    "second": "print('accuracy 0.831')\n0.25",
    "raises": "raise ValueError('the loss is 0.53')",
    "exempt": "print('took 0.52 s')",
    "lost": "print(1)\n2",
}
METADATA = {
    "second": {"contract": {"rounding": ["MKL_CBWR=COMPATIBLE"]}},
    "raises": {"tags": ["raises-exception"]},
    "exempt": {"tags": ["nbval-ignore-output"], "nbval_ignore_reason": "a time is not a claim"},
}


def test_replaces_what_is_stale_and_keeps_what_a_contract_accepts(tmp_path, write_notebook, capsys):
    path = write_notebook(tmp_path / "small.ipynb", SOURCES, METADATA)
    assert main([str(path)]) == 0
    first = path.read_bytes()
    assert main([str(path)]) == 0
    assert path.read_bytes() == first
    truth, notebook = read(path), read(path)
    assert [cell.execution_count for cell in truth.cells] == [1, 2, 3, 4, 5]

    stale, rounded, _, exempt, lost = notebook.cells
    stale.outputs[0].text = "loss 0.532\n"
    rounded.outputs[0].text = "accuracy 0.832\n"
    exempt.outputs[0].text = "took 0.97 s\n"
    lost.outputs.pop()
    write(notebook, path)
    assert main([str(path)]) == 0
    stale.outputs, lost.outputs = truth.cells[0].outputs, truth.cells[4].outputs
    assert read(path) == notebook
    assert "small.ipynb: 5 cells, 2 with new outputs, " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("kept = 1\nundefined_name", "NameError"),
        ("import sys\nprint('careful', file=sys.stderr)", "live output on stderr: careful"),
        ("  ", "the cell is empty"),
    ],
)
def test_refuses_a_faulty_cell_and_leaves_the_file(
    tmp_path, write_notebook, capsys, source, message
):
    path = write_notebook(tmp_path / "faulty.ipynb", {"good": "print(1)", "faulty": source})
    before = path.read_bytes()
    assert main([str(path)]) == 1
    assert path.read_bytes() == before
    told = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().err)
    assert source in told
    assert message in told


def test_runs_every_notebook_in_its_folder_with_one_thread(tmp_path, write_notebook):
    names = "os.environ['OMP_NUM_THREADS'], os.environ['TQDM_DISABLE']"
    show = f"import os\nprint(os.getcwd(), {names})"
    paths = []
    for name in "ab":
        (tmp_path / name).mkdir()
        paths.append(write_notebook(tmp_path / name / "where.ipynb", {"show": show}))
    assert main([*map(str, paths), "--jobs", "2"]) == 0
    for path in paths:
        assert read(path).cells[0].outputs[0].text == f"{path.parent} 1 1\n"


def test_normal_form_drops_what_means_nothing(tmp_path):
    kept = {"tags": ["hide-input"], "mystnb": {"image": {"alt": "a curve"}}}
    cell = nbformat.v4.new_code_cell("print(1)\nprint(2)", execution_count=7, metadata=kept.copy())
    cell.outputs = [
        nbformat.v4.new_output("stream", name="stdout", text=text) for text in ("1\n", "2\n")
    ]
    cell.metadata |= {"execution": {"iopub.status.busy": "now"}, "editable": True, "slideshow": {}}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"language_info": {"name": "x"}})
    path = tmp_path / "loose.ipynb"
    nbformat.write(notebook, path)
    normal = read(path)
    assert normal.metadata.keys() == {"kernelspec"}
    assert normal.cells[0].metadata == kept
    assert normal.cells[0].execution_count == 1
    assert [output.text for output in normal.cells[0].outputs] == ["1\n2\n"]


def test_ids_are_kept_where_good_and_derived_where_not(tmp_path):
    path = tmp_path / "ids.ipynb"
    cells = [{"cell_type": "markdown", "metadata": {}, "source": text} for text in "aabc"]
    cells[2]["id"], cells[3]["id"] = "good-id", "no good id"
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    ids = [cell.id for cell in read(path).cells]
    assert ids == [cell.id for cell in read(path).cells]
    assert len(set(ids)) == 4
    assert ids[2] == "good-id"
