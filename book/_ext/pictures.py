"""Turns pictures into WebP and writes their sizes into the pages: the theme shows them as they are.

In WebP and 64 colors a figure takes a fifth of the bytes of PNG, and a pixel changes by at most 10
percent. With its size in the page a picture has its place at once, and the text does not jump.
"""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from PIL import Image
from sphinx.application import Sphinx

PICTURE = re.compile(
    r'<img (?P<before>[^>]*?)src="[^":]*\b_images/(?P<name>[^"/]+)\.(?P<kind>png|webp)"'
)
LINK = re.compile(r'href="[^":]*\b_images/([^"/]+)\.png"')
# Dark pages turn figures dark too, except those whose words name a tone that would change.
NAMES_A_TONE = re.compile(r"\b(black|white|gr[ae]y|dark|light|bright|pale)(er|est|s)?\b", re.I)
COLORS = 64
ALTERNATIVE = re.compile(r'alt="([^"]*)"')


def describe(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give pictures their size and their new name, and load all but the first lazily."""
    body = context.get("body")
    if not body or app.builder.format != "html":
        return
    sources = {name: source for source, name in app.builder.images.items()}
    folder = context["pathto"]("_images", 1)
    count = 0

    def element(match: re.Match) -> str:
        nonlocal count
        count += 1
        with Image.open(Path(app.srcdir, sources[f"{match['name']}.{match['kind']}"])) as picture:
            width, height = picture.size
        words = ALTERNATIVE.search(body[match.start() : body.index(">", match.start())])
        tones = ' data-tones=""' if words and NAMES_A_TONE.search(words[1]) else ""
        later = "" if count == 1 or app.builder.name != "html" else ' loading="lazy"'
        return (
            f'<img{later}{tones} width="{width}" height="{height}" decoding="async" '
            f'{match["before"]}src="{folder}/{match["name"]}.webp"'
        )

    context["body"] = LINK.sub(rf'href="{folder}/\1.webp"', PICTURE.sub(element, body))


def convert(app: Sphinx, error: Exception | None) -> None:
    """Turn the pictures that Sphinx has copied into WebP, or take them from the last build."""
    if error or app.builder.format != "html":
        return
    store = Path(app.doctreedir).parent / "webp"
    store.mkdir(exist_ok=True)
    folder = Path(app.outdir) / "_images"
    sources = [*folder.glob("*.png"), *folder.glob("*.webp")]
    with ThreadPoolExecutor(app.parallel) as pool:  # Pillow works outside Python's lock
        list(pool.map(partial(convert_one, store), sources))


def convert_one(store: Path, source: Path) -> None:
    """Replace a picture by a WebP."""
    # This module is part of the name, so that a change of it makes new pictures.
    digest = hashlib.sha256(source.read_bytes() + Path(__file__).read_bytes())
    known = store / f"{digest.hexdigest()[:24]}.webp"
    if not known.exists():
        with Image.open(source) as opened:
            picture = opened.convert("RGBA")
        paper = Image.new("RGBA", picture.size, "white")
        flat = Image.alpha_composite(paper, picture).convert("RGB")
        if flat.getcolors(COLORS) is None:
            method = Image.Quantize.MAXCOVERAGE
            flat = flat.quantize(COLORS, method=method, dither=Image.Dither.NONE).convert("RGB")
        unfinished = known.with_name(f"{source.stem}-{known.name}")  # of this thread alone
        flat.save(unfinished, lossless=True, method=4)
        unfinished.replace(known)
    source.unlink()
    source.with_suffix(".webp").write_bytes(known.read_bytes())


def setup(app: Sphinx) -> dict:
    """Connect to the pages, and to the end of the build."""
    app.connect("html-page-context", describe)
    app.connect("build-finished", convert, priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
