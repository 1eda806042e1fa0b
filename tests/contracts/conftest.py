from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest


@pytest.fixture(scope="session")
def write_notebook() -> Callable:
    """Write a notebook that was never run: sources by name, metadata by name."""

    def write(path: Path, sources: dict, metadata: dict | None = None) -> Path:
        cells = [
            nbformat.v4.new_code_cell(source, metadata=(metadata or {}).get(name, {}))
            for name, source in sources.items()
        ]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        return path

    return write
