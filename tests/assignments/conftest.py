"""What the tests of the assignments share: each assignment is built once."""

import fcntl
import os

import nbformat
import pytest

from assignments import build


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """Return a function that builds an assignment, once for all workers, and gives its folder."""
    shared = tmp_path_factory.getbasetemp().parent if _in_a_worker() else None
    output = (shared or tmp_path_factory.mktemp("built")) / "assignments"
    output.mkdir(exist_ok=True)

    def folder(name):
        with open(output / ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (output / name / f"{name}-student.zip").exists():
                build.build(name, output)
        return output / name

    return folder


def _in_a_worker():
    return "PYTEST_XDIST_WORKER" in os.environ


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
