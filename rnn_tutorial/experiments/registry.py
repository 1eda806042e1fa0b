"""What an experiment is, and which there are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rnn_tutorial.experiments import (
    surname_baselines,
    surname_padding,
    surname_settings,
    surnames,
)


@dataclass(frozen=True)
class Experiment:
    """A result that is measured over seeds.

    Parameters
    ----------
    name : str
        What the command calls it; the stem of its tables.
    description : str
        One line: what it shows.
    run : callable
        Takes a variant and a seed, returns a mapping of table name to records (a list of flat
        mappings). The table ``""`` is the main one, with the headline numbers.
    variants : tuple of str
        What is compared. Each runs with every seed.
    seeds : tuple of int
        The seeds that are reported.
    headline : str
        The column of the main table by which a repetition is compared with it.
    """

    name: str
    description: str
    run: Callable[[str, int], Mapping[str, list[Mapping[str, object]]]]
    variants: tuple[str, ...]
    seeds: tuple[int, ...]
    headline: str = "accuracy"


EXPERIMENTS = {
    experiment.name: experiment
    for experiment in (
        Experiment(
            "surname_settings",
            "The search for settings: one thing changed at a time, on validation names",
            surname_settings.run,
            tuple(surname_settings.VARIANTS),
            surname_settings.SEEDS,
        ),
        Experiment(
            "surname_padding",
            "What reading the last column of a padded batch costs",
            surname_padding.run,
            tuple(surname_padding.VARIANTS),
            surnames.SEEDS,
            headline="in_batch",
        ),
        Experiment(
            "surnames",
            "Recurrent classifiers of surnames, by cell, length of training and split",
            surnames.run,
            tuple(surnames.VARIANTS),
            surnames.SEEDS,
        ),
        Experiment(
            "surname_baselines",
            "What a surname classifier has to beat: majority, bags of characters, n-grams",
            surname_baselines.run,
            surname_baselines.VARIANTS,
            (0, 1, 2, 3, 4, 5),
        ),
    )
}
