"""Sphinx extension: the page that is printed knows what the other pages know.

sphinx-exercise names its writers for the builder ``singlehtml``, and Sphinx then forgets those
that others name for all of HTML.
"""

from sphinx.application import Sphinx


def add_writers(app: Sphinx, config) -> None:
    """Give the single page the writers of HTML."""
    handlers = app.registry.translation_handlers
    handlers["singlehtml"] = {**handlers.get("html", {}), **handlers.get("singlehtml", {})}


def setup(app: Sphinx) -> dict:
    """Run once all extensions are loaded."""
    app.connect("config-inited", add_writers)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
