"""The printed book: each page of it, without raw markup and without a figure that is cut."""

import re

import pypdf
import pytest
from site_pages import parse

pytestmark = [pytest.mark.slow, pytest.mark.browser]

RAW = re.compile(
    r"\\(?:frac|mathbf|begin|sum|partial|boldsymbol)\b|\$\$|:::|\{(?:doc|numref|term)\}"
)


@pytest.fixture(scope="module")
def book(root):
    path = root / "_build" / "book.pdf"
    if not path.exists():
        pytest.fail("the book is not printed: run `make pdf` first")
    return pypdf.PdfReader(path)


@pytest.fixture(scope="module")
def single_page(root):
    return parse(root / "_build" / "singlehtml" / "index.html")


def placed_pictures(page):
    """List the boxes (left, bottom, right, top) in which a page shows its pictures."""
    boxes = []

    def before(operator, operands, matrix, _):
        if (
            operator == b"Do"
            and page["/Resources"]["/XObject"][operands[0]]["/Subtype"] == "/Image"
        ):
            width, _, _, height, left, bottom = matrix
            right, top = left + width, bottom + height
            boxes.append((min(left, right), min(bottom, top), max(left, right), max(bottom, top)))

    page.extract_text(visitor_operand_before=before)
    return boxes


def test_no_raw_markup_and_no_empty_page(book):
    for number, page in enumerate(book.pages, 1):
        text = page.extract_text()
        assert len(text.strip()) > 5 or placed_pictures(page), f"page {number} is empty"
        assert not RAW.search(text), f"page {number}: {RAW.search(text)[0]}"


def test_every_figure_is_printed_whole(book, single_page):
    shown = 0
    for number, page in enumerate(book.pages, 1):
        width, height = map(float, page.mediabox[2:])
        for left, bottom, right, top in placed_pictures(page):
            shown += 1
            assert min(left, bottom) >= 0, f"page {number}"
            assert right <= width, f"page {number}"
            assert top <= height, f"page {number}"
    figures = [picture["src"] for picture in single_page.select("article img")]
    assert shown >= len([source for source in figures if not source.endswith(".svg")])


def test_every_chapter_is_in_the_outline(book, single_page):
    outline = str(book.outline)
    for title in ("1. History", "6. Gates", "12. The museum"):
        assert title in outline
