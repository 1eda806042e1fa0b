"""Grade one submission in processes of its own, with limits."""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import asdict
from pathlib import Path

from assignments.archives import ROOT
from assignments.supervise import Limits

CELL = 45.0
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1", "MPLBACKEND": "Agg"}


def grade(
    autograder: Path, submission: Path, limits: Limits | None = None, cell: float = CELL
) -> dict:
    """Grade one submission within its limits.

    Parameters
    ----------
    autograder : Path
        The archive that `assignments.build` made.
    submission : Path
        A notebook, or an archive that holds one.
    limits : Limits
        What the submission may use.
    cell : float
        Seconds after which a cell is interrupted; those after it still run.

    Returns
    -------
    dict
        ``score``, ``possible``, ``questions`` (title, points and feedback of each), ``person``
        (points of what a person grades), ``problem`` (why it has no score, or ""), ``errors``
        (what its cells raised), ``flags`` (what a person should look at), ``seconds``, ``cpu``,
        ``memory`` and ``network`` (see `assignments.supervise`).
    """
    result = {
        "student": "",
        "questions": {},
        "errors": [],
        "flags": [],
        "seconds": 0.0,
        "cpu": 0.0,
        "memory": 0,
        "network": "",
    }
    with tempfile.TemporaryDirectory() as folder:
        try:
            notebook = notebook_of(submission, Path(folder))
        except (ValueError, OSError, zipfile.BadZipFile) as error:
            return _summed({**result, "problem": f"it cannot be read: {error}"}, autograder)
        ended, graded, printed = _run(autograder, notebook, limits or Limits(), cell)
    problem = _problem(ended, graded, printed)
    result |= {name: ended[name] for name in ("seconds", "cpu", "memory", "network")}
    result |= {name: graded[name] for name in ("student", "questions", "errors") if name in graded}
    if problem:
        result["questions"] = {}
    flags = list(graded.get("suspicions", []))
    student = result["student"]
    if student and student not in submission.stem:
        flags.append(f"the notebook's STUDENT_ID is {student}, the file is {submission.name}")
    return _summed({**result, "flags": flags, "problem": problem}, autograder)


def _run(
    autograder: Path, notebook: Path, limits: Limits, cell: float
) -> tuple[dict, dict, list[str]]:
    """Grade a notebook under supervision; return how that ended, the grades and what it printed."""
    folder = notebook.parent
    result, report = folder / "result.json", folder / "report.json"
    options = [f"--{name}={value}" for name, value in asdict(limits).items()]
    program = [sys.executable, "-m", "assignments.run_one"]
    subprocess.run(
        [sys.executable, "-m", "assignments.supervise", *options, str(report)]
        + [*program, str(autograder.resolve()), str(notebook), str(result), str(cell)],
        check=True,
        cwd=folder,
        env={**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT), "HOME": str(folder)},
        start_new_session=True,  # Ctrl+C must not end the supervisor before what it watches
    )
    ended = json.loads(report.read_text())
    graded = json.loads(result.read_text()) if result.exists() else {}
    printed = report.with_suffix(".log").read_text(errors="replace").strip().splitlines()
    return ended, graded, printed


def _problem(ended: dict, graded: dict, printed: list[str]) -> str:
    """Say why a submission has no score; "" if it has one."""
    if ended["reason"]:
        return ended["reason"]
    if not graded:
        return f"the grader stopped: {printed[-1][:300] if printed else ended['code']}"
    if graded["unfinished"]:
        return f"its tests did not finish: {graded['unfinished']}"
    if graded["tampered"]:
        return f"it interfered with the grader: {'; '.join(graded['tampered'])}"
    return ""


def notebook_of(submission: Path, folder: Path) -> Path:
    """Copy the one notebook of a submission into a folder and return where it is.

    Raises
    ------
    ValueError, OSError, BadZipFile
        If there is none, or more than one.
    """
    if submission.suffix == ".zip":
        with zipfile.ZipFile(submission) as archive:
            names = [name for name in archive.namelist() if _is_notebook(name)]
            if len(names) != 1:
                raise ValueError(f"the archive must hold one notebook, it holds {len(names)}")
            text = archive.read(names[0])
    else:
        text = submission.read_bytes()
    try:
        content = json.loads(text)
    except ValueError:  # bytes that are not text, text that is not JSON
        raise ValueError("it is not a notebook, or not a whole one") from None
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise ValueError("it is not a notebook of format 4")
    copy = folder / "submission.ipynb"
    copy.write_bytes(text)
    return copy


def _is_notebook(name: str) -> bool:
    """Say whether a file of an archive is a notebook, and not one that a system added."""
    hidden = name.startswith("__MACOSX/") or ".ipynb_checkpoints/" in name
    return name.endswith(".ipynb") and not hidden


def questions_of(autograder: Path) -> list[dict]:
    """Return the questions of an autograder in order, as `assignments.notebooks.questions` does."""
    with zipfile.ZipFile(autograder) as archive:
        return json.loads(archive.read("files/questions.json"))


def _summed(result: dict, autograder: Path) -> dict:
    """Put the questions in order, give them their titles, and add up their points."""
    asked, graded = questions_of(autograder), result["questions"]
    by_tests = [question for question in asked if not question["manual"]]
    return {
        **result,
        "questions": {
            question["name"]: {"title": question["title"], **graded[question["name"]]}
            for question in by_tests
            if question["name"] in graded
        },
        "score": sum(question["points"] for question in graded.values()),
        "possible": sum(question["points"] for question in by_tests),
        "person": {each["title"]: each["points"] for each in asked if each["manual"]},
    }
