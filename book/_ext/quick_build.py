"""Sphinx extension: what makes a build slow and need not.

pybtex looks up its plugin for every citation, and each time reads the entry points of all installed
packages. And sphinx-multitoc-numbering, which sphinx-external-toc loads, does not say that pages
may be read side by side, though all it does is to number sections once they are read.
"""

from functools import cache

import pybtex.plugin
from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict:
    """Remember plugins, and answer for the extension."""
    if not hasattr(pybtex.plugin._load_entry_point, "cache_info"):
        pybtex.plugin._load_entry_point = cache(pybtex.plugin._load_entry_point)
    app.extensions["sphinx_multitoc_numbering"].parallel_read_safe = True
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
