"""The lists of names that stand in place of whole inventories name what exists."""

import pkgutil

import pytest


@pytest.mark.parametrize("project", ["matplotlib", "numpy", "torch"])
def test_every_name_exists(root, project):
    lines = (root / "book" / "_inventories" / f"{project}.inv").read_text("utf-8").splitlines()
    names = [line.split()[0] for line in lines if not line.startswith("#")]
    assert names == sorted(names)
    for name in names:
        pkgutil.resolve_name(name)  # fails if there is no such thing
