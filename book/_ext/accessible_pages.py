"""Repairs inaccessible HTML of docutils, pandas and sphinx-exercise, which the theme passes on."""

import re

from docutils import nodes
from sphinx.application import Sphinx

REPAIRS = [
    # docutils: roles that the ARIA standard has withdrawn, and a list without list items
    (re.compile(r' role="doc-biblioentry"'), ""),
    (re.compile(r'<div role="list" class="citation-list">'), '<div class="citation-list">'),
    # pandas: the empty corner of a table is not a header
    (re.compile(r"<th></th>"), "<td></td>"),
    # myst-nb: a hidden name that differs from the visible one
    (re.compile(r'<summary aria-label="Toggle hidden content">'), "<summary>"),
    # sphinx-exercise: the same id for every exercise of a page, with a prefix on the single page
    (re.compile(r'<section id="(?:[^"]*/)?(?:exercise|solution)-content">'), "<section>"),
]


def repair(
    app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None
) -> None:
    """Rewrite the body of a page before it goes into its template."""
    body = context.get("body")
    if body:
        for pattern, replacement in REPAIRS:
            body = pattern.sub(replacement, body)
        context["body"] = body


def setup(app: Sphinx) -> dict:
    """Connect to the page that is about to be written."""
    app.connect("html-page-context", repair)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
