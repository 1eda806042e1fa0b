"""Lets the search find symbols in formulas: the index of Sphinx, which the theme uses, misses them.

Sphinx indexes the source of a formula, so that ``mathbf`` is found and ``W_hh`` is not. Here a page
gets its symbols as keywords, in the forms in which readers type them: ``W_hh``, ``h_t``, ``σ``.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx

COMMAND = re.compile(r"\\(?:math(?:bf|rm|cal|bb)|boldsymbol|text(?:rm|bf)?|operatorname)\b\s*")
SYMBOL = re.compile(r"(\\?[A-Za-z]+)_(?:\{([A-Za-z]{1,4})\}|([A-Za-z0-9]))")
NAMES = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho
varsigma sigma tau upsilon phi chi psi omega"""
GREEK = {name: chr(0x3B1 + place) for place, name in enumerate(NAMES.split())}
LETTER = re.compile(r"\\(" + "|".join(GREEK) + r")(?![a-z])")


def symbols(latex: str) -> set[str]:
    r"""List the symbols of a formula as readers type them.

    Parameters
    ----------
    latex : str
        The source, such as ``\mathbf{W}_{hh} + \sigma``.

    Returns
    -------
    set of str
        Such as ``{"W_hh", "σ"}``.
    """
    plain = re.sub(r"\{([A-Za-z]|\\[a-z]+)\}", r"\1", COMMAND.sub("", latex))
    plain = LETTER.sub(lambda match: GREEK[match[1]], plain)
    found = {letter for letter in plain if letter in GREEK.values()}
    for name, braced, single in SYMBOL.findall(plain):
        if not name.startswith("\\"):
            found.add(f"{name[-1]}_{braced or single}")
    return found


def add_keywords(app: Sphinx, doctree: nodes.document) -> None:
    """Give a page its symbols as keywords, which Sphinx's index reads."""
    found = set()
    for kind in (nodes.math, nodes.math_block):
        for formula in doctree.findall(kind):
            found |= symbols(formula.astext())
    if found:
        doctree += nodes.meta(name="keywords", content=",".join(sorted(found)))


def setup(app: Sphinx) -> dict:
    """Connect to pages that have been read."""
    app.connect("doctree-read", add_keywords)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
