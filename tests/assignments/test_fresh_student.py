"""A student without the repository: the two lines of pip in the archive, and the notebook runs.

Pip takes its settings from the environment, so PIP_FIND_LINKS=folder of wheels with PIP_NO_INDEX=1
tries it without a network, and PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu without
CUDA. Where pip reaches no packages at all, the test is skipped and says so.
"""

import os
import shlex
import subprocess
import sys
import zipfile

import nbformat
import pytest

NAME = "recurrence"
# what a student would do first: open the notebook and run it as far as the first public test
RUN = """
import nbformat
from nbclient import NotebookClient

notebook = nbformat.read("{name}.ipynb", as_version=4)
code = [i for i, cell in enumerate(notebook.cells) if "grader.check" in cell.source]
notebook.cells = notebook.cells[: code[0] + 1]
NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
nbformat.write(notebook, "ran.ipynb")
"""


def run(*command, **options):
    return subprocess.run([*map(str, command)], capture_output=True, text=True, **options)


@pytest.mark.slow
def test_two_lines_of_pip_are_enough(built, tmp_path):
    with zipfile.ZipFile(built(NAME) / f"{NAME}-student.zip") as archive:
        archive.extractall(tmp_path)
    lines = (tmp_path / "README.txt").read_text().splitlines()
    installs = [shlex.split(line) for line in lines if line.strip().startswith("pip install")]
    assert len(installs) == 2
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    options = {"cwd": tmp_path, "env": clean}
    run(sys.executable, "-m", "venv", tmp_path / "venv", check=True, **options)
    python = tmp_path / "venv" / "bin" / "python"
    probe = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", tmp_path / "probe"]
    reached = run(python, *probe, installs[0][2], **options)
    if reached.returncode:
        pytest.skip(f"pip reaches no packages, so this was NOT tried: {reached.stderr[-300:]}")
    for install in installs:
        done = run(python, "-m", *install, **options)
        assert done.returncode == 0, done.stderr[-2000:]
    clean["IPYTHONDIR"] = str(tmp_path / "ipython")
    done = run(python, "-c", RUN.format(name=NAME), **options)
    assert done.returncode == 0, done.stderr[-2000:]
    cells = nbformat.read(tmp_path / "ran.ipynb", as_version=4).cells
    (check,) = (cell for cell in cells if "grader.check" in cell.source)
    (output,) = check.outputs
    assert "jordan_step" in str(output.data), "the public test ran, and said what failed"
    assert run(python, "-c", "import rnn_tutorial", **options).returncode == 0
    assert (tmp_path / "venv" / "bin" / "jupyter-lab").exists()
