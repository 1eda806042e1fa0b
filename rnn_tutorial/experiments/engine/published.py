"""What a paper reported, and what has to come out here to call it reproduced."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

READINGS = ("table", "text", "figure", "proof")


@dataclass(frozen=True)
class Published:
    """A published result that an experiment is compared with.

    Parameters
    ----------
    reference : str
        The key of the paper in ``book/references.bib``.
    claim : str
        What the paper claims, in a sentence.
    number : str
        What it reports, in its own terms.
    read_from : {"table", "text", "figure", "proof"}
        Where the number was read. One from a figure is only as exact as the eye that read it.
    brief : str
        The number in a few words, for a table.
    compared : mapping of str to str
        The measures that stand beside it in that table, and what each of them is.
    setup : str
        What we train, and on what.
    deviations : tuple of str
        How our setup differs from the paper's.
    criterion : str
        What must hold for every seed, in words.
    holds : callable
        The criterion: takes the main table of the experiment, with the runs of all variants,
        returns for each of its rows whether the run meets it, as a Series of bool. A run that
        failed has no measures and does not meet it.
    tuned_on : tuple of int
        The seeds used while settings were chosen; none of them is reported.
    """

    reference: str
    claim: str
    number: str
    read_from: str
    brief: str
    compared: Mapping[str, str]
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

    def met(self, table: pd.DataFrame) -> pd.Series:
        """Say for each run of the main table whether it meets the criterion."""
        return self.holds(table).astype(bool) & table["error"].isna()

    def verdicts(self, table: pd.DataFrame) -> dict[str, str]:
        """Say for each variant on how many of its seeds the criterion is met.

        Parameters
        ----------
        table : DataFrame
            The main table of the experiment.

        Returns
        -------
        dict of str to str
            "reproduced", "not reproduced" or "reproduced on 3 of 5 seeds", and how many runs
            failed.
        """
        met = self.met(table)
        verdicts = {}
        for variant, rows in table.groupby("variant", sort=False):
            count, failed = int(met[rows.index].sum()), int(rows["error"].notna().sum())
            if count == len(rows):
                verdict = "reproduced"
            elif count == 0:
                verdict = "not reproduced"
            else:
                verdict = f"reproduced on {count} of {len(rows)} seeds"
            verdicts[variant] = verdict + (f", {failed} of the runs failed" if failed else "")
        return verdicts

    def verdict(self, table: pd.DataFrame, names: Mapping[str, str] = MappingProxyType({})) -> str:
        """Say in a few words whether the result as a whole was reproduced.

        Parameters
        ----------
        table : DataFrame
            The main table of the experiment.
        names : mapping of str to str, optional
            What to call variants, where it is not their own name.

        Returns
        -------
        str
            "reproduced" if all variants are; "reproduced only with ..." if some are; else how many
            runs met the criterion, or "not reproduced".
        """
        verdicts = self.verdicts(table)
        whole = [variant for variant, verdict in verdicts.items() if verdict == "reproduced"]
        if len(whole) == len(verdicts):
            return "reproduced"
        if whole:
            return f"reproduced only with {', '.join(names.get(v, v) for v in whole)}"
        met = self.met(table)
        if met.any():
            return f"reproduced on {int(met.sum())} of {len(met)} runs"
        return "not reproduced"
