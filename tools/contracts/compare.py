"""Compare the stored outputs of a cell with those of a new run."""

import base64
import io
from pathlib import Path

import numpy as np
from nbformat import NotebookNode
from PIL import Image

from tools.contracts import text
from tools.contracts.contract import Contract

# What myst_nb.glue puts before the MIME type of a value that it stores without showing it.
_GLUE_PREFIX = "application/papermill.record/"
_METADATA = "metadata"


def output_differences(
    expected: list[NotebookNode],
    actual: list[NotebookNode],
    contract: Contract | None = None,
    pictures: Path | None = None,
) -> list[str]:
    """Say, for a person to read, where the outputs of a cell differ from the stored ones.

    Texts (streams, ``text/*``, SVG, messages of exceptions) agree as ``text.differences`` says,
    figures as ``figure_differences`` says, whether they are glued or shown; of one that is stored
    as PNG and SVG only the PNG counts. Tracebacks are not compared, and anything else is equal,
    such as type, order, MIME types and metadata, which hold the names under which ``glue`` keeps
    values. The paths of kept pictures begin with ``pictures``.
    """
    contract = contract or Contract()
    kinds = ["; ".join(map(_kind, outputs)) or "none" for outputs in (expected, actual)]
    if kinds[0] != kinds[1]:
        return [f"other outputs:\n    expected {kinds[0]}\n    got      {kinds[1]}"]
    found = []
    for index, (old, new) in enumerate(zip(expected, actual, strict=True), start=1):
        start = pictures and pictures.with_name(f"{pictures.name}-output-{index}")
        fresh = parts(new)
        for name, (mime, value) in parts(old).items():
            differences = _differences(mime, value, fresh[name][1], contract, start)
            found += [f"output {index}, {name}, {difference}" for difference in differences]
    return found


def parts(output: NotebookNode) -> dict[str, tuple[str, object]]:
    """Return by name what an output consists of: its MIME type, without that of glue, and value."""
    if output.output_type == "stream":
        return {output.name: ("text/plain", output.text)}
    if output.output_type == "error":
        return {output.ename: ("text/plain", output.evalue)}
    shown = {mime: (mime.removeprefix(_GLUE_PREFIX), value) for mime, value in output.data.items()}
    if "image/png" in shown:  # in an SVG a figure's every hundredth of a point would count
        shown.pop("image/svg+xml", None)
    return {_METADATA: ("", dict(output.metadata)), **shown}


def is_text(mime: str) -> bool:
    """Tell whether an output of this type is printed text."""
    return mime.startswith("text/") or mime == "image/svg+xml"


def _kind(output: NotebookNode) -> str:
    return f"{output.output_type} of {', '.join(sorted({*parts(output)} - {_METADATA}))}"


def _differences(
    mime: str, old: object, new: object, contract: Contract, pictures: Path | None
) -> list[str]:
    if is_text(mime):
        return text.differences(old, new, contract.atol, contract.rounding)
    if mime in ("image/png", "image/jpeg"):
        return figure_differences(old, new, contract.rms, pictures)
    return [] if old == new else [f"expected {old!r}, got {new!r}"]


def figure_differences(
    expected: str, actual: str, rms: float, pictures: Path | None = None
) -> list[str]:
    """Say where two figures, as base64 text, differ by more than ``rms``.

    That is the root-mean-square difference of red, green and blue on the scale of 0 to 255, to
    which transparency adds. What differs is kept under paths that begin with ``pictures``.
    """
    if expected == actual:
        return []
    old, new = _pixels(expected), _pixels(actual)
    shown = {"expected": old, "actual": new}
    if old.shape != new.shape:
        sizes = [f"{pixels.shape[1]} x {pixels.shape[0]}" for pixels in (old, new)]
        message = f"the figure was {sizes[0]} pixels and is {sizes[1]}"
    else:
        found = float(np.sqrt(np.mean(((old - new) ** 2).sum(axis=2) / 3)))
        if found <= rms:
            return []
        message = f"the figures differ by {found:.2f} (root mean square), accepted is {rms:g}"
        shown["difference"] = 255 - np.clip(10 * np.abs(old - new)[..., :3], 0, 255)
    if pictures:
        pictures.parent.mkdir(parents=True, exist_ok=True)
        for name, pixels in shown.items():
            path = pictures.with_name(f"{pictures.name}-{name}.png")
            Image.fromarray(pixels.astype(np.uint8)).save(path)
            message += f"\n    {name:<10} {path}"
    return [message]


def _pixels(encoded: str) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as image:
        return np.asarray(image.convert("RGBA")).astype(float)
