"""What the hidden tests of all assignments share; each autograder's archive holds a copy."""

import functools
import inspect
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from types import ModuleType

import torch


class Feedback(AssertionError):  # noqa: N818 - students read its name before the text
    """A failed check whose text is written for the student: where to look, never the answer."""


def expect(condition: object, text: str) -> None:
    """Raise Feedback with a text unless a condition holds."""
    if not condition:
        raise Feedback(text)


def close(found: object, wanted: torch.Tensor, text: str, tolerance: float = 1e-9) -> None:
    """Raise Feedback unless a tensor has the wanted shape and, within a tolerance, values."""
    expect(isinstance(found, torch.Tensor), "The result must be a tensor.")
    expect(
        found.shape == wanted.shape,
        f"The shape is {tuple(found.shape)} where it must be {tuple(wanted.shape)}.",
    )
    found = found.to(wanted)
    far = torch.where(found == wanted, torch.zeros_like(wanted), (found - wanted).abs())
    at_most(float(far.max()) if far.numel() else 0.0, tolerance, text)


def at_most(value: float, bound: float, text: str) -> None:
    """Raise Feedback unless a number is at most a bound; `assignments.margins` measures here."""
    expect(value <= bound, text)


def at_least(value: float, bound: float, text: str) -> None:
    """Raise Feedback unless a number is at least a bound; `assignments.margins` measures here."""
    expect(value >= bound, text)


def pair(value: object, name: str, what: str, kind: type = tuple) -> tuple:
    """Return what a function returned if it is two things, described by `what`."""
    expect(isinstance(value, kind) and len(value) == 2, f"`{name}` must return two things: {what}.")
    return value


def number(value: object, name: str) -> float:
    """Return what a function returned as a float."""
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError):
        raise Feedback(f"`{name}` must return a number.") from None


def need(env: Mapping[str, object], name: str, kind: type | None = None) -> object:
    """Return what the submission calls `name`.

    Raises
    ------
    Feedback
        If it is missing, still a placeholder, or of another kind.
    """
    expect(
        env.get(name) is not None and env.get(name) is not ...,
        f"`{name}` is not defined when the notebook has run. Restart the kernel, run all cells, "
        f"and see whether the cell of `{name}` raises or was renamed.",
    )
    value = env[name]
    if kind is not None:
        expect(
            isinstance(value, kind),
            f"`{name}` must be of type {kind.__name__}, it is {type(value).__name__}.",
        )
    return value


class OutOfTimeError(BaseException):
    """A call has run out of time; no `except Exception` of a submission catches this."""


@contextmanager
def time_limit(seconds: float, name: str):
    """Stop what runs inside after some seconds, and raise Feedback that says so."""

    def stop(signum, frame):
        # again, in case the submission swallows the first one
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        raise OutOfTimeError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except OutOfTimeError:
        raise Feedback(
            f"`{name}` did not return within {seconds:g} seconds. Does a loop never end?"
        ) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


_late: dict[int, str] = {}  # functions that once did not return are not waited for again


@contextmanager
def waited_for(function: Callable, name: str, seconds: float):
    """Limit the time of a call; a function that was too slow before is not called at all.

    A loop that never ends thus costs its time once, and not once for each test.
    """
    expect(id(function) not in _late, _late.get(id(function), ""))
    start = time.monotonic()
    try:
        with time_limit(seconds, name):
            yield
    except Feedback as reason:
        if time.monotonic() - start >= seconds:
            _late[id(function)] = str(reason)
        raise


def timed(test_case: Callable) -> Callable:
    """Return otter's decorator of tests with a limit on the time of public ones.

    Hidden tests call functions through `call`, which has its own limit; public ones do not.
    """

    def decorated(*, hidden: bool = False, **options: object) -> Callable:
        def made(test: Callable) -> object:
            name = next(iter(inspect.signature(test).parameters))

            @functools.wraps(test)
            def limited(**given: object) -> None:
                with waited_for(given[name], name, 10.0):
                    test(**given)

            return test_case(hidden=hidden, **options)(test if hidden else limited)

        return made

    return decorated


def call(
    env: Mapping[str, object], name: str, *arguments: object, seconds: float = 10.0, **options
) -> object:
    """Call a function of the submission with a time limit, and turn what it raises into Feedback.

    Parameters
    ----------
    env : mapping
        The names that the submission defines.
    name : str
        The function.
    *arguments, **options
        What to call it with.
    seconds : float
        Longer calls are stopped.
    """
    function = need(env, name)
    expect(callable(function), f"`{name}` must be a function.")
    with waited_for(function, name, seconds):
        found = guarded(name, function, *arguments, **options)
    expect(
        found is not None,
        f"`{name}` returned nothing: fill in its cell, or look for a `return` that is missing.",
    )
    return found


def guarded(name: str, function: Callable, *arguments: object, **options: object) -> object:
    """Call a function and turn what it raises into Feedback that names the error."""
    try:
        return function(*arguments, **options)
    except Feedback:  # an argument that a test passes may refuse how it is used
        raise
    except ModuleNotFoundError as error:
        closed = (error.name or "").split(".")[0] == PACKAGE and PACKAGE in sys.modules
        text = "the book's package is closed here" if closed else str(error)
        raise Feedback(f"`{name}` raised ModuleNotFoundError: {text}.") from None
    except Exception as error:
        raise Feedback(f"`{name}` raised {type(error).__name__}: {str(error)[:200]}") from None
    except SystemExit:
        raise Feedback(f"`{name}` ended the program.") from None


def call_alone(env: Mapping[str, object], name: str, *arguments: object, **options) -> object:
    """Do what `call` does, with the book's package out of reach."""
    with package_closed(env):
        return call(env, name, *arguments, **options)


PACKAGE = "rnn_tutorial"


def _of_the_package(value: object) -> bool:
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return str(name).split(".")[0] == PACKAGE


@contextmanager
def package_closed(env: Mapping[str, object]):
    """Make `import rnn_tutorial` fail inside: it holds whole models with their training.

    Raises
    ------
    Feedback
        If the submission has already taken something from the package.
    """
    borrowed = [name for name, value in env.items() if _of_the_package(value)]
    expect(not borrowed, f"The book's package is closed here, but {borrowed} comes from it.")
    hidden = {name: module for name, module in sys.modules.items() if name.split(".")[0] == PACKAGE}
    for name in hidden:
        del sys.modules[name]
    sys.modules[PACKAGE] = None
    try:
        yield
    finally:
        del sys.modules[PACKAGE]
        sys.modules.update(hidden)
