"""What a paper reported, what has to come out here, and the three words for what did.

A result is *reproduced* if task, network, training and criterion are the paper's and the criterion
is met on nine of ten seeds. If it is met as often, but something of the setting is ours, the result
has the *same direction in another setting*. All else is *our finding*: what the paper does not
claim, and what did not come out as it claims.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

READINGS = ("table", "text", "figure", "proof")
CONDITIONS = ("task", "network", "training", "criterion")
WORDS = ("reproduced", "same direction in another setting", "our finding")
ENOUGH = 0.9  # the share of the seeds on which a criterion has to be met


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
    changed : tuple of str
        Which of `CONDITIONS` are not the paper's. Training is the rule and the size of the budget;
        the criterion is the measure and what has to hold of it, with a threshold of ours where the
        number was read from a figure or a text.
    criterion : str
        What must hold for nine seeds of ten, in words.
    holds : callable
        The criterion: takes the main table of the experiment, with the runs of all variants,
        returns for each of its rows whether the run meets it, as a Series of bool. A run that
        failed has no measures and does not meet it.
    tuned_on : tuple of int
        The seeds used while settings were chosen; none of them is reported.
    ours : tuple of str
        The variants whose part of the criterion is no claim of the paper.
    findings : mapping of str to callable
        What came out beside the claim or against it: sentences, and predicates like `holds`.
    revised : str
        How and when the criterion was changed after runs had been seen; empty if it was not.
    """

    reference: str
    claim: str
    number: str
    read_from: str
    brief: str
    compared: Mapping[str, str]
    setup: str
    deviations: tuple[str, ...]
    changed: tuple[str, ...]
    criterion: str
    holds: Callable[[pd.DataFrame], pd.Series]
    tuned_on: tuple[int, ...] = ()
    ours: tuple[str, ...] = ()
    findings: Mapping[str, Callable[[pd.DataFrame], pd.Series]] = field(default_factory=dict)
    revised: str = ""

    def __post_init__(self):
        if self.read_from not in READINGS:
            raise ValueError(
                f"read_from must be one of {', '.join(READINGS)}, got {self.read_from!r}"
            )
        for condition in self.changed:
            if condition not in CONDITIONS:
                raise ValueError(f"changed must be of {', '.join(CONDITIONS)}, got {condition!r}")

    @property
    def needs_fresh_seeds(self) -> bool:
        """Whether the result may be called reproduced, or has a criterion that was changed."""
        return not self.changed or bool(self.revised)

    def met(self, table: pd.DataFrame) -> pd.Series:
        """Say for each run of the main table whether it meets the criterion."""
        return self.holds(table).astype(bool) & table["error"].isna()

    def counts(self, table: pd.DataFrame) -> pd.DataFrame:
        """Count for each variant the seeds on which the criterion is met, and all of its seeds.

        Returns
        -------
        DataFrame
            The columns ``met`` and ``seeds``, by variant in the order of the table.
        """
        by_variant = self.met(table).groupby(table["variant"], sort=False)
        return by_variant.agg(["sum", "size"]).set_axis(["met", "seeds"], axis=1)

    def verdicts(self, *tables: pd.DataFrame) -> dict[str, str]:
        """Say for each variant which of the three words fits.

        Parameters
        ----------
        *tables : DataFrame
            Main tables of the experiment: of the reported seeds, and of fresh ones if there are
            any. In each of them the criterion has to be met.

        Returns
        -------
        dict of str to str
            One of `WORDS` for each variant.
        """
        counts = [self.counts(table) for table in tables]
        return {
            variant: self._word(
                variant,
                all(c.loc[variant, "met"] >= ENOUGH * c.loc[variant, "seeds"] for c in counts),
            )
            for variant in counts[0].index
        }

    def _word(self, variant: str, enough: bool) -> str:
        reproduced, same_direction, finding = WORDS
        if not enough or variant in self.ours:
            return finding
        return same_direction if self.changed else reproduced

    def verdict(self, *tables: pd.DataFrame) -> str:
        """Return the word for the result; where variants differ, the words with their variants."""
        said = self.verdicts(*tables)
        words = [word for word in WORDS if word in said.values()]
        if len(words) == 1:
            return words[0]
        groups = (f"{word} ({', '.join(v for v in said if said[v] == word)})" for word in words)
        return "; ".join(groups)
