"""What the tests of the assignments share: each assignment is built once."""

import fcntl

import nbformat
import pytest

from assignments import build
from assignments.submission import grade
from assignments.supervise import Limits
from assignments.trial import Trial

NAME = "recurrence"  # the assignment that whole submissions are graded with


@pytest.fixture(scope="session")
def built():
    """Return a function that builds an assignment where `make site` looks for it.

    What is newer than its sources stays, so that one build serves the suite and the site.
    """
    build.OUTPUT.mkdir(parents=True, exist_ok=True)

    def folder(name):
        with open(build.OUTPUT / ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            build.main([name, "--no-check"])
        return build.OUTPUT / name

    return folder


@pytest.fixture
def read(built):
    """Return a function that reads the student's notebook or the solution of an assignment."""

    def notebook(name, kind):
        folder = built(name)
        places = {
            "student": folder / "student" / f"{name}.ipynb",
            "solution": folder / f"{name}-solution.ipynb",
        }
        return nbformat.read(places[kind], as_version=4)

    return notebook


@pytest.fixture
def autograder(built):
    """The archive that grades the assignment on recurrence."""
    return built(NAME) / f"{NAME}-autograder.zip"


@pytest.fixture
def limits():
    """Limits of one submission as options of `grade` and `grade_all`.

    Those by the clock are for a machine that does much else; the tests look at `cpu`.
    """
    return {"limits": Limits(seconds=300, memory=2000), "cell": 150.0}


@pytest.fixture
def graded(autograder, tmp_path, limits):
    """Return a function that grades a notebook."""

    def result(notebook, **options):
        place = tmp_path / "submission.ipynb"
        nbformat.write(notebook, place)
        return grade(autograder, place, **{**limits, **options})

    return result


@pytest.fixture(scope="session")
def trial(built, tmp_path_factory):
    """Return a function that gives the trial of an assignment, whose solution runs once."""
    made = {}

    def of(name):
        if name not in made:
            folder = built(name)
            places = (folder / f"{name}-autograder.zip", folder / f"{name}-solution.ipynb")
            made[name] = Trial(*places, tmp_path_factory.mktemp(name))
        return made[name]

    return of
