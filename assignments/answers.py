"""Wrong answers that a grader must reject, and right ones in other words that it must accept.

`NAME/answers/QUESTION.py` holds them for one question, in cells that begin with a line
``# %% wrong M-what-it-misunderstands`` or ``# %% right how-it-differs``. A cell defines what the
question asks for, as a student would who replaces the cell of the notebook.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from assignments.build import HERE

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
    found = []
    for path in sorted((HERE / assignment / "answers").glob("*.py")):
        found += read(path)
    return found


def read(path: Path) -> list[Answer]:
    """Read the answers of one file.

    Raises
    ------
    ValueError
        If something stands before the first head, or two answers have one name.
    """
    before, *parts = _HEAD.split(path.read_text())
    if before.strip():
        raise ValueError(f"{path} begins with something that is no answer")
    heads = list(zip(parts[::3], parts[1::3], parts[2::3], strict=True))
    names = [(kind, name) for kind, name, _ in heads]
    if len(set(names)) != len(names):
        raise ValueError(f"{path} has two answers of one name")
    return [Answer(path.stem, kind, name.strip(), text.strip()) for kind, name, text in heads]


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
