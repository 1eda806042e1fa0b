"""A fixture for your own tests.

Name this module in a test file, or in the `conftest.py` at the top of your project::

    pytest_plugins = ["rnn_tutorial.checks.pytest_plugin"]

and a test that asks for `healthy` can call it with what `rnn_tutorial.checks.diagnose` takes.
`rnn_tutorial.checks.example` is such a file.
"""

from collections.abc import Callable

import pytest

from rnn_tutorial.checks import Report, diagnose


@pytest.fixture
def healthy() -> Callable[..., Report]:
    """Diagnose a model, fail the test where a check fails, and return the report."""

    def check(model, batch, adapter=None, **options) -> Report:
        report = diagnose(model, batch, adapter, **options)
        report.assert_ok()
        return report

    return check
