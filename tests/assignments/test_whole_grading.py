"""Hand-ins from the notebook to the table of grades, with a stand-in for the kernel.

A kernel below a supervisor takes eight seconds of a core, however little is handed in: the long
suite starts them, in `test_grading` and `test_hostile`. Here the cells run in a fork of this
process, which has imported already what a grader needs, and all else is the grader's.
"""

import contextlib
import json
import os
import traceback
import warnings
from pathlib import Path
from types import SimpleNamespace

import nbformat
import nbformat.v4 as nb

from assignments import run_one
from assignments.answers import answers
from assignments.grade import grade_all
from assignments.notebooks import answered

NAME = "recurrence"
ENDED = {"reason": "", "code": 0, "seconds": 0.1, "cpu": 0.1, "memory": 1, "network": "open"}


class NoKernel(run_one.LimitedExecution):
    """Run a notebook in this process."""

    def preprocess(self, notebook, resources=None):
        """Run all cells; store what they raise."""
        names = {"__name__": "__main__"}
        for cell in notebook.cells:
            if cell.cell_type == "code":
                try:
                    exec(cell.source, names)
                except Exception as error:
                    raised = {"ename": type(error).__name__, "evalue": str(error)}
                    cell.outputs = [nb.new_output("error", **raised)]
        return notebook, resources


def run_in_a_fork(command, cwd, **_):
    """Do in a fork what the supervisor is asked to run, and report as it does."""
    place = command.index("assignments.run_one")
    report, arguments = Path(command[place - 3]), command[place + 1 :]
    report.write_text(json.dumps(ENDED))
    with warnings.catch_warnings(), open(report.with_suffix(".log"), "w") as log:
        warnings.simplefilter("ignore")  # in a notebook they are no errors; nor is a fork
        child = os.fork()
        if child == 0:
            try:
                os.chdir(cwd)
                run_one.LimitedExecution = NoKernel
                with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
                    run_one.main(*arguments)
            except BaseException:
                traceback.print_exc(file=log)
            finally:
                log.flush()
                os._exit(0)
        os.waitpid(child, 0)


def hand_in(notebook, place):
    """Write a notebook with the name of its file as the student's id."""
    (cell,) = (cell for cell in notebook.cells if "STUDENT_ID =" in cell.source)
    cell.source = cell.source.replace('"your id"', f'"{place.stem}"')
    nbformat.write(notebook, place)


def test_a_right_hand_in_has_all_points_and_a_wrong_answer_costs_its_own(
    autograder, read, tmp_path, monkeypatch
):
    solution = read(NAME, "solution")
    wrong = next(each for each in answers(NAME) if each.kind == "wrong")
    hand_in(answered(solution, {wrong.question: wrong.source}), tmp_path / "emmy.ipynb")
    hand_in(solution, tmp_path / "ada.ipynb")
    monkeypatch.setattr("assignments.submission.subprocess", SimpleNamespace(run=run_in_a_fork))
    output = tmp_path / "out"
    table = grade_all(autograder, tmp_path.glob("*.ipynb"), output, jobs=1)
    ada, emmy = (row for _, row in table.set_index("submission").iterrows())
    assert (ada["student"], ada["problem"], ada["flags"]) == ("ada", "", "")
    assert ada["score"] == ada["possible"] == 80
    assert (emmy["student"], emmy["problem"], emmy["flags"]) == ("emmy", "", "")
    questions = json.loads((output / "results/emmy.ipynb.json").read_text())["questions"]
    lost = {name: q["possible"] - q["points"] for name, q in questions.items()}
    assert lost[wrong.question] > 0
    assert emmy["score"] == 80 - lost[wrong.question] == 80 - sum(lost.values())
    assert questions[wrong.question]["failed"]
