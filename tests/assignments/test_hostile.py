"""Hostile and unlucky submissions: each ends with a clear report."""

import nbformat
import nbformat.v4 as nb
import pytest

from assignments.notebooks import answered, defines
from assignments.supervise import Limits

NAME = "recurrence"


def with_cell(notebook, source, position=None):
    """Return a copy with one more cell, at the end if no position is given."""
    copy = nbformat.from_dict(notebook)
    copy.cells.insert(len(copy.cells) if position is None else position, nb.new_code_cell(source))
    return copy


# Submissions that end a cell, or the whole notebook, before it has run


@pytest.mark.slow
def test_an_endless_cell_costs_itself_only(graded, read):
    result = graded(with_cell(read(NAME, "solution"), "while True:\n    pass", 4), cell=40)
    assert result["problem"] == ""
    assert result["score"] == result["possible"]
    assert any("a cell ran for more than 40 seconds" in error for error in result["errors"])


@pytest.mark.slow
def test_a_function_that_never_returns_costs_its_question_only(graded, read):
    endless = """
def half_life(W):
    while True:
        try:
            pass
        except BaseException:
            pass
"""
    result = graded(answered(read(NAME, "solution"), {"half_life": endless}))
    assert result["problem"] == ""
    assert result["questions"]["half_life"]["points"] == 0
    assert result["score"] == result["possible"] - result["questions"]["half_life"]["possible"]
    assert "did not return within" in " ".join(result["questions"]["half_life"]["failed"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("hog", "seconds", "reason"),
    [
        ("kept = []\nwhile True:\n    kept.append(bytearray(50_000_000))", 120, "MB of memory"),
        (
            "import os\nwhile True:\n    try:\n        os.fork()\n"
            "    except OSError:\n        pass",
            120,
            "processes",
        ),
        ("import signal, time\nsignal.signal(2, signal.SIG_IGN)\ntime.sleep(600)", 15, "seconds"),
    ],
    ids=["memory", "processes", "time"],
)
def test_what_takes_too_much_ends_with_the_reason(graded, read, hog, seconds, reason):
    limits = Limits(seconds, memory=1500)
    result = graded(with_cell(read(NAME, "solution"), hog, 2), limits=limits, cell=60)
    assert reason in result["problem"]
    assert result["score"] == 0
    assert result["possible"] == 80


@pytest.mark.slow
def test_an_exception_at_the_start_is_reported(graded, read):
    notebook = read(NAME, "solution")
    (cell,) = (c for c in notebook.cells if "STUDENT_ID =" in c.source)
    cell.source = "raise ImportError('no module named magic')\n" + cell.source
    result = graded(notebook)
    assert result["problem"] == ""
    assert result["score"] < result["possible"] / 2
    assert result["errors"][0] == "ImportError: no module named magic"


@pytest.mark.slow
def test_deleted_duplicated_and_renamed_cells(graded, read):
    notebook = read(NAME, "solution")
    cells = {
        name: next(c for c in notebook.cells if c.cell_type == "code" and defines(c.source, name))
        for name in ("unroll", "parameters", "last_states")
    }
    notebook.cells.remove(cells["unroll"])
    notebook.cells.append(nb.new_code_cell(cells["parameters"].source))
    cells["last_states"].source = cells["last_states"].source.replace("last_states", "last")
    result = graded(notebook)
    questions = result["questions"]
    assert {name for name, q in questions.items() if q["points"] == 0} == {"unroll", "last_states"}
    assert questions["parameters"]["points"] == questions["parameters"]["possible"]
    assert "`unroll` is not defined" in " ".join(questions["unroll"]["failed"])


@pytest.mark.slow
def test_a_solution_survives_bad_luck(graded, read):
    """Another kernel, another folder, other seeds, tests of its own, much output, other checks."""
    notebook = read(NAME, "solution")
    notebook.metadata.kernelspec = {"name": "julia-1.9", "display_name": "J", "language": "julia"}
    notebook.metadata.otter["tests"] = {"unroll": "raise SystemExit"}
    notebook.cells = [c for c in notebook.cells if "grader.check" not in c.source]
    for source in (
        "import os\nos.chdir('/')",
        "torch.manual_seed(99)\nimport random\nrandom.seed(7)",
        "print('x' * 50_000_000)",
        "import sys\nsys.stdout = None",
        "torch.set_default_dtype(torch.float64)",
    ):
        notebook.cells.insert(3, nb.new_code_cell(source))
    result = graded(notebook)
    assert result["problem"] == ""
    assert result["score"] == result["possible"], result["questions"]


# Submissions that turn against the grader


@pytest.mark.slow
@pytest.mark.parametrize(
    "attack",
    [
        # every test passes
        "import otter.test_files.exception_test as t\n"
        "t.test_case.call_func = lambda self, env: None",
        # a module of its own in the place of the grader's
        "import sys, types\n"
        "class Anything:\n"
        "    def __getattr__(self, name): return self\n"
        "    def __call__(self, *a, **k): return None\n"
        "class Fake(types.ModuleType):\n"
        "    def __getattr__(self, name): return Anything()\n"
        "for name in ('grading', 'checking', 'secret'):\n"
        "    sys.modules[name] = Fake(name)",
        # tests on the disk
        "from pathlib import Path\n"
        "for test in Path('tests').glob('*.py'):\n"
        "    if test.stem != 'canary':\n"
        "        test.write_text(test.read_text().replace('from grading import', 'return #'))",
        # the grader's module on the disk
        "from pathlib import Path\n"
        "for module in Path('grading').glob('*.py'):\n"
        "    module.write_text('def __getattr__(name): return print')",
    ],
    ids=["patched", "module", "tests", "file"],
)
def test_a_grader_that_was_changed_is_noticed(graded, read, attack):
    result = graded(with_cell(read(NAME, "student"), attack))
    assert "interfered with the grader" in result["problem"]
    assert result["score"] == 0
    assert result["flags"]


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["import os\nos._exit(0)", "import sys\nsys.exit()", "quit()"])
def test_a_notebook_that_ends_itself(graded, read, ending):
    result = graded(with_cell(read(NAME, "solution"), ending))
    assert result["score"] in (0, result["possible"])
    assert bool(result["problem"]) == (result["score"] == 0)


@pytest.mark.slow
def test_the_network_is_out_of_reach_where_the_report_says_so(graded, read):
    call = (
        "import socket\n"
        "try:\n"
        "    socket.create_connection(('192.0.2.1', 80), timeout=3)\n"
        "except OSError as error:\n"
        "    raise RuntimeError(f'network: {error}')"
    )
    result = graded(with_cell(read(NAME, "solution"), call))
    assert "the network" in result["flags"]
    if result["network"] == "blocked":
        assert any("unreachable" in error for error in result["errors"])
    assert result["score"] == result["possible"]
