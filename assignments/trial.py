"""Try an answer on the tests of its question without a notebook, in this process.

For the tests, and for anyone who writes questions: an answer takes a second, a notebook ten. There
are no limits and no wall between a submission and the grader, so nobody should be graded this way.
"""

import contextlib
import os
import sys
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import torch
from otter.test_files import create_test_file

from assignments.notebooks import answered, prepared


class Trial:
    """The names that a solution defines, and the tests of an autograder.

    Parameters
    ----------
    autograder : Path
        The archive.
    solution : Path
        The notebook whose cells run once.
    folder : Path
        An empty folder for the grader's files.
    """

    def __init__(self, autograder: Path, solution: Path, folder: Path):
        self.root = folder
        with zipfile.ZipFile(autograder) as archive:
            archive.extractall(self.root)
        self.solution = prepared(nbformat.read(solution, as_version=4))
        self.names: dict = {"__name__": "__main__"}
        self.dtype = torch.float32  # what a solution sets must not reach the next trial
        with self.inside():
            for cell in self.solution.cells:
                if cell.cell_type == "code":
                    exec(compile(cell.source, "<solution>", "exec"), self.names)

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Work in the folder of the grader's files, with its modules importable, and clean up."""
        modules, path, place = set(sys.modules), list(sys.path), Path.cwd()
        dtype = torch.get_default_dtype()
        torch.set_default_dtype(self.dtype)
        files = self.root / "files"
        os.chdir(files)
        sys.path.insert(0, str(files))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # in a notebook, warnings are not errors
                yield
        finally:
            self.dtype = torch.get_default_dtype()
            torch.set_default_dtype(dtype)
            os.chdir(place)
            sys.path[:] = path
            own = {file.stem for file in files.iterdir()}
            for name in set(sys.modules) - modules:
                if name.split(".")[0] in own:
                    del sys.modules[name]

    def points(self, question: str, source: str | None = None) -> tuple[float, float, list[str]]:
        """Grade one question.

        Parameters
        ----------
        question : str
            Its name.
        source : str
            The cell that replaces the solution's; if left out, the solution is graded.

        Returns
        -------
        tuple
            Points, possible points, and the messages of the tests that failed.
        """
        names = dict(self.names)
        with self.inside():
            if source is not None:
                # refuses a notebook that defines it twice
                answered(self.solution, {question: source})
                with contextlib.suppress(Exception):  # as in a notebook, what follows still runs
                    names.pop(question, None)
                    exec(compile(source, "<answer>", "exec"), names)
            test = create_test_file(str(self.root / "tests" / f"{question}.py"), None)
            test.run(names)
        failed = [case.message for case in test.test_case_results if not case.passed]
        return float(test.score), float(test.possible), failed
