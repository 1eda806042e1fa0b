"""One search for the learning rate, the same for every contender of a comparison.

Each contender of an experiment with a `Search` is tried at the rates of `START`, on seeds that are
not reported. Where the best rate is the lowest or the highest that was tried, the next one of
`GRID` is tried too, until the best one has neighbors on both sides. What was tried is stored, and
the reported runs read their rate from that table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnn_tutorial.experiments.engine.evidence import load

Tables = Mapping[str, list[Mapping[str, object]]]

GRID = (1e-5, 3e-5, 1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
START = (0.001, 0.003, 0.01)


@dataclass(frozen=True)
class Search:
    """How the learning rate of each contender is chosen.

    Parameters
    ----------
    measure : str
        The measure of a run by which rates are compared.
    seeds : tuple of int
        The seeds that each rate is tried on; none of them is reported.
    smaller_is_better : bool
        Whether the measure is an error, and not a score.
    margin : float
        Rates whose means are this close to the best one count as equally good, in the unit of the
        measure.
    """

    measure: str
    seeds: tuple[int, ...]
    smaller_is_better: bool = False
    margin: float = 0.0

    def best(self, tried: Mapping[float, Sequence[float]]) -> float:
        """Choose a rate: the one with the best mean, and the middle one of several as good.

        So a rate at the edge of a plateau, where a slightly higher one may fail, is not chosen
        for a difference that means nothing. Where training broke down at every rate, it is the
        lowest.

        Parameters
        ----------
        tried : mapping of float to sequence of float
            The measure on each seed, by rate; nan where training broke down, which is the worst.
        """
        sign = -1 if self.smaller_is_better else 1
        means = {rate: sign * float(np.mean(values)) for rate, values in sorted(tried.items())}
        means = {rate: -np.inf if np.isnan(mean) else mean for rate, mean in means.items()}
        top = max(means.values())
        winners = [rate for rate, mean in means.items() if mean >= top - self.margin]
        return winners[0 if top == -np.inf else len(winners) // 2]

    def run(self, train: Callable[[Any, int, float], Tables], setup: Any) -> Tables:
        """Try rates until the best one has neighbors, or the grid ends.

        Parameters
        ----------
        train : callable
            Takes a setup, a seed and a learning rate, returns tables as `Experiment.run` does.
        setup : anything
            The contender.

        Returns
        -------
        mapping of str to list of mapping
            ``""``: the rate that was chosen, and the mean of the measure with it. ``"tried"``:
            rate, seed and measure of each run.
        """
        tried: dict[float, list[float]] = {}
        waiting = list(START)
        while waiting:
            for rate in waiting:
                tried[rate] = [self._try(train, setup, seed, rate) for seed in self.seeds]
            best = self.best(tried)
            place = GRID.index(best)
            waiting = [r for r in GRID[max(0, place - 1) : place + 2] if r not in tried]
        rows = [
            {"rate": rate, "seed": seed, self.measure: value}
            for rate, values in sorted(tried.items())
            for seed, value in zip(self.seeds, values, strict=True)
        ]
        return {"": [{"rate": best, self.measure: float(np.mean(tried[best]))}], "tried": rows}

    def _try(self, train, setup, seed: int, rate: float) -> float:
        try:
            return float(train(setup, seed, rate)[""][0][self.measure])
        except FloatingPointError:  # the loss or the gradient is not finite any more
            return float("nan")


def chosen_rate(name: str, variant: str) -> float:
    """Return the learning rate that the stored search of an experiment chose for a contender.

    Raises
    ------
    ValueError
        If no search of the experiment is stored, or it has no such variant.
    """
    table = load(search_name(name)).set_index("variant")
    if variant not in table.index:
        raise ValueError(f"variant must be one of {', '.join(table.index)}, got {variant!r}")
    return float(table.loc[variant, "rate"])


def search_name(name: str) -> str:
    """Return what the search of an experiment is called."""
    return f"{name}_rates"
