"""Sphinx extension: what makes a build slow and need not.

Each function here takes the place of one of Sphinx or of an extension that does the same thing
over and over, or deals out work so that a process waits for another. No page changes by it. What is
to be replaced has to be there: after an update that renames it, the build fails and names it.
"""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby

import pybtex.plugin
import sphinx.builders
from docutils import nodes
from numpydoc import docscrape_sphinx
from pybtex.style.formatting import BaseStyle
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.domains.std import StandardDomain
from sphinx.environment import BuildEnvironment
from sphinx.pycode.parser import Parser
from sphinx.search.en import SearchEnglish

SHARE = 3  # pages; a process that is done takes the next ones
REFERENCE = "book/api"


def replace(owner: object, name: str, wrap: Callable) -> None:
    """Put ``wrap(function)`` in the place of a function, once in a process."""
    function = getattr(owner, name)
    if not hasattr(function, "of_the_book"):
        wrapped = wrap(function)
        wrapped.of_the_book = True
        setattr(owner, name, wrapped)


class PagesReadOnce:
    """An environment that reads a page once, for who looks things up and changes nothing."""

    def __init__(self, env: BuildEnvironment):
        self.env = env
        self.get_doctree = cache(env.get_doctree)

    def __getattr__(self, name: str):
        return getattr(self.env, name)


def read_numbered_pages_once(resolve: Callable) -> Callable:
    """Keep the pages that references to figures lead to.

    For each reference Sphinx reads the whole page of the figure, to see what kind of node it is.
    """
    reading = cache(PagesReadOnce)
    return lambda domain, env, *others: resolve(domain, reading(env), *others)


def compile_template_once(environment: Callable) -> Callable:
    """Keep the environment in which numpydoc compiles its template.

    It makes one for every docstring, each with the same folders.
    """
    kept = {}

    def environment_of(loader) -> object:
        if type(loader) not in kept:
            kept[type(loader)] = environment(loader=loader)
        return kept[type(loader)]

    return environment_of


def format_entry_once(format_entry: Callable) -> Callable:
    """Write an entry of the bibliography once, though it is wanted for its tooltip too.

    sphinxcontrib-bibtex asks twice in a row, with the same style and the same entry.
    """
    last = ((None, None, None), None)

    def format_once(style, label: str, entry, *others) -> object:
        nonlocal last
        (last_style, last_label, last_entry), written = last
        if style is not last_style or label != last_label or entry is not last_entry or others:
            written = format_entry(style, label, entry, *others)
            last = (style, label, entry), written
        return written

    return format_once


def leave_definitions(parse: Callable) -> Callable:
    """Do not look for the lines of definitions, for which Sphinx splits a module into tokens.

    Only ``sphinx.ext.viewcode`` asks for them, which the book does not load.
    """
    return lambda parser: None


def walk(node: nodes.Node, kind: type, wanted: Callable | None = None) -> Iterator[nodes.Node]:
    """Yield a node and all below it that are of a kind and wanted, in the order of the text."""
    if isinstance(node, kind) and (wanted is None or wanted(node)):
        yield node
    open_lists = [iter(node.children)]
    while open_lists:
        for child in open_lists[-1]:
            if isinstance(child, kind) and (wanted is None or wanted(child)):
                yield child
            if child.children:
                open_lists.append(iter(child.children))
                break
        else:
            open_lists.pop()


def find_without_recursion(findall: Callable) -> Callable:
    """Go through a tree without a generator for each node; docutils passes each result up.

    What is searched for beside or above a node is rare, and left to docutils.
    """

    def find(node, condition=None, include_self=True, descend=True, siblings=False, ascend=False):
        if not include_self or not descend or siblings or ascend:
            return findall(node, condition, include_self, descend, siblings, ascend)
        if condition is None or isinstance(condition, type):
            return walk(node, condition or nodes.Node)
        return walk(node, nodes.Node, condition)

    return find


def remember_stems(stem: Callable) -> Callable:
    """Keep the stems of words, which the index of the search asks for anew on each page."""
    known = {}

    def stem_once(language, word: str) -> str:
        if word not in known:
            known[word] = stem(language, word)
        return known[word]

    return stem_once


def is_reference(docname: str) -> bool:
    """Say whether a page documents the package."""
    return docname.startswith(REFERENCE)


def deal(chunks: Callable) -> Callable:
    """Deal pages out in small shares, and those of the reference in one.

    Sphinx makes as many shares as there are processes, and the last one to finish keeps the others
    waiting. Who reads the reference has to import the package and all that it uses.
    """

    def shares(docnames: list[str], nproc: int) -> list[list[str]]:
        dealt = []
        for together, group in groupby(docnames, is_reference):
            pages = list(group)
            size = len(pages) if together else SHARE
            dealt += [pages[start : start + size] for start in range(0, len(pages), size)]
        return dealt

    return shares


def read_reference_first(read: Callable) -> Callable:
    """Begin with what takes longest to read."""

    def reference_first(docname: str) -> bool:
        return not is_reference(docname)

    return lambda builder, docnames, nproc: read(
        builder, sorted(docnames, key=reference_first), nproc
    )


def add_a_writer(write: Callable) -> Callable:
    """Have one more process write pages, since Sphinx's own is done with its part before them."""
    return lambda builder, docnames, nproc: write(builder, docnames, nproc + 1)


def setup(app: Sphinx) -> dict:
    """Replace what is slow, and answer for an extension."""
    # It reads the entry points of all installed packages for every citation.
    replace(pybtex.plugin, "_load_entry_point", cache)
    replace(BaseStyle, "format_entry", format_entry_once)
    replace(StandardDomain, "_resolve_numref_xref", read_numbered_pages_once)
    replace(docscrape_sphinx, "SandboxedEnvironment", compile_template_once)
    replace(Parser, "parse_definition", leave_definitions)
    replace(nodes.Node, "findall", find_without_recursion)
    replace(SearchEnglish, "stem", remember_stems)
    replace(sphinx.builders, "make_chunks", deal)
    replace(Builder, "_read_parallel", read_reference_first)
    replace(Builder, "_write_parallel", add_a_writer)
    # It does not say that pages may be read side by side, though it only numbers sections later.
    app.extensions["sphinx_multitoc_numbering"].parallel_read_safe = True
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
