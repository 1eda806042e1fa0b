"""Puts drawings into the page and gives pictures their size: the theme shows files as they are.

Inside the page a drawing (SVG) takes the colors of the theme and the font of the text, which a file
that is only shown does not. A picture of pixels becomes WebP in two sizes, without a loss; with its
size in the page it has its place at once, and the text does not jump.
"""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from PIL import Image
from sphinx.application import Sphinx

PICTURE = re.compile(
    r'<img (?P<before>[^>]*?)src="[^":]*\b_images/(?P<name>[^"/]+)\.(?P<kind>png|webp|svg)"'
    r"(?P<after>[^>]*)>"
)
LINK = re.compile(r'href="[^":]*\b_images/([^"/]+)\.png"')
STYLE = re.compile(r' style="[^"]*"')  # the notebook's own size, too wide for a phone
ATTRIBUTE = re.compile(r'\b(alt|class)="([^"]*)"')
# Dark pages turn pictures dark too, except those whose words name a tone that would change.
NAMES_A_TONE = re.compile(r"\b(black|white|gr[ae]y|dark|light|bright|pale)(er|est|s)?\b", re.I)
COLOR = re.compile(r"#([0-9a-fA-F]{6})\b")
FINE = 192  # dots per inch of a picture that has twice the pixels each way that a page needs


def describe(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Replace drawings by what they hold; give pictures their sizes, and load all late but one."""
    body = context.get("body")
    if not body or app.builder.format != "html":
        return
    sources = {name: source for source, name in app.builder.images.items()}
    folder = context["pathto"]("_images", 1)
    count = 0

    def element(match: re.Match) -> str:
        nonlocal count
        count += 1
        source = Path(app.srcdir, sources[f"{match['name']}.{match['kind']}"])
        words = dict(ATTRIBUTE.findall(match[0]))
        if match["kind"] == "svg":
            return inline(source.read_text(encoding="utf-8"), words, f"d{count}-")
        width, height, times = shown_size(source)
        tones = ' data-tones=""' if NAMES_A_TONE.search(words.get("alt", "")) else ""
        later = "" if count == 1 or app.builder.name != "html" else ' loading="lazy"'
        name, choice = f"{folder}/{match['name']}", ""
        if times == 2:
            choice = f'srcset="{name}-half.webp {width}w, {name}.webp {2 * width}w" '
            choice += f'sizes="(max-width: {width}px) 100vw, {width}px" '
        return (
            f'<img{later}{tones} width="{width}" height="{height}" decoding="async" {choice}'
            f'{match["before"]}src="{name}.webp"{STYLE.sub("", match["after"])}>'
        )

    context["body"] = LINK.sub(rf'href="{folder}/\1.webp"', PICTURE.sub(element, body))


def inline(drawing: str, words: dict[str, str], prefix: str) -> str:
    """Return a drawing as an element of a page, with a name, and with ids of its own.

    A color becomes a variable, such as ``--c-0072b2``, to which a style sheet may give another
    value where the page is dark.
    """
    drawing = re.sub(r'(\bid="|url\(#|href="#)', rf"\1{prefix}", drawing[drawing.index("<svg ") :])
    drawing = COLOR.sub(lambda match: f"var(--c-{match[1].lower()}, {match[0]})", drawing)
    named = f'class="{words.get("class", "")} drawing" aria-label="{words.get("alt", "")}"'
    return f'<svg role="img" {named} {drawing.removeprefix("<svg ")}'


def shown_size(source: Path) -> tuple[int, int, int]:
    """Return the width and height of a picture in the page, and how many times as many it has."""
    with Image.open(source) as picture:
        times = 2 if round(picture.info.get("dpi", (0,))[0]) == FINE else 1
        return picture.width // times, picture.height // times, times


def convert(app: Sphinx, error: Exception | None) -> None:
    """Turn the pictures that Sphinx has copied into WebP, or take them from the last build."""
    if error or app.builder.format != "html":
        return
    store = Path(app.doctreedir).parent / "webp"
    store.mkdir(exist_ok=True)
    folder = Path(app.outdir) / "_images"
    for drawing in folder.glob("*.svg"):  # which are in the pages
        drawing.unlink()
    with ThreadPoolExecutor(app.parallel) as pool:  # Pillow works outside Python's lock
        list(pool.map(partial(convert_one, store), folder.glob("*.png")))


def convert_one(store: Path, source: Path) -> None:
    """Replace a picture by a WebP; a fine one by two, the other with half as many pixels."""
    # This module is part of the name, so that a change of it makes new pictures.
    digest = hashlib.sha256(source.read_bytes() + Path(__file__).read_bytes()).hexdigest()[:24]
    for part in range(1, shown_size(source)[2] + 1):
        known = store / f"{digest}-{part}.webp"
        if not known.exists():
            with Image.open(source) as opened:
                picture = opened.convert("RGBA")
            paper = Image.new("RGBA", picture.size, "white")
            flat = Image.alpha_composite(paper, picture).convert("RGB").reduce(part)
            unfinished = known.with_name(f"{source.stem}-{known.name}")  # of this thread alone
            flat.save(unfinished, lossless=True, method=4)
            unfinished.replace(known)
        name = source.stem if part == 1 else f"{source.stem}-half"
        source.with_name(f"{name}.webp").write_bytes(known.read_bytes())
    source.unlink()


def setup(app: Sphinx) -> dict:
    """Connect to the pages, and to the end of the build."""
    app.connect("html-page-context", describe)
    app.connect("build-finished", convert, priority=400)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
