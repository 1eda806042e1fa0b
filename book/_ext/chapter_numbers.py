"""Numbers figures by chapter: Sphinx can only do so if it also numbers the titles, as ours are not.

A chapter is a file ``NN_name``; its third figure, table, equation or exercise is number NN.3. An
optional page of a chapter has a letter after its number, ``NNa_name``, and its third figure is
Figure NNa.3. A page of figures that is no chapter has a letter of its own, as in Figure P.3.
Otherwise Sphinx counts through the whole book, and a new figure in chapter 2 renames those of
chapter 9.
"""

import re

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

CHAPTER = re.compile(r"(?:.*/)?(\d\d)([a-z]?)_[^/]*$")
LETTERS = {"book/published_and_measured": "P"}


def recall_counts(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Give Sphinx its own counts of the last build, or it would see every page as renumbered."""
    env.toc_fignumbers = getattr(env, "counts_of_the_book", env.toc_fignumbers)
    return []


def number_by_chapter(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Restart the counts in every chapter and put the number of the chapter before them."""
    env.counts_of_the_book = env.toc_fignumbers
    env.toc_fignumbers = {}
    for docname, kinds in env.counts_of_the_book.items():
        chapter = CHAPTER.match(docname)
        number = f"{int(chapter[1])}{chapter[2]}" if chapter else LETTERS.get(docname)
        prefix = (number,) if number else ()
        env.toc_fignumbers[docname] = {
            kind: {
                name: (*prefix, count)
                for count, name in enumerate(sorted(numbers, key=numbers.get), 1)
            }
            for kind, numbers in kinds.items()
        }
    return []


def setup(app: Sphinx) -> dict:
    """Run before and after Sphinx counts (priority 500)."""
    # sphinx_external_toc loads this extension, which does not say whether pages may be read in
    # parallel. They may: it only numbers sections once all pages are read.
    app.extensions["sphinx_multitoc_numbering"].parallel_read_safe = True
    app.connect("env-get-updated", recall_counts, priority=400)
    app.connect("env-get-updated", number_by_chapter, priority=600)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
