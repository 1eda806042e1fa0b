"""Compare the stored outputs of a cell with those of a new run."""

from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from tools.contracts import figures, text
from tools.contracts.contract import Contract

_PICTURES = ("image/png", "image/jpeg")
# What myst_nb.glue puts before the MIME type of a value that it stores without showing it.
_GLUE_PREFIX = "application/papermill.record/"


def output_differences(
    expected: list[NotebookNode],
    actual: list[NotebookNode],
    contract: Contract | None = None,
    pictures: Path | None = None,
) -> list[str]:
    """Say where the outputs of a cell differ from the stored ones.

    Type, order, stream names, MIME types and metadata agree exactly, and so do the names under
    which ``glue`` keeps a value. Texts (streams, ``text/*``, SVG, messages of exceptions) agree as
    ``tools.contracts.text`` says, figures as ``tools.contracts.figures`` says, whether they are
    glued or shown; tracebacks are not compared and anything else is equal.

    Parameters
    ----------
    expected, actual : list of nbformat.NotebookNode
        The stored outputs and the new ones.
    contract : Contract, optional
        What the cell may differ by; nothing but the usual for figures if None.
    pictures : pathlib.Path, optional
        The start of the paths for the pictures of figures that differ; None keeps none.

    Returns
    -------
    list of str
        What differs, for a person to read; empty if the outputs agree.
    """
    contract = contract or Contract()
    kinds = [[_kind(output) for output in outputs] for outputs in (expected, actual)]
    if kinds[0] != kinds[1]:
        return [f"other outputs:\n    expected {_list(kinds[0])}\n    got      {_list(kinds[1])}"]
    found = []
    for index, (old, new) in enumerate(zip(expected, actual, strict=True), start=1):
        start = pictures and pictures.with_name(f"{pictures.name}-output-{index}")
        found += [
            f"output {index}, {difference}"
            for difference in _differences(old, new, contract, start)
        ]
    return found


def _kind(output: NotebookNode) -> str:
    """Name what an output is, short of its content."""
    if output.output_type == "stream":
        return output.name
    if output.output_type == "error":
        return output.ename
    name = output.metadata.get("scrapbook", {}).get("name")
    glued = f" glued as {name!r}" if name else ""
    return f"{output.output_type} of {', '.join(sorted(output.data))}{glued}"


def _list(kinds: list[str]) -> str:
    return "; ".join(kinds) or "none"


def _differences(
    old: NotebookNode, new: NotebookNode, contract: Contract, pictures: Path | None
) -> Iterator[str]:
    """Yield the differences of two outputs of one kind."""
    if old.output_type == "stream":
        for difference in _text_differences(old.text, new.text, contract):
            yield f"{old.name}, {difference}"
    elif old.output_type == "error":
        for difference in _text_differences(old.evalue, new.evalue, contract):
            yield f"message of {old.ename}, {difference}"
    else:
        if old.metadata != new.metadata:
            yield f"metadata: expected {dict(old.metadata)}, got {dict(new.metadata)}"
        for mime, value in old.data.items():
            for difference in _content_differences(mime, value, new.data[mime], contract, pictures):
                yield f"{mime}, {difference}"


def _content_differences(
    mime: str, old: object, new: object, contract: Contract, pictures: Path | None
) -> list[str]:
    kind = mime.removeprefix(_GLUE_PREFIX)
    if kind in _PICTURES:
        return figures.differences(old, new, contract.rms, pictures)
    if kind.startswith("text/") or kind == "image/svg+xml":
        return _text_differences(old, new, contract)
    return [] if old == new else [f"expected {old!r}, got {new!r}"]


def _text_differences(old: str, new: str, contract: Contract) -> list[str]:
    return text.differences(old, new, contract.atol, bool(contract.rounding))
