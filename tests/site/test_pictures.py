"""Drawings in the page follow its theme; pictures of pixels keep their colors."""

import colorsys
import re
from collections import Counter

import numpy as np
import pytest
from pictures import convert_one, inline, shown_size
from PIL import Image
from site_pages import html_files, parse

DARK = {"var(--pst-color-text-base)": "#ced6dd", "var(--pst-color-background)": "#14181e"}
ON_A_FIELD = {"#010101", "#fefefe"}  # which does not change with the theme
GRID = "#dddddd"


@pytest.fixture
def picture(tmp_path):
    """Return a fine PNG of all grays beside two colors."""
    pixels = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2)
    pixels = np.repeat(np.repeat(pixels, 2, axis=0), 8, axis=1)
    pixels[:, 4:6], pixels[:, 6:] = (213, 94, 0), (0, 114, 178)
    path = tmp_path / "map.png"
    Image.fromarray(pixels).save(path, dpi=(192, 192))
    return path, pixels


def test_a_fine_picture_comes_in_two_sizes_and_keeps_its_colors(picture, tmp_path):
    path, pixels = picture
    assert shown_size(path) == (4, 256, 2)
    convert_one(tmp_path, path)
    assert not path.exists()
    with Image.open(tmp_path / "map.webp") as fine, Image.open(tmp_path / "map-half.webp") as half:
        np.testing.assert_array_equal(np.asarray(fine.convert("RGB")), pixels)
        small = np.asarray(half.convert("RGB"))
    assert small.shape == (256, 4, 3)
    assert (np.ptp(small[:, :2], axis=2) == 0).all(), "grays stay gray"
    hues = {round(colorsys.rgb_to_hsv(*(rgb / 255))[0], 2) for rgb in small[:, 2:].reshape(-1, 3)}
    assert hues == {round(26 / 360, 2), round(202 / 360, 2)}


def test_a_drawing_gets_a_name_its_own_ids_and_variable_colors():
    drawing = (
        '<?xml version="1.0"?><svg viewBox="0 0 1 1"><path id="m" style="fill: #0072B2" />'
        '<use href="#m" clip-path="url(#p)" /></svg>'
    )
    assert inline(drawing, {"alt": "a &lt; b", "class": "wide"}, "d3-") == (
        '<svg role="img" class="wide drawing" aria-label="a &lt; b" viewBox="0 0 1 1">'
        '<path id="d3-m" style="fill: var(--c-0072b2, #0072B2)" />'
        '<use href="#d3-m" clip-path="url(#d3-p)" /></svg>'
    )


@pytest.fixture(scope="module")
def drawings(built_site):
    """Return the drawings of each page."""
    found = {path.name: parse(path).select("svg.drawing") for path in html_files(built_site)}
    assert sum(map(len, found.values())) > 50
    return found


def test_drawings_have_a_name_and_ids_of_their_own(built_site, drawings):
    for page, found in drawings.items():
        ids = (
            Counter(e["id"] for e in parse(built_site / "book" / page).select("[id]"))
            if found
            else {}
        )
        for drawing in found:
            assert len(drawing["aria-label"]) > 20, page
            assert all(ids[element["id"]] == 1 for element in drawing.select("[id]")), page


def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def contrast(color, ground):
    pale, dark = sorted((luminance(color), luminance(ground)), reverse=True)
    return (pale + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("theme", "ground"), [("light", "#ffffff"), ("dark", "#14181e")])
def test_letters_and_lines_can_be_seen_on_the_page(root, drawings, theme, ground):
    sheet = (root / "book" / "_static" / "custom.css").read_text(encoding="utf-8")
    block = re.search(r'html\[data-theme="dark"\] \{\s*--c-000000(.*?)\}', sheet, re.S)[0]
    others = dict(re.findall(r"--c-([0-9a-f]{6}): ([^;]+);", block)) if theme == "dark" else {}
    pale = set()
    for page, found in drawings.items():
        for drawing in found:
            for element in drawing.select("[style*=stroke], text, tspan"):
                style = element.get("style", "")
                kind = "fill" if element.name in ("text", "tspan") else "stroke"
                color = re.search(rf"\b{kind}: var\(--c-([0-9a-f]{{6}})", style)
                color = f"#{color[1]}" if color else "#000000"
                if color in ON_A_FIELD | {GRID, "#ffffff"} or "stroke: none" in style:
                    continue
                shown = others.get(color[1:], color)
                if contrast(DARK.get(shown, shown), ground) < 3:
                    pale.add((page, color))
    assert not pale
