"""What the metadata and the stored form of a code cell promise, and what they may not."""

import math
from dataclasses import dataclass

from nbformat import NotebookNode
from nbval.plugin import comment_markers, metadata_tags

# Root-mean-square difference of two figures on the scale of 0 to 255. Measured on line plots of
# 640 x 480 to 1000 x 800 pixels: noise of 1e-4 of an axis gives 0.17, one altered digit or one
# marker moved by a pixel 0.7, a swapped label 0.8, a curve moved by a twentieth 10.
FIGURE_RMS = 0.5

RAISES = "raises-exception"
EXEMPT = "nbval-ignore-output"
EXEMPT_REASON = "nbval_ignore_reason"


@dataclass(frozen=True)
class Contract:
    """By how much the outputs of a cell may differ.

    Attributes
    ----------
    atol : float
        The accepted difference of its numbers.
    rms : float
        The accepted difference of its figures.
    rounding : tuple of str
        The settings and processors on which a number was seen to differ by one unit of the last
        digit printed. If there are any, such a difference is accepted.
    """

    atol: float = 0.0
    rms: float = FIGURE_RMS
    rounding: tuple[str, ...] = ()


def contract_of(cell: NotebookNode) -> Contract:
    """Read the contract of a cell.

    Parameters
    ----------
    cell : nbformat.NotebookNode
        A code cell. Its metadata may hold ``contract: {"atol": 0.01, "rms": 5, "reason": "..."}``,
        with ``atol`` or ``rms`` or both, or ``contract: {"rounding": [...]}``, which ``make
        contracts-matrix`` writes. What a chapter names as ``evidence`` for its ``atol`` is checked
        by ``tools.contracts.hygiene``.

    Returns
    -------
    Contract
        The tolerances, those that the cell does not name being the defaults. A faulty contract
        counts as none.
    """
    terms = {} if contract_faults(cell.metadata) else cell.metadata.get("contract", {})
    tolerances = {name: terms[name] for name in _TOLERANCES if name in terms}
    return Contract(**tolerances, rounding=tuple(terms.get("rounding", ())))


def has_tag(cell: NotebookNode, tag: str) -> bool:
    """Tell whether a cell carries a tag."""
    return tag in cell.metadata.get("tags", [])


def contract_faults(metadata: dict) -> list[str]:
    """Say what is wrong with the ``contract`` of a cell's metadata.

    Parameters
    ----------
    metadata : dict
        The metadata of a code cell.

    Returns
    -------
    list of str
        The faults; empty if there is no contract or a good one.
    """
    if "contract" not in metadata:
        return []
    terms = metadata["contract"]
    if not isinstance(terms, dict):
        return [f"the contract is to be {{{', '.join(_TERMS)}}}, not {terms!r}"]
    faults = [f"unknown key {key!r} in the contract" for key in sorted({*terms} - {*_TERMS})]
    tolerances = {key: terms[key] for key in _TOLERANCES if key in terms}
    if "rounding" in terms:
        faults += _rounding_faults(terms)
    elif not tolerances:
        faults.append("the contract holds none of atol, rms and rounding")
    for key, value in tolerances.items():
        if type(value) not in (int, float) or not 0 < value < math.inf:
            faults.append(f"{key} of the contract is to be a positive number, not {value!r}")
    if tolerances and not _is_text(terms.get("reason")):
        faults.append("the contract gives no reason")
    return faults


def _rounding_faults(terms: dict) -> list[str]:
    rows = terms["rounding"]
    faults = []
    if not (isinstance(rows, list) and rows and all(map(_is_text, rows))):
        faults.append(f"rounding is to list where a difference was seen, not {rows!r}")
    if "atol" in terms:
        faults.append("atol accepts a unit of the last digit already: leave rounding out")
    return faults


def stored_faults(cell: NotebookNode, count: int) -> list[str]:
    """Say why a stored code cell cannot be a contract at all.

    Parameters
    ----------
    cell : nbformat.NotebookNode
        The code cell as stored.
    count : int
        The execution count that it should have: its place among the code cells, from 1.

    Returns
    -------
    list of str
        The faults; empty if there is none.
    """
    faults = source_faults(cell)
    if cell.execution_count is None:
        faults.append("stored without an execution count: it was never run (make notebooks)")
    elif cell.execution_count != count:
        faults.append(f"execution count {cell.execution_count}, in order it would be {count}")
    return faults + output_faults(cell, cell.outputs, "stored")


def source_faults(cell: NotebookNode) -> list[str]:
    """Say what is wrong with the source, tags and metadata of a code cell, as a list of str."""
    faults = [] if cell.source.strip() else ["the cell is empty"]
    for line in cell.source.splitlines():
        if line.strip().startswith("#") and line.strip().lstrip("#").strip() in comment_markers:
            faults.append(f"the comment {line.strip()!r} changes how nbval checks the cell")
    if has_tag(cell, EXEMPT) and not _is_text(cell.metadata.get(EXEMPT_REASON)):
        faults.append(f"exempt from comparison without a reason in metadata {EXEMPT_REASON!r}")
    for tag in sorted({*cell.metadata.get("tags", [])} & {*metadata_tags} - {EXEMPT, RAISES}):
        faults.append(f"the tag {tag!r} changes how nbval checks the cell")
    return faults + contract_faults(cell.metadata)


def output_faults(cell: NotebookNode, outputs: list[NotebookNode], where: str) -> list[str]:
    """Say which outputs a cell may not have, whatever it stored.

    Parameters
    ----------
    cell : nbformat.NotebookNode
        The code cell, for its tags.
    outputs : list of nbformat.NotebookNode
        Its stored outputs or those of a live run.
    where : str
        "stored" or "live", for the message.

    Returns
    -------
    list of str
        The faults; empty if there is none.
    """
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


_TOLERANCES = ("atol", "rms")
_TERMS = (*_TOLERANCES, "reason", "evidence", "rounding")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
