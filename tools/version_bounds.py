"""Print the requirements of the project, as ranges or at their lower bounds.

``python tools/version_bounds.py lowest`` prints what pip has to install for the oldest versions
that pyproject.toml allows, ``python tools/version_bounds.py newest`` its ranges as they are. All
extras are included. The workflow canary.yml installs both, so what it tests is what the project
states.
"""

import re
import sys
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
REQUIREMENT = re.compile(r"(?P<name>[\w.-]+(\[[^\]]*\])?)\s*(?P<range>[^;]*?)\s*(?P<marker>;.*)?")


def ranges(pyproject: Path = PYPROJECT) -> list[str]:
    """List the requirements of a project and of its extras, without those that name an extra.

    Parameters
    ----------
    pyproject : Path
        The file that states them.

    Returns
    -------
    list of str
        Each requirement once, as it is written.
    """
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project.get("optional-dependencies", {}).values()]
    own = re.compile(re.escape(project["name"]) + r"\s*\[")
    written = [line for group in groups for line in group if not own.match(line)]
    return list(dict.fromkeys(written))


def lowest(requirement: str) -> str:
    """Turn a requirement with a lower bound into one of exactly that version.

    Parameters
    ----------
    requirement : str
        For example ``"numpy>=1.26,<3"``.

    Returns
    -------
    str
        For example ``"numpy==1.26"``.

    Raises
    ------
    ValueError
        If the requirement has no lower bound.
    """
    parts = REQUIREMENT.fullmatch(requirement)
    bound = parts and re.search(r"(?:>=|==|~=)\s*([^,\s]+)", parts["range"])
    if not bound:
        raise ValueError(f"requirement must have a lower bound, got {requirement!r}")
    return f"{parts['name']}=={bound[1]}{parts['marker'] or ''}"


def main(arguments: list[str]) -> int:
    """Print the requirements, one a line."""
    if arguments not in (["newest"], ["lowest"]):
        print("usage: python tools/version_bounds.py newest|lowest", file=sys.stderr)
        return 2
    wanted = ranges()
    print("\n".join(wanted if arguments == ["newest"] else map(lowest, wanted)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
