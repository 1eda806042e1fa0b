"""A pytest plugin on top of nbval that makes the stored outputs of a notebook a contract.

Load it with ``-p tools.contracts.plugin --nbval --nbval-current-env``. It replaces what nbval
collects by subclasses that compare through ``tools.contracts.compare``, refuses stored cells that
nbval would pass without a comparison, and counts the cells so that none can drop out.
"""

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

from tools.contracts.compare import output_differences
from tools.contracts.contract import EXEMPT, contract_of, has_tag, output_faults, stored_faults
from tools.contracts.figures import PICTURES


def pytest_configure(config: pytest.Config) -> None:
    """Refuse nbval's lax mode, in which nothing is compared."""
    if config.option.nbval_lax:
        raise pytest.UsageError("the outputs of the book are contracts: use --nbval, not lax")


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Iterator:
    """Replace nbval's notebooks by those that compare strictly."""
    collected = yield
    return [
        ContractFile.from_parent(parent, path=file_path) if isinstance(item, IPyNbFile) else item
        for item in collected
    ]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail if not every code cell of every notebook was run; a worker of xdist leaves it alone."""
    if _dropped(session.config) and session.exitstatus in (
        pytest.ExitCode.OK,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say in one line what was compared, and which cells did not run."""
    results = _results(config)
    kinds = Counter(result["contract"] for result in results)
    terminalreporter.write_line(
        f"contracts: {len({result['notebook'] for result in results})} notebooks, "
        f"{len(results)} cells, {kinds['exempt']} exempt, {kinds['tolerance']} with a tolerance"
    )
    for fault in _dropped(config):
        terminalreporter.write_line(f"contracts: {fault}", red=True)


def _results(config: pytest.Config) -> list[dict]:
    """Return the properties of all cells that were run, here or by a worker."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reports = [report for group in reporter.stats.values() for report in group] if reporter else []
    results = [
        dict(report.user_properties) for report in reports if getattr(report, "when", "") == "call"
    ]
    return [result for result in results if "contract" in result]


def _dropped(config: pytest.Config) -> list[str]:
    """Compare the number of cells that were run with the code cells in each file."""
    if not config.pluginmanager.has_plugin("terminalreporter") or config.option.collectonly:
        return []
    counts = Counter(result["notebook"] for result in _results(config))
    named = (Path(argument.partition("::")[0]).resolve() for argument in config.args)
    asked_for = {str(path) for path in named if path.suffix == ".ipynb"}
    faults = []
    for notebook in sorted(asked_for | {*counts}):
        cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
        expected = sum(cell["cell_type"] == "code" for cell in cells)
        if counts[notebook] != expected:
            faults.append(f"{notebook}: {counts[notebook]} of {expected} code cells were run")
    return faults


KERNEL_STARTS = 3
LAST_DIGIT = (
    "Only last digits differ. On the processor that the book is stored on, the stored ones are "
    "stale (make notebooks); on another one, see CONTRIBUTING.md on make contracts-matrix."
)


class ContractFile(IPyNbFile):
    """A notebook whose cells compare strictly."""

    def setup(self) -> None:
        """Start the kernel, again if it dies at once: two that start together may draw one port."""
        for start in range(1, KERNEL_STARTS + 1):
            try:
                return super().setup()
            except RuntimeError:
                if start == KERNEL_STARTS:
                    raise

    def collect(self) -> Iterator["ContractCell"]:
        """Yield a ContractCell for each of nbval's cells."""
        for cell in super().collect():
            yield ContractCell.from_parent(
                self, name=cell.name, cell_num=cell.cell_num, cell=cell.cell, options=cell.options
            )


class ContractCell(IPyNbCell):
    """A code cell that fails if it is not what is stored, or stored in a form that proves less."""

    def runtest(self) -> None:
        """Run the cell and check what is stored, what came out and that the two agree."""
        self.user_properties += [("notebook", str(self.path)), ("contract", self._kind())]
        faults = stored_faults(self.cell, self.cell_num + 1)
        self.options["skip"] = False
        self.comparison_traceback, traceback = [], None
        try:
            super().runtest()
        except NbCellError as error:
            if not self.comparison_traceback:
                faults.append(str(error))
                traceback = error.inner_traceback
        if not traceback:
            faults += output_faults(self.cell, self.test_outputs, "live")
        faults += self.comparison_traceback
        if faults:
            raise NbCellError(self.cell_num, "\n".join(faults), self.cell.source, traceback)

    def compare_outputs(
        self, test: list[NotebookNode], ref: list[NotebookNode], skip_compare: object = None
    ) -> bool:
        """Compare as the contract says; nbval calls this for the cells that are not exempt."""
        pictures = self.config.rootpath / PICTURES / f"{self.path.stem}-cell-{self.cell_num + 1}"
        contract = contract_of(self.cell)
        self.comparison_traceback = output_differences(ref, test, contract, pictures)
        accepting = dataclasses.replace(contract, rounding=("anywhere",))
        if self.comparison_traceback and not output_differences(ref, test, accepting):
            self.comparison_traceback.append(LAST_DIGIT)
        return not self.comparison_traceback

    def repr_failure(self, excinfo: pytest.ExceptionInfo) -> str:
        """Show the notebook, the cell, its source and what is wrong."""
        error = excinfo.value
        if not isinstance(error, NbCellError):
            return super().repr_failure(excinfo)
        notebook = self.nodeid.partition("::")[0]
        parts = [
            f"{notebook}, code cell {error.cell_num + 1}:",
            indent(error.source, "    "),
            str(error),
            error.inner_traceback or "",
        ]
        return "\n\n".join(part for part in parts if part)

    def _kind(self) -> str:
        if has_tag(self.cell, EXEMPT):
            return "exempt"
        return "tolerance" if "contract" in self.cell.metadata else "exact"
