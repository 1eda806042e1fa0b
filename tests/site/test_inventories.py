"""The committed inventories name what exists, and stand as their script writes them."""

import pkgutil
import posixpath
import runpy

import pytest
from sphinx.util.inventory import InventoryFile

PROJECTS = ("matplotlib", "numpy", "pandas", "python", "sklearn", "torch")


@pytest.fixture(scope="module")
def inventories(root):
    return root / "book" / "_inventories"


@pytest.mark.parametrize("project", PROJECTS)
def test_every_name_exists(inventories, project):
    with (inventories / f"{project}.inv").open("rb") as file:
        names = [n for role in InventoryFile.load(file, "", posixpath.join).values() for n in role]
    assert names
    for name in names:
        # Raises an ImportError or an AttributeError if there is no such thing.
        pkgutil.resolve_name(name if "." in name else f"builtins.{name}")


@pytest.mark.parametrize("project", PROJECTS)
def test_inventory_is_what_the_script_writes(inventories, project, tmp_path):
    script = runpy.run_path(str(inventories / "make_inventories.py"))
    assert set(script["NAMES"]) == set(PROJECTS)
    written = script["write_inventory"](project, tmp_path)
    assert written.read_bytes() == (inventories / f"{project}.inv").read_bytes()
