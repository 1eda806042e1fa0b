"""Print the whole book into ``_build/book.pdf``, from its single page: ``make pdf``."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright
from serving import FLAGS, find_chromium, serving

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "_build" / "singlehtml"
HOME = "index.html"
PDF = ROOT / "_build" / "book.pdf"
FOOTER = (
    '<div style="font-size: 8px; width: 100%; text-align: center"><span class="pageNumber"></span>'
    "</div>"
)


def print_book() -> Path:
    """Print, with all that is folded opened.

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
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        page.evaluate("Promise.all([...document.images].map((image) => image.decode()))")
        page.pdf(
            path=PDF,
            format="A4",
            scale=0.8,
            margin={"top": "18mm", "bottom": "18mm", "left": "18mm", "right": "18mm"},
            print_background=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=FOOTER,
            outline=True,
            tagged=True,
        )
        browser.close()
    return PDF


if __name__ == "__main__":
    try:
        print(f"The book is in {print_book().relative_to(ROOT)}.")
    except FileNotFoundError as error:
        sys.exit(str(error))
