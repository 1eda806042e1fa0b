"""Whole submissions through the grader: honest, hostile and unlucky ones."""

import json
import zipfile
from types import SimpleNamespace

import nbformat
import nbformat.v4 as nb
import pytest

from assignments import build
from assignments.answers import answers, rounds
from assignments.grade import grade_all
from assignments.notebooks import answered
from assignments.run_one import LATE, _last_error, _question
from assignments.submission import grade, notebook_of, questions_of

NAME = "recurrence"


@pytest.mark.slow
@pytest.mark.parametrize("name", build.names())
def test_the_untouched_notebook_has_no_point_and_the_solution_all(name, built):
    build.check(name, built(name).parent)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wrong", "right"])
@pytest.mark.parametrize("name", build.names())
def test_answers_are_graded_as_they_deserve(name, kind, built, read, limits, tmp_path):
    """The first answer to each question through the whole grader; `test_answers` tries them all."""
    solution, travelling = read(name, "solution"), rounds(answers(name), kind)[:1]
    for number, together in enumerate(travelling):
        sources = {question: answer.source for question, answer in together.items()}
        nbformat.write(answered(solution, sources), tmp_path / f"{number}.ipynb")
    grade_all(
        built(name) / f"{name}-autograder.zip",
        tmp_path.glob("*.ipynb"),
        tmp_path / "out",
        jobs=1,
        **limits,
    )
    for number, together in enumerate(travelling):
        stored = tmp_path / "out" / "results" / f"{number}.ipynb.json"
        result = json.loads(stored.read_text())
        assert result["problem"] == ""
        for question, answer in together.items():
            found = result["questions"][question]
            if kind == "wrong":
                assert found["points"] < found["possible"], answer.name
                assert found["failed"], answer.name
            else:
                assert found["points"] == found["possible"], (answer.name, found["failed"])


def test_what_is_not_a_notebook_is_reported(autograder, tmp_path):
    for name, content in (("a.ipynb", b"\x00\x01"), ("b.ipynb", b"[]"), ("c.zip", b"PK nothing")):
        place = tmp_path / name
        place.write_bytes(content)
        result = grade(autograder, place)
        assert result["problem"].startswith("it cannot be read")
        assert (result["score"], result["possible"]) == (0, 80)


def test_an_archive_is_read_without_what_a_system_put_beside_the_notebook(tmp_path):
    place = tmp_path / "ada.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("ada/hw.ipynb", '{"cells": []}')
        archive.writestr("__MACOSX/ada/._hw.ipynb", b"\x00\x05")
        archive.writestr("ada/.ipynb_checkpoints/hw-checkpoint.ipynb", "{}")
    assert notebook_of(place, tmp_path).read_text() == '{"cells": []}'
    with zipfile.ZipFile(place, "a") as archive:
        archive.writestr("ada/other.ipynb", "{}")
    with pytest.raises(ValueError, match="one notebook, it holds 2"):
        notebook_of(place, tmp_path)


def test_questions_come_in_the_order_of_the_notebook(autograder, read):
    asked = questions_of(autograder)
    assert sum(question["points"] for question in asked) == 100
    by_tests = [question for question in asked if not question["manual"]]
    assert {q["name"] for q in by_tests} == {answer.question for answer in answers(NAME)}
    text = "\n".join(cell.source for cell in read(NAME, "student").cells)
    places = [
        text.index(f"## {question['title']} ({question['points']} points)") for question in asked
    ]
    assert places == sorted(places)
    assert [question["name"] for question in asked][:2] == ["predictions", "jordan_step"]


def test_one_reason_for_all_hidden_tests_is_said_once():
    def case(text, hidden, passed=False):
        made = SimpleNamespace(hidden=hidden, failure_message="Look here.")
        return SimpleNamespace(test_case=made, passed=passed, message=f"Error at line 3\n{text}")

    def read(*cases):
        found = SimpleNamespace(test_case_results=cases, score=0, possible=3)
        return _question(found)["failed"]

    same, other = "Feedback: It is not defined.", "Feedback: The bias is missing."
    public = case("TypeError: no", hidden=False)
    assert read(public, case(same, True), case(same, True)) == ["It is not defined."]
    assert read(public, case(same, True), case(other, True)) == [
        "Look here. (TypeError: no)",
        "Look here. It is not defined.",
        "Look here. The bias is missing.",
    ]
    assert read(case(same, True), case(same, True, passed=True)) == [
        "Look here. It is not defined."
    ]
    assert read(case("AssertionError: ", False)) == ["Look here."]
    assert read(case("AssertionError: the word b", False)) == ["Look here. (the word b)"]


def test_tests_that_did_not_end_are_told_with_what_ended_them():
    def ended(*errors):
        outputs = [nb.new_output("error", ename=n, evalue="why", traceback=[]) for n in errors]
        return nb.new_notebook(cells=[nb.new_code_cell(""), nb.new_code_cell("", outputs=outputs)])

    assert _last_error(ended(LATE)) == f"{LATE}: why"
    before = ended()
    before.cells.insert(0, ended("ValueError").cells[-1])
    assert _last_error(before) == "", "a cell of the student, not the tests"
