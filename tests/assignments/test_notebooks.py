"""Submissions as notebooks: what is run of them, and what is noticed."""

import nbformat.v4 as nb
import pytest

from assignments.notebooks import KEEP, RESTORE, answered, defines, prepared, suspicions


def notebook(*sources, **metadata):
    return nb.new_notebook(cells=[nb.new_code_cell(s) for s in sources], metadata=metadata)


def test_a_definition_stands_at_the_top_level():
    assert defines("def step(x):\n    return x", "step")
    assert defines("import math\n\nstep = math.sin", "step")
    assert defines("class step:\n    pass", "step")
    assert not defines("def stepwise(x):\n    return x", "step")
    assert not defines("def other():\n    step = 1", "step")
    assert not defines("print(step == 1)", "step")


def test_an_answer_takes_the_place_of_the_cell():
    before = notebook("def a():\n    ...", "b = 1")
    after = answered(before, {"a": "a = len"})
    assert [cell.source for cell in after.cells] == ["a = len", "b = 1"]
    assert before.cells[0].source == "def a():\n    ..."
    with pytest.raises(ValueError, match="0 cells define c"):
        answered(before, {"c": "c = 1"})
    with pytest.raises(ValueError, match="2 cells define a"):
        answered(notebook("a = 1", "a = 2"), {"a": "a = 3"})


def test_what_calls_the_grader_does_not_run():
    sources = [
        'import otter\ngrader = otter.Notebook("x.ipynb")',
        "a = 1",
        'grader.check("a")',
        "grader.check_all()",
        'print("grader")',
    ]
    _, *cells, _ = prepared(notebook(*sources)).cells
    assert [cell.source for cell in cells] == ["a = 1", 'print("grader")']


def test_metadata_and_outputs_do_not_travel():
    given = notebook(
        "a = 1",
        kernelspec={"name": "julia", "display_name": "Julia"},
        otter={"tests": {"a": "pass"}},
    )
    given.cells[0].outputs = [nb.new_output("stream", text="hello")]
    given.cells[0].metadata["tags"] = ["otter_ignore"]
    ready = prepared(given)
    assert ready.cells[0].source == KEEP
    assert ready.cells[-1].source == RESTORE
    assert ready.metadata.kernelspec.name == "python3"
    assert "tests" not in ready.metadata.otter
    assert ready.cells[1].outputs == []
    assert ready.cells[1].metadata == {}


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("from otter.execute import Checker", "the grader's own modules"),
        ("import grading", "the grader's own modules"),
        ("open('./tests/step.py')", "the folder of tests"),
        ("import sys\nsys.modules['grading'] = object", "Python's table of modules"),
        ("import gc\ngc.get_objects()", "frames and other objects' code"),
        ("import subprocess", "other processes"),
        ("import os\nos.fork()", "other processes"),
        ("import socket", "the network"),
        ("!ls", "shell commands"),
        ("%cd /", "shell commands"),
    ],
)
def test_code_that_answers_never_need_is_noticed(source, what):
    assert what in suspicions(notebook("a = 1", source))


def test_an_honest_submission_raises_no_suspicion():
    sources = ['import otter\ngrader = otter.Notebook("x.ipynb")', "import torch\n%time 1 + 1"]
    assert suspicions(notebook(*sources, "tests = [1]\nrequested = tests[0]")) == []
