"""What an experiment is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rnn_tutorial.experiments.engine.published import Published


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
        Takes a variant and a seed, returns a mapping of table name to records (a list of flat
        mappings). The table ``""`` is the main one: one record with the measures of the run, all
        of them numbers.
    variants : tuple of str
        What is compared. Each runs with every seed.
    seeds : tuple of int
        The seeds that are reported.
    headline : str
        The measure by which a repetition is compared with the stored one.
    published : Published, optional
        What a paper reported, where the experiment stands beside one.
    """

    name: str
    description: str
    run: Callable[[str, int], Mapping[str, list[Mapping[str, object]]]]
    variants: tuple[str, ...]
    seeds: tuple[int, ...]
    headline: str = "accuracy"
    published: Published | None = None
