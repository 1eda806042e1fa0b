"""Take the picture of link previews: ``python -m tools.site.cover`` writes book/_static/cover.png.

It shows the title, a subtitle and the drawing of the home page, in the book's own letters.
"""

import io

from PIL import Image

from tools.site.serving import browsing, find_chromium, serving
from tools.site.stills import STATIC

SIZE = {"width": 1200, "height": 630}  # of a large preview, in every network
COLORS = 64
PAGE = """<!DOCTYPE html><html lang="en" data-theme="light"><title>Cover</title>
<link rel="stylesheet" href="/custom.css">
<style>
* { margin: 0; box-sizing: border-box }
body { width: 1200px; padding: 40px 72px 0; background: #fff; font-family: var(--text) }
h1 { color: #222832; font-size: 64px; font-weight: 600; line-height: 1.1 }
p { margin: 10px 0 20px; color: var(--accent); font-size: 36px }
svg { display: block; width: 900px; margin: 0 auto }
</style>
<h1>Recurrent Neural Networks, Proven</h1>
<p>An executable book, from one weight to the LSTM</p>
"""


def take(page, address: str) -> bytes:
    """Return the picture as PNG."""
    page.goto(f"{address}/custom.css")  # any page of that address
    page.set_content(PAGE + (STATIC / "cover.svg").read_text(encoding="utf-8"))
    page.evaluate("document.fonts.ready")
    picture, file = Image.open(io.BytesIO(page.screenshot())).convert("RGB"), io.BytesIO()
    picture.quantize(COLORS, kmeans=3, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def main() -> None:
    """Write the picture."""
    with serving(STATIC) as address, browsing(find_chromium()) as browser:
        (STATIC / "cover.png").write_bytes(take(browser.new_page(viewport=SIZE), address))


if __name__ == "__main__":
    main()
