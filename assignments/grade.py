"""Grade a folder of submissions, side by side, and write a table and a page of feedback for each.

    python -m assignments.grade SUBMISSIONS [--autograder ARCHIVE] [--output FOLDER] [--jobs N]

Each submission is graded in processes of its own, with limits (`assignments.supervise`). Its result
is stored as soon as it is there: an interrupted run that is started again loses nothing and repeats
nothing that is finished. Ctrl+C lets submissions that are being graded finish. What has changed
since, or was graded with another autograder, is graded again.
"""

import argparse
import hashlib
import json
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from assignments.build import OUTPUT, names
from assignments.feedback import feedback
from assignments.submission import CELL, grade, notebook_of
from assignments.supervise import Limits


def grade_all(
    autograder: Path,
    submissions: Iterable[Path],
    output: Path,
    *,
    jobs: int = 2,
    limits: Limits | None = None,
    cell: float = CELL,
) -> pd.DataFrame:
    """Grade submissions side by side; results stored in the output folder are not repeated.

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
        One row for each submission, in the order of their names.
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

    def graded(submission: Path, key: str, place: Path) -> dict:
        found = {**grade(autograder, submission, limits, cell), "key": key}
        _write(place, json.dumps(found, indent=1))
        return found

    with ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(graded, *one): one[0] for one in open_ones}
        try:
            for future in tqdm(as_completed(running), total=len(running), desc="graded"):
                results[running[future]] = future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)  # what runs is finished, and stored
            raise
    for submission in submissions:
        page = output / "feedback" / f"{submission.name}.html"
        _write(page, feedback(submission.name, results[submission]))
    table = pd.DataFrame([_row(each, results[each]) for each in submissions])
    _write(output / "grades.csv", table.to_csv(index=False))
    return table


def _built_for(submissions: list[Path]) -> Path:
    """Return the autograder of the assignment that most submissions name."""
    named = []
    for submission in submissions:
        with tempfile.TemporaryDirectory() as folder:
            try:
                notebook = json.loads(notebook_of(submission, Path(folder)).read_bytes())
                named.append(str(notebook["metadata"]["otter"]["assignment_name"]))
            except (ValueError, OSError, KeyError, TypeError, zipfile.BadZipFile):
                continue
    known = [name for name in names() if name in named]
    name = max(known, key=named.count, default="unknown")
    return OUTPUT / name / f"{name}-autograder.zip"


def _stored(place: Path) -> dict:
    try:
        return json.loads(place.read_text())
    except (OSError, ValueError):
        return {}


def _write(place: Path, text: str) -> None:
    """Write a file completely or not at all, even if interrupted."""
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
        "cpu_seconds": result["cpu"],
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
    parser.add_argument("--cell", type=float, default=CELL, help="seconds that one cell may take")
    for name, value in asdict(Limits()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    given = parser.parse_args(arguments)
    limits = Limits(**{name: getattr(given, name) for name in asdict(Limits())})
    if not given.submissions.is_dir():
        parser.error(f"{given.submissions} is not a folder")
    suffixes = (".ipynb", ".zip")
    found = [path for path in given.submissions.iterdir() if path.suffix in suffixes]
    if not found:
        parser.error(f"{given.submissions} holds neither a notebook nor an archive")
    autograder = given.autograder or _built_for(found)
    if not autograder.exists():
        parser.error(f"there is no {autograder}: run `make assignments`, or name --autograder")
    output = given.output or given.submissions / "graded"
    options = {"jobs": given.jobs, "limits": limits, "cell": given.cell}
    try:
        table = grade_all(autograder, found, output, **options)
    except KeyboardInterrupt:
        print("Interrupted. Start it again to continue; what is finished is not repeated.")
        return 130
    print(table[["submission", "score", "possible", "problem", "flags"]].to_string(index=False))
    print(f"The table is {output / 'grades.csv'}, the pages are in {output / 'feedback'}.")
    return int(table["problem"].ne("").any())


if __name__ == "__main__":
    sys.exit(main())
