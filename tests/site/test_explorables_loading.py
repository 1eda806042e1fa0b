"""Explorables on the built page: loaded when needed, light, in their room; else a picture."""

import gzip
import re

import pytest
from explorable_pages import OVERFLOW, watched
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CHAPTER = "book/10_text_generation.html"
ALLOWANCE = 250 * 1024  # bytes that the explorables of a page may add to it, gzipped


NAMES = ("character_model", "sampling")
# Where a browser keeps what is read in place by itself (scroll anchoring), a shift would not show.
NO_ANCHORING = "* { overflow-anchor: none !important }"
WATCH_SHIFTS = """() => {
    window.shift = 0;
    new PerformanceObserver((list) => {
        for (const { value } of list.getEntries()) window.shift += value;
    }).observe({ type: "layout-shift" });
}"""


def figure(page, name):
    return page.locator(f"figure:has([data-explorable={name}])")


def start(page, *names):
    """Bring explorables into view, wait until they have started, and return the last figure."""
    for name in names:
        figure(page, name).scroll_into_view_if_needed()
        expect(figure(page, name)).to_have_class(re.compile("is-live"))
    return figure(page, names[-1])


def test_it_is_loaded_when_it_comes_into_view_and_is_light(browser, address):
    with watched(browser) as page:
        loaded = {}
        page.on("response", lambda response: loaded.update({response.url: response}))
        page.goto(f"{address}/{CHAPTER}", wait_until="networkidle")
        assert not [url for url in loaded if "/explorables/data/" in url]
        start(page, *NAMES)
        still = r"/explorables/|_images/(character_model|sampling)\.webp"
        own = [url for url in loaded if re.search(still, url)]
        assert sum("small.safetensors" in url for url in own) == 1
        sizes = {url: len(gzip.compress(loaded[url].body())) for url in own}
        assert 170_000 < sum(sizes.values()) < ALLOWANCE, sizes


def test_nothing_moves_on_the_page_and_it_is_wide_enough(browser, address):
    with watched(browser) as page:
        page.goto(f"{address}/{CHAPTER}")
        page.add_style_tag(content=NO_ANCHORING)
        page.evaluate(WATCH_SHIFTS)
        start(page, *NAMES)
        page.wait_for_timeout(100)
        assert page.evaluate("window.shift") <= 0.01
        assert page.evaluate(OVERFLOW) <= 0


def test_paper_and_pages_without_scripts_show_the_still(browser, address):
    with watched(browser) as page:
        page.goto(f"{address}/{CHAPTER}")
        sampling = start(page, "sampling")
        for medium, live in (("print", False), ("screen", True)):
            page.emulate_media(media=medium)
            assert sampling.locator("[data-explorable]").is_visible() == live
            assert sampling.locator("img").is_visible() != live
    with watched(browser, java_script_enabled=False) as page:
        page.goto(f"{address}/{CHAPTER}")
        assert figure(page, "sampling").locator("img").is_visible()
        assert page.locator("[data-explorable]:visible").count() == 0


def test_what_cannot_be_loaded_leaves_the_picture_and_says_so(browser, address):
    with watched(browser, expected="404") as page:
        page.route("**/sampling.json", lambda route: route.fulfill(status=404))
        page.goto(f"{address}/{CHAPTER}")
        figure(page, "sampling").scroll_into_view_if_needed()
        expect(figure(page, "sampling")).to_contain_text("could not be brought to life")
        assert figure(page, "sampling").locator("img").is_visible()


def test_pages_without_an_explorable_load_nothing_of_it(built_site):
    assert "explorables/" not in (built_site / "book/setup.html").read_text(encoding="utf-8")
