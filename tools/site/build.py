"""Build the book as ``jupyter-book build`` does, on several cores.

    python -m tools.site.build [--builder NAME] [--jobs N] [--fresh]

Warnings are errors. What a build has read is kept for the next one, which then reads only the pages
that have changed; after a warning nothing is kept, since a page that is kept does not repeat its
warnings. ``--fresh`` reads everything, as the tests do.
"""

import argparse
import shutil
import sys
from pathlib import Path

from jupyter_book.sphinx import REDIRECT_TEXT, build_sphinx

ROOT = Path(__file__).parents[2]


def build(builder: str, jobs: int, *, fresh: bool) -> int:
    """Build into ``_build/BUILDER``.

    Parameters
    ----------
    builder : str
        The name of a Sphinx builder.
    jobs : int
        How many processes read and write pages.
    fresh : bool
        Whether to forget what the last build has kept.

    Returns
    -------
    int
        0, or another number after a warning or an error.
    """
    output, kept = ROOT / "_build" / builder, ROOT / "_build" / ".doctrees"
    if fresh:
        shutil.rmtree(output, ignore_errors=True)
        shutil.rmtree(kept, ignore_errors=True)
    status = build_sphinx(
        ROOT,
        output,
        noconfig=True,
        path_config=ROOT / "_config.yml",
        confoverrides={
            "external_toc_path": str(ROOT / "_toc.yml"),
            "latex_individualpages": False,
            "nitpicky": True,
        },
        builder=builder,
        warningiserror=True,
        keep_going=True,
        jobs=jobs,
        quiet=True,
    )
    if status != 0:
        shutil.rmtree(kept, ignore_errors=True)
        return 1
    if builder == "html":
        (output / "index.html").write_text(REDIRECT_TEXT.format(first_page="book/index.html"))
    if builder == "singlehtml":  # its addresses are relative to the top folder
        shutil.move(output / "book" / "index.html", output / "index.html")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--builder", default="html")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--fresh", action="store_true")
    arguments = parser.parse_args()
    sys.exit(build(arguments.builder, arguments.jobs, fresh=arguments.fresh))
