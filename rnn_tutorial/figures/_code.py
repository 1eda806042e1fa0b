"""The code of the package, shown in a notebook as code."""

import ast
import inspect
import textwrap


class Code(str):
    """Source text, which a page shows in its colors, and a terminal as it is."""

    __repr__ = str.__str__

    def _repr_markdown_(self) -> str:
        return f"```python\n{self}\n```"


def code_of(thing: object) -> Code:
    """Show a function, a class or a module as it is in the package, without its docstring.

    Parameters
    ----------
    thing : function, class or module
        What to show, with its comments.

    Returns
    -------
    Code
        A string. As the last line of a cell it is shown as code.
    """
    source = textwrap.dedent(inspect.getsource(thing))
    module = ast.parse(source)
    shown = module if inspect.ismodule(thing) else module.body[0]
    lines = source.splitlines()
    if ast.get_docstring(shown) is not None:
        docstring = shown.body[0]
        del lines[docstring.lineno - 1 : docstring.end_lineno]
    return Code("\n".join(lines).strip())
