"""Run the notebooks as other machines would, and note where a last digit depends on rounding.

``python -m tools.contracts.matrix [NOTEBOOK ...] [--rows ROW ...] [--jobs N] [--report FILE]
[--accept FILE]``. A cell whose numbers differ from the stored ones by one unit of the last digit
under another rounding gets that row into its metadata; any other difference is a failure. With
``--report`` the differences of this machine go to a file in place of the notebooks, and
``--accept`` takes such a file from another machine.
"""

import argparse
import dataclasses
import hashlib
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from rnn_tutorial.experiments.engine.runner import processor
from tools.contracts.compare import output_differences
from tools.contracts.contract import EXEMPT, contract_of, has_tag, source_faults
from tools.contracts.rewrite import (
    RefusedError,
    code_cells,
    parser_of_notebooks,
    read,
    run,
    side_by_side,
    write,
)
from tools.contracts.stored_tables import reads_only_tables

REPETITIONS = 10

AS_IT_IS, REVERSED, REPEATED = "as the machine is", "reversed order", "ten times"
# ATEN_CPU_CAPABILITY and MKL_CBWR take other instructions of the processor, and two threads add
# in another order, so each rounds differently, as another machine would.
ROUNDINGS = {
    "ATEN_CPU_CAPABILITY=default": {"ATEN_CPU_CAPABILITY": "default"},
    "MKL_CBWR=COMPATIBLE": {"MKL_CBWR": "COMPATIBLE"},
    "OMP_NUM_THREADS=2": {"OMP_NUM_THREADS": "2"},
}
# The environment of each row. Where the rounding stays the same, each difference is a failure.
OTHERS = {"LC_ALL=C.UTF-8": {"LC_ALL": "C.UTF-8"}, REVERSED: {}, REPEATED: {}}
ROWS = {AS_IT_IS: {}, **ROUNDINGS, **OTHERS}


@dataclass
class Outcome:
    """What a run showed: by cell, the differences that rounding explains, and all others."""

    rounded: dict[int, list[str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def judge(stored: NotebookNode, fresh: NotebookNode, rounding: bool) -> Outcome:
    """Compare a run, which may have rounded differently, with the stored outputs."""
    outcome = Outcome()
    cells = code_cells(stored)
    only_tables = reads_only_tables([cell.source for cell in cells])
    for count, (old, new) in enumerate(zip(cells, code_cells(fresh), strict=True), start=1):
        contract = contract_of(old)
        if rounding:  # what is seen counts, whether or not it was seen before
            contract = dataclasses.replace(contract, rounding=False)
        differences = output_differences(old.outputs, new.outputs, contract)
        if has_tag(old, EXEMPT) or not differences:
            continue
        accepting = dataclasses.replace(contract, rounding=True)
        if not rounding or output_differences(old.outputs, new.outputs, accepting):
            outcome.failures += [f"code cell {count}: {each}" for each in differences]
        elif only_tables[count - 1]:
            reason = f"code cell {count} only reads stored tables"
            outcome.failures += [f"{reason}: {each}" for each in differences]
        else:
            outcome.rounded[count] = differences
    return outcome


def note_rounding(path: Path, counts: list[int], row: str) -> None:
    """Write into the metadata of code cells, by their numbers, that they round under a row."""
    notebook = read(path)
    cells = code_cells(notebook)
    for count in counts:
        contract = cells[count - 1].metadata.setdefault("contract", {})
        contract["rounding"] = sorted({row, *contract.get("rounding", [])})
    write(notebook, path)


async def _outcome(path: Path, row: str, rounding: bool) -> Outcome:
    """Run one notebook as a row says, as often as it says, up to the first failure."""
    stored = read(path)
    outcome = Outcome()
    for count, cell in enumerate(code_cells(stored), start=1):
        outcome.failures += [f"code cell {count}: {fault}" for fault in source_faults(cell)]
    for _ in range(REPETITIONS if row == REPEATED else 1):
        if outcome.failures:
            break
        try:
            fresh = await run(stored, path.parent, **ROWS[row])
        except RefusedError as error:
            return Outcome(failures=[str(error)])
        outcome = judge(stored, fresh, rounding)
    return outcome


def _run_row(paths: list[Path], row: str, jobs: int, rounding: bool) -> dict[Path, Outcome]:
    """Run a row, print what it showed and return it."""
    start = time.monotonic()
    order = paths[::-1] if row == REVERSED else paths
    found = side_by_side(lambda path: _outcome(path, row, rounding), order, jobs)
    outcomes = dict(zip(order, found, strict=True))
    rounded = sum(len(outcome.rounded) for outcome in found)
    failed = sum(bool(outcome.failures) for outcome in found)
    print(
        f"{row}: {len(paths)} notebooks, {rounded} cells with another last digit, "
        f"{failed} notebooks failed, {time.monotonic() - start:.0f} s",
        flush=True,
    )
    for path, outcome in outcomes.items():
        for count, differences in outcome.rounded.items():
            print(f"  {path}, code cell {count}, last digit: {'; '.join(differences)}")
        for failure in outcome.failures:
            print(f"  {path}, FAILED, {failure}")
    return outcomes


def _fingerprint(cell: NotebookNode) -> str:
    """Return a hash of source and outputs, which tells whether a cell is the one that was seen."""
    seen = json.dumps([cell.source, cell.outputs], sort_keys=True)
    return hashlib.sha256(seen.encode()).hexdigest()[:16]


def write_report(file: Path, row: str, outcomes: dict[Path, Outcome]) -> None:
    """Write the cells whose last digit differs on this machine, for ``accept`` on another one."""
    cells = [
        {
            "notebook": path.as_posix(),
            "cell": count,
            "fingerprint": _fingerprint(code_cells(read(path))[count - 1]),
            "differences": differences,
        }
        for path, outcome in sorted(outcomes.items())
        for count, differences in outcome.rounded.items()
    ]
    text = json.dumps({"row": row, "cells": cells}, indent=1, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")


def accept(report: dict, stale: set[Path]) -> list[str]:
    """Write what another machine reported into the metadata of the cells.

    Return why cells were left as they are: their notebook is ``stale``, because this machine does
    not repeat what it stores, or they have changed since, or may not carry it.
    """
    faults = []
    for entry in report["cells"]:
        path, count = Path(entry["notebook"]), entry["cell"]
        cells = code_cells(read(path))
        if path in stale:
            reason = "its notebook is stale (make notebooks)"
        elif count > len(cells) or _fingerprint(cells[count - 1]) != entry["fingerprint"]:
            reason = "it changed since the report"
        elif reads_only_tables([cell.source for cell in cells])[count - 1]:
            reason = "it only reads stored tables"
        else:
            note_rounding(path, [count], report["row"])
            print(f"{path}, code cell {count}: {report['row']}")
            continue
        faults.append(f"{path}, code cell {count}: {reason}")
    return faults


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    options = _options(arguments)
    if options.report:
        outcomes = _run_row(options.notebooks, AS_IT_IS, options.jobs, rounding=True)
        write_report(options.report, processor(), outcomes)
        return int(any(outcome.failures for outcome in outcomes.values()))
    # What this machine does not repeat is stale: the other rows would only show that again.
    base = _run_row(options.notebooks, AS_IT_IS, options.jobs, rounding=False)
    failed = {path for path, outcome in base.items() if outcome.failures}
    if options.accept:
        faults = accept(options.accept, failed)
        for fault in faults:
            print(fault, file=sys.stderr)
        return int(bool(faults))
    fresh = [path for path in options.notebooks if path not in failed]
    for row in options.rows:
        if row == AS_IT_IS:
            continue
        outcomes = _run_row(fresh, row, options.jobs, rounding=row in ROUNDINGS)
        for path, outcome in outcomes.items():
            if outcome.rounded:
                note_rounding(path, [*outcome.rounded], row)
            if outcome.failures:
                failed.add(path)
    print(f"{len(options.notebooks) - len(failed)} of {len(options.notebooks)} notebooks held")
    return int(bool(failed))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line; a report to accept says itself which notebooks to run."""
    parser = parser_of_notebooks(prog="python -m tools.contracts.matrix", description=__doc__)
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=[*ROWS], help="default: all")
    parser.add_argument("--report", type=Path, help="only report, under this processor's name")
    parser.add_argument("--accept", type=Path, help="take the report of another machine")
    options = parser.parse_args(arguments)
    if options.accept:
        options.accept = json.loads(options.accept.read_text(encoding="utf-8"))
        options.notebooks = sorted({Path(entry["notebook"]) for entry in options.accept["cells"]})
    return options


if __name__ == "__main__":
    sys.exit(main())
