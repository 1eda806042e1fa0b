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


CORE = """
import importlib, sys
for extra in "faker joblib matplotlib pandas safetensors scipy sklearn tqdm".split():
    sys.modules[extra] = None
for room in "checks data gradients models museum networks states tasks training".split():
    importlib.import_module(f"rnn_tutorial.{room}")
"""


def test_most_rooms_need_torch_and_numpy_alone():
    subprocess.run([sys.executable, "-c", CORE], check=True)


LAYERS = {"RNN", "LSTM", "GRU"}
ROOMS = set(rnn_tutorial.__all__) - LAYERS


def test_every_name_that_is_listed_can_be_reached():
    for name in rnn_tutorial.__all__:
        room = "networks" if name in LAYERS else name
        module = importlib.import_module(f"rnn_tutorial.{room}")
        assert getattr(rnn_tutorial, name) is getattr(module, name, module)
        assert name in dir(rnn_tutorial)


def test_the_list_holds_the_layers_and_all_rooms(root):
    rooms = {path.stem for path in (root / "rnn_tutorial").iterdir() if path.stem[0] != "_"}
    assert rooms == ROOMS


def public_modules(root):
    for path in (root / "rnn_tutorial").rglob("*.py"):
        parts = path.relative_to(root / "rnn_tutorial").with_suffix("").parts
        if not any(part.startswith("_") for part in parts):
            yield parts


def test_no_two_modules_have_one_name(root):
    names = [parts[-1] for parts in public_modules(root)]
    assert not {name for name in names if names.count(name) > 1} | (set(names) & ROOMS)


def test_imports_point_down(root):
    floors = [
        {"data", "tasks", "figures"}, {"networks"}, {"gradients", "states"}, {"models"},
        {"training"}, {"checks"}, {"museum"}, {"experiments"}, {"explorables"},
    ]  # fmt: skip
    floor = {room: level for level, rooms in enumerate(floors) for room in rooms}
    assert set(floor) == ROOMS
    found = set()
    for path in (root / "rnn_tutorial").rglob("*.py"):
        room = path.relative_to(root / "rnn_tutorial").parts[0]
        for line in path.read_text(encoding="utf-8").splitlines():
            target = re.match(r"\s*from rnn_tutorial(?:\.(\w+)\S*)? import (.*)", line)
            if target and room in floor:
                targets = {target[1]} if target[1] else set(re.findall(r"\w+", target[2]))
                found |= {(room, other) for other in targets & ROOMS if other != room}
    upward = {(one, other) for one, other in found if floor[other] >= floor[one]}
    assert not upward


def test_every_public_module_stands_on_one_page_of_the_reference(root):
    pages = [path.read_text("utf-8") for path in (root / "book").glob("api_*.md")]
    documented = re.findall(r"^\.\. automodule:: rnn_tutorial\.(\S+)$", "\n".join(pages), re.M)
    modules = {".".join(parts) for parts in public_modules(root)}
    studies = {name for name in modules if name.startswith("experiments.")}
    assert modules - studies <= set(documented) <= modules | ROOMS
    assert len(documented) == len(set(documented))


def test_the_reference_says_which_chapter_uses_which_room(root):
    used = {room: [] for room in ROOMS}
    for path in sorted((root / "book").glob("[0-9]*.ipynb")):
        code = path.read_text(encoding="utf-8")
        chapter = path.stem.partition("_")[0].removeprefix("0")
        rooms = set(re.findall(r"from rnn_tutorial\.(\w+)", code))
        for names in re.findall(r"from rnn_tutorial import (?:\(\\n.*?\)|[\w, ]+)", code, re.S):
            rooms |= set(re.findall(r"\w+", names))
        for room in rooms & ROOMS:
            used[room].append(chapter)
    index = (root / "book" / "api.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \{doc\}`(\w+) <api_\w+>` \| .* \| (.*) \|$", index, re.MULTILINE)
    assert {room: chapters.split(", ") for room, chapters in rows} == used


def test_the_suite_runs_on_one_thread():
    assert torch.get_num_threads() == 1
    assert os.environ["OMP_NUM_THREADS"] == "1"


def test_other_names_are_refused():
    assert not hasattr(rnn_tutorial, "transformers")


def test_the_version_is_the_one_of_the_project(root):
    assert f'version = "{rnn_tutorial.__version__}"' in (root / "pyproject.toml").read_text()
