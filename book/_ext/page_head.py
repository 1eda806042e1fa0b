"""Says how to cite a chapter, and describes the book as schema.org does: the theme does neither.

Descriptions and link previews come from sphinxext-opengraph, the map of the site from
sphinx-sitemap.
"""

import json
import re
from functools import cache
from pathlib import Path

import yaml
from sphinx.application import Sphinx

CHAPTER = re.compile(r"book/(\d\d[a-z]?)_(\w+)$")
LICENSE = "https://creativecommons.org/licenses/by/4.0/"
COURSE = {
    "@type": "Course",
    "educationalLevel": "Undergraduate, third year",
    "coursePrerequisites": "Python, matrix products and the chain rule",
    "hasCourseInstance": {
        "@type": "CourseInstance",
        "courseMode": "Online",
        "courseWorkload": "PT120H",
    },
}


@cache
def book_data(folder: Path) -> dict:
    """Return what CITATION.cff says of the book."""
    return yaml.safe_load((folder / "CITATION.cff").read_text(encoding="utf-8"))


def structured(app: Sphinx, pagename: str, title: str) -> dict | None:
    """Return the data of the home page or of a chapter in schema.org's terms; None for others."""
    book = book_data(Path(app.srcdir))
    author = {"@type": "Organization", "name": book["authors"][0]["name"]}
    common = {"inLanguage": "en", "license": LICENSE, "isAccessibleForFree": True, "author": author}
    whole = {"@type": "Book", "name": book["title"], "version": str(book["version"]), **common}
    if app.config.book_address:
        whole["url"] = app.config.book_address
    if pagename == app.config.root_doc:
        about = {"description": " ".join(book["abstract"].split())}
        course = {**COURSE, "name": book["title"], "provider": author, **about, **common}
        whole |= {"keywords": book["keywords"], **about}
        return {"@context": "https://schema.org", "@graph": [whole, course]}
    if match := CHAPTER.match(pagename):
        kind = {"@type": ["Chapter", "LearningResource"], "name": title}
        position = {"position": match[1].lstrip("0") or "0", "isPartOf": whole}
        return {"@context": "https://schema.org", **kind, **position, **common}
    return None


def citation(app: Sphinx, pagename: str, title: str) -> dict | None:
    """Return the citation of a chapter as text and as BibTeX; None for other pages."""
    match = CHAPTER.match(pagename)
    if not match:
        return None
    book = book_data(Path(app.srcdir))
    author, year = book["authors"][0]["name"], app.config.copyright.split(",")[0]
    name = re.sub(r"^\d+[a-z]?\. ", "", title)
    address = app.config.book_address and f"{app.config.book_address}{pagename}.html"
    fields = {
        "author": f"{{{author}}}",
        "title": name,
        "booktitle": book["title"],
        "chapter": match[1].lstrip("0") or "0",
        "year": year,
        "note": f"Version {book['version']}",
    }
    fields |= {"url": address} if address else {}
    lines = "".join(f"  {key} = {{{value}}},\n" for key, value in fields.items())
    text = f"{author} ({year}). {name}. In: {book['title']}, version {book['version']}."
    return {
        "text": f"{text} {address}".strip(),
        "bibtex": f"@incollection{{rnn{year}{match[2].replace('_', '')},\n{lines}}}",
    }


def describe(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give the templates the structured data and the citation."""
    title = re.sub(r"<[^>]+>", "", context.get("title", ""))
    if data := structured(app, pagename, title):
        # A script element ends at the first "</", even inside a string.
        context["structured_data"] = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    context["citation"] = citation(app, pagename, title)


def setup(app: Sphinx) -> dict:
    """Connect to the page that is about to be written."""
    app.connect("html-page-context", describe)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
