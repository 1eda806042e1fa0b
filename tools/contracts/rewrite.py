"""Run the notebooks of the book and store what they print, in a normal form.

``python -m tools.contracts.rewrite [NOTEBOOK ...] [--jobs N]``. A stored output that the contract
of its cell still accepts stays as it is; every other one is replaced.
"""

import argparse
import asyncio
import copy
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert.preprocessors.coalescestreams import CoalesceStreamsPreprocessor
from nbformat import NotebookNode

from tools.contracts.compare import output_differences
from tools.contracts.contract import EXEMPT, contract_of, has_tag, output_faults, source_faults

_KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_CELL_METADATA = ("tags", "mystnb", "contract", "nbval_ignore_reason")
_KERNEL_SETTINGS = {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class RefusedError(Exception):
    """A notebook that cannot be stored, with what its author has to change."""


def read(path: Path) -> NotebookNode:
    """Read a notebook in its normal form, with the outputs that it stores.

    Its code cells are counted from 1 (one that never ran keeps its empty count) and their streams
    joined, each cell has an id, and only those metadata are left that mean something.
    """
    notebook = nbformat.v4.reads_json(path.read_text(encoding="utf-8"))
    notebook.metadata = nbformat.from_dict({"kernelspec": _KERNELSPEC})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    _fill_ids(notebook.cells)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in _CELL_METADATA if cell.metadata.get(key)}
        )
    for count, cell in enumerate(code_cells(notebook), start=1):
        _set_count(cell, count if cell.execution_count else None)
        _join_streams(cell)
    return notebook


def write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook with the same bytes on every system."""
    path.write_text(as_text(notebook), encoding="utf-8", newline="\n")


def as_text(notebook: NotebookNode) -> str:
    """Return the text of a notebook's file: keys in order, one line break at the end."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown(notebook: NotebookNode) -> str:
    """Return the text of a notebook's Markdown cells."""
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


async def run(notebook: NotebookNode, folder: Path, **settings: str) -> NotebookNode:
    """Return a copy of a notebook with the outputs of a run in a folder.

    ``settings`` are environment variables of the kernel. A cell that fails and is not meant to
    raises `RefusedError`.
    """
    fresh = copy.deepcopy(notebook)
    client = NotebookClient(
        fresh, kernel_name="python3", record_timing=False, resources={"metadata": {"path": folder}}
    )
    environment = os.environ | _KERNEL_SETTINGS | settings
    try:
        await client.async_execute(env=environment, stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        raise RefusedError(str(error)) from None
    fresh.metadata = notebook.metadata
    for cell in code_cells(fresh):
        _join_streams(cell)
    return fresh


async def rewritten(notebook: NotebookNode, folder: Path) -> tuple[NotebookNode, int]:
    """Run a notebook and keep what is still true of its stored outputs.

    Return its new form and the number of cells with new outputs. A cell that fails, or breaks a
    rule of the contracts, raises `RefusedError`.
    """
    for count, cell in enumerate(code_cells(notebook), start=1):
        _refuse(cell, count, source_faults(cell))
    fresh = await run(notebook, folder)
    replaced = 0
    pairs = zip(code_cells(notebook), code_cells(fresh), strict=True)
    for count, (old, new) in enumerate(pairs, start=1):
        _refuse(new, count, output_faults(new, new.outputs, "live"))
        new.outputs = _kept(old, new)
        _set_count(new, count)
        replaced += new.outputs != old.outputs
    return fresh, replaced


def side_by_side(work: Callable, paths: list[Path], jobs: int) -> list:
    """Return what an asynchronous function returns for each path; ``jobs`` run at a time."""

    async def everything() -> list:
        turn = asyncio.Semaphore(jobs)

        async def one(path: Path) -> object:
            async with turn:
                return await work(path)

        return await asyncio.gather(*map(one, paths))

    return asyncio.run(everything())


def parser_of_notebooks(**texts: str) -> argparse.ArgumentParser:
    """Return a command line that takes notebooks, all of the book by default, and ``--jobs``."""
    parser = argparse.ArgumentParser(**texts)
    book = sorted(Path("book").glob("*.ipynb"))
    parser.add_argument("notebooks", nargs="*", type=Path, default=book, help="default: all")
    parser.add_argument("--jobs", type=int, default=1, help="notebooks that run side by side")
    return parser


def _fill_ids(cells: list[NotebookNode]) -> None:
    """Give an id to each cell that has no valid one of its own, the same in every run."""
    taken = set()
    for cell in cells:
        name, attempt = cell.get("id", ""), 0
        while name in taken or not _CELL_ID.fullmatch(name):
            name = hashlib.sha256(f"{attempt} {cell.source}".encode()).hexdigest()[:8]
            attempt += 1
        cell.id = name
        taken.add(name)


def _join_streams(cell: NotebookNode) -> None:
    CoalesceStreamsPreprocessor().preprocess_cell(cell, {}, 0)


def _set_count(cell: NotebookNode, count: int | None) -> None:
    cell.execution_count = count
    for output in cell.outputs:
        if output.output_type == "execute_result":
            output.execution_count = count


def _refuse(cell: NotebookNode, count: int, faults: list[str]) -> None:
    if faults:
        raise RefusedError("\n".join([f"code cell {count}:", cell.source, "", *faults]))


def _kept(old: NotebookNode, new: NotebookNode) -> list[NotebookNode]:
    """Return the stored outputs of a cell where they are still accepted, else the new ones."""
    if old.execution_count is None:
        return new.outputs
    if has_tag(old, EXEMPT):
        return old.outputs
    if len(old.outputs) != len(new.outputs):
        return new.outputs
    contract = contract_of(old)
    return [
        theirs if output_differences([ours], [theirs], contract) else ours
        for ours, theirs in zip(old.outputs, new.outputs, strict=True)
    ]


async def _rewrite_file(path: Path) -> bool:
    """Rewrite one notebook, say how it went, and return whether it was refused."""
    start = time.monotonic()
    try:
        notebook, replaced = await rewritten(read(path), path.parent)
    except RefusedError as error:
        print(f"{path}: refused, the file is as it was\n\n{error}", file=sys.stderr)
        return True
    if as_text(notebook) != path.read_text(encoding="utf-8"):  # the site follows the file's date
        write(notebook, path)
    verdict = f"{replaced} with new outputs" if replaced else "outputs kept"
    cells = len(code_cells(notebook))
    print(f"{path}: {cells} cells, {verdict}, {time.monotonic() - start:.1f} s", flush=True)
    return False


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    options = parser_of_notebooks(
        prog="python -m tools.contracts.rewrite", description=__doc__
    ).parse_args(arguments)
    return int(any(side_by_side(_rewrite_file, options.notebooks, options.jobs)))


if __name__ == "__main__":
    sys.exit(main())
