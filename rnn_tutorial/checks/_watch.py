"""Which functions of torch a program calls, in what order and with what."""

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def watched(**functions: Callable) -> Iterator[list[tuple[str, dict]]]:
    """Collect the calls of some functions, however they were imported.

    Parameters
    ----------
    **functions
        Functions written in Python, by the names that they get in the list.

    Yields
    ------
    list of tuple
        A pair for each call, in order: the name, and the arguments by their own names.
    """
    names = {inspect.unwrap(function).__code__: name for name, function in functions.items()}
    calls: list[tuple[str, dict]] = []

    def note(frame, event, _):
        if event == "call" and frame.f_code in names:
            calls.append((names[frame.f_code], dict(frame.f_locals)))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(before)
