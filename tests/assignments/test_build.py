"""What the build makes: for students, for the grader, for the instructor."""

import functools
import re
import shutil
import zipfile

import jupytext
import nbformat
import pytest
import yaml

from assignments import build
from assignments.notebooks import ANSWER

NAMES = build.names()
each = pytest.mark.parametrize("name", NAMES)
MARKED = re.compile(r"^ *# BEGIN SOLUTION.*?# END SOLUTION\n?", re.DOTALL | re.MULTILINE)


@functools.cache
def master(name):
    return jupytext.read(build.HERE / name / "master.md").cells


def questions(name):
    """Return what the master says of each question."""
    heads = [cell.source for cell in master(name) if cell.cell_type == "raw"]
    return [yaml.safe_load(head) for head in heads if head.startswith("# BEGIN QUESTION")]


def archived(folder, kind):
    (place,) = folder.glob(f"*-{kind}.zip")
    with zipfile.ZipFile(place) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@each
def test_an_assignment_is_worth_a_hundred_points(name):
    asked = questions(name)
    assert sum(question["points"] for question in asked) == 100
    manual = [question["name"] for question in asked if question.get("manual")]
    assert manual[0] == "predictions", "predictions come before anything runs"
    assert {"explain", "open"} <= {*manual}
    assert 15 <= sum(question["points"] for question in asked if question.get("manual")) <= 35


@each
def test_what_a_person_grades_has_a_rubric(name):
    cells = iter(master(name))
    for cell in cells:
        if cell.cell_type == "raw" and "manual: true" in cell.source:
            assert "*Rubric:" in next(cells).source, cell.source


@each
def test_students_see_no_solution_and_no_hidden_test(name, built, read):
    text = nbformat.writes(read(name, "student"))
    for forbidden in ("BEGIN SOLUTION", "hidden: true", "import grading", "from grading"):
        assert forbidden not in text, forbidden
    public = read(name, "student").metadata.otter.tests
    files = archived(built(name), "autograder")
    graded = {q["name"] for q in questions(name) if not q.get("manual")}
    assert {*public} == graded
    for question in graded:
        test = files[f"tests/{question}.py"].decode()
        assert "hidden=True" in test, f"{question} has no hidden test"
        assert "hidden=True" not in public[question]
        assert "hidden=False" in public[question] or "@test_case" in public[question]


@each
def test_stub_and_solution_differ_inside_the_marks_only(name, read):
    student, solution = read(name, "student").cells, read(name, "solution").cells
    solved = [cell for cell in solution if cell.cell_type == "code"]
    for cell in student:
        if cell.cell_type == "code" and ANSWER not in cell.metadata.get("tags", []):
            assert any(cell.source == other.source for other in solved), cell.source
    sources = [
        MARKED.sub("", cell.source) for cell in master(name) if "BEGIN SOLUTION" in cell.source
    ]
    sources = [source for source in sources if not source.startswith("# BEGIN SOLUTION")]
    stubs = [
        cell.source
        for cell in student
        if cell.cell_type == "code" and ANSWER in cell.metadata.get("tags", [])
    ]
    frames = [source.split() for source in sources]
    assert [[word for word in stub.split() if word != "..."] for stub in stubs] == frames


@each
def test_a_student_needs_the_archive_only(name, built):
    files = archived(built(name), "student")
    readme = files["README.txt"].decode()
    installs = [line for line in readme.splitlines() if line.strip().startswith("pip install")]
    assert len(installs) == 2
    (wheel,) = (file for file in files if file.endswith(".whl"))
    assert wheel in installs[1]
    assert f"{name}.ipynb" in files
    assert not any(file.startswith(("tests/", "grading", "secret")) for file in files)


@pytest.fixture
def wheel_at_hand(built, tmp_path):
    """Put the wheel of the first build where the next ones look for it: it takes a while."""
    (wheel,) = built(NAMES[0]).parent.glob("*.whl")
    (tmp_path / "out").mkdir()
    shutil.copy2(wheel, tmp_path / "out")


@pytest.mark.slow
@pytest.mark.usefixtures("wheel_at_hand")
def test_two_builds_are_the_same(built, tmp_path):
    name = NAMES[0]
    again = build.build(name, tmp_path / "out")
    for kind in ("student", "autograder"):
        first, second = archived(built(name), kind), archived(again, kind)
        assert list(first) == list(second)
        assert {file for file in first if first[file] != second[file]} == set()
    student = (again / "student" / f"{name}.ipynb").read_bytes()
    assert student == (built(name) / "student" / f"{name}.ipynb").read_bytes()


@pytest.mark.usefixtures("wheel_at_hand")
def test_private_files_take_the_place_of_the_stand_ins(tmp_path, built):
    own = tmp_path / "private" / "recurrence"
    own.mkdir(parents=True)
    (own / "secret.py").write_text("SEED = 271828\n")
    folder = build.build("recurrence", tmp_path / "out", tmp_path / "private")
    files = archived(folder, "autograder")
    assert files["files/secret.py"] == b"SEED = 271828\n"
    stand_in = archived(built("recurrence"), "autograder")
    assert stand_in["files/secret.py"] != files["files/secret.py"]
    students = (archived(place, "student") for place in (folder, built("recurrence")))
    assert len({files["recurrence.ipynb"] for files in students}) == 1
    (own / "secrets.py").write_text("")
    with pytest.raises(ValueError, match="replaces no private file"):
        build.build("recurrence", tmp_path / "out", tmp_path / "private")


def test_an_unknown_name_is_refused(tmp_path):
    with pytest.raises(ValueError, match="name must be one of"):
        build.build("cooking", tmp_path)
