r"""Turns formulas into MathML when the site is built: the theme would load MathJax on each page.

Browsers draw MathML themselves, so a page needs no script for its formulas and shows them at
once. A formula that cannot be translated is a warning that names its page, and so an error of the
build.
"""

import re
from html import escape

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)

CONVERTER = LatexToMathML(fancy_error=False)
# Sphinx numbers equations, so environments that would number their own lines lose the numbers.
NUMBERED_ENVIRONMENT = re.compile(r"\\(begin|end)\{(align|alignat|equation|gather|multline)\}")

# Unless they are told not to, browsers break a line between a formula and the comma after it.
PUNCTUATED = re.compile(
    r'[(\[]<span class="math">(?:(?!</span>).)*</span>[,.;:!?)\]]*'
    r'|<span class="math">(?:(?!</span>).)*</span>[,.;:!?)\]]+'
)


def to_mathml(latex: str, *, display: bool) -> str:
    r"""Translate a formula; a display may have several lines.

    Parameters
    ----------
    latex : str
        The formula without its dollar signs. In a display, ``\\`` breaks the line and an empty
        line starts a new formula, also outside an environment.
    display : bool
        Whether the formula stands on its own.

    Returns
    -------
    str
        A ``<math>`` element.

    Raises
    ------
    math_core.LatexError
        If the formula holds an error or an unknown command.
    """
    latex = latex.strip()
    if display:
        latex = NUMBERED_ENVIRONMENT.sub(r"\\\1{\2*}", latex)
        latex = latex.replace(r"{split}", r"{aligned}")
        rows = [row.strip() for row in re.split(r"\n\s*\n", latex) if row.strip()]
        if len(rows) > 1 or (r"\\" in latex and not latex.startswith(r"\begin")):
            latex = r"\begin{aligned}" + r" \\ ".join(rows) + r"\end{aligned}"
    return CONVERTER.convert_with_local_state(latex, displaystyle=display)


def convert(node: nodes.math | nodes.math_block, *, display: bool) -> str:
    """Translate the formula of a node, or warn and show its source."""
    try:
        return to_mathml(node.astext(), display=display)
    except LatexError as error:
        logger.warning("formula %r: %s", node.astext(), error, location=node)
        return f"<code>{escape(node.astext())}</code>"


def visit_math(translator, node: nodes.math) -> None:
    """Write an inline formula."""
    mathml = convert(node, display=False)
    translator.body.append(translator.starttag(node, "span", "", CLASS="math"))
    translator.body.append(mathml + "</span>")
    raise nodes.SkipNode


def visit_math_block(translator, node: nodes.math_block) -> None:
    """Write a displayed formula, with its number if it has one."""
    mathml = convert(node, display=True)
    translator.body.append(translator.starttag(node, "div", "", CLASS="math"))
    # A wide formula scrolls in this box.
    translator.body.append(f'<div class="formula">{mathml}</div>')
    if node.get("number"):
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def keep_punctuation(
    app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None
) -> None:
    """Keep every inline formula and the punctuation around it on one line."""
    if context.get("body"):
        unbroken = r'<span class="unbroken">\g<0></span>'
        context["body"] = PUNCTUATED.sub(unbroken, context["body"])


def setup(app: Sphinx) -> dict:
    """Register the renderer under the name ``static``."""
    app.add_html_math_renderer("static", (visit_math, None), (visit_math_block, None))
    app.connect("html-page-context", keep_punctuation)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
