"""Checks of arguments. Each message names the argument, what it must be and what it got."""

import math
import operator
from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

_NO_NUMBERS = (bool, np.bool_, str, bytes, bytearray, Tensor)


def integer(name: str, value: object, minimum: int | None = None) -> int:
    """Return an integer of Python's or NumPy's as an int, if it is not below `minimum`."""
    try:
        number = None if isinstance(value, _NO_NUMBERS) else operator.index(value)
    except TypeError:
        number = None
    if number is None:
        raise TypeError(f"{name} must be an integer, got {_describe(value)}")
    if minimum is not None and number < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {number}")
    return number


def positive_integers(**values: object) -> None:
    """Check integers of at least 1, each given under its name."""
    for name, value in values.items():
        integer(name, value, 1)


def index(name: str, value: object, size: int) -> int:
    """Return the position of an entry in a list of that size, counted from 0."""
    number = integer(name, value, 0)
    if number >= size:
        raise ValueError(f"{name} must be below {size}, got {number}")
    return number


def boolean(name: str, value: object) -> bool:
    """Return a bool, and refuse anything that only behaves like one."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be a bool, got {_describe(value)}")
    return value


def choice(name: str, value: object, choices: Iterable[str]) -> str:
    """Return one of several strings."""
    choices = list(choices)
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, got {value!r}")
    return value


def real(name: str, value: object) -> float:
    """Return a finite number as a float."""
    number = _as_float(name, value)
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {number}")
    return number


def positive(name: str, value: object) -> float:
    """Return a finite number above zero."""
    number = real(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be positive, got {number}")
    return number


def share(name: str, value: object) -> float:
    """Return a number between 0 and 1, neither of them included."""
    number = _as_float(name, value)
    if not 0 < number < 1:
        raise ValueError(f"{name} must be a share between 0 and 1, got {number}")
    return number


def probability(name: str, value: object, *, one: bool = False) -> float:
    """Return a number from 0 to 1, where 1 itself counts only if `one` is set."""
    number = _as_float(name, value)
    if not (0 <= number < 1 or (one and number == 1)):
        top = "at most 1" if one else "below 1"
        raise ValueError(f"{name} must be at least 0 and {top}, got {number}")
    return number


def tensor(name: str, value: object, shape: tuple[int | str, ...], like: Tensor) -> Tensor:
    """Return a tensor of the given shape, with the type and on the device of `like`.

    A string in `shape` stands for any size and appears in the message.
    """
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be a tensor, got {_describe(value)}")
    if value.is_nested:
        raise ValueError(f"{name} must be a dense tensor, got a nested one")
    fits = value.dim() == len(shape) and all(
        isinstance(want, str) or got == want for got, want in zip(value.shape, shape, strict=True)
    )
    if not fits:
        wanted = f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
        raise ValueError(f"{name} must have shape {wanted}, got {tuple(value.shape)}")
    if value.dtype != like.dtype:
        cast = (
            f"; if torch.autocast made it, cast it back with .to({like.dtype})"
            if value.dtype in (torch.float16, torch.bfloat16)
            else ""
        )
        raise TypeError(
            f"{name} must be of the weights' type {like.dtype}, got {value.dtype}{cast}"
        )
    if value.device != like.device:
        raise ValueError(f"{name} must be on the weights' device {like.device}, got {value.device}")
    if value.layout != torch.strided:
        raise ValueError(f"{name} must be a dense tensor, got layout {value.layout}")
    return value


def floating(name: str, value: Tensor) -> Tensor:
    """Return a tensor of real floating-point numbers."""
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be a tensor, got {_describe(value)}")
    if not value.is_floating_point():
        raise TypeError(f"{name} must hold floating-point numbers, got {value.dtype}")
    return value


def scalar(name: str, value: object) -> Tensor:
    """Return what a function returned if it is a tensor of one floating-point number."""
    fits = isinstance(value, Tensor) and value.numel() == 1 and value.is_floating_point()
    if not fits:
        got = _describe(value)
        if isinstance(value, Tensor):
            got = f"a tensor of shape {tuple(value.shape)} and type {value.dtype}"
        raise ValueError(f"{name} must return a tensor of one floating-point number, got {got}")
    return value.reshape(())


def square(name: str, matrices: object, at_least: int) -> None:
    """Check square matrices of `at_least` dimensions, of float32 or float64."""
    if not isinstance(matrices, Tensor):
        raise TypeError(f"{name} must be a tensor, got {type(matrices).__name__}")
    shape, types = tuple(matrices.shape), (torch.float32, torch.float64)
    if len(shape) < at_least or shape[-1] != shape[-2] or 0 in shape or matrices.dtype not in types:
        raise ValueError(
            f"{name} must be square matrices of float32 or float64, got {shape} of {matrices.dtype}"
        )


def finite(name: str, matrices: Tensor) -> Tensor:
    """Return matrices without NaN or infinity; LAPACK may crash on those."""
    if not matrices.isfinite().all():
        raise ValueError(f"{name} must be finite, got NaN or infinity in it")
    return matrices


def states_with(name: str, states: object, values: object) -> tuple[np.ndarray, np.ndarray]:
    """Return finite states (samples, hidden) and one value for each, both as arrays."""
    states, values = np.asarray(states), np.asarray(values)
    if states.ndim != 2 or not states.size:
        raise ValueError(f"states must have shape (samples, hidden), got {states.shape}")
    if states.dtype.kind not in "biuf" or not np.isfinite(states).all():
        raise ValueError("states must be finite numbers")
    if values.shape != states.shape[:1]:
        raise ValueError(f"{name} must have shape {states.shape[:1]}, got {values.shape}")
    return states, values


def _as_float(name: str, value: object) -> float:
    try:
        number = None if isinstance(value, _NO_NUMBERS) else float(value)
    except OverflowError:
        raise ValueError(f"{name} must be finite, got a number too large for a float") from None
    except (TypeError, ValueError):
        number = None
    if number is None:
        raise TypeError(f"{name} must be a number, got {_describe(value)}")
    return number


def _describe(value: object) -> str:
    text = repr(value)
    return type(value).__name__ if len(text) > 40 else f"{text} ({type(value).__name__})"
