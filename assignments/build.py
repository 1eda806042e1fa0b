"""Build the assignments: what students get, what grades them, and the solutions.

    python -m assignments.build [NAMES ...] [--private FOLDER] [--output FOLDER] [--no-check]

For each folder with a `master.md` this makes

- `student/NAME.ipynb` and `NAME-student.zip`, which carries the package's wheel beside it;
- `NAME-autograder.zip` for Gradescope, for containers and for `make grade`;
- `NAME-solution.ipynb` for the instructor.

Hidden tests take what must stay secret (seeds, names, broken networks) from files under `private/`
of the assignment. Those in this repository are stand-ins that anyone can read. Build with your own:
FOLDER/NAME/FILE replaces NAME/private/FILE.

An assignment with data has a `data.py` with a function `write(student, grader, private)`: three
folders, of which it reads the last, which holds the private files, and writes into the others. What
it puts into `student` goes to students, beside the notebook, and to the grader; what it puts into
`grader` goes to the grader only.

What was built is then graded: the untouched notebook must get no point, and the solution all of
them. With `--no-check` nothing is graded, and what is newer than its sources is not built again.
"""

import argparse
import contextlib
import hashlib
import io
import json
import runpy
import shutil
import sys
import tempfile
from pathlib import Path

import jupytext
import nbformat
import yaml
from otter.assign import main as otter_assign

from assignments.archives import NO_CACHE, ROOT, copy_archive, pinned, student_archive, up_to_date
from assignments.notebooks import questions

HERE = ROOT / "assignments"
OUTPUT = ROOT / "_build" / "assignments"


def names() -> list[str]:
    """Return the names of the assignments, in order."""
    return sorted(path.parent.name for path in HERE.glob("*/master.md"))


def build(name: str, output: Path = OUTPUT, private: Path | None = None) -> Path:
    """Build one assignment.

    Parameters
    ----------
    name : str
        The folder's name.
    output : Path
        Where the assignment gets a folder of its name.
    private : Path
        Folder of the instructor's own files, in folders named like the assignments.

    Returns
    -------
    Path
        The folder with what was built.

    Raises
    ------
    ValueError
        If there is no such assignment, or a private file does not replace one of the assignment's.
    """
    if name not in names():
        raise ValueError(f"name must be one of {', '.join(names())}, got {name!r}")
    folder = output / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        for file in _autograder_files(name, private):
            shutil.copy(file, work / file.name)
        shutil.copytree(HERE / name / "grading", work / "grading", ignore=NO_CACHE)
        data = _write_data(name, work)
        notebook = jupytext.read(HERE / name / "master.md")
        (work / "questions.json").write_text(json.dumps(questions(notebook), indent=1))
        _configure(notebook, name, [path.name for path in work.iterdir()])
        nbformat.write(notebook, work / f"{name}.ipynb")
        with contextlib.chdir(work), contextlib.redirect_stdout(io.StringIO()):
            otter_assign(f"{name}.ipynb", "dist")
        (archive,) = (work / "dist" / "autograder").glob("*.zip")
        copy_archive(archive, folder / f"{name}-autograder.zip")
        for kind, target in (
            ("student", folder / "student" / f"{name}.ipynb"),
            ("autograder", folder / f"{name}-solution.ipynb"),
        ):
            target.parent.mkdir(exist_ok=True)
            made = nbformat.read(work / "dist" / kind / f"{name}.ipynb", as_version=4)
            made.metadata.pop("jupytext", None)
            _name_cells(made)
            nbformat.write(made, target)
        for file in data:
            shutil.copy(work / file, folder / "student")
    student_archive(name, folder)
    return folder


def _autograder_files(name: str, private: Path | None) -> list[Path]:
    """Return the files that only the autograder holds, beside the folder of hidden tests."""
    files = [HERE / name for name in ("checking.py", "drawing.py", "surroundings.py")]
    private_files = sorted(path for path in (HERE / name / "private").iterdir() if path.is_file())
    stand_ins = {path.name: path for path in private_files}
    own = sorted((private / name).iterdir()) if private and (private / name).is_dir() else []
    for path in own:
        if path.name not in stand_ins:
            raise ValueError(
                f"{path} replaces no private file, its name must be one of {[*stand_ins]}"
            )
        stand_ins[path.name] = path
    return [*files, *stand_ins.values()]


def _write_data(name: str, work: Path) -> list[str]:
    """Put the assignment's data beside its private files; return the names of students' files."""
    script = HERE / name / "data.py"
    if not script.exists():
        return []
    with tempfile.TemporaryDirectory() as place:
        student, grader = Path(place, "student"), Path(place, "grader")
        student.mkdir()
        grader.mkdir()
        runpy.run_path(str(script))["write"](student, grader, work)
        for file in [*student.iterdir(), *grader.iterdir()]:
            shutil.copy(file, work)
        return sorted(file.name for file in student.iterdir())


def _configure(notebook: nbformat.NotebookNode, name: str, files: list[str]) -> None:
    """Put otter's configuration of the whole assignment before the first cell."""
    config = {
        "name": name,
        "init_cell": True,
        "check_all_cell": False,
        "export_cell": False,
        "run_tests": False,  # `check` does that, within limits
        "suppress_no_tests_warning": False,
        "tests": {"ok_format": False},
        "autograder_files": sorted(files),
        "requirements": pinned("torch", "numpy", "pandas", "scikit-learn", "psutil"),
        # if students may see results, each question's is shown once grades are published, with the
        # name and the feedback of hidden tests
        "generate": {"show_hidden": True},
    }
    source = "# ASSIGNMENT CONFIG\n" + yaml.safe_dump(config, sort_keys=False)
    notebook.cells.insert(0, nbformat.v4.new_raw_cell(source))


def _name_cells(notebook: nbformat.NotebookNode) -> None:
    """Give each cell an id that follows from its content and its place, so that builds agree."""
    for number, cell in enumerate(notebook.cells):
        cell["id"] = hashlib.sha256(f"{number} {cell.source}".encode()).hexdigest()[:8]


def check(name: str, output: Path = OUTPUT) -> None:
    """Grade what the student gets and the solution.

    Raises
    ------
    ValueError
        If the untouched notebook gets a point, or the solution misses one.
    """
    from assignments.submission import grade

    folder = output / name
    autograder = folder / f"{name}-autograder.zip"
    starter = grade(autograder, folder / "student" / f"{name}.ipynb")
    solution = grade(autograder, folder / f"{name}-solution.ipynb")
    if starter["problem"] or starter["score"] != 0:
        raise ValueError(f"{name}: the untouched notebook has {starter}")
    if solution["problem"] or solution["score"] != solution["possible"]:
        raise ValueError(f"{name}: the solution has {solution}")


def main(arguments: list[str] | None = None) -> int:
    """Build and check what the command line names, or all assignments."""
    parser = argparse.ArgumentParser(prog="python -m assignments.build", description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--private", type=Path)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--no-check", action="store_true")
    given = parser.parse_args(arguments)
    for name in given.names or names():
        if given.no_check:
            archive = given.output / name / f"{name}-student.zip"
            if not up_to_date(archive, HERE, ROOT / "rnn_tutorial"):
                build(name, given.output, given.private)
            continue
        folder = build(name, given.output, given.private)
        check(name, given.output)
        print(f"{folder}: the untouched notebook has 0 points, the solution all.")
        if given.private is None or not (given.private / name).is_dir():
            print("  Its hidden tests use this repository's stand-ins, which students can read.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
