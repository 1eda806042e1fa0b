"""The numbers behind the explorables, the figures of the page that readers can operate.

An explorable is a module of JavaScript in ``book/_static/explorables``. What it shows comes from
here: `export` computes it, a chapter prints and checks it, and ``python -m
rnn_tutorial.explorables`` writes it to ``book/_static/explorables/data``, from where the page loads
it. A test computes all of it again.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from rnn_tutorial.explorables import (
    _character_model,
    _cliff,
    _gates_at_work,
    _sampling,
    backward_pass,
    circle_to_ellipse,
    cobweb,
    gradient_dial,
    unroll_a_word,
)
from rnn_tutorial.models import zoo

DIGITS = 7  # a number in 32 bits has no more
NUMBERS: dict[str, Callable[[], dict]] = {
    "backward_pass": backward_pass.numbers,
    "character_model": _character_model.numbers,
    "circle_to_ellipse": circle_to_ellipse.numbers,
    "cliff": _cliff.numbers,
    "cobweb": cobweb.numbers,
    "gates_at_work": _gates_at_work.numbers,
    "gradient_dial": gradient_dial.numbers,
    "sampling": _sampling.numbers,
    "unroll_a_word": unroll_a_word.numbers,
}
# Files with weights, which several explorables may share.
WEIGHTS: dict[str, Path] = {
    name: zoo.WEIGHTS / name for name in ("small.safetensors", "surname_lstm.safetensors")
}


def export(name: str) -> dict:
    """Return what an explorable shows, as its file holds it.

    Parameters
    ----------
    name : str
        One of `NUMBERS`.

    Returns
    -------
    dict
        Numbers, texts and lists of them; floating-point numbers have seven digits. ``binary``, if
        present, is one of `WEIGHTS`, a file that the page loads too.

    Raises
    ------
    ValueError
        If there is no such explorable.
    """
    if name not in NUMBERS:
        raise ValueError(f"name must be one of {', '.join(NUMBERS)}, got {name!r}")
    return _rounded(NUMBERS[name]())


def write(folder: str | Path) -> list[Path]:
    """Write the files of all explorables.

    Parameters
    ----------
    folder : path
        It must exist; files with these names are replaced.

    Returns
    -------
    list of Path
        What was written.
    """
    contents = {name: path.read_bytes() for name, path in WEIGHTS.items()}
    for name in NUMBERS:
        text = json.dumps(export(name), ensure_ascii=False, separators=(",", ":"))
        contents[f"{name}.json"] = f"{text}\n".encode()
    paths = [Path(folder, name) for name in contents]
    for path in paths:
        path.write_bytes(contents[path.name])
    return paths


def _rounded(value):
    """Round the numbers in nested lists and dictionaries."""
    if isinstance(value, Mapping):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
