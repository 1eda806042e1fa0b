"""Sphinx extension: figures, tables, equations and exercises carry the number of their chapter.

A chapter is a file ``NN_name``; its third figure is Figure NN.3. An optional page of a chapter has
a letter behind its number, ``NNa_name``, and its third figure is Figure NNa.3. Sphinx would count
through the whole book, and a new figure in chapter 2 would rename those of chapter 9.
"""

import re

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

CHAPTER = re.compile(r"(?:.*/)?(\d\d)([a-z]?)_[^/]*$")


def number_by_chapter(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Restart the counts in every chapter and put the number of the chapter before them."""
    for docname, kinds in env.toc_fignumbers.items():
        chapter = CHAPTER.match(docname)
        prefix = (f"{int(chapter[1])}{chapter[2]}",) if chapter else ()
        for kind, numbers in kinds.items():
            ordered = sorted(numbers, key=numbers.get)
            kinds[kind] = {name: (*prefix, count) for count, name in enumerate(ordered, 1)}
    return []


def setup(app: Sphinx) -> dict:
    """Run after Sphinx has counted (priority 500)."""
    app.connect("env-get-updated", number_by_chapter, priority=600)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
