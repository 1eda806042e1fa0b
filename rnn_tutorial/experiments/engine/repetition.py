"""Whether a repetition agrees with the evidence, and which experiments are cheap to repeat."""

from collections.abc import Iterable

import pandas as pd

from rnn_tutorial.experiments.engine.evidence import load
from rnn_tutorial.experiments.engine.experiment import Experiment

SPREADS = 2  # a repetition may be off by this many times the range of the seeds
LEAST = 0.01  # or by this share of the value, since few seeds can coincide
BUDGET = 40.0  # seconds of one core for everything that a quick check repeats


def disagreements(experiment: Experiment, again: pd.DataFrame) -> list[str]:
    """Compare repeated runs with the stored ones of the same variants and seeds.

    Another processor rounds differently, and training amplifies that. So a headline may be off by
    twice the range of the stored seeds. What met the criterion of a published result on all
    seeds must meet it again.

    Parameters
    ----------
    experiment : Experiment
        What was repeated.
    again : DataFrame
        The main table of the repetition.

    Returns
    -------
    list of str
        What does not agree; empty if everything does.
    """
    stored = load(experiment.name)
    found = [
        f"{experiment.name}, {run.variant}, seed {run.seed}: {run.error}"
        for run in again[again["error"].notna()].itertuples()
    ]
    for variant, runs in again[again["error"].isna()].groupby("variant", sort=False):
        values = stored[stored["variant"] == variant].set_index("seed")[experiment.headline]
        allowed = max(SPREADS * (values.max() - values.min()), LEAST * max(1, abs(values.median())))
        for seed, value in zip(runs["seed"], runs[experiment.headline], strict=True):
            if not abs(value - values[seed]) <= allowed:  # nan disagrees
                found.append(
                    f"{experiment.name}, {variant}, seed {seed}: {experiment.headline} is {value}, "
                    f"stored {values[seed]}, allowed ±{allowed:.3g}"
                )
    if experiment.published:
        keys = ["variant", "seed"]
        merged = pd.concat([stored, again]).drop_duplicates(keys, keep="last", ignore_index=True)
        before = experiment.published.met(stored).groupby(stored["variant"]).all()
        met = experiment.published.met(merged)
        repeated = merged[keys].apply(tuple, axis=1).isin(again[keys].apply(tuple, axis=1))
        found += [
            f"{experiment.name}, {run.variant}, seed {run.seed}: the criterion is not met"
            for run in merged[repeated & ~met].itertuples()
            if before[run.variant]
        ]
    return found


def quick(experiments: Iterable[Experiment], budget: float = BUDGET) -> list[Experiment]:
    """Choose the cheapest experiments: as many as can repeat one seed each within a budget.

    Parameters
    ----------
    experiments : iterable of Experiment
        The candidates.
    budget : float
        Seconds of one core for one seed of every variant of the chosen experiments.

    Returns
    -------
    list of Experiment
        The cheapest first.
    """
    costs = {}
    for experiment in experiments:
        seconds = load(experiment.name).groupby("variant")["cpu_seconds"].max()
        costs[experiment.name] = (float(seconds.sum()), experiment)
    chosen, spent = [], 0.0
    for seconds, experiment in sorted(costs.values(), key=lambda cost: cost[0]):
        spent += seconds
        if not spent <= budget:
            break
        chosen.append(experiment)
    return chosen
