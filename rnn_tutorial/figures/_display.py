"""How a figure is stored in a notebook: as PNG and, unless it consists of pixels, as SVG.

The PNG is what the tests compare and what plain notebooks show; the SVG, in which text stays text,
is what the site shows, in the colors of the page's theme.
"""

import io
import re
import textwrap
from collections.abc import Iterable
from xml.etree import ElementTree

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

# A figure with a longer SVG, or with pixels in it, is stored as PNG alone, twice as fine.
LONGEST = 60_000  # characters
DOTS_PER_INCH = 96
_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_SETTINGS = {"svg.fonttype": "none", "svg.hashsalt": "rnn_tutorial"}
# Without these, a figure would depend on the day and the version.
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_DECIMALS = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_MEASURES = {"d", "points", "transform", "x", "y", "width", "height"}


def show_figures_as_both() -> None:
    """Have IPython store every figure as PNG and SVG from now on; do nothing outside of it."""
    try:
        shell = get_ipython()
    except NameError:
        return
    plt.switch_backend(plt.get_backend())  # a notebook's own way is registered now, not later
    for formatter in shell.display_formatter.formatters.values():
        formatter.pop(Figure, None)
    shell.display_formatter.mimebundle_formatter.for_type(Figure, both)


def both(figure: Figure, **_: object) -> tuple[dict, dict]:
    """Return a figure's MIME bundle and its metadata; IPython also passes what it wants, unused."""
    layout = figure.get_layout_engine()
    figure.draw_without_rendering()
    if break_wide_labels(figure):
        figure.draw_without_rendering()
    figure.set_layout_engine("none")  # the same places in both, found once
    drawn = svg(figure)
    if len(drawn) <= LONGEST and not any(ax.images for ax in figure.axes):
        data, metadata = {"image/svg+xml": drawn, "image/png": _png(figure, 1)}, {}
    else:
        width, height = (int(inches * DOTS_PER_INCH) for inches in figure.get_size_inches())
        data, metadata = {"image/png": _png(figure, 2)}, {"width": width, "height": height}
    figure.set_layout_engine(layout)
    return data, {"image/png": metadata} if metadata else {}


def break_wide_labels(figure: Figure) -> bool:
    """Break titles and labels that are longer than their axes into lines; say whether any was."""
    found = False
    for ax in figure.axes:
        titles = [t for t in ax.get_children() if isinstance(t, Text) and t not in ax.texts]
        rooms = dict.fromkeys(titles, ax.bbox.width)
        rooms |= {ax.xaxis.label: ax.bbox.width, ax.yaxis.label: ax.bbox.height}
        for label, room in rooms.items():
            box, text = label.get_window_extent(), label.get_text()
            share = 1.1 * room / max(box.width, box.height, 1)
            if share < 1 and " " in text and "\n" not in text and "$" not in text:
                length = max(int(len(text) * share), 1)
                label.set_text(textwrap.fill(text, length, break_long_words=False))
                found = True
    return found


def svg(figure: Figure) -> str:
    """Return a figure as SVG without a background, short and the same in each run.

    Only what is referred to has an id, groups that say nothing are gone, numbers have two
    decimals, and the letters of a formula that stand in one line are one element.
    """
    file = io.StringIO()
    with plt.rc_context(_SETTINGS):
        figure.savefig(file, format="svg", facecolor="none", metadata=_NO_METADATA)
    text = file.getvalue()
    root = ElementTree.fromstring(text)
    _simplify(root, {*re.findall(r'(?:url\(|href=")#([\w-]+)', text)})
    # of everything in the picture, where matplotlib's own rule would hold of the whole page
    root.attrib |= {"stroke-linejoin": "round", "stroke-linecap": "butt"}
    ElementTree.register_namespace("", _SVG[1:-1])
    return ElementTree.tostring(root, encoding="unicode")


def _simplify(element: ElementTree.Element, used: set[str]) -> None:
    """Shorten an element and all that it holds."""
    if element.get("id") not in used:
        element.attrib.pop("id", None)
    if _HREF in element.attrib:
        element.set("href", element.attrib.pop(_HREF))
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    for name in _MEASURES & {*element.attrib}:
        element.set(name, _DECIMALS.sub(_two_decimals, " ".join(element.get(name).split())))
    kept = []
    for child in _joined(element) if element.tag == f"{_SVG}text" else list(element):
        _simplify(child, used)
        child.tail = None
        if child.tag == f"{_SVG}g" and not child.attrib:
            kept += child
        elif child.tag != f"{_SVG}style" and child.get("style") != "fill: none":
            kept.append(child)
    element[:] = kept
    if not (element.text or "").strip():
        element.text = None


def _png(figure: Figure, times: int) -> bytes:
    """Return a figure as PNG without transparency, which makes it an eighth smaller."""
    file, small = io.BytesIO(), io.BytesIO()
    figure.savefig(file, format="png", dpi=DOTS_PER_INCH * times)
    with Image.open(file) as picture:
        picture.convert("RGB").save(small, "PNG", optimize=True, dpi=picture.info["dpi"])
    return small.getvalue()


def _two_decimals(match: re.Match) -> str:
    return f"{float(match[0]):.2f}".rstrip("0").rstrip(".")


def _joined(letters: Iterable[ElementTree.Element]) -> list[ElementTree.Element]:
    """Join the letters of a formula that differ in their horizontal place alone."""
    joined: list[ElementTree.Element] = []
    for letter in letters:
        same = joined and all(joined[-1].get(name) == letter.get(name) for name in ("y", "style"))
        if same:
            joined[-1].set("x", f"{joined[-1].get('x')} {letter.get('x')}")
            joined[-1].text += letter.text
        else:
            joined.append(letter)
    return joined
