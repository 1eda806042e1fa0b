"""What the tests know about the pages: their files, their text and the links in them."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import yaml
from bs4 import BeautifulSoup, NavigableString, Tag
from playwright.sync_api import ConsoleMessage

# Which attribute of which element makes a browser load something.
LOADING = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "img": "src",
    "link": "href",
    "object": "data",
    "script": "src",
    "source": "src",
    "video": "src",
}
PASSIVE_LINKS = {"canonical", "next", "prev", "search", "index", "author", "license"}

ROOT = Path(__file__).parents[2]
# What a page is opened with
PHONE = {"viewport": {"width": 360, "height": 740}}
DESKTOP = {
    "viewport": {"width": 1280, "height": 900},
    "permissions": ["clipboard-read", "clipboard-write"],
}
NOT_PROSE = {"pre", "code", "math", "script", "style"}
# Adds up how far the content moves while a page arrives
SHIFT = """window.shift = 0;
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
    window.shift += entry.value;
})).observe({type: "layout-shift", buffered: true});"""


def chapters_and_pages() -> list[str]:
    """List the pages of the table of contents, without their ending."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    optional = [page for chapter in chapters for page in chapter.get("sections", [])]
    return [toc["root"], *(page["file"] for page in chapters + optional)]


def all_pages() -> list[str]:
    """List all pages of the site: those of the table of contents and those that Sphinx adds."""
    names = [*chapters_and_pages(), "genindex", "py-modindex", "search", "404"]
    return [f"{name}.html" for name in names]


def html_files(site: Path) -> list[Path]:
    """List the pages of the site."""
    return [path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]


def is_redirect(path: Path) -> bool:
    """Say whether a page only sends the browser on to another."""
    return 'http-equiv="Refresh"' in path.read_text(encoding="utf-8")


@cache
def parse(path: Path) -> BeautifulSoup:
    """Parse a page, once: no test may change what is returned."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def loaded(page: BeautifulSoup) -> list[str]:
    """List the addresses that a browser loads to show the page."""
    addresses = []
    for tag, attribute in LOADING.items():
        for element in page.find_all(tag):
            if not PASSIVE_LINKS.intersection(element.get("rel") or []):
                addresses += [element[attribute]] if element.get(attribute) else []
    return addresses


def is_external(address: str) -> bool:
    """Say whether an address leaves the site."""
    return address.startswith("//") or urlsplit(address).scheme in {"http", "https"}


def internal_target(page_path: Path, address: str) -> tuple[Path, str]:
    """Return the file and the anchor that an address on a page points to."""
    path, anchor = urldefrag(address)
    target = page_path if not path else page_path.parent / unquote(urlsplit(path).path)
    if target.is_dir():
        target = target / "index.html"
    return target.resolve(), unquote(anchor)


def prose(page: BeautifulSoup) -> str:
    """Return the text of the article, without code and formulas."""

    def texts(element: Tag) -> Iterator[str]:
        for child in element.children:
            if isinstance(child, Tag):
                if child.name not in NOT_PROSE:
                    yield from texts(child)
            elif type(child) is NavigableString:  # and not a comment
                yield child

    return " ".join(texts(page.find("article")))


def is_fault(message: ConsoleMessage) -> bool:
    """Say whether a line of the console is one; a page that only sends on has no icon."""
    return message.type == "error" and "favicon.ico" not in message.location["url"]
