"""Fixtures of the tests of the built site."""

import os
from pathlib import Path

import pytest
from serving import find_chromium, serving

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def built_site() -> Path:
    """Return the folder of the built site."""
    if not (SITE / "index.html").exists():
        pytest.fail("the site is not built: run `make site` first")
    return SITE


@pytest.fixture(scope="session")
def address(built_site):
    """Serve the site on a free port of this machine, and return its address."""
    with serving(built_site) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium; skip, or fail if REQUIRE_BROWSER=1, where there is none."""
    if found := find_chromium():
        return found
    message = "NO BROWSER: install Chromium or set CHROMIUM to its path to test the pages in it"
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(message)
    pytest.skip(message)
