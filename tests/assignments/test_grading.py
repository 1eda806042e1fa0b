"""Whole submissions through the grader: honest, hostile and unlucky ones."""

import json

import nbformat
import pytest

from assignments import build
from assignments.answers import answers, rounds
from assignments.grade import grade, grade_all, possible
from assignments.notebooks import answered

NAME = "recurrence"


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
