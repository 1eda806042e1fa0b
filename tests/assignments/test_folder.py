"""A folder of submissions: graded side by side, once, and reported."""

import os
import signal
import subprocess
import sys
import time

import nbformat
import pandas as pd
import pytest

from assignments.feedback import feedback
from assignments.grade import grade_all, main
from assignments.supervise import Limits

NAME = "recurrence"
ASKED = {"title": "1. Step", "points": 1.0, "possible": 2.0, "failed": ["<look>"]}
RESULT = {"score": 1.0, "possible": 2.0, "student": "", "questions": {"step": ASKED}}
RESULT |= {"person": {"0. Before": 5}, "problem": "", "errors": [], "flags": []}
RESULT |= {"seconds": 0.1, "cpu": 0.1, "memory": 1, "network": "open"}


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
        return RESULT

    monkeypatch.setattr("assignments.grade.grade", counted)
    submissions, output = list(folder.glob("*.ipynb")), folder / "graded"
    table = grade_all(autograder, submissions, output)
    assert sorted(calls) == ["ada.ipynb", "broken.ipynb", "emmy.ipynb"]
    assert table["submission"].tolist() == ["ada.ipynb", "broken.ipynb", "emmy.ipynb"]
    assert pd.read_csv(output / "grades.csv")["score"].tolist() == [1, 1, 1]
    assert "&lt;look&gt;" in (output / "feedback" / "ada.ipynb.html").read_text()
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


def test_an_interrupt_finishes_and_stores_what_is_running(autograder, folder, monkeypatch, capsys):
    started = []

    def slow(*arguments):
        started.append(arguments[1].name)
        time.sleep(0.3)
        return {"score": 1.0}

    def interrupted(futures, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("assignments.grade.grade", slow)
    monkeypatch.setattr("assignments.grade.tqdm", interrupted)
    assert main([str(folder), f"--autograder={autograder}", "--jobs=1"]) == 130
    assert started == ["ada.ipynb"]
    assert [path.name for path in (folder / "graded" / "results").iterdir()] == ["ada.ipynb.json"]
    assert "Start it again" in capsys.readouterr().out


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
    assert "80 of 80 points by tests" in page
    assert page.index("1. One step: 16 of 16") < page.index("2. A fold over a sequence: 12 of 12")


def test_feedback_names_each_question_as_the_notebook_does():
    fold = {"title": "2. Fold", "points": 1.0, "possible": 1.0, "failed": []}
    questions = {"step": ASKED, "fold": fold}
    result = RESULT | {"score": 2.0, "possible": 3.0, "questions": questions, "errors": ["E"]}
    result |= {"person": {"0. Derive <it>": 6}}
    page = feedback("a.ipynb", result)
    assert page.startswith("<!doctype html>")
    said = ["2 of 3 points", "1. Step: 1 of 2", "&lt;look&gt;", "2. Fold: 1 of 1", "0. Derive"]
    places = [page.index(text) for text in said]
    assert places == sorted(places)
    assert "0. Derive &lt;it&gt;: up to 6" in page
    result |= {"problem": "it ran for more than 3 seconds", "questions": {}}
    assert "Not graded" in feedback("a.ipynb", result)
