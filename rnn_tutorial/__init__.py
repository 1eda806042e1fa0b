"""The package of the book *Recurrent Neural Networks, Proven*.

Its modules are imported when they are first used, so that ``import rnn_tutorial`` adds almost
nothing to the time that ``import torch`` takes.
"""

import importlib

__version__ = "0.1.0"

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "automata",
    "batching",
    "bptt",
    "cells",
    "checks",
    "costs",
    "datasets",
    "dynamics",
    "evaluation",
    "experiments",
    "explorables",
    "figures",
    "forecast_evaluation",
    "forecasting",
    "gates",
    "generation",
    "history",
    "hopfield",
    "initialization",
    "jacobians",
    "language",
    "layers",
    "memory",
    "milestones",
    "misconceptions",
    "models",
    "museum",
    "ngrams",
    "numpy_rnn",
    "probing",
    "quantization",
    "recomputation",
    "scan",
    "subwords",
    "tasks",
    "text",
    "training",
]

_LAYERS = ("RNN", "LSTM", "GRU")


def __getattr__(name):
    if name in _LAYERS:
        return getattr(importlib.import_module(f"{__name__}.layers"), name)
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
