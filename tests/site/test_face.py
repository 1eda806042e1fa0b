"""What gives the book its face: letters, one accent, captions, the mark, the contents of a page."""

# ruff: noqa: RUF001 - letters of formulas that look alike

import re
import time
import unicodedata
from itertools import pairwise

import pytest
from fontTools.ttLib import TTFont
from PIL import Image
from site_pages import DESKTOP, PHONE, SHIFT, html_files, parse, prose

FONTS_MAY_WEIGH = 60 * 1024
CHAPTERS = ("book/02_recurrence.html", "book/05_vanishing_gradients.html", "book/06_gates.html")
# Scripts of names and terms that the font does not have at all, and signs that stand in code names
OTHER_SCRIPTS = re.compile("CJK|IDEOGRAPHIC|FULLWIDTH|CYRILLIC|ARABIC|HEBREW|DEVANAGARI|HANGUL")
LEFT_TO_THE_SYSTEM = "ᵀ"

in_browser = pytest.mark.browser


def also(value):
    """Leave a value to the long suite."""
    return pytest.param(value, marks=pytest.mark.slow)


@pytest.fixture(scope="module")
def fonts(built_site):
    folder = built_site / "_static" / "fonts"
    return {path.stem: TTFont(path) for path in folder.glob("stix*.woff2")}


def test_fonts_are_light(built_site):
    files = list((built_site / "_static" / "fonts").glob("*.woff*"))
    assert len(files) == 4
    assert sum(file.stat().st_size for file in files) <= FONTS_MAY_WEIGH


def letters_of_formulas(page):
    """Return what browsers draw in the formulas of a page: a letter on its own is italic there."""
    found = set()
    for token in page.select("math mi, math mn, math mo, math mtext"):
        text = token.get_text()
        alone = token.name == "mi" and len(text) == 1 and token.get("mathvariant") != "normal"
        found |= {italic(text)} if alone else set(text)
    return found


def italic(letter):
    """Return a letter as MathML slants it: there is no ``MATHEMATICAL ITALIC SMALL H``."""
    name = unicodedata.name(letter).replace("LATIN ", "").replace("GREEK ", "")
    name = name.replace(" LETTER", "")
    try:
        return unicodedata.lookup(f"MATHEMATICAL ITALIC {name}")
    except KeyError:
        return "ℎ" if letter == "h" else letter


def test_every_character_of_a_formula_is_in_the_fonts(built_site, fonts):
    known = fonts["stix-two-math"].getBestCmap() | fonts["stix-two-text"].getBestCmap()
    shown = set().union(*(letters_of_formulas(parse(path)) for path in html_files(built_site)))
    assert {"𝐡", "ℎ", "𝜎", "𝜕"} <= shown
    assert not {c for c in shown if ord(c) not in known}, "see book/_static/fonts/README.md"


def test_every_character_of_the_text_is_in_the_fonts(articles, fonts):
    known = fonts["stix-two-math"].getBestCmap() | fonts["stix-two-text"].getBestCmap()
    shown = {c: name for name, page in articles.items() for c in prose(page) if c.isprintable()}
    missing = {c: name for c, name in shown.items() if ord(c) not in known}
    for c in list(missing):
        if c in LEFT_TO_THE_SYSTEM or OTHER_SCRIPTS.match(unicodedata.name(c)):
            del missing[c]
    assert not missing, "see book/_static/fonts/README.md"


def test_italic_has_the_letters_of_upright(fonts):
    upright, slanted = (fonts[n].getBestCmap() for n in ("stix-two-text", "stix-two-text-italic"))
    assert upright.keys() == slanted.keys()


def test_the_mark_is_one_drawing(root):
    ring, loop = 'cx="11" cy="21.5" r="7.5"', 'd="M18.8 20A8.2 8.2 0 1 0 11.6 9.5"'
    for name in ("_static/favicon.svg", "_templates/book-title.html"):
        text = (root / "book" / name).read_text(encoding="utf-8")
        assert ring in text, name
        assert loop in text, name


def test_picture_of_previews_has_its_size(root):
    with Image.open(root / "book" / "_static" / "cover.png") as picture:
        assert picture.size == (1200, 630)


def view(width):
    return PHONE if width < 1000 else DESKTOP


@pytest.fixture
def visit(open_page, address):
    """Return a function that opens a page in a window of a width and in a theme."""

    def visited(name, width=1280, theme="light"):
        page = open_page(**view(width), color_scheme=theme)
        page.goto(f"{address}/{name}", wait_until="load")
        page.evaluate("document.fonts.ready.then(() => 0)")
        return page

    return visited


STYLE = """([place, ...names]) => {
    const style = getComputedStyle(document.querySelector(place));
    return names.map((name) => parseFloat(style[name]) || style[name]);
}"""


@in_browser
@pytest.mark.parametrize("width", [360, also(1280)])
def test_a_heading_is_stronger_than_the_one_below(visit, width):
    page = visit("book/06_gates.html", width)
    levels = [f".bd-article {level}" for level in ("h1", "h2", "h3", "p")]
    looks = [page.evaluate(STYLE, [level, "fontSize", "fontWeight"]) for level in levels]
    for (size, weight), (lower_size, lower_weight) in pairwise(looks):
        assert size >= 1.08 * lower_size
        assert weight >= lower_weight
    lines = "(e) => Math.round(e.clientHeight / parseFloat(getComputedStyle(e).lineHeight))"
    assert page.locator(".bd-article h1").evaluate(lines) <= 3


@in_browser
@pytest.mark.parametrize("theme", ["light", also("dark")])
def test_a_caption_looks_like_the_text(visit, theme):
    page = visit("book/02_recurrence.html", theme=theme)
    names = ["fontWeight", "color", "fontFamily", "fontSize"]
    text = page.evaluate(STYLE, [".bd-article section > p", *names])
    assert page.evaluate(STYLE, ["figcaption .caption-text", *names]) == text


# What can be followed or is marked: all of it in one color
ACCENTED = {
    ".bd-article p a.internal": "color",
    ".bd-sidebar-primary .current > a": "color",
    "#page-toc-nav .active > a": "color",
    ".navbar-brand svg": "color",
    ".skip-link": "backgroundColor",
    ".exercise": "borderLeftColor",
    ".tip": "borderLeftColor",
    ".cell:not(.tag_hide-input, .tag_proof) > .cell_input": "borderLeftColor",
}


@in_browser
@pytest.mark.parametrize("theme", ["light", also("dark")])
def test_there_is_one_accent(visit, theme):
    page = visit("book/06_gates.html", theme=theme)
    page.locator("h2#the-lstm-gate-by-gate, #the-lstm-gate-by-gate").first.evaluate(
        "(section) => section.scrollIntoView()"
    )
    page.wait_for_function("document.querySelector('#page-toc-nav .active > a')")
    found = {place: page.evaluate(STYLE, [place, name])[0] for place, name in ACCENTED.items()}
    link = page.locator(".bd-article p a.internal").first
    link.hover()
    found["a link under the pointer"] = link.evaluate("(a) => getComputedStyle(a).color")
    assert len(set(found.values())) == 1, found


@in_browser
@pytest.mark.parametrize("name", [*map(also, CHAPTERS[:-1]), CHAPTERS[-1]])
def test_the_contents_mark_the_section_that_is_read(visit, name):
    page = visit(name)
    page.wait_for_function("window.scrollY === 0")
    read = """async (share) => {
        window.scrollTo(0, share * (document.body.scrollHeight - window.innerHeight));
        await new Promise((done) => setTimeout(done, 30));
        const links = [...document.querySelectorAll("#page-toc-nav a")];
        const hashes = (found) => found.map((link) => decodeURIComponent(link.hash));
        // the section of the line that is read, some way down the window
        const lines = [...document.querySelectorAll("article :is(h2, h3, h4, p, pre, img)")]
            .filter((line) => line.checkVisibility());
        const read = (line) => line.getBoundingClientRect().top <= 0.4 * window.innerHeight;
        let section = lines.findLast(read).closest("section");
        while (section && !hashes(links).includes(`#${section.id}`)) {
            section = section.parentElement.closest("section");
        }
        const marked = links.filter((link) => link.classList.contains("active"));
        return [section ? [`#${section.id}`] : [], hashes(marked)];
    }"""
    for step in range(31):
        for _ in range(20):  # until the page has settled after the jump
            here, marked = page.evaluate(read, step / 30)
            if marked == here:
                break
        assert marked == here, step


@in_browser
@pytest.mark.parametrize("width", [also(360), 1280])
def test_nothing_moves_when_the_fonts_are_late(browser, address, width):
    with browser.new_context(**view(width)) as context:  # one that has no fonts yet
        page = context.new_page()
        page.add_init_script(SHIFT)
        page.route("**/*.woff2", lambda route: (time.sleep(0.7), route.continue_()))
        page.goto(f"{address}/book/05_vanishing_gradients.html", wait_until="load")
        loaded = "[...document.fonts].filter((f) => f.status === 'loaded').length > 3"
        page.wait_for_function(loaded)
        page.wait_for_timeout(200)
        assert page.evaluate("window.shift") <= 0.01


@in_browser
def test_what_is_cut_fades_until_it_is_scrolled_to(visit):
    page = visit("book/notation.html", 360)
    table = page.locator(".pst-scrollable-table-container").first
    mask = "(e) => getComputedStyle(e).maskImage"
    assert "to left" in table.evaluate(mask)
    table.evaluate("(e) => e.scrollTo(e.scrollWidth, 0)")
    page.wait_for_function("document.querySelector('.cut-left:not(.cut-right)')")
    assert "to right" in table.evaluate(mask)


@in_browser
def test_what_fits_again_does_not_fade(visit):
    page = visit("book/06_gates.html", 360)
    for width in (1, 360):  # as a screenshot of an element does, and a phone that is turned
        page.set_viewport_size({"width": width, "height": 740})
        page.wait_for_timeout(200)
    assert page.locator("p .math:not(.wide):is(.cut-left, .cut-right)").count() == 0
    assert page.locator("p .math:not(.cut-right)[tabindex]").count() == 0


@in_browser
def test_a_formula_in_an_answer_is_measured_when_it_opens(visit):
    page = visit("book/03_hidden_state.html", 360)
    for title in page.locator(".toggle-hidden > .admonition-title").all()[::-1]:
        title.evaluate("(e) => e.click()")
    page.wait_for_timeout(300)
    wide = """() => [...document.querySelectorAll(".solution p > .math")].filter(
        (e) => e.scrollWidth > e.closest("p").clientWidth + 1).map((e) => e.className)"""
    found = page.evaluate(wide)
    assert found
    assert all("wide" in names and "cut-right" in names for names in found)


@in_browser
def test_the_number_of_a_formula_leaves_it_the_line(visit):
    page = visit("book/06_gates.html", 360)
    formula = page.locator("div.math:has(.eqno) > .formula").first
    line = page.locator(".bd-article section > p").first
    widths = [place.evaluate("(e) => e.clientWidth") for place in (formula, line)]
    assert widths[0] >= 0.98 * widths[1]
