"""What a stored notebook must look like before anyone runs it: functions that list the faults."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath

import yaml
from nbformat import NotebookNode
from pybtex.database import parse_string

from tools.contracts.contract import EXEMPT, has_tag, stored_faults
from tools.contracts.rewrite import as_text, code_cells, read

MAX_BYTES = 600_000
# What CONTRIBUTING.md says about the length of a cell.
MAX_CELL_LINES = 25
_IMPORT = re.compile(r"^(?:from \S+ )?import (?:\([^)]*\)|.*)\n", re.MULTILINE)
# How many times the spread over seeds a tolerance may be, and how many seeds make a spread.
SPREADS = 2
SEEDS = 5
# One cell in so many may be exempt from comparison.
CELLS_PER_EXEMPTION = 50
HEADINGS = ("## Common mistakes", "## Exercises", "## Summary", "## Read the originals")

_GLUE_PREFIX = "application/papermill.record/"
# Data of the book are older, so a date from here on is that of a run.
_RUN_DATE = r"\b20(?:2[5-9]|[3-9][0-9])-[0-9]{2}-[0-9]{2}\b"
_CTIME = r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 0-9]?[0-9] [0-9]{2}:[0-9]{2}:"
_LOCAL = {
    "a path of a machine": re.compile(
        r"(?<![\w.:/])/(?:(?:home|Users|root|tmp|var|opt|mnt)/|(?:[\w.-]+/){2,})|\b[A-Z]:\\"
    ),
    "an address": re.compile(r"\b0x[0-9a-fA-F]{6,}\b"),
    "the time of a run": re.compile(f"{_RUN_DATE}|{_CTIME}"),
}
_DIRECTIVE = r"^[:`]{{3,}}\{{{0}(?:-start)?\}}[ \t]*(.*)$((?:\n:[\w-]+:.*)*)"
# Not `{cite}` in backticks, which a page writes to name the role.
_CITE_ROLE = re.compile(r"(?<!`)(?:\{cite(?::\w+)?\}|:cite(?::\w+)?:)`([^`]+)`")


def form_faults(path: Path) -> list[str]:
    """List how a file departs from the normal form that ``make notebooks`` writes."""
    notebook = read(path)
    cells = code_cells(notebook)
    faults = [
        f"code cell {count}: {fault}"
        for count, cell in enumerate(cells, start=1)
        for fault in stored_faults(cell, count)
    ]
    if as_text(notebook) != path.read_text(encoding="utf-8"):
        faults.append("not in normal form: run make notebooks")
    if path.stat().st_size > MAX_BYTES:
        faults.append(f"{path.stat().st_size} bytes, at most {MAX_BYTES}")
    return faults


def local_faults(notebook: NotebookNode) -> list[str]:
    """List the outputs that show a path, an address or a time of the machine that ran them."""
    return [
        f"code cell {count}: {name} in an output: {match[0]!r}"
        for count, cell in enumerate(code_cells(notebook), start=1)
        for printed in _printed(cell)
        for name, pattern in _LOCAL.items()
        if (match := pattern.search(printed))
    ]


def figure_faults(notebook: NotebookNode) -> list[str]:
    """List the figures without alternative text, a caption or a name of their own."""
    faults, names = [], set()
    for count, cell in enumerate(code_cells(notebook), start=1):
        if not any(_has_figure(output) for output in cell.outputs):
            continue
        options = cell.metadata.get("mystnb", {})
        figure = options.get("figure", {})
        name = figure.get("name", "")
        if not options.get("image", {}).get("alt", "").strip():
            faults.append(f"code cell {count}: no mystnb.image.alt for its figure")
        if not figure.get("caption", "").strip():
            faults.append(f"code cell {count}: no mystnb.figure.caption for its figure")
        if not name.startswith("fig-") or name in names:
            faults.append(f"code cell {count}: mystnb.figure.name is {name!r}, not a new fig-...")
        names.add(name)
    return faults


def source_faults(notebook: NotebookNode) -> list[str]:
    """List the code cells that are too long to be read on a page; ruff sees to their width.

    Imports do not count: how many lines they take is the formatter's doing.
    """
    return [
        f"code cell {count}: {lines} lines, at most {MAX_CELL_LINES}"
        for count, cell in enumerate(code_cells(notebook), start=1)
        if (lines := len(_IMPORT.sub("", cell.source).splitlines())) > MAX_CELL_LINES
    ]


def anatomy_faults(notebook: NotebookNode) -> list[str]:
    """List the parts of a chapter that are missing: table, headings, solutions."""
    faults = []
    opening = [cell.source for cell in notebook.cells[:3] if cell.cell_type == "markdown"]
    if not any(re.search(r"^\|.*\|\n\|[-:| ]+\|\n\|", text, re.MULTILINE) for text in opening):
        faults.append("no learning table in the first three cells")
    prose = markdown(notebook)
    lines = prose.splitlines()
    faults += [f"no heading {heading!r}" for heading in HEADINGS if heading not in lines]
    exercises = [
        re.findall(r":label:\s*(\S+)", options) for _, options in _directives("exercise", prose)
    ]
    labels = [label[0] if label else "without label" for label in exercises]
    solved = [title.strip() for title, _ in _directives("solution", prose)]
    if not labels:
        faults.append("no exercise")
    if sorted(labels) != sorted(solved):
        faults.append(f"exercises {sorted(labels)}, but solutions of {sorted(solved)}")
    return faults


def exemption_faults(notebooks: list[NotebookNode]) -> list[str]:
    """List the exempt cells if they are too many among the code cells of all notebooks."""
    cells = [cell for notebook in notebooks for cell in code_cells(notebook)]
    exempt = [cell.source for cell in cells if has_tag(cell, EXEMPT)]
    if len(exempt) * CELLS_PER_EXEMPTION <= len(cells):
        return []
    return [f"{len(exempt)} of {len(cells)} cells are exempt:", *exempt]


def tolerance_faults(notebook: NotebookNode, load: Callable) -> list[str]:
    """List the tolerances of numbers that the evidence does not justify.

    The contract of a cell with ``atol`` names its evidence, a list of ``{"experiment": ..., "rows":
    ..., "column": ...}``: an experiment, a query that picks one row for each seed, and the column
    with the number in question. ``"table"`` names a table of details in place of the main one.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook.
    load : callable
        Takes the name of an experiment and of its table, returns the table as a DataFrame.

    Returns
    -------
    list of str
        The faults; empty if each tolerance is at most `SPREADS` times the largest spread, the
        difference of the highest and the lowest seed, in its evidence.
    """
    faults = []
    for count, cell in enumerate(code_cells(notebook), start=1):
        terms = cell.metadata.get("contract", {})
        if "atol" not in terms:
            continue
        try:
            widest = max(_spread(load=load, **place) for place in terms["evidence"])
        except (KeyError, TypeError, ValueError) as error:
            faults.append(f"code cell {count}: no good evidence for its tolerance: {error!r}")
            continue
        if terms["atol"] > SPREADS * widest:
            faults.append(
                f"code cell {count}: atol {terms['atol']} is more than {SPREADS} times the spread "
                f"of {widest:.4f} over the seeds"
            )
    return faults


def _spread(experiment: str, rows: str, column: str, load: Callable, table: str = "") -> float:
    """Return the difference of the highest and the lowest seed."""
    chosen = load(experiment, table).query(rows)
    if len(chosen) < SEEDS or chosen["seed"].duplicated().any():
        raise ValueError(f"{rows!r} is to pick {SEEDS} seeds or more of {experiment}, once each")
    return chosen[column].max() - chosen[column].min()


def toc_faults(toc: str, pages: list[PurePath]) -> list[str]:
    """List the pages that the table of contents lacks and those that it only names.

    Parameters
    ----------
    toc : str
        The text of ``_toc.yml``.
    pages : list of pathlib.PurePath
        All pages and notebooks of the book, relative to the folder of ``_toc.yml``.

    Returns
    -------
    list of str
        The faults; empty if the two agree.
    """
    listed = sorted(_toc_entries(yaml.safe_load(toc)))
    present = sorted(page.with_suffix("").as_posix() for page in pages)
    faults = [f"{name} is not in _toc.yml" for name in present if name not in listed]
    faults += [f"{name} in _toc.yml is not a page" for name in listed if name not in present]
    return faults + [f"{name} is twice in _toc.yml" for name in {*listed} if listed.count(name) > 1]


def citation_faults(texts: list[str], bibliography: str) -> list[str]:
    """List the citations without an entry and the entries that nothing cites.

    Parameters
    ----------
    texts : list of str
        Everything that may cite: pages, the Markdown of notebooks, docstrings.
    bibliography : str
        The text of the BibTeX file.

    Returns
    -------
    list of str
        The faults; empty if there is none.
    """
    cited = {
        key.strip()
        for text in texts
        for role in _CITE_ROLE.findall(text)
        for key in re.sub(r"\{[^}]*\}", "", role).split(",")
    }
    entries = set(parse_string(bibliography, "bibtex").entries)
    faults = [f"{key} is cited and not in the bibliography" for key in sorted(cited - entries)]
    return faults + [f"{key} is in the bibliography, uncited" for key in sorted(entries - cited)]


def is_chapter(path: Path | str) -> bool:
    """Tell whether a notebook is a chapter: 01_history, not 00_before_you_start or a report."""
    return bool(re.match(r"(?!00)[0-9]{2}_", Path(path).name))


def markdown(notebook: NotebookNode) -> str:
    """Return the text of a notebook's Markdown cells."""
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def _printed(cell: NotebookNode) -> Iterator[str]:
    """Yield every text among the outputs of a cell."""
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.text
        elif output.output_type == "error":
            yield from (output.evalue, *output.traceback)
        else:
            for mime, value in output.data.items():
                kind = mime.removeprefix(_GLUE_PREFIX)
                if kind.startswith("text/") or kind == "image/svg+xml":
                    yield value


def _has_figure(output: NotebookNode) -> bool:
    kinds = [mime.removeprefix(_GLUE_PREFIX) for mime in output.get("data", {})]
    return any(kind.startswith("image/") for kind in kinds)


def _directives(name: str, prose: str) -> list[tuple[str, str]]:
    """Return title and options of each directive of that name."""
    return re.findall(_DIRECTIVE.format(name), prose, re.MULTILINE)


def _toc_entries(node: object) -> Iterator[str]:
    """Yield every file that a part of the table of contents names."""
    if isinstance(node, list):
        for child in node:
            yield from _toc_entries(child)
    elif isinstance(node, dict):
        yield from (node[key] for key in ("root", "file") if key in node)
        for child in node.values():
            yield from _toc_entries(child)
