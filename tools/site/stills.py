"""Take the still images of the explorables and reserve their room, as ``make explorables`` does.

A still is what paper, a notebook and a page without scripts show in place of an explorable: the
explorable itself, as it stands when it has started, in Chromium, without what can only be operated.
"""

import io
import math
import re
import sys
from pathlib import Path

from PIL import Image

from tools.site.serving import browsing, find_chromium, serving

STATIC = Path(__file__).parents[2] / "book" / "_static"
COLORS = 24  # a drawing with few colors is half as large as with lossy compression
# On paper nobody can try anything, and words are lighter in the caption than in pixels.
PAPER = "[data-explorable] > p, .control, .buttons { display: none !important }"
WIDTH = 672  # of a figure in the column of text, in CSS pixels
# The room that a page reserves depends on how wide the figure is: from each of these to the next.
WIDTHS, NARROWEST, WIDEST = (0, 300, 340, 420, 600, 720), 272, 776
RULE = re.compile(r'width >= (\d+)px\) {\s*\[data-explorable="(\w+)"\] {\s*min-height: (\d+)px')
PAGE = """<!DOCTYPE html><html lang="en" data-theme="light"><title>Still</title>
<link rel="stylesheet" href="/custom.css">
<link rel="stylesheet" href="/explorables/explorables.css">
<style>body, figure {{ margin: 0 }}</style>
<figure class="explorable" id="fig-{name}"><div data-explorable="{name}"></div></figure>
<script type="module" src="/explorables/loader.js"></script>"""


def take(page, address: str, name: str) -> bytes:
    """Start an explorable on an empty page and return a picture of it as WebP."""
    page.goto(f"{address}/explorables/explorables.css")  # any page of that address
    page.set_content(PAGE.format(name=name))
    explorable = page.locator("figure.is-live [data-explorable]")
    explorable.wait_for()
    page.evaluate("document.fonts.ready")
    explorable.evaluate("(element) => (element.style.minHeight = 0)")
    paper = page.add_style_tag(content=PAPER)
    picture, file = Image.open(io.BytesIO(explorable.screenshot())).convert("RGB"), io.BytesIO()
    paper.evaluate("(style) => style.remove()")
    few = picture.quantize(COLORS, kmeans=3, dither=Image.Dither.NONE).convert("RGB")
    few.save(file, "WEBP", lossless=True, quality=100, method=6)
    return file.getvalue()


def heights(page) -> dict[int, int]:
    """Return how high the explorable of the page is at most, from each of `WIDTHS` to the next."""
    found = {}
    for start, end in zip(WIDTHS, (*WIDTHS[1:], WIDEST + 1), strict=True):
        for width in range(max(start, NARROWEST), end, 8):
            page.set_viewport_size({"width": width, "height": 900})
            height = page.locator("[data-explorable]").bounding_box()["height"]
            found[start] = max(found.get(start, 0), math.ceil(height))
    return found


def style(reserved: dict[str, dict[int, int]]) -> str:
    """Write the rules that reserve the heights of explorables, by name and width of the figure."""
    rules = [
        f"@container (width >= {start}px) {{\n"
        f'  [data-explorable="{name}"] {{\n    min-height: {height}px;\n  }}\n}}\n'
        for name, found in sorted(reserved.items())
        for start, height in found.items()
    ]
    return "\n".join(["/* Written by `make explorables`. */\n", *rules])


def reserved(text: str) -> dict[str, dict[int, int]]:
    """Read what `style` has written."""
    found: dict[str, dict[int, int]] = {}
    for start, name, height in RULE.findall(text):
        found.setdefault(name, {})[int(start)] = int(height)
    return found


def main(names: list[str]) -> None:
    """Take the stills that are named, or all of them, and reserve their heights."""
    folder = STATIC / "explorables"
    names = names or sorted(path.stem for path in (folder / "data").glob("*.json"))
    with serving(STATIC) as address, browsing(find_chromium()) as browser:
        for name in names:
            page = browser.new_page(viewport={"width": WIDTH, "height": 900})
            path = folder / f"{name}.webp"
            path.write_bytes(take(page, address, name))
            css = folder / "heights.css"
            measured = reserved(css.read_text(encoding="utf-8")) | {name: heights(page)}
            css.write_text(style(measured), encoding="utf-8")
            page.close()
            print(f"{path.name}: {path.stat().st_size:,} bytes; heights {measured[name]}")


if __name__ == "__main__":
    main(sys.argv[1:])
