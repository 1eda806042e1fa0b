"""Grade a folder of submissions, side by side, and write a table and a page of feedback for each.

    python -m assignments.grade SUBMISSIONS [--autograder ARCHIVE] [--output FOLDER] [--jobs N]

Each submission is graded in processes of its own, with limits (`assignments.supervise`). Its result
is stored as soon as it is there: an interrupted run that is started again repeats nothing of what
is finished and loses nothing. What changed since, or was graded with another autograder, is graded
anew.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from assignments.build import OUTPUT, ROOT, names
from assignments.feedback import feedback
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
        ``score``, ``possible``, ``questions`` (points and feedback of each), ``problem`` (why it
        has no score, or ""), ``errors`` (what its cells raised), ``flags`` (what a person should
        look at), ``seconds``, ``memory`` and ``network``.
    """
    limits = limits or Limits()
    empty = {
        "student": "",
        "questions": {},
        "errors": [],
        "flags": [],
        "seconds": 0.0,
        "memory": 0,
        "network": "",
    }
    with tempfile.TemporaryDirectory() as folder:
        try:
            notebook = _notebook(submission, Path(folder))
        except (ValueError, OSError, zipfile.BadZipFile) as error:
            return _summed({**empty, "problem": f"it cannot be read: {error}"}, autograder)
        result, report = Path(folder, "result.json"), Path(folder, "report.json")
        options = [f"--{name}={value}" for name, value in asdict(limits).items()]
        program = [sys.executable, "-m", "assignments.run_one"]
        subprocess.run(
            [sys.executable, "-m", "assignments.supervise", *options, str(report)]
            + [*program, str(autograder.resolve()), str(notebook), str(result), str(cell)],
            check=True,
            cwd=folder,
            env={**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT), "HOME": folder},
        )
        ended = json.loads(report.read_text())
        graded = json.loads(result.read_text()) if result.exists() else {}
        printed = report.with_suffix(".log").read_text(errors="replace").strip().splitlines()
    problem = ended["reason"]
    if not problem and not graded:
        problem = f"the grader stopped: {printed[-1][:300] if printed else ended['code']}"
    elif not problem and graded["tampered"]:
        problem = f"it interfered with the grader: {'; '.join(graded['tampered'])}"
    if problem:
        graded["questions"] = {}
    flags = list(graded.get("suspicions", []))
    student = graded.get("student", "")
    if student and student not in submission.stem:
        flags.append(f"the notebook's STUDENT_ID is {student}, the file is {submission.name}")
    measured = {name: ended[name] for name in ("seconds", "memory", "network")}
    found = {name: graded[name] for name in ("student", "questions", "errors") if name in graded}
    return _summed({**empty, **measured, **found, "flags": flags, "problem": problem}, autograder)


def grade_all(
    autograder: Path,
    submissions: Iterable[Path],
    output: Path,
    *,
    jobs: int = 2,
    limits: Limits | None = None,
    cell: float = CELL,
) -> pd.DataFrame:
    """Grade submissions side by side; what is stored in the output folder is not repeated.

    Parameters
    ----------
    autograder : Path
        The archive that `assignments.build` made.
    submissions : iterable of Path
        Notebooks or archives.
    output : Path
        Folder for the results, the table ``grades.csv`` and the pages of feedback.
    jobs : int
        How many are graded at a time.
    limits : Limits
        What each may use.
    cell : float
        Seconds after which a cell is interrupted.

    Returns
    -------
    DataFrame
        One row a submission, in the order of their names.
    """
    submissions = sorted(submissions)
    for folder in ("results", "feedback"):
        (output / folder).mkdir(parents=True, exist_ok=True)
    limits = limits or Limits()
    version = hashlib.sha256(autograder.read_bytes() + repr((limits, cell)).encode()).hexdigest()
    results, open_ones = {}, []
    for submission in submissions:
        key = hashlib.sha256(submission.read_bytes() + version.encode()).hexdigest()
        place = output / "results" / f"{submission.name}.json"
        stored = _stored(place)
        if stored.get("key") == key:
            results[submission] = stored
        else:
            open_ones.append((submission, key, place))
    with ThreadPoolExecutor(jobs) as pool:
        running = {
            pool.submit(grade, autograder, submission, limits, cell): (submission, key, place)
            for submission, key, place in open_ones
        }
        try:
            for future in tqdm(as_completed(running), total=len(running), desc="graded"):
                submission, key, place = running[future]
                results[submission] = {**future.result(), "key": key}
                _write(place, json.dumps(results[submission], indent=1))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    for submission in submissions:
        page = output / "feedback" / f"{submission.name}.html"
        _write(page, feedback(submission.name, results[submission]))
    table = pd.DataFrame([_row(each, results[each]) for each in submissions])
    _write(output / "grades.csv", table.to_csv(index=False))
    return table


def _notebook(submission: Path, folder: Path) -> Path:
    """Return the one notebook of a submission."""
    if submission.suffix == ".zip":
        with zipfile.ZipFile(submission) as archive:
            names = [name for name in archive.namelist() if name.endswith(".ipynb")]
            if len(names) != 1:
                raise ValueError(f"the archive holds {len(names)} notebooks, it must be one")
            text = archive.read(names[0])
    else:
        text = submission.read_bytes()
    content = json.loads(text)
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise ValueError("it is no notebook of format 4")
    copy = folder / "submission.ipynb"
    copy.write_bytes(text)
    return copy


def _built_for(submissions: list[Path]) -> Path:
    """Return the autograder of the assignment that most submissions say they answer."""
    named = []
    for submission in submissions:
        with tempfile.TemporaryDirectory() as folder:
            try:
                notebook = json.loads(_notebook(submission, Path(folder)).read_bytes())
                named.append(str(notebook["metadata"]["otter"]["assignment_name"]))
            except (ValueError, OSError, KeyError, TypeError, zipfile.BadZipFile):
                continue
    known = [name for name in names() if name in named]
    name = max(known, key=named.count, default="unknown")
    return OUTPUT / name / f"{name}-autograder.zip"


def possible(autograder: Path) -> dict[str, float]:
    """Return the points of each question of an autograder."""
    points = {}
    with zipfile.ZipFile(autograder) as archive:
        for name in sorted(archive.namelist()):
            if name.startswith("tests/") and name.endswith(".py"):
                namespace: dict = {}
                exec(archive.read(name), namespace)
                points[namespace["name"]] = float(namespace["points"])
    return points


def _summed(result: dict, autograder: Path) -> dict:
    questions = result["questions"]
    score = sum(question["points"] for question in questions.values())
    return {**result, "score": score, "possible": sum(possible(autograder).values())}


def _stored(place: Path) -> dict:
    try:
        return json.loads(place.read_text())
    except (OSError, ValueError):
        return {}


def _write(place: Path, text: str) -> None:
    """Write a file as a whole or not at all, so that an interruption leaves no half of it."""
    unfinished = place.with_name(f".{place.name}.part")
    unfinished.write_text(text)
    unfinished.replace(place)


def _row(submission: Path, result: dict) -> dict:
    return {
        "submission": submission.name,
        "student": result["student"],
        "score": result["score"],
        "possible": result["possible"],
        **{name: question["points"] for name, question in result["questions"].items()},
        "problem": result["problem"],
        "flags": "; ".join(result["flags"]),
        "seconds": result["seconds"],
        "memory_mb": result["memory"],
        "network": result["network"],
    }


def main(arguments: list[str] | None = None) -> int:
    """Grade what the command line names; 1 if a submission could not be graded."""
    parser = argparse.ArgumentParser(prog="python -m assignments.grade", description=__doc__)
    parser.add_argument("submissions", type=Path)
    parser.add_argument("--autograder", type=Path, help="instead of the one that was built last")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cell", type=float, default=CELL, help="seconds of one cell")
    for name, value in asdict(Limits()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    given = parser.parse_args(arguments)
    limits = Limits(**{name: getattr(given, name) for name in asdict(Limits())})
    if not given.submissions.is_dir():
        parser.error(f"{given.submissions} is no folder")
    suffixes = (".ipynb", ".zip")
    found = [path for path in given.submissions.iterdir() if path.suffix in suffixes]
    if not found:
        parser.error(f"{given.submissions} holds no notebook and no archive")
    autograder = given.autograder or _built_for(found)
    if not autograder.exists():
        parser.error(f"there is no {autograder}: run `make assignments`, or name --autograder")
    output = given.output or given.submissions / "graded"
    table = grade_all(autograder, found, output, jobs=given.jobs, limits=limits, cell=given.cell)
    print(table[["submission", "score", "possible", "problem", "flags"]].to_string(index=False))
    print(f"The table is {output / 'grades.csv'}, the pages are in {output / 'feedback'}.")
    return int(table["problem"].ne("").any())


if __name__ == "__main__":
    sys.exit(main())
