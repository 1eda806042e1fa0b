"""Makes the single page that is printed a book: the theme has no say in how Sphinx assembles it.

Sphinx puts all pages below the sections of the first, and forgets that two pages may use the same
id, so that a link to a work of the bibliography leads to the first element with that number. And
sphinx-exercise registers writers for this builder alone, which makes Sphinx ignore those that other
extensions register for HTML.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from docutils import nodes
from sphinx.addnodes import start_of_file
from sphinx.application import Sphinx
from sphinx.builders.singlehtml import SingleFileHTMLBuilder

ADDRESS = re.compile(r"#document-([^#]+)#(.+)")


def elements(node: nodes.Element, page: str) -> Iterator[tuple[str, nodes.Element]]:
    """Yield all elements of an assembled tree, each with the page that it comes from."""
    page = node["docname"] if isinstance(node, start_of_file) else page
    yield page, node
    for child in node.children:
        if isinstance(child, nodes.Element):
            yield from elements(child, page)


def parts(tree: nodes.Element) -> list[nodes.Element]:
    """List the containers below an element in which Sphinx has put pages."""
    return [box for box in tree.findall(nodes.compound) if "toctree-wrapper" in box["classes"]]


class WholeBook(SingleFileHTMLBuilder):
    """One page in which chapters are siblings and every id is unique."""

    def anchor(self, page: str, name: str) -> str:
        """Return the id for a name on a page, with the page as a prefix if several pages use it."""
        return f"{page}/{name}" if name in self.ambiguous else name

    def assemble_doctree(self) -> nodes.document:
        """Move the chapters out of the first page, and pages below a chapter to after it."""
        tree = super().assemble_doctree()
        for page in reversed(list(tree.findall(start_of_file))):
            for part in parts(page):
                part.parent.remove(part)
                page.parent.insert(page.parent.index(page) + 1, part.children)
        for part in parts(tree):
            part.parent.remove(part)
            tree += part
        return tree

    def fix_refuris(self, tree: nodes.Element) -> None:
        """Write ids and the links to them; Sphinx calls this with the whole book first."""
        everything = list(elements(tree, self.config.root_doc))
        if isinstance(tree, nodes.document):
            pages = defaultdict(set)
            for page, element in everything:
                for name in element.get("ids", []):
                    pages[name].add(page)
            self.ambiguous = {name for name, found in pages.items() if len(found) > 1}
            for page, element in everything:
                for key in ("ids", "backrefs"):
                    if element.get(key):
                        element[key] = [self.anchor(page, name) for name in element[key]]
                if "refid" in element:
                    element["refid"] = self.anchor(page, element["refid"])
        for _, element in everything:
            if isinstance(element, nodes.reference):
                address = ADDRESS.fullmatch(element.get("refuri", ""))
                if address:
                    element["refuri"] = f"#{self.anchor(*address.groups())}"

    def assemble_toc_fignumbers(self) -> dict[str, dict[str, dict[str, tuple[int, ...]]]]:
        """Give the numbers of figures, tables and equations to the same ids."""
        numbers = super().assemble_toc_fignumbers()
        return {
            root: {
                kind: {self.anchor(kind.rpartition("/")[0], n): v for n, v in found.items()}
                for kind, found in kinds.items()
            }
            for root, kinds in numbers.items()
        }


def add_writers(app: Sphinx, config) -> None:
    """Give the single page the writers of HTML too."""
    handlers = app.registry.translation_handlers
    handlers["singlehtml"] = {**handlers.get("html", {}), **handlers.get("singlehtml", {})}


def setup(app: Sphinx) -> dict:
    """Register the builder in place of Sphinx's, and run once all extensions are loaded."""
    app.add_builder(WholeBook, override=True)
    app.connect("config-inited", add_writers)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
