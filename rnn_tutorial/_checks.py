"""Checks of arguments. Each message names the argument, what it must be and what it got."""

import math
import operator
from collections.abc import Iterable

import torch
from torch import Tensor


def integer(name: str, value: object, minimum: int) -> int:
    """Return an integer of any kind as an int, if it is not below `minimum`."""
    if isinstance(value, bool):
        raise TypeError(f"{name} must be an integer, got {value}")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {_describe(value)}") from None
    if number < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {number}")
    return number


def boolean(name: str, value: object) -> bool:
    """Return a bool, and refuse all that only behaves like one."""
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
    if isinstance(value, bool | str | Tensor):
        raise TypeError(f"{name} must be a number, got {_describe(value)}")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, got {_describe(value)}") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {number}")
    return number


def positive(name: str, value: object) -> float:
    """Return a finite number above zero."""
    number = real(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be positive, got {number}")
    return number


def probability(name: str, value: object, *, one: bool = False) -> float:
    """Return a number from 0 to 1, where 1 itself counts only if `one` is set."""
    if isinstance(value, bool | str | Tensor):
        raise TypeError(f"{name} must be a number, got {_describe(value)}")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, got {_describe(value)}") from None
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
    fits = value.dim() == len(shape) and all(
        isinstance(want, str) or got == want for got, want in zip(value.shape, shape, strict=True)
    )
    if not fits:
        wanted = f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
        raise ValueError(f"{name} must have shape {wanted}, got {tuple(value.shape)}")
    if value.dtype != like.dtype:
        raise TypeError(f"{name} must be of the weights' type {like.dtype}, got {value.dtype}")
    if value.device != like.device:
        raise ValueError(f"{name} must be on the weights' device {like.device}, got {value.device}")
    if value.layout != torch.strided:
        raise ValueError(f"{name} must be a dense tensor, got layout {value.layout}")
    return value


def _describe(value: object) -> str:
    text = repr(value)
    return f"{type(value).__name__}" if len(text) > 40 else f"{text} ({type(value).__name__})"
