"""What a page weighs, and that what was left out is missed nowhere."""

import gzip
import re

import pytest
from fontTools.ttLib import TTFont
from site_pages import html_files, internal_target, is_external, is_redirect, loaded, parse

KIB = 1024
FIRST_VISIT, NEXT_CHAPTER = 500 * KIB, 150 * KIB
COMPRESSED = {".css", ".html", ".js", ".svg"}
STATIC_ADDRESS = re.compile(r"url\(\"?(?!data:|#)([^)\"]+)\"?\)")


def weight(path):
    """Return how many bytes of a file a server sends that compresses text."""
    content = path.read_bytes()
    return len(gzip.compress(content, mtime=0)) if path.suffix in COMPRESSED else len(content)


@pytest.fixture(scope="module")
def chapters(built_site):
    found = {p: parse(p) for p in html_files(built_site) if re.match(r"\d\d[a-z]?_", p.name)}
    assert len(found) > 10
    return found


@pytest.fixture(scope="module")
def sheet(built_site):
    return (built_site / "_static" / "book.css").read_text(encoding="utf-8")


def files_of(path, page):
    """List the files that a page loads, with all its pictures and the font of its formulas."""
    static = path.parent.parent / "_static"
    found = {internal_target(path, a)[0] for a in loaded(page) if not is_external(a)}
    return found | {static / "fonts/icons.woff", static / "fonts/stix-two-math.woff2"}


def test_first_visit_and_next_chapter_are_light(chapters):
    for path, page in chapters.items():
        own = {path, *(f for f in files_of(path, page) if f.parent.name == "_images")}
        shared = files_of(path, page) - own
        assert sum(map(weight, own | shared)) <= FIRST_VISIT, path.name
        assert sum(map(weight, own)) <= NEXT_CHAPTER, path.name


def test_every_picture_has_its_size(chapters):
    pictures = [picture for page in chapters.values() for picture in page.select("article img")]
    assert pictures
    for picture in pictures:
        assert int(picture["width"]) > 0, picture["src"]
        assert int(picture["height"]) > 0, picture["src"]
        assert not picture["src"].endswith(".png")


def test_pages_load_one_sheet_and_one_script_of_the_theme(built_site):
    for path in html_files(built_site):
        if is_redirect(path) or path.name == "404.html":
            continue
        page = parse(path)
        sheets = [link["href"] for link in page.find_all("link", rel="stylesheet")]
        scripts = [script["src"] for script in page.find_all("script", src=True)]
        others = [a for a in sheets + scripts if "explorables/" not in a and "search" not in a]
        names = [re.sub(r".*/|\?.*", "", address) for address in others]
        names = [name for name in names if name != "language_data.js"]
        assert names == ["book.css", "book.js"], path.name


def test_icons_are_in_their_font(built_site, sheet):
    font = TTFont(built_site / "_static" / "fonts" / "icons.woff").getBestCmap()
    shown = {
        icon
        for path in html_files(built_site)
        for icon in re.findall(r"fa-solid (fa-[\w-]+)", path.read_text(encoding="utf-8"))
    }
    assert shown
    for icon in shown - {"fa-lg"}:
        rule = re.search(rf"\.{icon}:before[^{{]*\{{content:\"(.)\"", sheet)
        assert rule, f"no rule for {icon}"
        assert ord(rule[1]) in font, f"{icon} is not in icons.woff: see fonts/README.md"
    for name, symbol in re.findall(r"--pst-icon-([\w-]+):\"(.)\"", sheet):
        if f"--pst-icon-{name})" in sheet and name not in {"github", "gitlab"}:
            assert ord(symbol) in font, f"{name} is not in icons.woff: see fonts/README.md"


def test_the_sheet_names_files_that_exist(built_site, sheet):
    named = STATIC_ADDRESS.findall(sheet)
    assert named
    for address in named:
        assert (built_site / "_static" / address).is_file(), address
