"""Links names of the package to the reference: the theme and MyST link only what has a role.

A chapter writes ``text.Vocabulary`` as code, or a name that its cells import. Where the reference
has such a name, the page links it, and the end of the page lists all names that its cells use.
"""

import ast
import json
import pkgutil
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.nodes import make_refnode

PACKAGE = "rnn_tutorial"
REFERENCE = "book/api_"  # how the names of its pages begin


def used_names(cells: list[str]) -> dict[str, str]:
    """Return what cells use of the package: the full name of each name as they write it."""
    trees = []
    for source in cells:
        lines = ["" if line.startswith(("%", "!")) else line for line in source.splitlines()]
        trees.append(ast.parse("\n".join(lines)))
    nodes_of_cells = [node for tree in trees for node in ast.walk(tree)]
    names = {}
    for node in nodes_of_cells:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    for node in nodes_of_cells:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = names.get(node.value.id)
            names |= {f"{node.value.id}.{node.attr}": f"{module}.{node.attr}"} if module else {}
    return names


@cache
def names_of_notebook(path: Path) -> dict[str, str]:
    """Return what the cells of a notebook use; each notebook is read once in a build."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return used_names(["".join(c["source"]) for c in cells if c["cell_type"] == "code"])


def names_of_page(app: Sphinx, docname: str) -> dict[str, str]:
    """Return what the cells of a page use; nothing for a page without cells."""
    path = Path(app.env.doc2path(docname))
    return names_of_notebook(path) if path.suffix == ".ipynb" else {}


def documented_names(app: Sphinx) -> dict:
    """Return what the reference has."""
    objects = app.env.get_domain("py").objects
    return {name: entry for name, entry in objects.items() if name.startswith(PACKAGE)}


@cache
def home(name: str) -> str:
    """Return the name in the module that defines it; rooms hand on what their modules define."""
    try:
        thing = pkgutil.resolve_name(name)
    except (AttributeError, ImportError, ValueError):
        return name
    own = f"{getattr(thing, '__module__', '')}.{getattr(thing, '__qualname__', '')}"
    return own if own.startswith(PACKAGE) else name


def full_name(code: str, used: dict[str, str], documented: dict) -> str | None:
    """Return the documented name that a piece of code stands for; None for anything else."""
    name = code.strip().removesuffix("()")
    head, dot, tail = name.partition(".")
    candidates = [used.get(name, name)]
    candidates += [f"{used.get(head, head)}.{tail}", f"{PACKAGE}.{name}"] if dot else []
    candidates += [home(n) for n in candidates if n.startswith(PACKAGE)]
    return next((n for n in candidates if n in documented), None)


def list_names(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """List at the end of a page what its cells use."""
    if doctree is None or app.builder.name != "html":
        return
    documented = documented_names(app)
    found = {full_name(name, {}, documented) for name in names_of_page(app, pagename).values()}
    context["reference"] = []
    for name in sorted(found - {None}):
        entry = documented[name]
        if entry.objtype != "module":
            address = app.builder.get_relative_uri(pagename, entry.docname)
            shown = name.removeprefix(f"{PACKAGE}.")
            context["reference"].append((shown, f"{address}#{entry.node_id}"))


def link_names(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Link names in code that the reference has, outside links and headings."""
    if docname.startswith(REFERENCE) or app.builder.format != "html":
        return
    documented, used = documented_names(app), names_of_page(app, docname)
    for code in list(doctree.findall(nodes.literal)):
        name = full_name(code.astext(), used, documented)
        parent = code.parent
        if name is None or isinstance(parent, nodes.reference | nodes.title):
            continue
        entry = documented[name]
        link = make_refnode(app.builder, docname, entry.docname, entry.node_id, code.deepcopy())
        parent.replace(code, link)


def setup(app: Sphinx) -> dict:
    """Connect to pages whose references are resolved."""
    app.connect("doctree-resolved", link_names)
    app.connect("html-page-context", list_names)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
