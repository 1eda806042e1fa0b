"""Sphinx extension: what search engines, chats and citations want to know of a page.

A description from its first paragraph, the data of Open Graph and schema.org, and a citation of
the chapter. With the address of the site (see ``addresses``) also a map of the site.
"""

import json
import re
from pathlib import Path
from xml.sax.saxutils import escape

import yaml
from docutils import nodes
from sphinx.application import Sphinx

CHAPTER = re.compile(r"book/(\d\d[a-z]?)_(\w+)$")
LONGEST = 155
DESCRIPTIONS = {
    "genindex": "The index of the book: terms and functions with the pages where they stand.",
    "py-modindex": "The modules of the package rnn_tutorial, each with a link to its reference.",
    "search": "Search the chapters, the glossary and the reference of the book.",
    "404": "There is no such page in the book.",
}
LICENSE = "https://creativecommons.org/licenses/by/4.0/"


def first_paragraph(doctree: nodes.document) -> str:
    """Return the first paragraph without a formula, cut behind a word; empty without one."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = re.sub(r"\s+", " ", paragraph.astext()).strip()
        is_note = isinstance(paragraph.children[0], nodes.emphasis)
        if len(text) > 60 and not is_note and not any(paragraph.findall(nodes.math)):
            break
    else:
        return ""
    if len(text) <= LONGEST:
        return text
    return text[: text.rindex(" ", 0, LONGEST - 1)].rstrip(",;:.") + " …"


def minutes(doctree: nodes.document) -> int | None:
    """Return how long a chapter says that it takes to read."""
    found = re.search(r"Reading:?\s+(?:\w+ )?(\d+) minutes", doctree.astext())
    return int(found[1]) if found else None


def book_data(app: Sphinx) -> dict:
    """Return what a citation needs of the book, from CITATION.cff."""
    return yaml.safe_load((Path(app.srcdir) / "CITATION.cff").read_text(encoding="utf-8"))


def structured(app: Sphinx, pagename: str, title: str, description: str, time: int | None) -> dict:
    """Return the data of a page as schema.org names them."""
    book = book_data(app)
    author = {"@type": "Organization", "name": book["authors"][0]["name"]}
    common = {"inLanguage": "en", "license": LICENSE, "isAccessibleForFree": True, "author": author}
    whole = {"@type": "Book", "name": book["title"], **common}
    if app.config.book_address:
        whole["url"] = app.config.book_address
    if pagename == app.config.root_doc:
        whole |= {
            "description": description,
            "version": str(book["version"]),
            "keywords": book["keywords"],
        }
        course = {
            "@type": "Course",
            "name": book["title"],
            "description": description,
            "provider": author,
            "educationalLevel": "Undergraduate, third year",
            "coursePrerequisites": "Python, matrix products and the chain rule",
            "hasCourseInstance": {
                "@type": "CourseInstance",
                "courseMode": "Online",
                "courseWorkload": "PT120H",
            },
            **common,
        }
        return {"@context": "https://schema.org", "@graph": [whole, course]}
    page = {"@type": "WebPage", "name": title, "description": description, "isPartOf": whole}
    if match := CHAPTER.match(pagename):
        page |= {"@type": ["Chapter", "LearningResource"], "position": match[1].lstrip("0") or "0"}
        page |= {"timeRequired": f"PT{time}M"} if time else {}
    return {"@context": "https://schema.org", **page, **common}


def citation(app: Sphinx, pagename: str, title: str) -> dict | None:
    """Return the citation of a chapter as text and as BibTeX; None for other pages."""
    match = CHAPTER.match(pagename)
    if not match:
        return None
    book = book_data(app)
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
    """Give the templates a description, the structured data and a citation."""
    description = DESCRIPTIONS.get(pagename, "")
    time = None
    if doctree is not None:
        description = first_paragraph(doctree)
        time = minutes(doctree)
    title = re.sub(r"<[^>]+>", "", context.get("title", "")) or app.config.html_title
    data = structured(app, pagename, title, description, time)
    # A script element ends at the first "</", also inside a string.
    context["structured_data"] = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    context["description"] = description
    context["citation"] = citation(app, pagename, title)
    context["book_address"] = app.config.book_address


def write_sitemap(app: Sphinx, error: Exception | None) -> None:
    """List the pages for search engines, if it is known where they are."""
    address = app.config.book_address
    if error or app.builder.name != "html" or not address:
        return
    pages = [address + app.builder.get_target_uri(name) for name in sorted(app.env.found_docs)]
    lines = "".join(f"  <url><loc>{escape(page)}</loc></url>\n" for page in pages)
    (Path(app.outdir) / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{lines}</urlset>\n',
        encoding="utf-8",
    )


def setup(app: Sphinx) -> dict:
    """Connect to the pages, and to the end of the build."""
    app.connect("html-page-context", describe)
    app.connect("build-finished", write_sitemap)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
