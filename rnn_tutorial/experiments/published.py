"""What a paper reported, and what has to come out here to call it reproduced."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

READINGS = ("table", "text", "figure", "proof")


@dataclass(frozen=True)
class Published:
    """A published result beside which an experiment stands.

    Parameters
    ----------
    reference : str
        The key of the paper in ``book/references.bib``.
    claim : str
        What the paper claims, in a sentence.
    number : str
        What it reports, as it stands there.
    read_from : {"table", "text", "figure", "proof"}
        Where the number was read. A number from a figure is as good as one's eyes.
    setup : str
        What we train, and on what.
    deviations : tuple of str
        In what our setup differs from the paper's.
    criterion : str
        What has to hold over all seeds, in words.
    holds : callable
        The criterion: takes the main table of the experiment, returns for each seed whether it is
        met, as a Series of bool.
    tuned_on : tuple of int
        The seeds that were looked at while settings were chosen; none of them is reported.
    """

    reference: str
    claim: str
    number: str
    read_from: str
    setup: str
    deviations: tuple[str, ...]
    criterion: str
    holds: Callable[[pd.DataFrame], pd.Series]
    tuned_on: tuple[int, ...] = ()

    def __post_init__(self):
        if self.read_from not in READINGS:
            raise ValueError(
                f"read_from must be one of {', '.join(READINGS)}, got {self.read_from!r}"
            )

    def verdict(self, table: pd.DataFrame) -> str:
        """Say whether the result is reproduced: on all seeds, on some of them, or not at all."""
        met = self.holds(table)
        if met.all():
            return "reproduced"
        if not met.any():
            return "not reproduced"
        return f"reproduced on {int(met.sum())} of {len(met)} seeds"
