"""Every page in headless Chromium: light and dark, on a desktop and on a phone."""

from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from site_pages import html_files, is_redirect

pytestmark = pytest.mark.browser

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}
# Without preload, axe asks for no files of its own.
SHAPE = {
    "preload": False,
    "resultTypes": ["violations"],
    "rules": {
        "label-content-name-mismatch": {"enabled": True},  # off by default in this axe
        "color-contrast": {"enabled": False},  # below
    },
}
CONTRAST = {"preload": False, "runOnly": ["color-contrast"]}
# Both sizes have the same colors.
COLORS = {"desktop": ["light"], "phone": ["dark"]}
# Pieces of code have no structure of their own, and a chapter has thousands of them: one of a kind
# is left. For the contrast so it is with everything: only what it is and stands in counts.
ONE_OF_A_KIND = """(everything) => {
    const name = (element) => `${element.localName}.${element.className} ${element.style?.cssText}`;
    const kinds = new Map([[document.documentElement, ""]]);
    const seen = new Set();
    const elements = [...document.body.querySelectorAll("*")];
    for (const element of [document.body, ...elements]) {
        kinds.set(element, `${kinds.get(element.parentElement)} > ${name(element)}`);
    }
    const code = [".highlight", "dt.sig", "code"]
        .map((place) => `${place} span[class]:not(a *, button *)`).join();
    for (const element of elements.reverse()) {
        if (element.children.length || !(everything || element.matches(code))) continue;
        if (seen.has(kinds.get(element))) element.remove();
        seen.add(kinds.get(element));
    }
}"""
# Pictures that are drawn in another shape than their width and height say
STRETCHED = """() => [...document.images].filter((picture) => {
    const [width, height] = ["width", "height"].map((name) => picture.getAttribute(name));
    const drawn = picture.clientHeight / picture.clientWidth;
    return width && height && Math.abs(drawn * width / height - 1) > 0.05;
}).length"""
OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"


@contextmanager
def watched_page(browser, address, viewport):
    """Open a page that writes down what goes wrong."""
    context = browser.new_context(viewport=viewport, reduced_motion="reduce")
    page = context.new_page()
    faults = []

    def request(request):
        if not request.url.startswith((address, "data:", "blob:")):
            faults.append(f"request to {request.url}")

    def response(response):
        if response.status >= 400:
            faults.append(f"status {response.status} for {response.url}")

    def console(message):
        if message.type == "error":
            faults.append(f"console: {message.text}")

    page.on("request", request)
    page.on("response", response)
    page.on("console", console)
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
    yield page, faults
    context.close()


def show(page, scheme):
    """Turn a page light or dark."""
    page.emulate_media(color_scheme=scheme)
    # The page for wrong addresses follows without a script.
    page.wait_for_function(
        f"[undefined, '{scheme}'].includes(document.documentElement.dataset.theme)"
    )


def violations(page, options):
    """List what axe finds, each with the first place where it stands."""
    found = Axe().run(page, options=options).response["violations"]
    return [f"axe {fault['id']}: {fault['nodes'][0]['html'][:120]}" for fault in found]


@pytest.mark.parametrize(
    "size", [pytest.param(size, marks=pytest.mark.xdist_group(size)) for size in SIZES]
)
def test_no_page_has_a_fault(browser, address, built_site, size):
    found = {}
    with watched_page(browser, address, viewport=SIZES[size]) as (page, faults):
        for path in html_files(built_site):
            if is_redirect(path):
                continue
            faults.clear()
            name = path.relative_to(built_site).as_posix()
            page.goto(f"{address}/{name}")
            for scheme in ("light", "dark"):
                show(page, scheme)
                if (overflow := page.evaluate(OVERFLOW)) > 0:
                    faults.append(f"{scheme}: wider than the screen by {overflow} px")
            if stretched := page.evaluate(STRETCHED):
                faults.append(f"{stretched} pictures out of shape")
            page.evaluate(ONE_OF_A_KIND, False)
            faults.extend(violations(page, SHAPE))
            page.evaluate(ONE_OF_A_KIND, True)
            for scheme in COLORS[size]:
                show(page, scheme)
                faults.extend(f"{scheme}: {fault}" for fault in violations(page, CONTRAST))
            if faults:
                found[name] = list(faults)
    assert not found
