"""Whole submissions through the grader: honest, hostile and unlucky ones."""

import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import nbformat.v4 as nb
import pandas as pd
import pytest

from assignments import build
from assignments.answers import answers, rounds
from assignments.feedback import feedback
from assignments.grade import grade, grade_all, main, possible
from assignments.notebooks import answered, defines
from assignments.supervise import Limits

NAME = "recurrence"
LIMITS = Limits(seconds=60, memory=2000)


@pytest.fixture
def autograder(built):
    return built(NAME) / f"{NAME}-autograder.zip"


@pytest.fixture
def graded(autograder, tmp_path):
    """Return a function that grades a notebook."""

    def result(notebook, **options):
        place = tmp_path / "submission.ipynb"
        nbformat.write(notebook, place)
        return grade(autograder, place, options.pop("limits", LIMITS), **options)

    return result


def with_cell(notebook, source, position=None):
    """Return a copy with one more cell, at the end if no position is given."""
    copy = nbformat.from_dict(notebook)
    copy.cells.insert(len(copy.cells) if position is None else position, nb.new_code_cell(source))
    return copy


def test_the_untouched_notebook_has_no_point_and_the_solution_all(built):
    built(NAME)
    build.check(NAME, built(NAME).parent)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in build.names() if name != NAME])
def test_so_it_is_with_the_other_assignments(name, built):
    built(name)
    build.check(name, built(name).parent)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wrong", "right"])
@pytest.mark.parametrize("name", build.names())
def test_answers_are_graded_as_they_deserve(name, kind, built, read, tmp_path):
    """The first answer to each question through the whole grader; `test_answers` tries them all."""
    solution, travelling = read(name, "solution"), rounds(answers(name), kind)[:1]
    for number, together in enumerate(travelling):
        sources = {question: answer.source for question, answer in together.items()}
        nbformat.write(answered(solution, sources), tmp_path / f"{number}.ipynb")
    grade_all(
        built(name) / f"{name}-autograder.zip", tmp_path.glob("*.ipynb"), tmp_path / "out", jobs=1
    )
    for number, together in enumerate(travelling):
        stored = tmp_path / "out" / "results" / f"{number}.ipynb.json"
        result = json.loads(stored.read_text())
        assert result["problem"] == ""
        assert result["seconds"] < 60
        for question, answer in together.items():
            found = result["questions"][question]
            if kind == "wrong":
                assert found["points"] < found["possible"], answer.name
                assert found["failed"], answer.name
            else:
                assert found["points"] == found["possible"], (answer.name, found["failed"])


# Submissions that end a cell, or the whole notebook, before it has run

ALL_FAIL = "raise ImportError('no module named magic')"
LOOP = "while True:\n    pass"


@pytest.mark.slow
def test_an_endless_cell_costs_itself_only(graded, read):
    result = graded(with_cell(read(NAME, "solution"), LOOP, 4), cell=15)
    assert result["problem"] == ""
    assert result["score"] == result["possible"]
    assert any("a cell ran for more than 15 seconds" in error for error in result["errors"])


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
    ("hog", "reason"),
    [
        ("kept = []\nwhile True:\n    kept.append(bytearray(50_000_000))", "MB of memory"),
        ("import os\nwhile True:\n    os.fork()", "processes"),
        ("import signal, time\nsignal.signal(2, signal.SIG_IGN)\ntime.sleep(600)", "seconds"),
    ],
    ids=["memory", "processes", "time"],
)
def test_what_takes_too_much_ends_with_the_reason(graded, read, hog, reason):
    start = time.monotonic()
    result = graded(with_cell(read(NAME, "solution"), hog, 2), limits=Limits(40, 1500), cell=60)
    assert reason in result["problem"]
    assert result["score"] == 0
    assert result["possible"] == 80
    assert time.monotonic() - start < 60


@pytest.mark.slow
def test_an_exception_at_the_start_is_reported(graded, read):
    notebook = read(NAME, "solution")
    (cell,) = (
        c for c in notebook.cells if "STUDENT_ID =" in c.source and "import torch" in c.source
    )
    cell.source = ALL_FAIL + "\n" + cell.source
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
        "class Fake(types.ModuleType):\n"
        "    def __getattr__(self, name):\n"
        "        return lambda *a, **k: None\n"
        "for name in ('grading', 'checking', 'secret'):\n"
        "    sys.modules[name] = Fake(name)",
        # tests on the disk
        "from pathlib import Path\n"
        "for test in Path('tests').glob('*.py'):\n"
        "    if test.stem != 'canary':\n"
        "        test.write_text(test.read_text().replace('import grading', 'return'))",
        # the grader's module on the disk
        "from pathlib import Path\n"
        "Path('grading.py').write_text('def __getattr__(name): return print')",
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


def test_what_is_no_notebook_is_reported(autograder, tmp_path):
    for name, content in (("a.ipynb", b"\x00\x01"), ("b.ipynb", b"[]"), ("c.zip", b"PK nothing")):
        place = tmp_path / name
        place.write_bytes(content)
        result = grade(autograder, place)
        assert result["problem"].startswith("it cannot be read")
        assert (result["score"], result["possible"]) == (0, 80)


def test_points_follow_from_the_archive(autograder):
    points = possible(autograder)
    assert sum(points.values()) == 80
    assert {*points} == {answer.question for answer in answers(NAME)}


# A folder of submissions


@pytest.fixture
def folder(tmp_path, read):
    """Three submissions, one of them broken."""
    place = tmp_path / "submissions"
    place.mkdir()
    for name in ("ada", "emmy"):
        notebook = read(NAME, "solution")
        (cell,) = (c for c in notebook.cells if "STUDENT_ID =" in c.source)
        cell.source = cell.source.replace('"your id"', f'"{name}"')
        nbformat.write(notebook, place / f"{name}.ipynb")
    (place / "broken.ipynb").write_text("not a notebook")
    return place


def test_a_folder_is_graded_once(autograder, folder, monkeypatch):
    calls = []

    def counted(*arguments):
        calls.append(arguments[1].name)
        return {
            "score": 1.0,
            "possible": 2.0,
            "student": "",
            "questions": {"a": {"points": 1.0, "possible": 2.0, "failed": ["<look> here"]}},
            "problem": "",
            "errors": [],
            "flags": [],
            "seconds": 0.1,
            "memory": 1,
            "network": "open",
        }

    monkeypatch.setattr("assignments.grade.grade", counted)
    submissions, output = list(folder.glob("*.ipynb")), folder / "graded"
    table = grade_all(autograder, submissions, output)
    assert sorted(calls) == ["ada.ipynb", "broken.ipynb", "emmy.ipynb"]
    assert table["submission"].tolist() == ["ada.ipynb", "broken.ipynb", "emmy.ipynb"]
    assert pd.read_csv(output / "grades.csv")["score"].tolist() == [1, 1, 1]
    assert "&lt;look&gt; here" in (output / "feedback" / "ada.ipynb.html").read_text()
    calls.clear()
    grade_all(autograder, submissions, output)
    assert calls == [], "what is finished is not repeated"
    notebook = folder / "ada.ipynb"
    notebook.write_text(notebook.read_text() + "\n")
    (output / "results" / "emmy.ipynb.json").write_text("{half a resu")
    grade_all(autograder, submissions, output)
    assert sorted(calls) == ["ada.ipynb", "emmy.ipynb"], "what changed or was cut is graded anew"
    calls.clear()
    grade_all(autograder, submissions, output, limits=Limits(seconds=5))
    assert len(calls) == 3, "other limits, other results"


def test_the_command_finds_the_autograder_that_was_built_last(autograder, folder, monkeypatch):
    calls = []

    def recorded(archive, submissions, output, **options):
        calls.append((archive, sorted(path.name for path in submissions), output))
        row = {"submission": "a", "score": 1, "possible": 2, "problem": "", "flags": ""}
        return pd.DataFrame([row])

    monkeypatch.setattr("assignments.grade.grade_all", recorded)
    monkeypatch.setattr("assignments.grade.OUTPUT", autograder.parents[1])
    assert main([str(folder)]) == 0
    names = ["ada.ipynb", "broken.ipynb", "emmy.ipynb"]
    assert calls == [(autograder, names, folder / "graded")]
    for arguments in ([str(folder / "nowhere")], [str(folder / "..")]):
        with pytest.raises(SystemExit):
            main(arguments)
    monkeypatch.setattr("assignments.grade.OUTPUT", folder)
    with pytest.raises(SystemExit):
        main([str(folder)])


@pytest.mark.slow
def test_an_interrupted_run_goes_on_where_it_was(autograder, folder, root):
    command = [sys.executable, "-m", "assignments.grade", str(folder), "--jobs=1"]
    command.append(f"--autograder={autograder}")
    options = {"cwd": root, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    results = folder / "graded" / "results"
    first = subprocess.Popen(command, start_new_session=True, **options)
    deadline = time.monotonic() + 120
    while not (results / "ada.ipynb.json").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    done = {path.name: path.stat().st_mtime_ns for path in results.glob("*.json")}
    assert "ada.ipynb.json" in done
    assert subprocess.run(command, **options).returncode == 1, "one could not be graded"
    after = {path.name: path.stat().st_mtime_ns for path in results.glob("*.json")}
    assert len(after) == 3
    assert all(after[name] == when for name, when in done.items())
    table = pd.read_csv(folder / "graded" / "grades.csv").set_index("submission")
    assert table.loc["ada.ipynb", "score"] == table.loc["emmy.ipynb", "score"] == 80
    assert "cannot be read" in table.loc["broken.ipynb", "problem"]
    assert pd.isna(table.loc["ada.ipynb", "flags"])
    page = (folder / "graded" / "feedback" / "ada.ipynb.html").read_text()
    assert "80 of 80 points" in page


def test_feedback_shows_no_test_and_no_answer():
    questions = {"step": {"points": 0.0, "possible": 2.0, "failed": ["Look at the bias."]}}
    result = {"score": 0.0, "possible": 2.0, "questions": questions, "problem": "", "errors": ["E"]}
    page = feedback("a.ipynb", result)
    assert "Look at the bias." in page
    assert page.startswith("<!doctype html>")
    result |= {"problem": "it ran for more than 3 seconds", "questions": {}}
    assert "Not graded" in feedback("a.ipynb", result)
