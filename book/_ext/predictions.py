"""Adds the directive ``prediction``: the theme cannot ask readers something before it tells them.

``:::{prediction}`` with the option ``number`` (its value is the unit, if there is one) or
``choices`` (separated by ``|``) holds a question, a line ``---`` and the answer. Where scripts run,
the page takes the reader's entry, which stays in the browser, and shows it beside the answer;
elsewhere the answer is folded, and on paper it stands below the question. Only pages with a
prediction load the script.
"""

import hashlib
from html import escape
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

TITLE, ANSWER, RULE = "Your prediction", "The answer", "---"
FENCE = ":" * 9  # longer than any in an answer


class prediction(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes so
    """The form for an entry, with the choices as children if there are any."""


class choice(nodes.inline):  # noqa: N801
    """One of the choices."""


class Prediction(SphinxDirective):
    """A question that readers answer before they read on."""

    has_content = True
    option_spec: ClassVar = {
        "number": directives.unchanged,
        "choices": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return the question, the form and the folded answer."""
        lines = list(self.content)
        if lines.count(RULE) != 1:
            raise self.error(f"a prediction has one line {RULE}, between question and answer")
        choices = [label.strip() for label in self.options.get("choices", "").split("|") if label]
        if ("number" in self.options) == (len(choices) > 1):
            raise self.error("a prediction has either the option number or at least two choices")
        rule = lines.index(RULE)
        # A question that was worded anew is another one.
        digest = hashlib.sha256("\n".join([*lines[:rule], *choices]).encode())
        form = prediction(key=digest.hexdigest()[:8], unit=self.options.get("number", ""))
        for label in choices:
            text, problems = self.state.inline_text(label, self.lineno)
            form += [choice("", "", *text), *problems]
        box = nodes.admonition("", nodes.title("", TITLE), classes=["tip", "prediction"])
        self.state.nested_parse(self.content[:rule], self.content_offset, box)
        box += form
        folded = [f"{FENCE}{{dropdown}} {ANSWER}", *lines[rule + 1 :], FENCE]
        source = self.state.document.current_source
        self.state.nested_parse(StringList(folded, source), self.content_offset + rule, box)
        return [box]


def visit_prediction(translator, node: prediction) -> None:
    """Open the form; what a form with the method "dialog" holds is sent nowhere."""
    translator.body.append(
        f'<form class="pst-js-only" method="dialog" autocomplete="off" data-key="{node["key"]}">'
    )
    if node.children:
        translator.body.append(f'<fieldset aria-label="{TITLE}">')
    else:
        unit = f"<span>{escape(node['unit'])}</span>"
        field = '<input type="number" step="any" name="entry" required />'
        translator.body.append(f"<label>Your number {field} {unit}</label>")


def depart_prediction(translator, node: prediction) -> None:
    """Close the form."""
    end = "</fieldset>" if node.children else ""
    translator.body.append(f'{end}<button type="submit">Compare</button></form>')


def visit_choice(translator, node: choice) -> None:
    """Begin a choice."""
    value = escape(node.astext(), quote=True)
    field = f'<input type="radio" name="entry" value="{value}" required />'
    translator.body.append(f"<label>{field} <span>")


def depart_choice(translator, node: choice) -> None:
    """End a choice."""
    translator.body.append("</span></label>")


def add_script(
    app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None
) -> None:
    """Have a page with a prediction load the script."""
    if doctree is not None and any(doctree.findall(prediction)):
        app.add_js_file("predictions.js", loading_method="defer")


def setup(app: Sphinx) -> dict:
    """Register the directive."""
    app.add_node(prediction, html=(visit_prediction, depart_prediction))
    app.add_node(choice, html=(visit_choice, depart_choice))
    app.add_directive("prediction", Prediction)
    app.connect("html-page-context", add_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
