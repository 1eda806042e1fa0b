"""What an experiment is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from rnn_tutorial.experiments.engine.published import Published
from rnn_tutorial.experiments.engine.tuning import Search, Tables, chosen_rate, search_name

FRESH = tuple(range(300, 310))  # seeds on which what is called reproduced has to come out again


@dataclass(frozen=True)
class Experiment:
    """A result that is measured over seeds.

    Parameters
    ----------
    name : str
        What the command calls it.
    description : str
        One line: what it shows.
    run : callable
        Takes the setup of a variant and a seed, returns a mapping of table name to records (a list
        of flat mappings). The table ``""`` is the main one: one record with the measures of the
        run, all of them numbers.
    variants : mapping of str to anything
        What is compared: the name that the evidence shows, and the setup that `run` takes. Each
        runs with every seed.
    seeds : tuple of int
        The seeds that are reported.
    headline : str
        The measure by which a repetition is compared with the stored one.
    published : Published, optional
        What a paper reported, if the experiment reproduces one.
    decimals : int, optional
        To how many decimals all measures are rounded; None keeps them as they are, for numbers
        that can be tiny.
    search : Search, optional
        How the learning rate of each variant is chosen. Then `run` takes it as third argument.
    """

    name: str
    description: str
    run: Callable[..., Tables]
    variants: Mapping[str, Any]
    seeds: tuple[int, ...]
    headline: str = "accuracy"
    published: Published | None = None
    decimals: int | None = 6
    search: Search | None = None

    def measure(self, variant: str, seed: int) -> Tables:
        """Compute one run of a variant, with its numbers rounded as the evidence stores them.

        Returns
        -------
        mapping of str to list of mappings
            The records by table, as from `run`.

        Raises
        ------
        ValueError
            If no variant has that name.
        """
        if variant not in self.variants:
            raise ValueError(f"variant must be one of {', '.join(self.variants)}, got {variant!r}")
        rate = [chosen_rate(self.name, variant)] if self.search else []
        return {
            table: [{key: self._rounded(value) for key, value in row.items()} for row in records]
            for table, records in self.run(self.variants[variant], seed, *rate).items()
        }

    def searching(self) -> "Experiment":
        """Return the search for this experiment's rates, as an experiment of its own."""
        return Experiment(
            search_name(self.name),
            f"The learning rates for {self.name}: the same search for each of its variants",
            partial(_search, self.search, self.run),
            self.variants,
            self.search.seeds[:1],
            headline=self.search.measure,
            decimals=self.decimals,
        )

    def again(self) -> "Experiment":
        """Return the main table's runs on `FRESH` seeds, as an experiment of its own."""
        return Experiment(
            fresh_name(self.name),
            f"{self.description} (on fresh seeds)",
            partial(_main_table, self),
            by_name(self.variants),
            FRESH,
            headline=self.headline,
            decimals=self.decimals,
        )

    def _rounded(self, value: object) -> object:
        if self.decimals is None or not isinstance(value, float | np.floating):
            return value
        return round(float(value), self.decimals)


def _search(search: Search, train: Callable[..., Tables], setup: Any, seed: int) -> Tables:
    """Search for the rate of a setup, on the seeds of the search."""
    return search.run(train, setup)


def _main_table(experiment: Experiment, variant: str, seed: int) -> Tables:
    """Repeat one run of an experiment, without its details."""
    return {"": experiment.measure(variant, seed)[""]}


def fresh_name(name: str) -> str:
    """Return what the runs of an experiment on fresh seeds are called."""
    return f"{name}_again"


def by_name(names: Iterable[str]) -> dict[str, str]:
    """Return variants whose setup is their name."""
    return {name: name for name in names}
