"""The launchable notebooks: plain Markdown, the chapter's own code, and they run."""

import re
from copy import deepcopy

import nbformat
import pytest
from nbclient import NotebookClient

MYST = re.compile(r"\{[a-zA-Z][\w:-]*\}`|^\s*:{3,}|^\s*`{3,}\{|^\([\w:.-]+\)=\s*$", re.MULTILINE)
TITLE = re.compile(r"\A# @title (\w+)\n")
CODE_BLOCK = re.compile(r"^(`{3,})(?!\{)[^\n]*\n.*?^\1\s*$", re.DOTALL | re.MULTILINE)

FIGURE_CAPTION = re.compile(r"\*\*Figure (?:(?:\d+[a-z]?|P)\.)?\d+\.\*\* \S")


@pytest.fixture(scope="module")
def notebooks(root):
    """Return each chapter and its launchable form, by file name."""
    folder = root / "_build" / "html" / "notebooks"
    found = {}
    for chapter in sorted((root / "book").glob("*.ipynb")):
        launchable = folder / chapter.name
        if not launchable.exists():
            pytest.fail(f"{chapter.name} has no launchable form: run `make site` first")
        found[chapter.name] = (
            nbformat.read(chapter, as_version=4),
            nbformat.read(launchable, as_version=4),
        )
    assert found
    return found


def test_notebooks_are_valid_and_name_their_kernel(notebooks):
    for _, launchable in notebooks.values():
        nbformat.validate(launchable)
        assert launchable.metadata.kernelspec.name == "python3"


def test_no_myst_is_left(notebooks):
    for name, (_, launchable) in notebooks.items():
        for cell in launchable.cells:
            if cell.cell_type == "markdown":
                found = MYST.search(CODE_BLOCK.sub("", cell.source))
                assert not found, f"{name}, cell {cell.id}: {found[0]!r}"


def test_code_is_the_chapters_own_after_an_install_cell(notebooks):
    for chapter, launchable in notebooks.values():
        own = [cell for cell in chapter.cells if cell.cell_type == "code"]
        install, *launched = [cell for cell in launchable.cells if cell.cell_type == "code"]
        assert "find_spec" in install.source
        sources = [TITLE.sub("", cell.source) for cell in launched]
        assert sources == [cell.source for cell in own]
        tags = [cell.metadata.get("tags") for cell in own]
        assert [cell.metadata.get("tags") for cell in launched] == tags


def test_what_is_folded_on_the_page_is_folded_in_jupyterlab_and_colab(notebooks):
    seen = set()
    for name, (_, launchable) in notebooks.items():
        for cell in launchable.cells[1:]:
            if cell.cell_type == "code":
                tags = cell.metadata.get("tags", [])
                title = "Proof" if "proof" in tags else "Code" if "hide-input" in tags else None
                found = (TITLE.match(cell.source) or {1: None})[1]
                assert found in {title, "Solution"}, f"{name}, cell {cell.id}"
                assert bool(found) == (cell.metadata.get("cellView") == "form")
                assert bool(found) == cell.metadata.get("jupyter", {}).get("source_hidden", False)
                seen.add(found)
    assert seen == {None, "Code", "Proof", "Solution"}


def test_every_exercise_and_solution_keeps_its_number_and_title(notebooks):
    for name, (chapter, launchable) in notebooks.items():
        text = "\n".join(c.source for c in launchable.cells if c.cell_type == "markdown")
        source = "\n".join(c.source for c in chapter.cells if c.cell_type == "markdown")
        number = name.partition("_")[0].removeprefix("0") if name[:2].isdigit() else ""
        exercises = re.findall(r"\{exercise(?:-start)?\} *(.*)", source)
        for count, title in enumerate(exercises, 1):
            shown = f"Exercise {number}.{count}" + (f" ({title})" if title else "")
            assert f"**{shown}**" in text
            assert f"Solution to {shown}" in text


def test_every_figure_keeps_its_caption(notebooks):
    for name, (chapter, launchable) in notebooks.items():
        sources = {cell.id: cell.source for cell in launchable.cells}
        for cell in chapter.cells:
            if "figure" in cell.metadata.get("mystnb", {}):
                caption = sources[f"{cell.id}-caption"]
                assert FIGURE_CAPTION.match(caption), f"{name}: {caption}"


# The code is the chapters' own, and runs in book/. That it needs nothing of that folder is read in
# its source, and the long suite tries it with three of them, which are brief.
BRIEF = ("00_before_you_start.ipynb", "02b_one_number_stack.ipynb", "published_and_measured.ipynb")
READS_A_FILE = re.compile(
    r"(?<![.\w])open\(|\bPath\(|\bread_\w+\(|\.\./|\b(?:book|tests|benchmarks)/"
)
# A folder of its own, and what it wrote there
ITS_OWN = re.compile(
    r"Path\(tempfile\.mkdtemp\(\)\)|\(folder / [^)]*\)\.read_text\(|read_texts\(folder / "
)


def test_no_notebook_reads_a_file_of_the_repository(notebooks):
    for name, (chapter, _) in notebooks.items():
        code = "\n".join(cell.source for cell in chapter.cells if cell.cell_type == "code")
        found = READS_A_FILE.search(ITS_OWN.sub("", code))
        assert not found, f"{name}: {found[0]}"


@pytest.mark.slow
@pytest.mark.parametrize("name", BRIEF)
def test_a_notebook_runs_in_an_empty_folder(notebooks, name, tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("TQDM_DISABLE", "1")
    notebook = deepcopy(notebooks[name][1])
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, resources=resources).execute()
    assert notebook.cells[0].outputs == [], "the install cell is not silent"
