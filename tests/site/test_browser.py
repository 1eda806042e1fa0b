"""Every page in headless Chromium: what it loads, how it fits a phone, and what axe finds in it.

Axe looks at one page of each kind here; at all of them, on a phone and on a desktop, in both themes
and with all contrasts, in the long suite.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from site_pages import DESKTOP, PHONE, all_pages, html_files, is_fault, is_redirect

pytestmark = pytest.mark.browser

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
# Pieces of code and formulas have no structure of their own, and a chapter has thousands of them:
# one of each kind is left. For the contrast that holds of everything: only what it is and stands
# in counts.
ONE_OF_A_KIND = """(everything) => {
    const name = (element) => `${element.localName}.${element.className} ${element.style?.cssText}`;
    const kinds = new Map([[document.documentElement, ""]]);
    const seen = new Set();
    const elements = [...document.body.querySelectorAll("*")];
    for (const element of [document.body, ...elements]) {
        kinds.set(element, `${kinds.get(element.parentElement)} > ${name(element)}`);
    }
    const code = [".highlight", "dt.sig", "code"]
        .map((place) => `${place} span[class]:not(a *, button *)`).concat("math *").join();
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
# a home page, a chapter with explorables, a page of the reference, a list
OF_EACH_KIND = (
    "book/index.html",
    "book/05_vanishing_gradients.html",
    "book/api_networks.html",
    "book/glossary.html",
)
OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"


def watched(page, address):
    """Return a list of what a page asks for and does not get, or should not do, from now on."""
    faults = []

    def request(request):
        inside = request.url.startswith((address, "about:", "data:", "blob:"))
        # fontawesome: an icon that fonts/icons.woff2 lacks, or the script
        if not inside or "fontawesome" in request.url:
            faults.append(f"request for {request.url}")

    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: is_fault(m) and faults.append(m.text))
    page.on("request", request)
    page.on("response", lambda r: r.status >= 400 and faults.append(f"status {r.status}: {r.url}"))
    page.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
    return faults


@pytest.fixture(scope="module")
def visit(contexts, address):
    """Return a function that shows a page, in a window that has shown others, and its faults.

    A new window takes as long as a page.
    """
    windows = {}

    def visited(name, **options):
        key = str(options)
        if key not in windows:
            page = contexts(**options)
            windows[key] = page, watched(page, address)
        page, faults = windows[key]
        page.goto("about:blank")  # what is still on its way to the page before belongs to that
        faults.clear()
        page.goto(f"{address}/{name}")
        return page, faults

    return visited


def violations(page, options):
    """List what axe finds, each with the first place where it stands."""
    found = Axe().run(page, options=options).response["violations"]
    return [f"axe {fault['id']}: {fault['nodes'][0]['html'][:120]}" for fault in found]


def faults_of(page, scheme):
    """List the faults of a page, but for those that axe finds."""
    faults = []
    page.evaluate("document.fonts.ready.then(() => 0)")
    theme = page.evaluate("document.documentElement.dataset.theme")
    if theme not in (scheme, None):  # the page for wrong addresses has no script
        faults.append(f"the theme is {theme}")
    if (overflow := page.evaluate(OVERFLOW)) > 0:
        faults.append(f"wider than the screen by {overflow} px")
    if stretched := page.evaluate(STRETCHED):
        faults.append(f"{stretched} pictures out of shape")
    return faults


def faults_of_shape(page):
    """List what axe finds, but for contrast."""
    page.evaluate(ONE_OF_A_KIND, False)
    return violations(page, SHAPE)


def contrast_faults(page, *themes):
    """List where letters are too pale, in each of the themes."""
    faults = []
    page.evaluate(ONE_OF_A_KIND, True)
    for theme in themes:
        page.evaluate("(theme) => document.documentElement.dataset.theme = theme", theme)
        faults += [f"{theme}: {fault}" for fault in violations(page, CONTRAST)]
    return faults


@pytest.mark.parametrize("name", all_pages())
def test_on_a_phone_in_light_colors(visit, name):
    page, faults = visit(name, color_scheme="light", **PHONE)
    faults += faults_of(page, "light")
    if name in OF_EACH_KIND:
        faults += faults_of_shape(page) + contrast_faults(page, "light")
    assert faults == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in all_pages() if name not in OF_EACH_KIND])
def test_axe_finds_nothing_on_a_phone(visit, name):
    page, _ = visit(name, color_scheme="light", **PHONE)
    assert faults_of_shape(page) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", all_pages())
def test_on_a_desktop_in_dark_colors(visit, name):
    page, faults = visit(name, color_scheme="dark", **DESKTOP)
    faults += faults_of(page, "dark") + faults_of_shape(page)
    faults += contrast_faults(page, "dark", "light")
    assert faults == []


def test_no_page_is_left_out(built_site):
    pages = {p.relative_to(built_site).as_posix() for p in html_files(built_site)}
    assert {name for name in pages if not is_redirect(built_site / name)} == set(all_pages())
