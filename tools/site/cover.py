"""Draw the cover: ``python -m tools.site.cover`` writes book/_static/cover.svg and cover.png.

The one is the drawing of the home page, made of the words of all drawings. The other is the picture
of link previews: the title, a subtitle and the drawing, in the book's own letters.
"""

import io
import math

import matplotlib.pyplot as plt
from PIL import Image

from rnn_tutorial import figures
from rnn_tutorial.figures._display import svg
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
svg { display: block; width: 1020px; height: auto; margin: 0 auto }
</style>
<h1>Recurrent Neural Networks, Proven</h1>
<p>An executable book, from one weight to the LSTM</p>
"""


def drawing() -> str:
    """Return the hand network, its loop and its numbers, as SVG."""
    w, inputs, states = 0.5, (1, 0, 0), [0.0]
    for x in inputs:
        states.append(math.tanh(w * states[-1] + x))
    reached = math.prod(w * (1 - h**2) for h in states[2:])
    with plt.rc_context(figures.STYLE):
        return svg(figures.hand_loop(states[1:], inputs, w, reached=reached).figure)


def take(page, address: str) -> bytes:
    """Return the picture of link previews as PNG."""
    page.goto(f"{address}/custom.css")  # any page of that address
    page.set_content(PAGE + (STATIC / "cover.svg").read_text(encoding="utf-8"))
    page.evaluate("document.fonts.ready")
    picture, file = Image.open(io.BytesIO(page.screenshot())).convert("RGB"), io.BytesIO()
    picture.quantize(COLORS, kmeans=3, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def main() -> None:
    """Write both."""
    (STATIC / "cover.svg").write_text(drawing() + "\n", encoding="utf-8")
    with serving(STATIC) as address, browsing(find_chromium()) as browser:
        (STATIC / "cover.png").write_bytes(take(browser.new_page(viewport=SIZE), address))


if __name__ == "__main__":
    main()
