"""Which cells of a notebook only read stored tables, and so may not carry a tolerance.

A cell does if it uses what ``experiments.load`` returned and nothing that calculates: it and the
statements whose values it uses are made of plain Python, pandas, NumPy without random numbers and
linear algebra, the constants of experiments, and the parts of the package that load data and
draw. If its output differs, it is stale. The check reads the source and follows names; where it
cannot tell, it takes the cell for one that calculates.
"""

import ast
import sys
from collections.abc import Iterator

from nbformat import NotebookNode

from tools.contracts.rewrite import code_cells

_LOAD = "rnn_tutorial.experiments.load"
# What a statement may use and still calculate nothing; and exceptions from that.
_HARMLESS = (
    *("matplotlib", "myst_nb", "numpy", "pandas"),
    *("rnn_tutorial.data", "rnn_tutorial.figures", _LOAD),
    *sys.stdlib_module_names,
)
_HARMFUL = ("numpy.linalg", "numpy.random")


def table_faults(notebook: NotebookNode) -> list[str]:
    """List the cells that only read stored tables and carry a tolerance of their numbers."""
    cells = code_cells(notebook)
    marks = zip(cells, reads_only_tables([cell.source for cell in cells]), strict=True)
    return [
        f"code cell {count} only reads stored tables, so it may carry neither atol nor rounding"
        for count, (cell, only_tables) in enumerate(marks, start=1)
        if only_tables and {"atol", "rounding"} & {*cell.metadata.get("contract", {})}
    ]


def reads_only_tables(sources: list[str]) -> list[bool]:
    """Tell for each code cell of a notebook, by its source, whether it only reads stored tables."""
    modules: dict[str, str] = {}
    origins: dict[str, set[str]] = {}
    found = []
    for source in sources:
        # without the lines for the notebook alone, such as %xmode
        python = "\n".join(line for line in source.splitlines() if not line.startswith(("%", "!")))
        try:
            statements = ast.parse(python).body
        except SyntaxError:  # shown on purpose
            found.append(False)
            continue
        used = set().union(*(_follow(each, modules, origins) for each in statements))
        found.append(_LOAD in used and all(map(_is_harmless, used)))
    return found


def _follow(statement: ast.stmt, modules: dict[str, str], origins: dict[str, set[str]]) -> set[str]:
    """Return all that a statement uses, by dotted names, and note it for the names it binds."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        modules.update(_imported(statement))
        return set()
    local = {*_local_names(statement)}
    used = set()
    for name, *attributes in _mentioned(statement):
        if name in local:
            continue
        if name in modules:
            used.add(".".join([modules[name], *attributes]))
        else:
            used |= origins.get(name, set())
    simple = isinstance(statement, ast.Assign | ast.FunctionDef | ast.ClassDef)
    for name in _bound(statement):
        origins[name] = used if simple else used | origins.get(name, set())
    for name in _changed(statement):
        origins[name] = used | origins.get(name, set())
    return used


def _is_harmless(dotted: str) -> bool:
    def within(*places: str) -> bool:
        return any(f"{dotted}.".startswith(f"{place}.") for place in places)

    constant = within("rnn_tutorial.experiments") and any(map(str.isupper, dotted.split(".")))
    return constant or (within(*_HARMLESS) and not within(*_HARMFUL))


def _imported(statement: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """Map the names that an import binds to dotted names."""
    names = {}
    for each in statement.names:
        if isinstance(statement, ast.ImportFrom):
            names[each.asname or each.name] = f"{statement.module}.{each.name}"
        else:
            whole = each.name if each.asname else each.name.split(".")[0]
            names[each.asname or whole] = whole
    return names


def _mentioned(node: ast.AST) -> Iterator[list[str]]:
    """Yield each ``a.b.c`` that is read, as its parts."""
    inner = node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    if isinstance(inner, ast.Name):
        if isinstance(inner.ctx, ast.Load):
            yield ast.unparse(node).split(".")
        return
    for child in ast.iter_child_nodes(inner):
        yield from _mentioned(child)


def _local_names(statement: ast.stmt) -> Iterator[str]:
    """Yield the arguments of functions, and the names that loops run through."""
    for node in ast.walk(statement):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.comprehension | ast.For):
            yield from (each.id for each in ast.walk(node.target) if isinstance(each, ast.Name))


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement gives a value, and those of functions and classes."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _changed(statement: ast.stmt) -> Iterator[str]:
    """Yield the names of objects that a statement may change: a[0] = 1, a.b = 1, a.append(1)."""
    for node in ast.walk(statement):
        stored = isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store)
        called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        if not stored and not (called and not isinstance(node.value.func, ast.Name)):  # print(a)
            continue
        target = node if stored else node.value
        while isinstance(target, ast.Subscript | ast.Attribute | ast.Call):
            target = target.func if isinstance(target, ast.Call) else target.value
        if isinstance(target, ast.Name):
            yield target.id
