"""Stored outputs that were changed on purpose fail, the untouched ones pass."""

import copy
import subprocess
import sys
from xml.etree import ElementTree

import nbformat
import pytest

from tests.contracts.mutations import FAILING, PASSING, REASON
from tools.contracts import plugin
from tools.contracts.rewrite import as_text


def _pytest(folder, *arguments):
    command = [sys.executable, "-m", "pytest", "-p", "tools.contracts.plugin", "--nbval"]
    command += ["--nbval-current-env", "-c", "pyproject.toml", f"--rootdir={folder}"]
    command += ["--color=no", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _store(path, cells):
    """Write a notebook of copies of the cells, counted in order where they have a count."""
    cells = copy.deepcopy(cells)
    for count, cell in enumerate(cells, start=1):
        cell.id = f"cell-{count}"
        if cell.execution_count not in (None, 999):
            cell.execution_count = count
    path.write_text(as_text(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(chapter, tmp_path_factory):
    """Run the untouched chapter and all mutated copies of its cells in one kernel.

    Returns the finished process and the failure messages by name, None for a cell that passed.
    """
    folder = tmp_path_factory.mktemp("mutated")
    roomy = copy.deepcopy(chapter["curve"])
    roomy.metadata.contract = nbformat.from_dict({"rms": 20, **REASON})
    sources = {**chapter, "curve within rms": roomy}
    cells = {f"untouched {name}": cell for name, cell in sources.items()}
    for name, (source, mutate, *_) in (FAILING | PASSING).items():
        cells[name] = copy.deepcopy(sources[source])
        mutate(cells[name], chapter)
    notebook = _store(folder / "mutated.ipynb", list(cells.values()))
    result = _pytest(folder, notebook, f"--junitxml={folder}/report.xml")
    cases = ElementTree.parse(folder / "report.xml").iter("testcase")
    messages = [case.findtext("failure") for case in cases]
    return result, dict(zip(cells, messages, strict=True))


def test_untouched_cells_pass(run):
    _, messages = run
    assert {name: text for name, text in messages.items() if name.startswith("untouched")} == {
        name: None for name in messages if name.startswith("untouched")
    }


@pytest.mark.parametrize("name", PASSING)
def test_accepted_change_passes(run, name):
    assert run[1][name] is None


@pytest.mark.parametrize("name", FAILING)
def test_mutation_fails_and_says_why(run, name):
    message = run[1][name]
    assert message is not None
    assert FAILING[name][2] in message


def test_message_names_notebook_cell_and_source(run):
    _, messages = run
    number = list(messages).index("digit of a text") + 1
    message = messages["digit of a text"]
    assert f"mutated.ipynb, code cell {number}:" in message
    assert "    print(f'loss {0.53124:.3f}" in message
    assert "expected 'loss 0.541 after 12 steps of h_3'" in message
    assert "got      'loss 0.531 after 12 steps of h_3'" in message


def test_pictures_of_a_changed_curve_are_kept(run):
    message = run[1]["curve"]
    paths = [line.split()[1] for line in message.splitlines() if line.endswith(".png")]
    assert [path.rpartition("-")[2] for path in paths] == [
        "expected.png",
        "actual.png",
        "difference.png",
    ]
    for path in paths:
        with open(path, "rb") as file:
            assert file.read(4) == b"\x89PNG"


def test_summary_counts_cells_exemptions_and_tolerances(run):
    result, messages = run
    sources = [*(name.removeprefix("untouched ") for name in messages if "untouched" in name)]
    sources += [mutation[0] for mutation in (FAILING | PASSING).values()]
    # Tagged cells count as exempt, whether or not they give a reason.
    assert (
        f"contracts: 1 notebooks, {len(sources)} cells, {sources.count('timed')} exempt, "
        in result.stdout
    )


def test_lax_is_refused(tmp_path):
    result = _pytest(tmp_path, "--nbval-lax", tmp_path)
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert "not lax" in result.stderr


def test_notebook_without_its_cells_is_a_failure(chapter, tmp_path):
    notebook = _store(tmp_path / "short.ipynb", [chapter["text"]])
    result = _pytest(tmp_path, notebook, "-k", "nothing")
    assert result.returncode == pytest.ExitCode.TESTS_FAILED
    assert "short.ipynb: 0 of 1 code cells were run" in result.stdout


def test_workers_share_the_notebooks_and_no_cell_may_drop_out(
    write_notebook, run_notebook, tmp_path
):
    for name in "ab":
        path = write_notebook(tmp_path / f"{name}.ipynb", {"text": f"{name} = 0.5", "show": name})
        run_notebook(path)
    notebooks = [tmp_path / "a.ipynb", f"{tmp_path}/b.ipynb::Cell 0"]
    result = _pytest(tmp_path, "-n", "2", "--dist", "loadfile", *notebooks)
    assert "3 passed" in result.stdout
    assert "contracts: 2 notebooks, 3 cells, 0 exempt, 0 with a tolerance" in result.stdout
    assert "a.ipynb: " not in result.stdout
    assert "b.ipynb: 1 of 2 code cells were run" in result.stdout
    assert result.returncode == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("deaths", [0, 2, 3])
def test_a_kernel_that_dies_at_its_start_is_started_again(monkeypatch, deaths):
    starts = []

    def setup(self):
        starts.append(self)
        if len(starts) <= deaths:
            raise RuntimeError("Kernel died before replying to kernel_info")

    monkeypatch.setattr(plugin.IPyNbFile, "setup", setup)
    notebook = object.__new__(plugin.ContractFile)
    if deaths < plugin.KERNEL_STARTS:
        notebook.setup()
        assert len(starts) == deaths + 1
    else:
        with pytest.raises(RuntimeError, match="Kernel died"):
            notebook.setup()
