"""What a diagnosis says: a result for each check, and a report of all results."""

import html
from dataclasses import dataclass

from rnn_tutorial.checks.misconceptions import MISCONCEPTIONS

PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "not applicable"
VERDICTS = (PASS, FAIL, NOT_APPLICABLE)
HEADINGS = ("Check", "Verdict", "Evidence")


@dataclass(frozen=True)
class Result:
    """What one check found.

    Parameters
    ----------
    name : str
        The check's name, a key of `rnn_tutorial.checks.CHECKS`.
    verdict : {"pass", "fail", "not applicable"}
        A check that could not be made says so, and why; it never passes.
    evidence : str
        What was measured, in words and numbers, or why nothing was.
    misconception : str
        The id of the mistake, a key of `rnn_tutorial.checks.misconceptions.MISCONCEPTIONS`;
        empty unless the verdict is "fail".
    """

    name: str
    verdict: str
    evidence: str
    misconception: str = ""

    def __post_init__(self):
        if self.verdict not in VERDICTS:
            raise ValueError(f"verdict must be one of {', '.join(VERDICTS)}, got {self.verdict!r}")
        if (self.verdict == FAIL) != (self.misconception in MISCONCEPTIONS):
            raise ValueError(
                f"misconception must be an id for a failure and empty otherwise, "
                f"got {self.misconception!r} for {self.verdict!r}"
            )

    @property
    def chapter(self) -> int | None:
        """The chapter to read, where the check failed."""
        return MISCONCEPTIONS[self.misconception].chapter if self.misconception else None

    @property
    def repair(self) -> str:
        """What to do about it, where the check failed."""
        return MISCONCEPTIONS[self.misconception].repair if self.misconception else ""

    def _row(self) -> tuple[str, ...]:
        said = self.evidence
        if self.misconception:
            said += f" ({self.misconception}, chapter {self.chapter}). Repair: {self.repair}."
        return self.name, self.verdict, said


@dataclass(frozen=True, repr=False)
class Report:
    """What `rnn_tutorial.checks.diagnose` found.

    Printed, it is a list that fits a terminal; a notebook shows it as a table.

    Parameters
    ----------
    results : tuple of Result
        One for each check, in the order in which they were made.
    """

    results: tuple[Result, ...]

    def __getitem__(self, name: str) -> Result:
        """Return the result of one check."""
        for result in self.results:
            if result.name == name:
                return result
        raise KeyError(f"no check is named {name!r}; there are {', '.join(self.names)}")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the checks."""
        return tuple(result.name for result in self.results)

    def _with(self, verdict: str) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.verdict == verdict)

    @property
    def failures(self) -> tuple[Result, ...]:
        """The results of the checks that failed."""
        return self._with(FAIL)

    @property
    def passed(self) -> tuple[Result, ...]:
        """The results of the checks that passed."""
        return self._with(PASS)

    @property
    def not_applicable(self) -> tuple[Result, ...]:
        """The results of the checks that could not be made."""
        return self._with(NOT_APPLICABLE)

    @property
    def misconceptions(self) -> tuple[str, ...]:
        """The ids of the mistakes, each once."""
        return tuple(dict.fromkeys(result.misconception for result in self.failures))

    @property
    def ok(self) -> bool:
        """Whether checks were made and none failed."""
        return bool(self.passed) and not self.failures

    def assert_ok(self) -> None:
        """Raise an AssertionError that shows the failures, if there are any.

        Raises
        ------
        AssertionError
            If a check failed, or none could be made.
        """
        if not self.ok:
            raise AssertionError(f"{self.summary()}\n{self}")

    def summary(self) -> str:
        """Say in one line how many checks passed, failed and could not be made."""
        return (
            f"{len(self.passed)} passed, {len(self.failures)} failed, "
            f"{len(self.not_applicable)} not applicable"
        )

    def __repr__(self):
        return f"<Report: {self.summary()}>"

    def __str__(self):
        lines = []
        for result in (*self.failures, *self.passed, *self.not_applicable):
            where = f" [{result.misconception}, chapter {result.chapter}]"
            lines.append(
                f"{result.verdict:14} {result.name}: {result.evidence}"
                + (where if result.misconception else "")
            )
            if result.repair:
                lines.append(f"{'':14} repair: {result.repair}")
        return "\n".join([*lines, self.summary()])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{heading}</th>' for heading in HEADINGS)
        wrapped = ' style="white-space: normal; text-align: left"'
        body = "".join(
            f'<tr><th scope="row">{name}</th><td>{verdict}</td>'
            f"<td{wrapped}>{html.escape(said)}</td></tr>"
            for name, verdict, said in (
                result._row() for result in (*self.failures, *self.passed, *self.not_applicable)
            )
        )
        caption = f'<caption style="text-align: left">{html.escape(self.summary())}</caption>'
        rows = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        return f'<table class="dataframe">{caption}{rows}</table>'

    def _repr_markdown_(self) -> str:
        rows = [HEADINGS, tuple("---" for _ in HEADINGS)]
        rows += [
            tuple(cell.replace("|", "\\|") for cell in result._row())
            for result in (*self.failures, *self.passed, *self.not_applicable)
        ]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)
