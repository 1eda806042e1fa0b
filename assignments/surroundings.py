"""What a notebook may change around itself and tests rely on: kept before it, restored after it.

Another folder, another default type, a stream that is gone: such a change is bad luck and makes no
answer wrong. `assignments.notebooks.prepared` puts a cell before a submission and one after it.
Each autograder's archive holds a copy of this file.
"""

import builtins
import importlib
import os
import signal
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from IPython import get_ipython

SETTINGS = (
    (Path.cwd, os.chdir),
    (sys.getrecursionlimit, sys.setrecursionlimit),
    (np.geterr, lambda kept: np.seterr(**kept)),
    (torch.get_num_threads, torch.set_num_threads),
    (torch.is_grad_enabled, torch.set_grad_enabled),
    (torch.is_anomaly_enabled, torch.set_anomaly_enabled),
    (torch.are_deterministic_algorithms_enabled, torch.use_deterministic_algorithms),
)
TABLES = (vars(builtins), os.environ)
DATA = (".csv", ".json", ".txt")
_kept: dict = {}


def keep() -> None:
    """Record what surrounds the notebook, and from now on repair its streams after each cell."""
    _kept["settings"] = [read() for read, _ in SETTINGS]
    _kept["tables"] = [dict(table) for table in TABLES]
    _kept["lists"] = [(each, list(each)) for each in (sys.path, warnings.filters)]
    _kept["streams"] = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    _kept["files"] = {
        path: path.read_bytes() for path in Path.cwd().iterdir() if path.suffix in DATA
    }
    if shell := get_ipython():
        shell.events.register("post_run_cell", _mend_streams)


def restore() -> None:
    """Restore what surrounded the notebook.

    The default type is the one that the assignment's first cell sets: ``DTYPE`` of its tests.
    """
    for table, kept in zip(TABLES, _kept["tables"], strict=True):
        table.update(kept)
    for each, kept in _kept["lists"]:
        each[:] = kept
    for name, stream in _kept["streams"].items():
        setattr(sys, name, stream)
    for (_, put_back), kept in zip(SETTINGS, _kept["settings"], strict=True):
        put_back(kept)
    for path, content in _kept["files"].items():
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)
    signal.setitimer(signal.ITIMER_REAL, 0)
    torch.set_default_device(None)
    torch.set_default_dtype(getattr(importlib.import_module("grading"), "DTYPE", torch.float32))


def _mend_streams(result: object = None) -> None:
    """Restore a stream that is gone: the kernel flushes both before it reports a cell as ended."""
    for name, kept in _kept["streams"].items():
        stream = getattr(sys, name, None)
        if not hasattr(stream, "flush") or getattr(stream, "closed", False):
            setattr(sys, name, kept)
