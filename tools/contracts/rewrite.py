"""Run the notebooks of the book and store what they print, in a normal form.

``python -m tools.contracts.rewrite [NOTEBOOK ...] [--jobs N] [--check]``. A stored output that
the contract of its cell still accepts stays as it is; every other one is replaced.
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
KERNEL_SETTINGS = {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class RefusedError(Exception):
    """A notebook that cannot be stored, with what its author has to change."""


def read(path: Path) -> NotebookNode:
    """Read a notebook in its normal form, with the outputs that it stores.

    Parameters
    ----------
    path : pathlib.Path
        The notebook, of format 4.

    Returns
    -------
    nbformat.NotebookNode
        The notebook with code cells counted from 1 (an unexecuted cell keeps its empty count),
        kernelspec as its only metadata, only the cell metadata that mean something, an id in each
        cell and joined streams.
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


def as_text(notebook: NotebookNode) -> str:
    """Return the text of a notebook's file: keys in order, one line break at the end."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


async def run(notebook: NotebookNode, folder: Path, **settings: str) -> NotebookNode:
    """Run a copy of a notebook.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook as ``read`` returns it; not changed.
    folder : pathlib.Path
        The folder it runs in.
    **settings : str
        Environment variables of its kernel, beside or in place of those of every run.

    Returns
    -------
    nbformat.NotebookNode
        The copy with its new outputs, streams joined.

    Raises
    ------
    RefusedError
        If a cell fails that is not meant to.
    """
    fresh = copy.deepcopy(notebook)
    client = NotebookClient(
        fresh, kernel_name="python3", record_timing=False, resources={"metadata": {"path": folder}}
    )
    environment = os.environ | KERNEL_SETTINGS | settings
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

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook as ``read`` returns it; not changed.
    folder : pathlib.Path
        The folder it runs in.

    Returns
    -------
    notebook : nbformat.NotebookNode
        Its new form.
    replaced : int
        The number of cells whose outputs are new.

    Raises
    ------
    RefusedError
        If a cell fails or breaks a rule of the contracts. It names cell, source and fault.
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


async def _rewrite_file(path: Path, check: bool) -> int:
    """Rewrite one notebook and say how it went: 0 is unchanged, 1 changed, 2 refused."""
    start = time.monotonic()
    try:
        notebook, replaced = await rewritten(read(path), path.parent)
    except RefusedError as error:
        print(f"{path}: refused, the file is as it was\n\n{error}", file=sys.stderr)
        return 2
    text = as_text(notebook)
    changed = text != path.read_text(encoding="utf-8")
    if changed and not check:
        path.write_text(text, encoding="utf-8", newline="\n")
    cells = len(code_cells(notebook))
    verdict = f"{replaced} with new outputs" if replaced else "outputs kept"
    form = "" if replaced or not changed else ", brought into normal form"
    print(f"{path}: {cells} cells, {verdict}{form}, {time.monotonic() - start:.1f} s", flush=True)
    return int(changed)


async def _rewrite_all(paths: list[Path], jobs: int, check: bool) -> list[int]:
    turn = asyncio.Semaphore(jobs)

    async def one(path: Path) -> int:
        async with turn:
            return await _rewrite_file(path, check)

    return await asyncio.gather(*(one(path) for path in paths))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.contracts.rewrite", description=__doc__)
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: book/*.ipynb")
    parser.add_argument("--jobs", type=int, default=1, help="notebooks that run side by side")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a change")
    options = parser.parse_args(arguments)
    paths = options.notebooks or sorted(Path("book").glob("*.ipynb"))
    if not paths:
        parser.error("there is no notebook")
    results = asyncio.run(_rewrite_all(paths, options.jobs, options.check))
    return int(2 in results or (options.check and 1 in results))


if __name__ == "__main__":
    sys.exit(main())
