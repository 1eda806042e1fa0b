"""Every graded question rejects wrong answers and accepts right ones in other words.

Here each answer is tried by itself, on the names that the solution defines, with otter's own
runner of test files but without a notebook. `test_grading` sends them through the whole grader.
"""

import re
import zipfile
from pathlib import Path

import pytest

from assignments import build
from assignments.answers import Answer, answers, read, rounds
from assignments.notebooks import defines

QUICK = "recurrence"  # the answers to the others are tried in the long suite


def test_an_answer_is_read_with_its_kind_and_name(tmp_path):
    file = tmp_path / "step.py"
    file.write_text("# %% wrong M-a\n# Why.\nstep = 1\n\n\n# %% right other words\nstep = 2\n")
    assert read(file, "step = 0") == [
        Answer("step", "wrong", "M-a", "# Why.\nstep = 1"),
        Answer("step", "right", "other words", "step = 2"),
    ]
    file.write_text("step = 0\n# %% wrong M-a\nstep = 1\n")
    with pytest.raises(ValueError, match="begin with an answer"):
        read(file, "step = 0")
    file.write_text("# %% wrong M-a\nstep = 1\n# %% wrong M-a\nstep = 2\n")
    with pytest.raises(ValueError, match="the same name"):
        read(file, "step = 0")


def test_an_answer_may_edit_the_solution(tmp_path):
    file = tmp_path / "step.py"
    solution = "def step(x):\n    y = x + 1\n    return y"
    file.write_text('# %% wrong M-a\n# Why.\nedit("x + 1", "x - 1")\nedit("y = ", "y = -")\n')
    (answer,) = read(file, solution)
    assert answer.source == "# Why.\ndef step(x):\n    y = -x - 1\n    return y"
    for old in ("x + 2", "y"):
        file.write_text(f'# %% wrong M-a\nedit("{old}", "z")\n')
        with pytest.raises(ValueError, match="must be in the solution exactly once"):
            read(file, solution)
    file.write_text('# %% wrong M-a\nstep = edit("x + 1", "x - 1")\n')
    assert read(file, solution)[0].source.startswith("step = edit")


def test_the_kth_answers_travel_together():
    found = [
        Answer("a", "wrong", "1", ""),
        Answer("a", "wrong", "2", ""),
        Answer("b", "wrong", "3", ""),
    ]
    assert [[*r] for r in rounds(found, "wrong")] == [["a", "b"], ["a"]]
    assert rounds(found, "right") == []


@pytest.mark.parametrize("name", build.names())
def test_each_graded_question_has_wrong_and_right_answers(name, built):
    with zipfile.ZipFile(built(name) / f"{name}-autograder.zip") as archive:
        tests = {Path(file).stem for file in archive.namelist() if file.startswith("tests/")}
    found = answers(name)
    assert {answer.question for answer in found} == tests
    for question in tests:
        of_it = [answer for answer in found if answer.question == question]
        wrong = [answer for answer in of_it if answer.kind == "wrong"]
        assert len(wrong) >= 4, question
        assert len(of_it) - len(wrong) >= 3, question
        assert len({answer.source for answer in of_it}) == len(of_it)
        for answer in of_it:
            assert defines(answer.source, question), f"{question}: {answer.name}"
            assert answer.source.startswith("# "), f"{question}: {answer.name} says nothing"
        assert all(re.fullmatch(r"M-[a-z0-9-]+", answer.name) for answer in wrong)


def test_there_are_enough_wrong_answers():
    wrong = [a for name in build.names() for a in answers(name) if a.kind == "wrong"]
    assert len(wrong) >= 80


def cases(kind):
    found = []
    for name in build.names():
        for answer in answers(name):
            if answer.kind == kind:
                marks = [] if name == QUICK else [pytest.mark.slow]
                title = f"{name}-{answer.question}-{answer.name}"
                found.append(pytest.param(name, answer, id=title, marks=marks))
    return found


@pytest.mark.parametrize(("name", "answer"), cases("wrong"))
def test_a_wrong_answer_has_less_than_all_points(name, answer, trial):
    points, possible, failed = trial(name).points(answer.question, answer.source)
    assert points < possible
    assert all(message.strip() for message in failed)


@pytest.mark.parametrize(("name", "answer"), cases("right"))
def test_a_right_answer_in_other_words_has_all_points(name, answer, trial):
    points, possible, failed = trial(name).points(answer.question, answer.source)
    assert points == possible, failed
