"""The files that the explorables load are what the package computes."""

import json
import math

import pytest

from rnn_tutorial import explorables

TOLERANCE = {"rel_tol": 1e-4, "abs_tol": 1e-5}  # of another processor's rounding


@pytest.fixture(scope="module")
def data(root):
    return root / "book" / "_static" / "explorables" / "data"


def differences(found, expected, place=""):
    """List the places where nested lists and dictionaries differ."""
    if isinstance(expected, float) and isinstance(found, float | int):
        return [] if math.isclose(found, expected, **TOLERANCE) else [place]
    if isinstance(expected, dict) and isinstance(found, dict) and found.keys() == expected.keys():
        pairs = [(key, found[key], expected[key]) for key in expected]
    elif isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        pairs = list(zip(range(len(expected)), found, expected, strict=True))
    else:
        return [] if found == expected else [place]
    return [fault for key, *both in pairs for fault in differences(*both, f"{place}/{key}")]


@pytest.mark.parametrize("name", explorables.NUMBERS)
def test_the_numbers_are_what_the_package_computes(data, name):
    stored = json.loads((data / f"{name}.json").read_text(encoding="utf-8"))
    assert not differences(stored, explorables.export(name))
    assert stored.get("binary") in {None, *explorables.WEIGHTS}


def test_the_weights_are_those_of_the_package(data):
    for name, path in explorables.WEIGHTS.items():
        assert (data / name).read_bytes() == path.read_bytes()
        assert path.stat().st_size <= 180_000


def test_nothing_else_is_there(root, data):
    files = {f"{name}.json" for name in explorables.NUMBERS} | set(explorables.WEIGHTS)
    assert {path.name for path in data.iterdir()} == files
    for name in explorables.NUMBERS:
        assert (data.parent / f"{name}.js").exists()
        assert (data.parent / f"{name}.webp").exists()


def test_what_is_written_can_be_read(tmp_path, monkeypatch):
    numbers = {"third": 1 / 3, "list": [1e-9 / 3, 2], "text": "ü"}
    monkeypatch.setattr(explorables, "NUMBERS", {"example": lambda: numbers})
    written = explorables.write(tmp_path)
    assert {path.name for path in written} == {"example.json", *explorables.WEIGHTS}
    read = json.loads((tmp_path / "example.json").read_text(encoding="utf-8"))
    assert read == {"third": 0.3333333, "list": [3.333333e-10, 2], "text": "ü"}


def test_another_name_is_refused():
    with pytest.raises(ValueError, match=r"name must be one of .*sampling.*, got 'loop'"):
        explorables.export("loop")
