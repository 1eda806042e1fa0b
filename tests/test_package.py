import importlib
import os
import re
import subprocess
import sys

import torch

import rnn_tutorial

IMPORTED = """
import sys
import torch
before = set(sys.modules)
import rnn_tutorial
news = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*(news - sys.stdlib_module_names))
"""


def test_importing_the_package_imports_nothing_but_torch():
    command = [sys.executable, "-c", IMPORTED]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["rnn_tutorial"]


LAYERS = {"RNN", "LSTM", "GRU"}


def test_every_name_that_is_listed_can_be_reached():
    for name in rnn_tutorial.__all__:
        room = "layers" if name in LAYERS else name
        module = importlib.import_module(f"rnn_tutorial.{room}")
        assert getattr(rnn_tutorial, name) is getattr(module, name, module)
        assert name in dir(rnn_tutorial)


def test_the_list_holds_the_layers_and_all_modules(root):
    modules = {path.stem for path in (root / "rnn_tutorial").iterdir() if path.stem[0] != "_"}
    assert set(rnn_tutorial.__all__) == modules | LAYERS


def test_every_module_stands_on_one_page_of_the_reference_and_in_its_row(root):
    index = (root / "book" / "api.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| \{doc\}`[^<]+<(api_\w+)>` \| (.*) \|$", index, re.MULTILINE))
    pages = {path.stem: path.read_text("utf-8") for path in (root / "book").glob("api_*.md")}
    assert set(rows) == set(pages)
    documented = []
    for name, page in pages.items():
        modules = re.findall(r"^\.\. automodule:: rnn_tutorial\.(\w+)$", page, re.MULTILINE)
        assert re.findall(r"`~rnn_tutorial\.(\w+)`", rows[name]) == modules
        documented += modules
    assert sorted(documented) == sorted(set(rnn_tutorial.__all__) - LAYERS)


def test_the_suite_runs_on_one_thread():
    assert torch.get_num_threads() == 1
    assert os.environ["OMP_NUM_THREADS"] == "1"


def test_other_names_are_refused():
    assert not hasattr(rnn_tutorial, "transformers")


def test_the_version_is_the_one_of_the_project(root):
    assert f'version = "{rnn_tutorial.__version__}"' in (root / "pyproject.toml").read_text()
