"""Fixtures of the tests of the built site."""

import json
import os
import sys
from pathlib import Path

import pytest
from explorable_pages import alone
from site_pages import chapters_and_pages, is_fault, parse

from tools.site.serving import browsing, find_chromium, serving
from tools.site.stills import STATIC

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
sys.path.append(str(ROOT / "book" / "_ext"))  # so that tests import the extensions, as Sphinx does

# A page begins with nothing that an earlier one has stored.
FORGET = """if (location.protocol === "http:" && !sessionStorage.getItem("begun")) {
    localStorage.clear();
    sessionStorage.setItem("begun", "yes");
}"""


@pytest.fixture(scope="session")
def built_site() -> Path:
    """Return the folder of the built site."""
    if not (SITE / "index.html").exists():
        pytest.fail("the site is not built: run `make site` first")
    return SITE


@pytest.fixture(scope="session")
def articles(built_site):
    """Return the pages of the table of contents, which have an article, by name."""
    return {name: parse(built_site / f"{name}.html") for name in chapters_and_pages()}


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


@pytest.fixture(scope="session")
def browser(chromium):
    """Start the browser of all tests; each test opens pages of its own."""
    with browsing(chromium) as browser:
        yield browser


@pytest.fixture(scope="session")
def contexts(browser):
    """Return a function for pages that share what the browser keeps of files, if not of readers.

    A context of its own costs each page most of a second.
    """
    opened = {}

    def new_page(**options):
        key = json.dumps(options, sort_keys=True)
        if key not in opened:
            opened[key] = browser.new_context(reduced_motion="reduce", **options)
            opened[key].add_init_script(FORGET)
        return opened[key].new_page()

    return new_page


@pytest.fixture
def open_page(contexts):
    """Return a function that opens an empty page; none of its scripts may fail."""
    pages, faults = [], []

    def opened(**options):
        page = contexts(**options)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda m: is_fault(m) and faults.append(m.text))
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert faults == []


@pytest.fixture(scope="module")
def scripts(browser):
    """Return an empty page of a server of the book's scripts; they need no built site."""
    with serving(STATIC) as address:
        page = browser.new_page()
        page.goto(f"{address}/explorables/explorables.css")
        yield page
        page.close()


@pytest.fixture(scope="module")
def explorable(browser, request):
    """Return the explorable that a file of tests names; they use it one after the other."""
    with alone(browser, request.module.NAME) as explorable:
        yield explorable


@pytest.fixture(scope="module")
def data(request):
    """Return the numbers of the explorable that a file of tests names."""
    path = STATIC / "explorables" / "data" / f"{request.module.NAME}.json"
    return json.loads(path.read_text(encoding="utf-8"))
