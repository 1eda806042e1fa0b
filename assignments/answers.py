"""Wrong answers that a grader must reject, and right ones in other words that it must accept.

`NAME/answers/QUESTION.py` holds them for one question, in cells that begin with a line
``# %% wrong M-what-it-misunderstands`` or ``# %% right how-it-differs``; where they are long, the
right ones have a file of their own, `QUESTION.right.py`. A cell defines what the question asks for,
as a student would who replaces the cell of the notebook. If it differs from the solution in only a
line or two, it holds calls of ``edit("what is there", "what it becomes")`` instead.
"""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jupytext
from nbformat import NotebookNode

from assignments.build import HERE
from assignments.notebooks import defines, questions

_MARK = re.compile(r"^ *# (?:BEGIN|END) SOLUTION.*\n?", re.MULTILINE)
_HEAD = re.compile(r"^# %% (wrong|right) (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """One answer to one question: `kind` is "wrong" or "right"."""

    question: str
    kind: str
    name: str
    source: str


def answers(assignment: str) -> list[Answer]:
    """Return all answers to an assignment, question by question."""
    solved, found = solutions(assignment), []
    for path in sorted((HERE / assignment / "answers").glob("*.py")):
        found += read(path, solved[_question(path)])
    return found


def _question(path: Path) -> str:
    return path.name.split(".")[0]


@cache
def _master(assignment: str) -> NotebookNode:
    return jupytext.read(HERE / assignment / "master.md")


def solutions(assignment: str) -> dict[str, str]:
    """Return the solution's cell for each question that is graded by tests, in order."""
    master = _master(assignment)
    code = [cell.source for cell in master.cells if cell.cell_type == "code"]
    solved = [_MARK.sub("", source) for source in code if _MARK.search(source)]
    found = {}
    for question in (each["name"] for each in questions(master) if not each["manual"]):
        (found[question],) = (source for source in solved if defines(source, question))
    return found


def read(path: Path, solution: str) -> list[Answer]:
    """Read the answers of one file.

    Parameters
    ----------
    path : Path
        The file.
    solution : str
        The solution's cell, which an answer may edit.

    Raises
    ------
    ValueError
        If something comes before the first head, two answers have the same name, or what an edit
        replaces is not in the solution exactly once.
    """
    before, *parts = _HEAD.split(path.read_text())
    if before.strip():
        raise ValueError(f"{path} must begin with an answer")
    heads = list(zip(parts[::3], parts[1::3], parts[2::3], strict=True))
    names = [(kind, name) for kind, name, _ in heads]
    if len(set(names)) != len(names):
        raise ValueError(f"{path} must not have two answers of the same name")
    return [
        Answer(_question(path), kind, name.strip(), _edited(text.strip(), solution))
        for kind, name, text in heads
    ]


def _edited(text: str, solution: str) -> str:
    """Return a cell, or the solution after the edits that the cell holds instead."""
    edits = _edits(text)
    if not edits:
        return text
    for old, new in edits:
        if solution.count(old) != 1:
            raise ValueError(f"{old!r} must be in the solution exactly once")
        solution = solution.replace(old, new)
    why = [line for line in text.splitlines() if line.startswith("#")]
    return "\n".join([*why, solution.strip()])


def _edits(text: str) -> list[tuple[str, str]]:
    """Return the arguments of all calls of `edit` if the text holds only such calls, else none."""
    found = []
    for node in ast.parse(text).body:
        match node:
            case ast.Expr(ast.Call(ast.Name("edit"), [ast.Constant(old), ast.Constant(new)])):
                found.append((old, new))
            case _:
                return []
    return found


def rounds(found: list[Answer], kind: str) -> list[dict[str, Answer]]:
    """Return submissions that hold the k-th answer of each question, until none is left.

    A question with fewer answers than others is left out of the later submissions.
    """
    by_question: dict[str, list[Answer]] = {}
    for answer in found:
        if answer.kind == kind:
            by_question.setdefault(answer.question, []).append(answer)
    longest = max(map(len, by_question.values()), default=0)
    return [
        {question: listed[k] for question, listed in by_question.items() if k < len(listed)}
        for k in range(longest)
    ]
