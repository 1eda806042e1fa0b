"""Leaves the tokens of code that look like text without elements: Pygments puts one around each.

They are more than half of all elements of a chapter, and a phone takes its time for each.
"""

from pygments.lexers import PythonLexer
from pygments.token import Name, Punctuation, Text, Whitespace
from sphinx.application import Sphinx

PLAIN = (Name, Name.Namespace, Punctuation, Whitespace)  # in both styles of the site


class PlainPythonLexer(PythonLexer):
    """Python, with the names and the brackets as text."""

    def get_tokens_unprocessed(self, text: str):
        """Split code into tokens; see `pygments.lexer.Lexer`."""
        for place, kind, value in super().get_tokens_unprocessed(text):
            yield place, Text if kind in PLAIN else kind, value


def setup(app: Sphinx) -> dict:
    """Register the lexer for all Python of the site."""
    app.add_lexer("python", PlainPythonLexer)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
