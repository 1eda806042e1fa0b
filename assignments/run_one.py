"""Grade one submission with otter, in this process and a kernel below it.

It is a separate program, so that `assignments.supervise` can watch and end it:

    python -m assignments.run_one AUTOGRADER.zip SUBMISSION.ipynb RESULT.json SECONDS

SECONDS limits each cell, and all tests together.
"""

import hashlib
import json
import secrets
import sys
import tempfile
import zipfile
from pathlib import Path

import dill
import nbconvert.preprocessors
import nbformat
from otter.run.run_autograder import main as run_autograder

from assignments.notebooks import prepared, suspicions

CELL_OUTPUT = 200_000  # characters that a cell may print before the rest is dropped
CANARY = "canary"
LATE = "CellTimeoutError"

# Public tests call functions directly; here they get a time limit.
_OTTERS = "from otter.test_files import test_case\n"
_TIMED = "from checking import timed\ntest_case = timed(test_case)\n"

# The canary is a question that every honest run fails, with a word that only this run knows. A
# submission that makes all tests pass, or replaces the grader's module by its own, makes the canary
# pass too.
_CANARY_TEST = """
from otter.test_files import test_case
OK_FORMAT = False
name = "{name}"
points = 0

@test_case(points=0, hidden=True)
def own(env):
    raise AssertionError("{token} own")

@test_case(points=0, hidden=True)
def through_the_module(env):
    import checking
    checking.expect(False, "{token} module")
"""


class LimitedExecution(nbconvert.preprocessors.ExecutePreprocessor):
    """Run a notebook; interrupt a cell that takes too long, cut one that prints too much."""

    seconds = 45.0

    def __init__(self, **options):
        super().__init__(**options)
        self.timeout = self.seconds
        self.interrupt_on_timeout = True
        self._printed = {}

    def output(self, outs, msg, display_id, cell_index):
        """Take one message of a cell: drop it if it exceeds the limit, explain an interrupt."""
        if msg["msg_type"] == "error" and msg["content"]["ename"] == "KeyboardInterrupt":
            msg["content"]["ename"] = LATE
            msg["content"]["evalue"] = f"a cell ran for more than {self.seconds:g} seconds"
        length = len(str(msg.get("content", "")))
        printed = self._printed.get(cell_index, 0)
        self._printed[cell_index] = printed + length
        if msg["msg_type"] != "error" and printed + length > CELL_OUTPUT:
            return None
        return super().output(outs, msg, display_id, cell_index)


def main(autograder: str, submission: str, result: str, seconds: str) -> None:
    """Grade a submission and write what came out as JSON."""
    LimitedExecution.seconds = float(seconds)
    nbconvert.preprocessors.ExecutePreprocessor = LimitedExecution  # otter takes it from there
    notebook = nbformat.read(submission, as_version=4)
    token = secrets.token_hex(16)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "autograder")
        _lay_out(root, autograder, token)
        nbformat.write(prepared(notebook), root / "submission" / "submission.ipynb")
        kept = _digests(root / "source" / "files") | _digests(root / "source" / "tests", "tests")
        run_autograder(str(root), logo=False, debug=False, otter_run=True, print_summary=False)
        found = _digests(root / "submission")
        changed = sorted(name for name, digest in kept.items() if found.get(name) != digest)
        with open(root / "results" / "results.pkl", "rb") as file:
            scores = dill.load(file)
    tampered = []
    if changed:
        tampered.append(f"files of the grader were changed: {', '.join(changed)}")
    unfinished = "" if CANARY in scores.results else _last_error(scores.notebook)
    if not unfinished and not _canary_failed(scores, token):
        tampered.append("tests that must fail did not")
    Path(result).write_text(
        json.dumps(
            {
                "student": _student(scores.notebook),
                "questions": {
                    name: _question(test) for name, test in scores.results.items() if name != CANARY
                },
                "errors": _errors(scores.notebook),
                "suspicions": suspicions(notebook),
                "tampered": tampered,
                "unfinished": unfinished,
            }
        )
    )


def _lay_out(root: Path, autograder: str, token: str) -> None:
    """Create the folders that otter expects, with the canary among limited tests."""
    for name in ("source", "submission", "results"):
        (root / name).mkdir(parents=True)
    (root / "submission_metadata.json").write_text("{}")
    with zipfile.ZipFile(autograder) as archive:
        archive.extractall(root / "source")
    tests = root / "source" / "tests"
    (tests / f"{CANARY}.py").write_text(_CANARY_TEST.format(name=CANARY, token=token))
    for test in tests.glob("*.py"):
        test.write_text(test.read_text().replace(_OTTERS, _OTTERS + _TIMED, 1))


def _last_error(notebook) -> str:
    """Return the error that ended the last cell, in which all tests run; "" if none did."""
    errors = [each for each in notebook.cells[-1].outputs if each.output_type == "error"]
    return f"{errors[-1].ename}: {errors[-1].evalue}"[:300] if errors else ""


def _digests(folder: Path, under: str = "") -> dict[str, str]:
    """Return the digest of each file below a folder, by its path as if the folder were `under`."""
    return {
        str(Path(under, path.relative_to(folder))): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def _canary_failed(scores, token: str) -> bool:
    if CANARY not in scores.results:
        return False
    cases = scores.results[CANARY].test_case_results
    return len(cases) == 2 and all(not case.passed and token in case.message for case in cases)


def _question(test) -> dict:
    """Return points and, for each test that failed, what its student may read.

    If all hidden tests fail for the same reason (nothing is defined, each call raises an error),
    that reason is all there is to read.
    """
    failed, reasons, hidden = [], [], 0
    for case in test.test_case_results:
        hidden += case.test_case.hidden
        if case.passed:
            continue
        said = case.test_case.failure_message or ""
        last = case.message.strip().splitlines()[-1] if case.message else ""
        kind, _, text = last.partition(": ")
        if kind == "Feedback":
            said = f"{said} {text}".strip()
            reasons.append(text)
        elif not case.test_case.hidden and (kind, text) != ("AssertionError:", ""):
            said = f"{said} ({text if kind == 'AssertionError' else last})".strip()
        failed.append(said or "A hidden test failed.")
    if len(reasons) == hidden > 1 and len({*reasons}) == 1:
        failed = reasons[:1]
    return {"points": float(test.score), "possible": float(test.possible), "failed": failed}


def _errors(notebook) -> list[str]:
    """Return what the submission's own cells raised."""
    return [
        f"{output.ename}: {output.evalue}"[:300]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    ]


def _student(notebook) -> str:
    """Return the student's id as the notebook sets it, in a line STUDENT_ID = "..."."""
    for cell in notebook.cells:
        for line in cell.source.splitlines() if cell.cell_type == "code" else ():
            name, equals, value = line.partition("=")
            if equals and name.strip() == "STUDENT_ID":
                return value.split("#")[0].strip().strip("\"'")
    return ""


if __name__ == "__main__":
    main(*sys.argv[1:])
