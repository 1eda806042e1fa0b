"""Explorables on the built page: loaded when they are needed, light, a picture without scripts."""

import gzip
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from explorable_pages import OVERFLOW, watched
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("explorables")]

CHAPTER = "book/10_text_generation.html"
ALLOWANCE = 250 * 1024  # bytes that the explorables of a page may add to it, gzipped


NAMES = ("character_model", "sampling")
LEAVE_THE_EXPLORABLES = """document.querySelector("article").replaceChildren(
    ...document.querySelectorAll("figure.explorable"))"""


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


def test_axe_finds_nothing_and_a_phone_is_wide_enough(browser, address):
    options = {"preload": False, "resultTypes": ["violations"]}
    with watched(browser, reduced_motion="reduce") as page:
        page.goto(f"{address}/{CHAPTER}")
        start(page, *NAMES)
        assert page.evaluate(OVERFLOW) <= 0
        page.evaluate(LEAVE_THE_EXPLORABLES)  # axe takes its time for all the rest
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(f"document.documentElement.dataset.theme == '{scheme}'")
            response = Axe().run(page, context="figure.explorable", options=options).response
            assert response["passes"]
            assert not [
                (fault["id"], fault["nodes"][0]["html"]) for fault in response["violations"]
            ]


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
