"""The printed book: each page of it, without raw markup and without anything that is cut."""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass

import pypdf
import pytest
from printing import CONTROLS, HIDDEN, THEME, WIDER
from site_pages import parse, prose

from tools.site import print_book
from tools.site.serving import serving

pytestmark = [pytest.mark.slow, pytest.mark.browser]

RAW = re.compile(
    r"\\(?:frac|mathbf|mathrm|begin|sum|partial|boldsymbol|sigma|tanh)\b|\$\$|:::|\{[a-z:-]+\}`"
)
# Docstrings write indices so; a title is read by those who know no LaTeX.
RAW_INDEX = re.compile(r"[_^]\{")
TITLES = "h1, h2, h3, .admonition-title, .sd-summary-text, figcaption"
WORDS_OF_CONTROLS = ("Skip to main", "Back to top", "Click to ", "code cell source")
# 14 pixels of the screen in points of the paper
LETTER = 14 * print_book.SCALE * 72 / 96
# Below a heading there is room for a line at least, above the lower margin of 18 mm.
ROOM = 18 / 25.4 * 72 + 2 * LETTER


@dataclass
class Sheet:
    """What is printed on a page: its text, the boxes of its pictures, the sizes of its letters."""

    text: str
    pictures: list[tuple[float, float, float, float]]
    sizes: set[float]
    width: float
    height: float


def read(page: pypdf.PageObject) -> Sheet:
    """Read a page once; pictures are boxes (left, bottom, right, top)."""
    pictures, sizes = [], set()

    def before(operator, operands, matrix, _):
        if (
            operator == b"Do"
            and page["/Resources"]["/XObject"][operands[0]]["/Subtype"] == "/Image"
        ):
            width, _, _, height, left, bottom = matrix
            right, top = left + width, bottom + height
            box = (min(left, right), min(bottom, top), max(left, right), max(bottom, top))
            pictures.append(box)

    def text(words, matrix, text_matrix, _, size):
        if words.strip():
            sizes.add(round(abs(matrix[0] * text_matrix[0] * size), 1))

    words = page.extract_text(visitor_operand_before=before, visitor_text=text)
    return Sheet(words, pictures, sizes, *map(float, page.mediabox[2:]))


@pytest.fixture(scope="module")
def book(root):
    path = root / "_build" / "book.pdf"
    if not path.exists():
        pytest.fail("the book is not printed: run `make pdf` first")
    return pypdf.PdfReader(path)


@pytest.fixture(scope="module")
def sheets(book):
    """Read all pages, which takes most of the time of this file."""
    return [read(page) for page in book.pages]


@pytest.fixture(scope="module")
def single_page(root):
    return parse(root / "_build" / "singlehtml" / "index.html")


@pytest.fixture(scope="module")
def headings(book):
    """List the entries of the outline: level, title, page, and place above the page's end."""

    def walk(entries, level):
        for entry in entries:
            if isinstance(entry, list):
                yield from walk(entry, level + 1)
            else:
                number = book.get_destination_page_number(entry)
                yield level, entry.title, number, float(entry.top)

    return list(walk(book.outline, 1))


@pytest.fixture(scope="module")
def paper(root, browser):
    """Return the single page as it is laid out for printing."""
    with serving(root / "_build" / "singlehtml") as address:
        page = browser.new_page(viewport={"width": print_book.WIDTH, "height": 1000})
        page.emulate_media(media="print", color_scheme="light")
        page.goto(f"{address}/{print_book.HOME}")
        print_book.prepare(page)
        yield page


def test_no_raw_markup_and_no_empty_page(sheets, single_page):
    code = "\n".join(cell.get_text() for cell in single_page.find_all("pre"))
    labels = [line.strip() for line in code.splitlines() if RAW.search(line)]  # of figures
    for number, sheet in enumerate(sheets, 1):
        text = sheet.text.strip().removesuffix(str(number))
        for label in labels:
            text = text.replace(label, "")
        assert len(text) > 40 or sheet.pictures, f"page {number} is empty"
        assert not RAW.search(text), f"page {number}: {RAW.search(text)[0]}"
        for control in WORDS_OF_CONTROLS:
            assert control not in text, f"page {number}: {control}"
    assert not RAW.search(prose(single_page))
    titles = [title.get_text() for title in single_page.select(TITLES)]
    assert [title for title in titles if RAW_INDEX.search(title)] == []


def test_every_figure_is_printed_whole(sheets, single_page):
    shown = 0
    side = print_book.SIDES / 25.4 * 72 - 1
    for number, sheet in enumerate(sheets, 1):
        for left, bottom, right, top in sheet.pictures:
            shown += 1
            assert left >= side, f"page {number}"
            assert right <= sheet.width - side, f"page {number}"
            assert bottom >= 0, f"page {number}"
            assert top <= sheet.height, f"page {number}"
    figures = [picture["src"] for picture in single_page.select("article img")]
    assert shown >= len([source for source in figures if not source.endswith(".svg")])


def test_nothing_made_the_letters_small(sheets):
    # Chromium shrinks the whole book until its widest line fits.
    right = [any(abs(size - LETTER) < 0.2 for size in sheet.sizes) for sheet in sheets]
    assert sum(right) > 0.9 * len(sheets)


def test_nothing_is_wider_than_the_paper(paper):
    assert paper.evaluate(WIDER) == []


def test_paper_has_no_controls_and_nothing_is_folded(paper):
    assert paper.evaluate(THEME) == "light"
    assert paper.evaluate(CONTROLS) == []
    assert paper.evaluate(HIDDEN) == []


def test_every_chapter_is_in_the_outline_and_in_the_contents(headings, sheets, single_page):
    titles = [title.contents[0].strip() for title in single_page.select("article h1")]
    chapters = [(title, number) for level, title, number, _ in headings if level == 1]
    assert [title for title, _ in chapters if title != "Contents"] == titles
    text = unicodedata.normalize("NFKC", sheets[dict(chapters)["Contents"]].text)  # ligatures
    contents = re.sub(r"\s+", " ", text)
    for title, number in chapters[2:]:
        assert f"{title} {number + 1} " in f"{contents} ", title


def test_no_heading_stands_alone(headings):
    alone = [(title, page + 1) for _, title, page, top in headings if top < ROOM]
    assert alone == []


def test_links_lead_into_the_book_or_to_the_web(book, single_page):
    names = book.named_destinations
    inside = 0
    for number, page in enumerate(book.pages, 1):
        for link in page.get("/Annots") or []:
            link = link.get_object()
            if "/Dest" in link:
                inside += 1
                assert str(link["/Dest"]) in names, f"page {number}: {link['/Dest']}"
            else:
                address = str(link["/A"].get_object()["/URI"])
                assert "127.0.0.1" not in address, f"page {number}: {address}"
    assert inside > 1000
    places = defaultdict(list)
    for element in single_page.select("[id]"):
        places[element["id"]].append(element)
    for link in single_page.select("article a[href^='#']"):
        assert len(places[link["href"][1:]]) == 1, link["href"]
    citations = single_page.select('article a[href^="#book/references/"]')
    assert citations
    for link in citations:
        work = places[link["href"][1:]][0].get_text()
        year = re.search(r"\d{4}", link.get_text())
        assert not year or year[0] in work, f"{link.get_text()} leads to {work[:80]}"
