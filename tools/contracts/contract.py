"""What the metadata and the stored form of a code cell promise, and what they may not."""

import math
from dataclasses import dataclass

from nbformat import NotebookNode

# Root-mean-square difference of two figures on the scale of 0 to 255. Measured on line plots of
# 640 x 480 to 1000 x 800 pixels: noise of 1e-4 of an axis gives 0.17, one altered digit or one
# marker moved by a pixel 0.7, a swapped label 0.8, a curve moved by a twentieth 10.
FIGURE_RMS = 0.5

RAISES = "raises-exception"
EXEMPT = "nbval-ignore-output"
EXEMPT_REASON = "nbval_ignore_reason"

_TOLERANCES = ("atol", "rms")
_TERMS = (*_TOLERANCES, "reason", "evidence", "rounding")


@dataclass(frozen=True)
class Contract:
    """By how much a cell's numbers (``atol``) and figures (``rms``) may differ.

    ``rounding`` says that a number may also differ by one unit of its last printed digit.
    """

    atol: float = 0.0
    rms: float = FIGURE_RMS
    rounding: bool = False


def contract_of(cell: NotebookNode) -> Contract:
    """Read the contract in the metadata of a code cell; a faulty one counts as none."""
    terms = {} if contract_faults(cell.metadata) else cell.metadata.get("contract", {})
    tolerances = {name: terms[name] for name in _TOLERANCES if name in terms}
    return Contract(**tolerances, rounding="rounding" in terms)


def has_tag(cell: NotebookNode, tag: str) -> bool:
    """Tell whether a cell carries a tag."""
    return tag in cell.metadata.get("tags", [])


def contract_faults(metadata: dict) -> list[str]:
    """Say what is wrong with the ``contract`` in a cell's metadata, if there is one."""
    if "contract" not in metadata:
        return []
    terms = metadata["contract"]
    if not isinstance(terms, dict):
        return [f"the contract is to be {{{', '.join(_TERMS)}}}, not {terms!r}"]
    faults = [f"unknown key {key!r} in the contract" for key in sorted({*terms} - {*_TERMS})]
    tolerances = {key: terms[key] for key in _TOLERANCES if key in terms}
    if not tolerances and "rounding" not in terms:
        faults.append("the contract holds none of atol, rms and rounding")
    for key, value in tolerances.items():
        if type(value) not in (int, float) or not 0 < value < math.inf:
            faults.append(f"{key} of the contract is to be a positive number, not {value!r}")
    if tolerances and not _is_text(terms.get("reason")):
        faults.append("the contract gives no reason")
    if "rounding" in terms:
        rows = terms["rounding"]
        if not (isinstance(rows, list) and rows and all(map(_is_text, rows))):
            faults.append(f"rounding is to list where a difference was seen, not {rows!r}")
        if "atol" in terms:
            faults.append("atol accepts a unit of the last digit already: leave rounding out")
    return faults


def stored_faults(cell: NotebookNode, count: int) -> list[str]:
    """Say why a stored cell, the ``count``-th code cell from 1, cannot be a contract at all."""
    faults = source_faults(cell)
    if cell.execution_count is None:
        faults.append("stored without an execution count: it was never run (make notebooks)")
    elif cell.execution_count != count:
        faults.append(f"execution count {cell.execution_count}, in order it would be {count}")
    return faults + output_faults(cell, cell.outputs, "stored")


def source_faults(cell: NotebookNode) -> list[str]:
    """Say what is wrong with the source and the metadata of a code cell."""
    faults = [] if cell.source.strip() else ["the cell is empty"]
    if has_tag(cell, EXEMPT) and not _is_text(cell.metadata.get(EXEMPT_REASON)):
        faults.append(f"exempt from comparison without a reason in metadata {EXEMPT_REASON!r}")
    return faults + contract_faults(cell.metadata)


def output_faults(cell: NotebookNode, outputs: list[NotebookNode], where: str) -> list[str]:
    """Say which outputs, "stored" or "live" ones, a cell may not have whatever it promises."""
    faults = []
    raised = any(output.output_type == "error" for output in outputs)
    if raised and not has_tag(cell, RAISES):
        faults.append(f"{where} traceback, but the cell is not tagged {RAISES}")
    if has_tag(cell, RAISES) and not raised:
        faults.append(f"tagged {RAISES}, but nothing was raised ({where})")
    for output in outputs:
        if output.output_type == "stream" and output.name == "stderr":
            faults.append(f"{where} output on stderr: {output.text.strip()}")
    return faults


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
