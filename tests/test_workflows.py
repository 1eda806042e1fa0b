"""The workflows follow GitHub's schema and call what the Makefile offers."""

import json
import re
import subprocess
import sys

import pytest
import yaml

WORKFLOWS = ("deploy.yml", "test.yml")


def check(path):
    """Run check-jsonschema with the workflow schema that it carries."""
    schema = ["--builtin-schema", "vendor.github-workflows"]
    command = [sys.executable, "-m", "check_jsonschema", *schema, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def workflows(root):
    return root / ".github" / "workflows"


def commands(workflow):
    """List the shell commands of a workflow."""
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    return "\n".join(step["run"] for step in steps if "run" in step)


def test_these_are_all_workflows(workflows):
    assert sorted(path.name for path in workflows.iterdir()) == sorted(WORKFLOWS)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflow_follows_the_schema(workflows, name):
    result = check(workflows / name)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("runs-on: ubuntu-latest", "runs_on: ubuntu-latest"),
        ("      - run: make", "      - runs: make"),
    ],
)
def test_broken_workflow_is_found(workflows, tmp_path, right, wrong):
    broken = tmp_path / "test.yml"
    source = (workflows / "test.yml").read_text(encoding="utf-8")
    assert right in source
    broken.write_text(source.replace(right, wrong, 1), encoding="utf-8")
    result = check(broken)
    assert result.returncode != 0
    assert "Schema validation errors were encountered" in result.stdout


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflow_calls_targets_that_exist(root, workflows, name):
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    workflow = yaml.safe_load((workflows / name).read_text(encoding="utf-8"))
    called = set(re.findall(r"^make ([a-z-]+)", commands(workflow), re.MULTILINE))
    assert called
    assert called <= targets


def test_the_whole_suite_may_not_skip_the_browser(workflows):
    workflow = yaml.safe_load((workflows / "test.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["everything"]
    assert job["env"]["REQUIRE_BROWSER"] == "1"
    assert "make test" in [step.get("run") for step in job["steps"]]


def test_windows_installs_what_make_installs(root, workflows):
    workflow = yaml.safe_load((workflows / "test.yml").read_text(encoding="utf-8"))
    steps = [step["run"] for step in workflow["jobs"]["unit-windows"]["steps"] if "run" in step]
    windows = [step.removeprefix("python -m pip install ") for step in steps]
    makefile = (root / "Makefile").read_text(encoding="utf-8")
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
