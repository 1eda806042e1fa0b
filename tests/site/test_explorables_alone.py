"""Explorables on a phone, in both themes: light to load, accessible, not too wide.

Those of chapter 10 are looked at in their page.
"""

import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe
from explorable_pages import OVERFLOW, watched

from tools.site.serving import serving
from tools.site.stills import PAGE, STATIC

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("explorables")]

NAMES = {path.stem for path in (STATIC / "explorables" / "data").glob("*.json")}
NAMES -= {"character_model", "sampling"}
# Without preload, axe asks for no files of its own; in the dark only colors differ.
AXE = {"light": {"preload": False}, "dark": {"preload": False, "runOnly": ["color-contrast"]}}
ALLOWANCE = 250 * 1024  # bytes that an explorable may add to a page, gzipped


def test_each_is_light_accessible_and_narrow(browser):
    found = {}
    with serving(STATIC) as address:
        for name in sorted(NAMES):
            with watched(browser) as page:
                loaded = []
                page.on("response", lambda response, loaded=loaded: loaded.append(response))
                page.goto(f"{address}/explorables/explorables.css")
                page.set_content(PAGE.format(name=name))
                page.locator("figure.is-live").wait_for()
                size = sum(len(gzip.compress(response.body())) for response in loaded)
                faults = [] if 5_000 < size < ALLOWANCE else [f"{size} bytes"]
                for theme, options in AXE.items():
                    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
                    if page.evaluate(OVERFLOW) > 0:
                        faults.append(f"{theme}: too wide")
                    axe = Axe().run(page, ".explorable", options).response["violations"]
                    faults += [f"{theme}: {fault['id']}" for fault in axe]
                if faults:
                    found[name] = faults
    assert len(NAMES) >= 4
    assert not found
