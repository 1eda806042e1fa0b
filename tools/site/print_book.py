"""Print the whole book into ``_build/book.pdf``, from its single page: ``make pdf``."""

import io
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pypdf
from playwright.sync_api import Page, sync_playwright
from pypdf.generic import NameObject, TextStringObject

from tools.site.serving import FLAGS, find_chromium, serving

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "_build" / "singlehtml"
HOME = "index.html"
PDF = ROOT / "_build" / "book.pdf"
# What is printed has 0.8 of its size on a screen, between margins of 25 mm.
SCALE = 0.8
SIDES = 25
WIDTH = round((210 - 2 * SIDES) / 25.4 * 96 / SCALE)
FOOTER = (
    '<div style="font-size: 8px; width: 100%; text-align: center"><span class="pageNumber"></span>'
    "</div>"
)
# A link to a file of the site leads nowhere on paper.
UNLINK = """document.querySelectorAll("article a[href]").forEach((link) => {
    if (!/^(#|https?:)/.test(link.getAttribute("href"))) link.removeAttribute("href");
})"""
OPEN = "document.querySelectorAll('details').forEach((part) => { part.open = true; })"
LONG = """document.querySelectorAll("pre").forEach((code) => {
    if (code.textContent.split("\\n").length < 30) return;
    for (let box = code; ["pre", "div"].includes(box.localName); box = box.parentElement)
        box.classList.add("long");
})"""
LOADED = "Promise.all([document.fonts.ready, ...[...document.images].map((one) => one.decode())])"
# The author and the version are in the structured data for search engines.
TITLE = """() => {
    const data = document.querySelector('script[type="application/ld+json"]').text;
    const book = JSON.parse(data)["@graph"][0];
    const line = document.createElement("p");
    line.textContent = `${book.author.name}, version ${book.version}`;
    document.querySelector("article h1").after(line);
}"""
# The chapters in the parts that the navigation names; page numbers come later.
CONTENTS = """() => {
    const contents = document.createElement("nav");
    contents.id = "contents";
    contents.innerHTML = "<h1>Contents</h1>";
    const names = document.querySelectorAll(".bd-links .caption-text");
    document.querySelectorAll("article > .toctree-wrapper").forEach((part, place) => {
        const name = document.createElement("p");
        name.className = "rubric";
        name.textContent = names[place].textContent;
        const list = document.createElement("ol");
        part.querySelectorAll("h1").forEach((title) => {
            const item = document.createElement("li");
            item.innerHTML = '<a></a><span class="line"></span><span class="number">000</span>';
            item.firstChild.textContent = title.firstChild.textContent;
            item.firstChild.href = `#${title.parentElement.id}`;
            list.append(item);
        });
        contents.append(name, list);
    });
    document.querySelector("article h2").parentElement.before(contents);
    return [...contents.querySelectorAll("a")].map((link) => link.hash.slice(1));
}"""
HEADINGS = """[...document.querySelectorAll("article :is(h1, h2, h3, h4, h5, h6)")].map((one) => {
    const copy = one.cloneNode(true);
    copy.querySelector(".headerlink")?.remove();
    return copy.textContent.replace(/\\s+/g, " ").trim();
})"""
FILL_IN = """(numbers) => document.querySelectorAll("#contents .number")
    .forEach((place, index) => { place.textContent = numbers[index]; })"""


def prepare(page: Page) -> list[str]:
    """Open what is folded and write the contents; return the anchors of the chapters."""
    page.add_style_tag(path=Path(__file__).with_suffix(".css"))
    page.evaluate(UNLINK)
    page.evaluate(OPEN)
    page.evaluate(LONG)
    page.evaluate(TITLE)
    anchors = page.evaluate(CONTENTS)
    page.evaluate(LOADED)
    return anchors


def on_paper(page: Page, *, final: bool) -> bytes:
    """Return the PDF of a page; only the final one names the parts of the text."""
    return page.pdf(
        format="A4",
        scale=SCALE,
        margin={"top": "18mm", "bottom": "18mm", "left": f"{SIDES}mm", "right": f"{SIDES}mm"},
        print_background=True,
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=FOOTER,
        outline=final,
        tagged=final,
    )


def outline_entries(entry: pypdf.generic.DictionaryObject) -> Iterator:
    """Yield the entries of an outline below one of them, in the order of the pages."""
    child = entry.get("/First")
    while child is not None:
        yield child.get_object()
        yield from outline_entries(child.get_object())
        child = child.get_object().get("/Next")


def with_titles(pdf: bytes, titles: list[str]) -> pypdf.PdfWriter:
    """Return a PDF whose outline has each title once: Chromium repeats those that it moves.

    Raises
    ------
    ValueError
        If the outline has other entries than the titles.
    """
    # pypdf warns that Chromium counts its objects in another way, and goes on.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    writer.pdf_header = "%PDF-1.4"  # as Chromium writes; tags are newer than pypdf's 1.3
    entries = list(outline_entries(writer.root_object["/Outlines"].get_object()))
    if len(entries) != len(titles):
        raise ValueError(f"{len(entries)} entries in the outline, {len(titles)} headings")
    for entry, title in zip(entries, titles, strict=True):
        entry[NameObject("/Title")] = TextStringObject(title)
    return writer


def print_book() -> Path:
    """Print the book with everything unfolded.

    Returns
    -------
    Path
        The PDF.

    Raises
    ------
    FileNotFoundError
        If there is no Chromium, or no single page.
    """
    chromium = find_chromium()
    if chromium is None:
        raise FileNotFoundError("install Chromium, or set CHROMIUM to its path")
    with serving(PAGE) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page()
        page.set_default_timeout(300_000)
        page.emulate_media(media="print", color_scheme="light")
        if not page.goto(f"{address}/{HOME}", wait_until="load").ok:
            raise FileNotFoundError(f"build the single page first: there is no {HOME} in {PAGE}")
        anchors = prepare(page)
        # Only a printed book knows on which page a chapter begins, so it is printed twice.
        draft = pypdf.PdfReader(io.BytesIO(on_paper(page, final=False)))
        places = draft.named_destinations
        numbers = [draft.get_destination_page_number(places[f"/{name}"]) + 1 for name in anchors]
        page.evaluate(FILL_IN, numbers)
        with_titles(on_paper(page, final=True), page.evaluate(HEADINGS)).write(PDF)
        browser.close()
    return PDF


if __name__ == "__main__":
    try:
        print(f"The book is in {print_book().relative_to(ROOT)}.")
    except FileNotFoundError as error:
        sys.exit(str(error))
