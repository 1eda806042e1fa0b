"""The pattern of every explorable, each on a page of its own between two long passages."""

import gzip
import io

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from explorable_pages import OVERFLOW, PHONE, watched
from PIL import Image

from tools.site.serving import serving
from tools.site.stills import PAGE, STATIC, WIDTH

pytestmark = pytest.mark.browser

NAMES = sorted(path.stem for path in (STATIC / "explorables" / "data").glob("*.json"))
# Without preload, axe asks for no files of its own; in the dark only colors differ.
AXE = {"light": {"preload": False}, "dark": {"preload": False, "runOnly": ["color-contrast"]}}
ALLOWANCE = 250 * 1024  # bytes that an explorable may add to a page, gzipped
# Where a browser keeps what is read in place by itself (scroll anchoring), a shift would not show.
AROUND = """{before}<style>* {{ overflow-anchor: none }} .long {{ height: 3000px }}
article {{ padding: 0 24px }}</style>
<article class="bd-article"><p class="long">Above, in <i>all</i> <math><mi>h</mi></math></p>
{page}<p class="long">Behind</p></article>"""
STILL = '<img src="/explorables/{name}.webp" alt="Still" style="width: 100%">'
SHIFT = """async () => {
    let shift = 0;
    new PerformanceObserver((list) => {
        for (const { value } of list.getEntries()) shift += value;
    }).observe({ type: "layout-shift", buffered: true });
    await new Promise((done) => setTimeout(done, 100));
    return shift;
}"""
VALUES = """(panel) =>
    Array.from(panel.querySelectorAll("input, select, textarea"), (input) => input.value)"""
CHANGE = """(panel) => {
    for (const input of panel.querySelectorAll("input[type=range], select")) {
        const { min, max, options } = input;
        input.value = options ? options[options.length - 1].value : Number(min) + 0.3 * (max - min);
        input.dispatchEvent(new Event("input", { bubbles: true }));
    }
}"""
MEANS = [(0xD5, 0x5E, 0x00), (0x00, 0x72, 0xB2), (0x88, 0x22, 0x55)]  # signs, gradients


@pytest.fixture(scope="module")
def address(browser):
    with serving(STATIC) as address:
        yield address


def opened(page, address, name, query=""):
    """Open the page of an explorable, bring it to the screen, and return it when it has started."""
    before, rest = PAGE.format(name=name).split("<figure")
    figure = ("<figure" + rest).replace("</figure>", STILL.format(name=name) + "</figure>")
    html = AROUND.format(before=before, page=figure)
    page.route("**/alone.html*", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{address}/alone.html{query}")
    # in a chapter the letters have come with the text above
    page.evaluate("Promise.allSettled([...document.fonts].map((font) => font.load()))")
    page.locator("figure").scroll_into_view_if_needed()
    page.locator("figure.is-live").wait_for()
    return page.locator("[data-explorable]")


def quick(name):
    """Leave all but two explorables to the long suite."""
    marks = [] if name in ("unroll_a_word", "cliff") else [pytest.mark.slow]
    return pytest.param(name, marks=marks)


@pytest.mark.parametrize("name", [quick(name) for name in NAMES])
def test_the_pattern(browser, address, name):
    with watched(browser, reduced_motion="reduce") as page:
        loaded = []
        page.on("response", lambda response: loaded.append(response))
        panel = opened(page, address, name)
        assert page.evaluate(SHIFT) <= 0.01
        own = [r for r in loaded if "/explorables/" in r.url and not r.url.endswith(".webp")]
        assert 5_000 < sum(len(gzip.compress(response.body())) for response in own) < ALLOWANCE
        for words in ("Try:", "Look for:"):
            assert panel.get_by_text(words).is_visible()
        for theme, options in AXE.items():
            page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            assert page.evaluate(OVERFLOW) <= 0
            faults = Axe().run(page, ".explorable", options).response["violations"]
            assert not [(fault["id"], fault["nodes"][0]["html"]) for fault in faults]
        page.evaluate("document.documentElement.dataset.theme = 'light'")
        page.emulate_media(forced_colors="active")
        colors = np.array(Image.open(io.BytesIO(panel.screenshot())).convert("RGB"), dtype=int)
        assert sum((abs(colors - color).max(-1) < 20).sum() for color in MEANS) > 20
        # what is set changes no height and comes back from the address, also on a wide screen
        begin, height = panel.evaluate(VALUES), panel.bounding_box()["height"]
        assert page.url == f"{address}/alone.html"
        panel.evaluate(CHANGE)
        assert panel.bounding_box()["height"] == height
        changed = panel.evaluate(VALUES)
        assert changed != begin
        page.wait_for_function("location.search")
        query = page.url.removeprefix(f"{address}/alone.html")
        assert query.endswith(f"#fig-{name}")
    with watched(browser) as page:
        page.set_viewport_size({"width": WIDTH + 48, "height": 900})
        panel = opened(page, address, name, query)
        assert page.evaluate(SHIFT) <= 0.01
        assert panel.evaluate(VALUES) == changed
        assert 0 <= panel.bounding_box()["y"] < PHONE["height"]


def test_an_address_is_read_with_care_and_written_only_when_something_changes(browser, address):
    with watched(browser) as page:
        begin = opened(page, address, "unroll_a_word").evaluate(VALUES)
        for query, changed in {
            "?word=gu&step=x&unit=99&other=1#fig-unroll_a_word": ["gu", "2", "7"],
            "?word=gu&step=1&unit=3#fig-of-another": begin,
            "#fig-unroll_a_word": begin,
        }.items():
            panel = opened(page, address, "unroll_a_word", query)
            assert panel.evaluate(VALUES) == changed
            panel.locator(".title").click()  # which changes nothing
            page.wait_for_timeout(450)
            tidy = query.replace("&step=x&unit=99&other=1", "&unit=7")
            assert page.url == f"{address}/alone.html{tidy}"
        panel.get_by_role("textbox").fill("g" * 400)
        panel.get_by_role("slider", name="Unit").fill("5")
        page.wait_for_url(f"{address}/alone.html?unit=5#fig-unroll_a_word")
