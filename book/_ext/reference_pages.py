"""Completes the pages of the reference, which autodoc and numpydoc write and the theme only shows.

Names lead to the line of the source in the repository, if that is known (see ``addresses``).
Citations carry the numbers of their docstrings. A class is found in another project's inventory
even if it is defined in a module that the project keeps to itself.
"""

import inspect
import pkgutil
import re
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext.intersphinx import resolve_reference_any_inventory

PACKAGE = "rnn_tutorial"
REFERENCE = "book/api_"  # how the names of its pages begin
# numpydoc's names of works, which differ from one docstring to the next: R1f0c..., then its own
LABEL = re.compile(r"\bR[0-9a-f]{12}-")


def shorten_labels(app: Sphinx, doctree: nodes.document) -> None:
    """Show a citation as its docstring does, ``[1]``; numpydoc only renames the works cited."""
    if not app.env.docname.startswith(REFERENCE):
        return
    for text in list(doctree.findall(nodes.Text)):
        if LABEL.search(text):
            text.parent.replace(text, nodes.Text(LABEL.sub("", text)))


def public_names(name: str) -> list[str]:
    """List the names that a class may have in its project's documentation.

    ``torch.nn.modules.rnn.GRU`` may be ``torch.nn.modules.GRU``, ``torch.nn.GRU`` or ``torch.GRU``.
    """
    *modules, own = name.split(".")
    return [".".join([*modules[:length], own]) for length in range(len(modules) - 1, 0, -1)]


def look_for_public_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: nodes.TextElement
) -> nodes.reference | None:
    """Look a class up by its public names, after Sphinx has not found the one of its module."""
    if node.get("refdomain") != "py":
        return None
    private = node["reftarget"]
    for name in public_names(private):
        node["reftarget"] = name
        shown = nodes.Text(name) if isinstance(contnode, nodes.Text) else contnode
        if found := resolve_reference_any_inventory(env, True, node, shown):
            return found
    node["reftarget"] = private
    return None


def source_address(repository: str, name: str) -> str | None:
    """Return where the source of an object of the package stands; None if there is no line.

    Parameters
    ----------
    repository : str
        The address of the repository; empty if it is not known.
    name : str
        The full name of a module, class or function.
    """
    if not repository:
        return None
    try:
        thing = inspect.unwrap(pkgutil.resolve_name(name))
        path = inspect.getsourcefile(thing)
        _, line = inspect.getsourcelines(thing)
    except (AttributeError, ImportError, OSError, TypeError):
        return None
    root = Path(__file__).parents[2]
    if path is None or not Path(path).is_relative_to(root / PACKAGE):
        return None
    return f"{repository}/blob/main/{Path(path).relative_to(root).as_posix()}#L{max(line, 1)}"


def set_resolver(app: Sphinx, config) -> None:
    """Tell sphinx.ext.linkcode where the source stands."""

    def resolve(domain: str, info: dict) -> str | None:
        name = ".".join(filter(None, (info.get("module"), info.get("fullname"))))
        return source_address(config.book_repository, name) if domain == "py" else None

    config.linkcode_resolve = resolve


def setup(app: Sphinx) -> dict:
    """Connect to pages that have been read, and to references that lead nowhere."""
    app.setup_extension("sphinx.ext.linkcode")
    app.connect("config-inited", set_resolver)
    app.connect("doctree-read", shorten_labels, priority=900)
    app.connect("missing-reference", look_for_public_name, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
