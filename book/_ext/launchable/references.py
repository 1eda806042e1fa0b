"""What the roles of a chapter stand for: the values that its cells glue, and its references."""

import nbformat
from docutils import nodes
from sphinx import addnodes
from sphinx.builders import Builder


def glued_values(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Return what the notebook's cells have glued, as plain text by name."""
    values = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            data = output.get("data", {})
            for kind in ("text/plain", "application/papermill.record/text/plain"):
                if name and kind in data:
                    values[name] = data[kind]
    return values


def resolved_references(builder: Builder, docname: str) -> tuple[dict, set[str]]:
    """Return the text of every cross reference of a page, and the works that it cites.

    The key of a reference is its source as a role, as docutils writes it.
    """
    document = builder.env.get_doctree(docname)
    found = list(document.findall(addnodes.pending_xref))
    document.clear()
    for reference in found:
        document += nodes.paragraph("", "", reference.deepcopy())
    builder.env.resolve_references(document, docname, builder)
    texts, cited = {}, set()
    for reference, paragraph in zip(found, document.children, strict=True):
        text = paragraph.astext()
        address = next(paragraph.findall(nodes.reference), {}).get("refuri", "")
        if address.startswith("http"):
            text = f"[{text}]({address})"
        if reference.get("refdomain") == "cite":
            cited |= {link["reftitle"] for link in paragraph.findall(nodes.reference)}
        texts[reference.rawsource] = text
    return texts, cited
