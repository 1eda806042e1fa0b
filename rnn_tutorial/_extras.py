"""What the core does without: which extra of the package installs what is missing."""

from importlib.util import find_spec


def needs(extra: str, *packages: str) -> None:
    """Refuse to go on without packages, and say which extra of the package installs them.

    Parameters
    ----------
    extra : str
        A name under ``[project.optional-dependencies]`` in pyproject.toml.
    *packages : str
        What it installs, by the names that are imported.

    Raises
    ------
    ModuleNotFoundError
        If one of them is missing; the message names the extra.
    """
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise ModuleNotFoundError(
            f'{" and ".join(missing)} must be installed, which the extra "{extra}" of rnn-tutorial '
            f'does: in the folder of the book, pip install ".[{extra}]"',
            name=missing[0],
        )
