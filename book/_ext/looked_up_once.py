"""Looks up once what Sphinx looks up at each reference, which took a third of a build.

For the number of a figure Sphinx unpacks the whole page that holds it; for a citation pybtex reads
what each installed package has to offer.
"""

from functools import cache

import pybtex.plugin
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.environment import BuildEnvironment


@cache
def page(env: BuildEnvironment, docname: str) -> nodes.document:
    """Return a page as it was read; nobody may change it."""
    return env.get_doctree(docname)


class Pages:
    """The environment, but for pages, which are unpacked once."""

    def __init__(self, env: BuildEnvironment) -> None:
        self.env = env

    def __getattr__(self, name: str) -> object:
        return getattr(self.env, name)

    def get_doctree(self, docname: str) -> nodes.document:
        """Return a page as it was read."""
        return page(self.env, docname)


class Domain(StandardDomain):
    """Sphinx's own domain of labels, which only looks at the page that has a figure."""

    def _resolve_numref_xref(self, env: BuildEnvironment, *others: object) -> object:
        return super()._resolve_numref_xref(Pages(env), *others)


def unpack(app: Sphinx, env: BuildEnvironment) -> None:
    """Unpack the pages with numbers before the processes begin that write, for all of them."""
    for docname, numbers in env.toc_fignumbers.items():
        if numbers:
            page(env, docname)


def setup(app: Sphinx) -> dict:
    """Replace the domain, and keep what pybtex finds."""
    app.add_domain(Domain, override=True)
    app.connect("env-check-consistency", unpack)
    pybtex.plugin.entry_points = cache(pybtex.plugin.entry_points)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
