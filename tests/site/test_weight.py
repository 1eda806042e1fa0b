"""What a page weighs, and that what was left out is missed nowhere."""

import gzip
import re

import pytest
from fontTools.ttLib import TTFont
from site_pages import html_files, internal_target, is_external, loaded, parse

KIB = 1024
FIRST_VISIT, NEXT_CHAPTER = 400 * KIB, 150 * KIB
COMPRESSED = {".css", ".html", ".js", ".svg"}
# theme.css imports the first, custom.css names the fonts.
FONTS = ["icons", "stix-two-math", "stix-two-text", "stix-two-text-italic"]
UNNAMED = ["basic.css", *(f"fonts/{name}.woff2" for name in FONTS)]


def weight(path):
    """Return how many bytes of a file a server sends that compresses text."""
    content = path.read_bytes()
    return len(gzip.compress(content, mtime=0)) if path.suffix in COMPRESSED else len(content)


@pytest.fixture(scope="module")
def chapters(built_site):
    found = {p: parse(p) for p in html_files(built_site) if re.match(r"\d\d[a-z]?_", p.name)}
    assert len(found) > 10
    return found


def files_of(path, page):
    """List the files that a page loads, with all its pictures and all fonts."""
    found = {internal_target(path, a)[0] for a in loaded(page) if not is_external(a)}
    return found | {path.parent.parent / "_static" / name for name in UNNAMED}


def test_first_visit_and_next_chapter_are_light(chapters):
    for path, page in chapters.items():
        files = files_of(path, page)
        own = {path, *(f for f in files if f.parent.name == "_images")}
        assert sum(map(weight, files | own)) <= FIRST_VISIT, path.name
        assert sum(map(weight, own)) <= NEXT_CHAPTER, path.name


def test_what_weighs_most_is_left_out(chapters):
    for path, page in chapters.items():
        names = {file.name for file in files_of(path, page)}
        assert not {"fontawesome.js", "searchindex.js", "searchtools.js"} & names, path.name


def test_code_has_elements_for_colors_only(built_site, chapters):
    sheet = (built_site / "_static" / "pygments.css").read_text(encoding="utf-8")
    colors = re.findall(r"(.*\.highlight) \{.*\bcolor: (#\w+)", sheet)
    assert len(colors) == 2, "one of each theme"
    like_text = [
        {*re.findall(rf"^{re.escape(theme)} \.(\w+) \{{ color: {color}", sheet, re.MULTILINE)}
        for theme, color in colors
    ]
    like_text = set.intersection(*like_text)
    assert {"n", "p"} <= like_text
    for path, page in chapters.items():
        tokens = page.select(".highlight-ipython3 span, .highlight-python span")
        assert not [token for token in tokens if like_text & {*token.get("class", ())}], path.name


def test_every_picture_has_its_size(chapters):
    pictures = [picture for page in chapters.values() for picture in page.select("article img")]
    assert pictures
    for picture in pictures:
        assert int(picture["width"]) > 0, picture["src"]
        assert int(picture["height"]) > 0, picture["src"]
        assert not picture["src"].endswith(".png")


def test_icons_are_in_their_font(built_site):
    static = built_site / "_static"
    font = TTFont(static / "fonts" / "icons.woff2").getBestCmap()
    sheet = (static / "styles" / "pydata-sphinx-theme.css").read_text(encoding="utf-8")
    shown = {
        icon
        for path in html_files(built_site)
        for icon in re.findall(r"fa-solid (fa-[\w-]+)", path.read_text(encoding="utf-8"))
    }
    assert shown
    for icon in shown - {"fa-lg"}:
        rule = re.search(rf'\.{icon}:before[^{{]*\{{content:"\\([0-9a-f]+)"', sheet)
        assert rule, f"no rule for {icon}"
        assert int(rule[1], 16) in font, f"{icon} is not in icons.woff2: see fonts/README.md"
