"""Fixtures of the tests of the built site."""

import os
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a line in the log for each."""

    def log_message(self, *args):
        """Say nothing."""


class QuietServer(ThreadingHTTPServer):
    """Says nothing either when a browser hangs up in the middle of a file."""

    def handle_error(self, request, client_address):
        """Ignore the broken connection; the browser tests see failed requests themselves."""


@pytest.fixture(scope="session")
def built_site() -> Path:
    """Return the folder of the built site."""
    if not (SITE / "index.html").exists():
        pytest.fail("the site is not built: run `make site` first")
    return SITE


@pytest.fixture(scope="session")
def address(built_site):
    """Serve the site on a free port of this machine, and return its address."""
    handler = partial(QuietHandler, directory=built_site)
    with QuietServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def find_chromium() -> str | None:
    """Return the path of $CHROMIUM, of one on the PATH, or of Playwright's own; None without."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found:
        return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium; skip, or fail if REQUIRE_BROWSER=1, where there is none."""
    if found := find_chromium():
        return found
    message = "NO BROWSER: install Chromium or set CHROMIUM to its path to test the pages in it"
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(message)
    pytest.skip(message)
