"""The archives of an assignment: the same bytes from the same sources, whenever they are made."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
NO_CACHE = shutil.ignore_patterns("__pycache__")
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest date of a zip archive: builds do not differ by time
README = """\
{title}

You need Python 3.11 or newer. In the folder of this file:

    pip install {otter} jupyterlab
    pip install "{wheel}[all]"

Then `jupyter lab {notebook}`. Hand in the notebook, and nothing else, under the name that your
course asks for.
"""


def copy_archive(made: Path, target: Path) -> None:
    """Copy an archive in an order and with dates that do not depend on when it was made."""
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(target, "w") as new:
        for name in sorted(old.namelist()):
            _add(new, name, old.read(name))


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, LONG_AGO)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o755 << 16
    archive.writestr(entry, content)


def pinned(*packages: str) -> list[str]:
    """Return the requirements of some packages with the versions that this project uses."""
    files = ("requirements.txt", "requirements-assignments.txt", "constraints.txt")
    lines = [line for file in files for line in (ROOT / file).read_text().splitlines()]
    return [next(line for line in lines if line.startswith(f"{name}==")) for name in packages]


def student_archive(name: str, folder: Path) -> None:
    """Put what a student gets into an archive: notebook, data, the package's wheel, a readme."""
    wheel = package_wheel(folder.parent)
    notebook = folder / "student" / f"{name}.ipynb"
    title = nbformat.read(notebook, as_version=4).cells[1].source.splitlines()[0].lstrip("# ")
    (otter,) = pinned("otter-grader")
    readme = README.format(title=title, otter=otter, wheel=wheel.name, notebook=notebook.name)
    with zipfile.ZipFile(folder / f"{name}-student.zip", "w") as archive:
        _add(archive, "README.txt", readme.encode())
        for file in sorted(notebook.parent.iterdir()):
            _add(archive, file.name, file.read_bytes())
        _add(archive, wheel.name, wheel.read_bytes())


def up_to_date(product: Path, *sources: Path) -> bool:
    """Say whether a file exists and is newer than all files and folders that it was made from."""
    if not product.exists():
        return False
    files = [file for source in sources for file in (source, *source.rglob("*"))]
    newest = max(file.stat().st_mtime for file in files if file.is_file() and file.suffix != ".pyc")
    return product.stat().st_mtime >= newest


def package_wheel(folder: Path) -> Path:
    """Return the package's wheel in a folder; build it if it is missing or older than the code."""
    for wheel in folder.glob("*.whl"):
        if up_to_date(wheel, ROOT / "pyproject.toml", ROOT / "rnn_tutorial"):
            return wheel
        wheel.unlink()
    with tempfile.TemporaryDirectory() as copy:  # setuptools leaves its work in the source folder
        shutil.copytree(ROOT / "rnn_tutorial", Path(copy, "rnn_tutorial"), ignore=NO_CACHE)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, copy)
        subprocess.run(
            [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
            + ["--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), copy],
            check=True,
            env={**os.environ, "SOURCE_DATE_EPOCH": "315532800"},
        )
    (wheel,) = folder.glob("*.whl")
    return wheel
