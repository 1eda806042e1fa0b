"""What a notebook changes around itself is restored before its tests run."""

import builtins
import importlib
import io
import os
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from assignments import build, surroundings

MISFORTUNES = {
    "folder": (lambda: os.chdir("/"), os.getcwd),
    "environment": (os.environ.clear, lambda: os.environ["PATH"]),
    "path": (sys.path.clear, lambda: list(sys.path)),
    "standard output": (lambda: setattr(sys, "stdout", None), lambda: sys.stdout),
    "standard error": (lambda: setattr(sys, "stderr", io.StringIO()), lambda: sys.stderr),
    "built-in name": (lambda: setattr(builtins, "sum", None), lambda: builtins.sum),
    "warnings": (lambda: warnings.simplefilter("error"), lambda: list(warnings.filters)),
    "recursion": (lambda: sys.setrecursionlimit(300), sys.getrecursionlimit),
    "numpy": (lambda: np.seterr(all="raise"), np.geterr),
    "gradients": (lambda: torch.set_grad_enabled(False), torch.is_grad_enabled),
    "anomalies": (lambda: torch.set_anomaly_enabled(True), torch.is_anomaly_enabled),
    "device": (lambda: torch.set_default_device("meta"), lambda: torch.zeros(1).device),
    "type": (lambda: torch.set_default_dtype(torch.float16), torch.get_default_dtype),
    "deterministic": (
        lambda: torch.use_deterministic_algorithms(True),
        torch.are_deterministic_algorithms_enabled,
    ),
    "threads": (lambda: torch.set_num_threads(2), torch.get_num_threads),
    "data": (
        lambda: Path("names.csv").write_text(""),
        lambda: Path("names.csv").read_text(),
    ),
    "data that is gone": (lambda: os.remove("names.csv"), lambda: [*Path.cwd().glob("*.csv")]),
}


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Stand in a grader's folder, whose surroundings are kept."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "grading.py").write_text("")
    (tmp_path / "names.csv").write_text("name\nAda\n")
    threads, dtype = torch.get_num_threads(), torch.get_default_dtype()
    torch.set_num_threads(1)
    surroundings.keep()
    yield tmp_path
    surroundings.restore()
    torch.set_num_threads(threads)
    torch.set_default_dtype(dtype)
    sys.modules.pop("grading", None)


@pytest.mark.parametrize("what", MISFORTUNES)
def test_what_was_changed_is_restored(kept, what):
    change, read = MISFORTUNES[what]
    before = read()
    change()
    try:
        changed = read() != before
    except (KeyError, FileNotFoundError):
        changed = True
    surroundings.restore()
    assert changed
    assert read() == before


def test_an_assignment_says_which_type_its_numbers_have(kept):
    (kept / "grading.py").write_text("import torch\nDTYPE = torch.float64\n")
    importlib.invalidate_caches()
    surroundings.restore()
    assert torch.get_default_dtype() == torch.float64


@pytest.mark.parametrize("stream", ["missing", "closed", "open"])
def test_a_stream_that_is_gone_is_repaired_after_the_cell_and_ones_own_stays(kept, stream):
    before, own = sys.stdout, io.StringIO()
    if stream == "closed":
        own.close()
    sys.stdout = None if stream == "missing" else own
    surroundings._mend_streams()
    after, sys.stdout = sys.stdout, before
    assert after is (own if stream == "open" else before)


@pytest.mark.parametrize("name", build.names())
def test_the_first_cell_sets_the_type_of_the_tests(built, read, name, monkeypatch):
    (setup,) = (c.source for c in read(name, "student").cells if "\nSTUDENT_ID = " in c.source)
    asked = torch.float64 if "set_default_dtype(torch.float64)" in setup else torch.float32
    assert setup.count("set_default_dtype") == (asked == torch.float64)
    grading = importlib.import_module(f"assignments.{name}.grading")
    assert getattr(grading, "DTYPE", torch.float32) == asked
