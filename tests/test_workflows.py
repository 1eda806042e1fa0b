"""The workflows follow GitHub's schema, and run what the Makefile runs."""

import json
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement

from tools import version_bounds

WORKFLOWS = ("canary.yml", "deploy.yml", "test.yml")


@pytest.fixture(scope="module")
def folder(root):
    return root / ".github" / "workflows"


@pytest.fixture(scope="module")
def workflows(folder):
    return {name: yaml.safe_load((folder / name).read_text("utf-8")) for name in WORKFLOWS}


@pytest.fixture(scope="module")
def makefile(root):
    return (root / "Makefile").read_text(encoding="utf-8")


def commands(workflow):
    """Return the shell commands of a workflow, with the values of a job's matrix put in."""
    found = []
    for job in workflow["jobs"].values():
        targets = job.get("strategy", {}).get("matrix", {}).get("target", [""])
        for step in job["steps"]:
            found += [step.get("run", "").replace("${{ matrix.target }}", t) for t in targets]
    return "\n".join(found)


def called(text):
    """Return the targets of make that a text of shell commands calls."""
    return set(re.findall(r"^make ([a-z-]+)", text, re.MULTILINE))


def test_these_are_all_workflows(folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted(WORKFLOWS)


def test_workflows_and_dependabot_follow_their_schemas(root, folder):
    for schema, paths in (
        ("vendor.github-workflows", [folder / name for name in WORKFLOWS]),
        ("vendor.dependabot", [root / ".github" / "dependabot.yml"]),
    ):
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *paths]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflow_calls_targets_that_exist(makefile, workflows, name):
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    wanted = called(commands(workflows[name]))
    assert wanted
    assert wanted <= targets


def parts(makefile, target):
    """Return the targets that a target comes down to, through those that only call others."""
    recipe = re.search(rf"^{target}:.*\n((?:\t.*\n)*)", makefile, re.MULTILINE)[1]
    calls = re.findall(
        r"^\t@\$\(MAKE\) --no-print-directory (?:--jobs=2 )?([a-z -]+)", recipe, re.M
    )
    if len(calls) < recipe.count("\n"):
        return {target}
    return set().union(*(parts(makefile, name) for call in calls for name in call.split()))


def test_the_jobs_together_run_what_make_test_and_the_long_suite_run(root, makefile, workflows):
    jobs = called(commands(workflows["test.yml"])) - {"test-long", "setup"}
    all_parts = parts(makefile, "test")
    assert len(all_parts) == 5
    assert set().union(*(parts(makefile, job) for job in jobs)) == all_parts
    assert called((root / ".ci" / "run").read_text("utf-8")) == {"test", "test-long"}
    assert "test-long" in called(commands(workflows["test.yml"]))


def test_the_parts_may_not_skip_the_browser(root, workflows):
    assert workflows["test.yml"]["jobs"]["parts"]["env"]["REQUIRE_BROWSER"] == "1"
    assert "export REQUIRE_BROWSER=1\n" in (root / ".ci" / "run").read_text("utf-8")


def test_a_canary_that_fails_may_write_an_issue_and_nothing_else_may_write(workflows):
    canary = workflows["canary.yml"]
    assert canary["permissions"] == {"contents": "read"}
    assert canary["jobs"]["report"]["permissions"] == {"issues": "write"}
    assert [name for name, job in canary["jobs"].items() if "permissions" in job] == ["report"]


def test_the_bounds_of_the_canary_are_those_of_the_project(root, tmp_path):
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    stated = {*project["dependencies"]}
    for extra in project["optional-dependencies"].values():
        stated |= {line for line in extra if not line.startswith(f"{project['name']}[")}
    assert {*version_bounds.ranges()} == stated
    for requirement in map(Requirement, stated):
        exact = Requirement(version_bounds.lowest(str(requirement)))
        (bound,) = exact.specifier
        assert (exact.name, bound.operator) == (requirement.name, "==")
        assert requirement.specifier.contains(bound.version)
    other = tmp_path / "pyproject.toml"
    other.write_text(
        '[project]\nname = "a-b"\ndependencies = ["numpy"]\n[project.optional-dependencies]\n'
        'data = ["pandas[excel]>=2.2,<4; python_version<\'4\'"]\nall = ["a-b[data]"]\n'
    )
    bare, pandas = version_bounds.ranges(other)
    assert version_bounds.lowest(pandas) == "pandas[excel]==2.2; python_version<'4'"
    with pytest.raises(ValueError, match="must have a lower bound, got 'numpy'"):
        version_bounds.lowest(bare)


def test_what_is_pinned_lies_within_the_bounds(root):
    pins = (root / "requirements.txt").read_text("utf-8")
    pinned = dict(re.findall(r"^([\w.-]+)==(.+)$", pins, re.MULTILINE))
    for requirement in map(Requirement, version_bounds.ranges()):
        assert requirement.specifier.contains(pinned[requirement.name]), requirement


def test_windows_installs_what_make_installs(makefile, workflows):
    job = workflows["test.yml"]["jobs"]["unit-windows"]
    steps = [step["run"] for step in job["steps"] if "run" in step]
    windows = [step.removeprefix("python -m pip install ") for step in steps]
    installs = re.findall(r"^\t\$\(PIP_INSTALL\) (-r.*|--no-deps.*)$", makefile, re.MULTILINE)
    assert len(installs) == 3
    assert set(installs) <= set(windows)


def test_hosted_machines_install_what_the_project_pins(root):
    pins = (root / "requirements.txt").read_text(encoding="utf-8")
    binder = (root / ".binder" / "requirements.txt").read_text(encoding="utf-8")
    lab = re.search(r"^jupyterlab==.*$", binder, re.MULTILINE)[0]
    assert f"\n{lab}\n" in pins
    script = (root / ".binder" / "postBuild").read_text(encoding="utf-8")
    for package in re.findall(r"grep '\^([\w-]+==)'", script):
        assert f"\n{package}" in pins
    for name in re.findall(r"[\w-]+\.txt", script):
        assert (root / name).is_file()
    python = (root / ".binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    container = json.loads((root / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    assert python.removeprefix("python-") in container["image"]
    target = container["postCreateCommand"].split()[1]
    assert f"\n{target}: " in (root / "Makefile").read_text(encoding="utf-8")
