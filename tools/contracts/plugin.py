"""A pytest plugin on top of nbval that makes the stored outputs of a notebook a contract.

Load it with ``-p tools.contracts.plugin --nbval --nbval-current-env``. nbval collects the code
cells and runs them; what is compared, and how, is decided here, whatever tags and comments say.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError, coalesce_streams

from tools.contracts.compare import output_differences
from tools.contracts.contract import EXEMPT, contract_of, has_tag, output_faults, stored_faults

# Where the pictures of a failed comparison are kept, below the folder that pytest runs in.
PICTURES = "_build/contracts"
KERNEL_STARTS = 3
LAST_DIGIT = (
    "Only last digits differ. On the processor that the book is stored on, the stored ones are "
    "stale (make notebooks); on another one, see CONTRIBUTING.md on make contracts-matrix."
)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Iterator:
    """Replace nbval's notebooks by those that compare strictly."""
    collected = yield
    return [
        ContractFile.from_parent(parent, path=file_path) if isinstance(item, IPyNbFile) else item
        for item in collected
    ]


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
        faults, traceback = stored_faults(self.cell, self.cell_num + 1), None
        self.options.update(skip=False, check=False)  # nbval only runs the cell
        try:
            super().runtest()
        except NbCellError as error:
            faults.append(str(error))
            traceback = error.inner_traceback
        else:
            faults += output_faults(self.cell, self.test_outputs, "live")
            if not has_tag(self.cell, EXEMPT) and self.cell.execution_count is not None:
                faults += self._differences()
        if faults:
            raise NbCellError(self.cell_num, "\n".join(faults), self.cell.source, traceback)

    def _differences(self) -> list[str]:
        stored, contract = coalesce_streams(self.cell.outputs), contract_of(self.cell)
        pictures = self.config.rootpath / PICTURES / f"{self.path.stem}-cell-{self.cell_num + 1}"
        found = output_differences(stored, self.test_outputs, contract, pictures)
        accepting = dataclasses.replace(contract, rounding=True)
        if found and not output_differences(stored, self.test_outputs, accepting):
            found.append(LAST_DIGIT)
        return found

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
