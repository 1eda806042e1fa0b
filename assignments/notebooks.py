"""Read assignments as notebooks: questions, answers, and what a grader leaves out."""

import re
from collections.abc import Mapping
from copy import deepcopy

import yaml
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell

ANSWER = "otter_answer_cell"  # the tag that otter gives to the cells a student fills in
KEEP = "import surroundings\n\nsurroundings.keep()"
RESTORE = "import surroundings\n\nsurroundings.restore()"

# Cells that call the grader from inside a submission; each question is graded once, at the end.
_CALLS_THE_GRADER = re.compile(r"^\s*grader\s*\.\s*(check|check_all|export)\b", re.MULTILINE)
_STARTS_THE_GRADER = re.compile(r"^\s*grader\s*=\s*otter\.Notebook\b", re.MULTILINE)
_HEADING = re.compile(r"## (.*?)(?: \(\d+ points\))?$", re.MULTILINE)
_DEFINES = r"^(?:def|class)\s+{name}\b|^{name}\s*="

# What no answer needs, so that a person should look at it.
_OWN = r"otter|grading|checking|surroundings|secret|hidden_\w+"
_SUSPICIOUS = {
    "the grader's own modules": rf"\b(import|from)\s+({_OWN})\b",
    "the folder of tests": r"[\"'/]tests[\"'/]",
    "Python's table of modules": r"\bsys\.modules\b|\b__builtins__\b|\bimport_module\b|__import__",
    "frames and other objects' code": r"\bgc\.get_objects\b|\b_getframe\b|\binspect\.stack\b",
    "other processes": r"\bsubprocess\b|\bos\.(system|popen|fork|exec\w*|spawn\w*)\b|\bpexpect\b",
    "the network": r"\bsocket\b|\burllib\b|\brequests\b|\bhttpx?\b|\baiohttp\b",
    "shell commands": r"^\s*[!%](?!matplotlib|xmode|time)",
}


def defines(source: str, name: str) -> bool:
    """Say whether a cell defines a function, a class or a variable at its top level."""
    return re.search(_DEFINES.format(name=re.escape(name)), source, re.MULTILINE) is not None


def questions(master: NotebookNode) -> list[dict]:
    """Return the questions of a master in the order of the notebook.

    Returns
    -------
    list of dict
        ``name``, ``title`` (as the notebook numbers it), ``points``, and ``manual``: whether a
        person grades it.
    """
    found, heading = [], ""
    for cell in master.cells:
        if cell.cell_type == "markdown" and (head := _HEADING.match(cell.source)):
            heading = head[1]
            if found and not found[-1]["title"]:
                found[-1]["title"] = heading
        elif cell.cell_type == "raw" and cell.source.startswith("# BEGIN QUESTION"):
            asked = yaml.safe_load(cell.source)
            found.append(
                {
                    "name": asked["name"],
                    "title": "",  # is in the next cell, or in the last one with a heading
                    "points": asked["points"],
                    "manual": asked.get("manual", False),
                }
            )
        elif found and not found[-1]["title"]:
            found[-1]["title"] = heading
    return found


def suspicions(notebook: NotebookNode) -> list[str]:
    """Name what a submission touches that no answer needs.

    Nothing is refused because of it: a person decides. Otter's own first cell is left out.
    """
    sources = [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and not _STARTS_THE_GRADER.search(cell.source)
    ]
    return [
        what
        for what, pattern in _SUSPICIOUS.items()
        if any(re.search(pattern, source, re.MULTILINE) for source in sources)
    ]


def prepared(notebook: NotebookNode) -> NotebookNode:
    """Return the copy of a submission that is run.

    It has Python's kernel whatever the metadata say, no outputs, no tests of the submission's own,
    and no cell that calls the grader: each question is graded once, after the last cell. A first
    and a last cell keep and restore what the tests rely on (`assignments.surroundings`).
    """
    notebook = deepcopy(notebook)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    assignment = notebook.metadata.get("otter", {}).get("assignment_name")
    named = {"assignment_name": assignment} if assignment else {}
    notebook.metadata = from_dict({"kernelspec": kernel, "otter": named})
    kept = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            if _CALLS_THE_GRADER.search(cell.source) or _STARTS_THE_GRADER.search(cell.source):
                continue
            cell.outputs, cell.execution_count = [], None
        cell.metadata = NotebookNode()
        kept.append(cell)
    notebook.cells = [new_code_cell(KEEP), *kept, new_code_cell(RESTORE)]
    return notebook


def answered(notebook: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """Return a copy of a notebook with other answers.

    Parameters
    ----------
    notebook : NotebookNode
        A solution or a student notebook.
    answers : mapping of str to str
        For a name that one cell defines, the source that replaces that cell.

    Raises
    ------
    ValueError
        If no cell, or more than one, defines a name.
    """
    notebook = deepcopy(notebook)
    for name, source in answers.items():
        cells = [
            cell
            for cell in notebook.cells
            if cell.cell_type == "code" and defines(cell.source, name)
        ]
        if len(cells) != 1:
            raise ValueError(
                f"answers must name what one cell defines, {len(cells)} cells define {name}"
            )
        cells[0].source = source
    return notebook
