"""Sphinx builder ``launchable``: the chapters as notebooks in plain Markdown.

JupyterLab, Colab and the like do not know MyST. This builder keeps a chapter's code cells with
their tags and outputs and rewrites its Markdown cells with what Sphinx knows of the whole book.
"""

import base64
import mimetypes
import os
from pathlib import Path

import nbformat
from docutils import nodes
from myst_nb.core.variables import format_plain_text
from plain_markdown import Site, caption, plain
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util import logging

logger = logging.getLogger(__name__)

INSTALL = """\
# Installs the book's package where it is missing, for example on Colab.
from importlib.util import find_spec

if find_spec("rnn_tutorial") is None:
    {install}
if find_spec("myst_nb") is None:
    %pip install --quiet myst-nb"""
MISSING = 'raise ModuleNotFoundError("install the book first: see its page on the set-up")'


class LaunchableBuilder(Builder):
    """Writes ``NN_name.ipynb`` for every chapter."""

    name = "launchable"
    format = "ipynb"
    epilog = "The notebooks are in %(outdir)s."

    def get_outdated_docs(self) -> list[str]:
        """Rewrite every notebook: a number in one may come from another."""
        paths = {name: self.env.doc2path(name) for name in self.env.found_docs}
        return sorted(name for name, path in paths.items() if path.endswith(".ipynb"))

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        """Return where links would lead; they become text, so nothing is needed."""
        return docname

    def write(self, *args, **kwargs) -> None:
        """Write the notebooks from their sources; no page has to be laid out for that."""
        for docname in self.get_outdated_docs():
            path = Path(self.env.doc2path(docname))
            try:
                notebook = Chapter(self, docname, nbformat.read(path, as_version=4)).launchable()
            except (KeyError, ValueError) as error:
                logger.warning("no launchable notebook: %s", error, location=docname)
            else:
                nbformat.write(notebook, Path(self.outdir) / path.name)


class Chapter:
    """One chapter on its way to plain Markdown."""

    def __init__(self, builder: Builder, docname: str, notebook: nbformat.NotebookNode):
        self.builder = builder
        self.env = builder.env
        self.docname = docname
        self.notebook = notebook
        self.glued = glued_values(notebook)
        self.references, self.cited = resolved_references(builder, docname)
        self.attachments: dict[str, dict] = {}

    def launchable(self) -> nbformat.NotebookNode:
        """Return the notebook: an install cell, the chapter, the works that it cites."""
        repository = self.builder.config.launchable_repository
        install = (
            f'%pip install --quiet "rnn-tutorial @ git+{repository}"' if repository else MISSING
        )
        cells = [nbformat.v4.new_code_cell(INSTALL.format(install=install), id="install")]
        in_solution = False
        for cell in self.notebook.cells:
            if cell.cell_type == "markdown":
                in_solution = "{solution-end}" not in cell.source and (
                    in_solution or "{solution-start}" in cell.source
                )
                cells += self.markdown_cell(cell.source, cell.id)
                continue
            if in_solution:
                cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
            cells.append(cell)
            figure = cell.metadata.get("mystnb", {}).get("figure")
            if figure:
                text = plain(figure["caption"], self.site)
                cells += self.markdown_cell(
                    caption("figure", figure, text, self.site), f"{cell.id}-caption"
                )
        if self.cited:
            works = "\n".join(f"- {work}" for work in sorted(self.cited))
            cells.append(
                nbformat.v4.new_markdown_cell(f"## Works cited\n\n{works}", id="works-cited")
            )
        self.notebook.cells = cells
        nbformat.validate(self.notebook)
        return self.notebook

    def markdown_cell(self, source: str, cell_id: str) -> list[nbformat.NotebookNode]:
        """Return a cell with the source in plain Markdown, none if nothing is left of it."""
        self.attachments = {}
        source = plain(source, self.site)
        if not source:
            return []
        cell = nbformat.v4.new_markdown_cell(source, id=cell_id)
        if self.attachments:
            cell.attachments = self.attachments
        return [cell]

    @property
    def site(self) -> Site:
        """What the rewriting may ask."""
        return Site(self.role, self.number, self.exercise_title, self.attach)

    def role(self, name: str, content: str) -> str:
        """Return the text that the site shows for a role."""
        if name.startswith("glue:"):
            key, _, form = content.partition(":")
            return format_plain_text(self.glued[key], form).strip("'\"")
        if name == "math":
            return f"${content}$"
        if name in {"sub", "sup"}:
            return f"<{name}>{content}</{name}>"
        return self.references[f":{name}:`{content}`"]

    def number(self, kind: str, label: str) -> str:
        """Return the number of a figure, table, exercise or equation, such as 9.2."""
        names = [label, f"equation-{label}", nodes.make_id(label)]
        numbers = self.env.toc_fignumbers.get(self.docname, {}).get(kind, {})
        found = next((numbers[name] for name in names if name in numbers), None)
        if found is None:
            raise KeyError(f"{kind} {label!r} has no number")
        return ".".join(map(str, found))

    def exercise_title(self, label: str) -> str:
        """Return ``Exercise 9.1 (its title)``."""
        exercise = self.env.sphinx_exercise_registry[label]
        title = exercise["node"].children[0]
        subtitle = f" ({title.children[1].astext()})" if len(title.children) > 1 else ""
        return f"Exercise {self.number('exercise', label)}{subtitle}"

    def attach(self, picture: str) -> str:
        """Put a picture into the cell, so that the notebook stands alone."""
        path = Path(self.env.doc2path(self.docname)).parent / picture
        kind = mimetypes.guess_type(path.name, strict=False)[0] or "image/png"
        content = base64.b64encode(path.read_bytes()).decode("ascii")
        self.attachments[path.name] = {kind: content}
        return f"attachment:{path.name}"


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

    The key of a reference is its source as a role, in the way that docutils writes it.
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


def setup(app: Sphinx) -> dict:
    """Register the builder; the repository's address comes from the workflow that publishes."""
    app.add_builder(LaunchableBuilder)
    app.add_config_value("launchable_repository", os.environ.get("BOOK_REPOSITORY", ""), "env")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
