import ast
import importlib
import os
import re
import subprocess
import sys
import tomllib

import pytest
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
# what a stranger does with a model of their own
STRANGER = """
import torch
from rnn_tutorial import GRU
from rnn_tutorial.checks import diagnose
from rnn_tutorial.training import fit

class Mine(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent, self.output = GRU(3, 8, batch_first=True), torch.nn.Linear(8, 2)

    def forward(self, inputs):
        return self.output(self.recurrent(inputs)[0][:, -1])

torch.manual_seed(0)
model, inputs, labels = Mine(), torch.randn(6, 5, 3), torch.tensor([0, 1] * 3)
print(diagnose(model, (inputs, labels)))
batches = [((inputs,), labels)]
optimizer = torch.optim.Adam(model.parameters())
history = fit(model, batches, batches, optimizer=optimizer, epochs=2)
print("epochs:", len(history))
"""
WANTING = """
from rnn_tutorial.data import LabeledTexts, split, sunspots, surnames
from rnn_tutorial.training import Evaluation, History
texts = LabeledTexts(texts=tuple("abcdef"), labels=(0, 1) * 3, classes=("a", "b"))
def room(name):
    importlib.import_module(f"rnn_tutorial.{name}")
for extra, call, *arguments in (
    ("figures", room, "figures"),
    ("experiments", room, "experiments"),
    ("data", room, "models.zoo"),
    ("data", surnames),
    ("data", split, texts),
    ("data", sunspots),
    ("data", History().to_frame),
):
    try:
        call(*arguments)
    except ImportError as error:
        assert f'extra "{extra}"' in str(error), error
    else:
        raise AssertionError(f"{call} works without {extra}")
"""


def run_without_extras(code):
    done = subprocess.run([sys.executable, "-c", CORE + code], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return done.stdout


def test_a_stranger_needs_torch_and_numpy_alone():
    output = run_without_extras(STRANGER)
    assert re.search(r"1\d passed, 0 failed", output), output
    assert output.endswith("epochs: 2\n")


def test_what_is_missing_names_its_extra():
    assert run_without_extras(WANTING) == ""


BROUGHT_BY = {
    "PIL": "matplotlib",
    "faker": "Faker",
    "sklearn": "scikit-learn",
    "scipy": "scikit-learn",
}


def installed_by(extra, project):
    """Return what an extra installs, and what the extras that it names do."""
    packages = set()
    for requirement in project["optional-dependencies"][extra]:
        name, others = re.match(r"([\w-]+)(?:\[(.*)\])?", requirement).groups()
        packages.add(name)
        for other in others.split(",") if others else []:
            packages |= installed_by(other, project)
    return packages


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_core_is_torch_and_numpy(project):
    assert [re.match(r"\w+", line)[0] for line in project["dependencies"]] == ["numpy", "torch"]


def asked_for(tree):
    """Return what a module asks `needs` for: pairs of an extra and a package."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [call for call in calls if ast.unparse(call.func).split(".")[-1] == "needs"]
    return {(c.args[0].value, package.value) for c in named for package in c.args[1:]}


def imported(tree):
    """Return what a module imports from outside of the package and of the core."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {"numpy", "rnn_tutorial", "torch"}


# which do without, say so themselves, or are loaded by the package in question
OPTIONAL = {("loop.py", "tqdm"), ("backends.py", "distributed"), ("pytest_plugin.py", "pytest")}


def test_whoever_imports_more_than_the_core_asks_for_an_extra_that_installs_it(root, project):
    for path in (root / "rnn_tutorial").rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        room = root / "rnn_tutorial" / path.relative_to(root / "rnn_tutorial").parts[0]
        asked = asked_for(tree)
        if room.is_dir():
            asked |= asked_for(ast.parse((room / "__init__.py").read_text("utf-8")))
        needed = {name for name in imported(tree) if (path.name, name) not in OPTIONAL}
        assert needed <= {package for _, package in asked}, path
        for extra, package in asked:
            assert BROUGHT_BY.get(package, package) in installed_by(extra, project), (
                path,
                extra,
                package,
            )


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
