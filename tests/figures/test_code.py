"""Code of the package is shown whole, but for its docstring."""

from IPython.core.interactiveshell import InteractiveShell

from rnn_tutorial import figures
from rnn_tutorial.checks import example
from rnn_tutorial.networks import CharacterRNN


def commented(a):
    """Return a string.

    It has a second paragraph.
    """
    # a comment stays
    return f"""{a}"""


def bare(a):
    return a


class Example:
    """A class."""

    @staticmethod
    def method():
        """Return None."""


def test_the_code_is_the_function_without_its_docstring():
    expected = 'def commented(a):\n    # a comment stays\n    return f"""{a}"""'
    assert figures.code_of(commented) == expected
    assert figures.code_of(bare) == "def bare(a):\n    return a"


def test_a_method_begins_at_the_margin_with_its_decorators():
    assert figures.code_of(Example.method) == "@staticmethod\ndef method():"
    assert figures.code_of(CharacterRNN.encode).startswith("def encode(self, text: str)")


def test_of_a_class_the_own_docstring_alone_is_left_out():
    shown = figures.code_of(Example)
    assert "A class" not in shown
    assert "Return None" in shown


def test_a_notebook_shows_code_and_a_terminal_the_text():
    shown = figures.code_of(bare)
    data, _ = InteractiveShell.instance().display_formatter.format(shown)
    assert data["text/markdown"] == f"```python\n{shown}\n```"
    assert data["text/plain"] == shown


def test_a_module_is_shown_whole():
    assert figures.code_of(example).startswith("import torch\n")
    assert figures.code_of(example).endswith('# not only "not applicable"')
