"""Offers the chapters as notebooks in plain Markdown: the theme links a MyST source as it stands.

JupyterLab, Colab and the like do not know MyST. A launchable notebook keeps a chapter's code cells
with their tags and outputs; its Markdown cells are rewritten with what Sphinx knows of the book.
The site carries the notebooks for download. Binder, Colab and JupyterHubs get them from a branch of
the repository, which the workflow that deploys the site writes.
"""

from pathlib import Path
from urllib.parse import urlencode, urlsplit

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.parallel import ParallelTasks, SerialTasks, parallel_available

from launchable.chapter import Chapter

logger = logging.getLogger(__name__)

BRANCH = "launchable"


def write_notebooks(app: Sphinx, error: Exception | None) -> None:
    """Write ``notebooks/NN_name.ipynb`` for each chapter that has changed since the last build.

    With several processes, they write while this one goes on.
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
        except (KeyError, ValueError) as error:
            logger.warning("no launchable notebook: %s", error, location=docname)


def wait_for_notebooks(app: Sphinx, error: Exception | None) -> None:
    """Wait until the notebooks are written."""
    if not error and app.builder.name == "html":
        app.writers_of_notebooks.join()


def show_buttons(
    app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None
) -> None:
    """Put buttons that run a chapter below its title."""
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


def setup(app: Sphinx) -> dict:
    """Connect to the pages, and to the end of the build."""
    app.connect("html-page-context", show_buttons)
    app.connect("build-finished", write_notebooks, priority=300)
    app.connect("build-finished", wait_for_notebooks, priority=950)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
