"""Adds the directive ``explorable``: the theme has no figure that readers can touch.

``:::{explorable} NAME`` with the options ``alt`` and ``name`` and a caption becomes a figure with
the still image ``NAME.webp`` and an empty element, which the script ``loader.js`` fills as soon as
it comes into view. Only pages with an explorable load that script.
"""

from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.directives.patches import Figure

FOLDER = "book/_static/explorables"


class explorable(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes so
    """The element that the explorable fills."""


class Explorable(Figure):
    """A figure whose image comes to life where scripts run."""

    option_spec: ClassVar = {
        "alt": directives.unchanged_required,
        "name": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        """Return the figure, with the element to be filled before its image."""
        name = self.arguments[0]
        source = self.state.document.settings.env.srcdir
        if not Path(source, FOLDER, f"{name}.js").is_file():
            raise self.error(f"there is no explorable {name!r}: no {FOLDER}/{name}.js")
        if not self.options.get("alt"):
            raise self.error(f"the explorable {name!r} needs the option alt")
        self.arguments[0] = f"/{FOLDER}/{name}.webp"
        result = super().run()
        if isinstance(result[0], nodes.figure):
            result[0]["classes"].append("explorable")
            result[0].insert(0, explorable(title=name))
        return result


def visit_explorable(translator, node: explorable) -> None:
    """Write the empty element."""
    translator.body.append(f'<div data-explorable="{node["title"]}"></div>')
    raise nodes.SkipNode


def skip(translator, node: explorable) -> None:
    """Write nothing but the image, where there are no scripts."""
    raise nodes.SkipNode


def add_files(
    app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None
) -> None:
    """Have a page with an explorable load the script and the style."""
    if doctree is not None and any(doctree.findall(explorable)):
        app.add_css_file("explorables/explorables.css")
        app.add_js_file("explorables/loader.js", type="module")


def setup(app: Sphinx) -> dict:
    """Register the directive."""
    others = dict.fromkeys(("latex", "text", "man", "texinfo"), (skip, None))
    app.add_node(explorable, html=(visit_explorable, None), **others)
    app.add_directive("explorable", Explorable)
    app.connect("html-page-context", add_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
