"""The package of the book *Recurrent Neural Networks, Proven*.

Its rooms are imported when they are first used, so that ``import rnn_tutorial`` adds almost nothing
to the time that ``import torch`` takes.
"""

import importlib

__version__ = "0.1.0"

_LAYERS = ("GRU", "LSTM", "RNN")

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "checks",
    "data",
    "experiments",
    "explorables",
    "figures",
    "gradients",
    "models",
    "museum",
    "networks",
    "states",
    "tasks",
    "training",
]


def __getattr__(name):
    if name in _LAYERS:
        return getattr(importlib.import_module(f"{__name__}.networks"), name)
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
