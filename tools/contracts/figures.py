"""Compare two figures, and keep the pictures of those that differ."""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

# Where the pictures of a failed comparison are kept, below the folder that pytest runs in.
PICTURES = "_build/contracts"


def differences(expected: str, actual: str, rms: float, pictures: Path | None = None) -> list[str]:
    """Say where two figures differ.

    Parameters
    ----------
    expected, actual : str
        The stored and the new picture, as base64 text (PNG or JPEG).
    rms : float
        Accepted root-mean-square difference of the pixels, on the scale of 0 to 255 over all
        pixels and color channels (and transparency, if one of the two has any).
    pictures : pathlib.Path, optional
        The start of the paths under which the pictures are kept if they differ: ``-expected.png``,
        ``-actual.png`` and, for the same size, ``-difference.png`` are appended. None keeps none.

    Returns
    -------
    list of str
        Empty if the figures agree.
    """
    if expected == actual:
        return []
    old, new = _pixels(expected), _pixels(actual)
    shown = {"expected": old, "actual": new}
    if old.shape != new.shape:
        message = f"the figure was {_size(old)} pixels and is {_size(new)}"
    else:
        if min(old[..., 3].min(), new[..., 3].min()) == 255:
            old, new = old[..., :3], new[..., :3]
        found = float(np.sqrt(np.mean((old - new) ** 2)))
        if found <= rms:
            return []
        message = f"the figures differ by {found:.2f} (root mean square), accepted is {rms:g}"
        shown["difference"] = 255 - np.clip(10 * np.abs(old - new)[..., :3], 0, 255)
    return [message + _keep(shown, pictures)]


def _pixels(text: str) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(text))) as image:
        return np.asarray(image.convert("RGBA")).astype(float)


def _size(pixels: np.ndarray) -> str:
    return f"{pixels.shape[1]} x {pixels.shape[0]}"


def _keep(shown: dict[str, np.ndarray], pictures: Path | None) -> str:
    """Write the pictures and name them."""
    if pictures is None:
        return ""
    pictures.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, pixels in shown.items():
        path = pictures.with_name(f"{pictures.name}-{name}.png")
        Image.fromarray(pixels.astype(np.uint8)).save(path)
        lines.append(f"\n    {name:<10} {path}")
    return "".join(lines)
