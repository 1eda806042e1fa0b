"""Take the still images of the explorables, as ``make explorables`` does after their data.

A still is what paper, a notebook and a page without scripts show in place of an explorable: the
explorable itself, as it stands when it has started, in Chromium.
"""

import io
import sys
from pathlib import Path

from PIL import Image

from tools.site.serving import browsing, find_chromium, serving

STATIC = Path(__file__).parents[2] / "book" / "_static"
COLORS = 24  # a drawing with few colors is half as large as with lossy compression
WIDTH = 760  # of the column of text, in CSS pixels
PAGE = """<!DOCTYPE html><html lang="en" data-theme="light"><title>Still</title>
<link rel="stylesheet" href="/explorables/explorables.css">
<style>body {{ font: 16px "DejaVu Sans", sans-serif; margin: 0 }} * {{ box-sizing: border-box }}
figure {{ margin: 0 }}</style>
<figure class="explorable"><div data-explorable="{name}" hidden></div></figure>
<script type="module" src="/explorables/loader.js"></script>"""


def take(page, address: str, name: str) -> bytes:
    """Start an explorable on an empty page and return a picture of it as WebP."""
    page.goto(f"{address}/explorables/explorables.css")  # any page of that address
    page.set_content(PAGE.format(name=name))
    explorable = page.locator("figure.is-live [data-explorable]")
    explorable.wait_for()
    picture, file = Image.open(io.BytesIO(explorable.screenshot())).convert("RGB"), io.BytesIO()
    few = picture.quantize(COLORS, kmeans=3, dither=Image.Dither.NONE).convert("RGB")
    few.save(file, "WEBP", lossless=True, quality=100, method=6)
    return file.getvalue()


def main(names: list[str]) -> None:
    """Take the stills that are named, or all of them."""
    folder = STATIC / "explorables"
    names = names or sorted(path.stem for path in (folder / "data").glob("*.json"))
    with serving(STATIC) as address, browsing(find_chromium()) as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": 900})
        page.emulate_media(reduced_motion="reduce")
        for name in names:
            path = folder / f"{name}.webp"
            path.write_bytes(take(page, address, name))
            print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
