import contextlib
import importlib
import sys

import pytest


@pytest.fixture(scope="session")
def imported():
    """Return a context in which scripts are imported as they import each other: by their names."""

    @contextlib.contextmanager
    def scripts(folder, *names):
        sys.path.insert(0, str(folder))
        try:
            yield {name: importlib.import_module(name) for name in names}
        finally:
            sys.path.remove(str(folder))
            for name in names:
                sys.modules.pop(name, None)

    return scripts
