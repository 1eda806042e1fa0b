"""The evidence beside what was published: the tables of the page "Published and measured"."""

import pandas as pd

from rnn_tutorial.experiments.registry import EXPERIMENTS, Experiment
from rnn_tutorial.experiments.runner import load


def reproductions() -> list[Experiment]:
    """Return the experiments that stand beside a published result, in the order of the registry."""
    return [experiment for experiment in EXPERIMENTS.values() if experiment.published]


def verdicts() -> pd.DataFrame:
    """Judge the stored evidence of each reproduction by its criterion.

    Returns
    -------
    DataFrame
        One row for each experiment and variant: where the published number was read, how many
        seeds were run, the verdict and the median seconds of a run.
    """
    rows = []
    for experiment in reproductions():
        table = load(experiment.name)
        for variant in experiment.variants:
            part = table[table["variant"] == variant]
            rows.append(
                {
                    "result": experiment.name,
                    "variant": variant,
                    "read from": experiment.published.read_from,
                    "seeds": len(part),
                    "verdict": experiment.published.verdict(part),
                    "seconds": part["seconds"].median(),
                }
            )
    return pd.DataFrame(rows).set_index(["result", "variant"])


def describe(name: str) -> str:
    """Say in Markdown what was claimed, what we did, and what came of it.

    Parameters
    ----------
    name : str
        A reproduction.

    Returns
    -------
    str
        A list with one entry each for the claim, the published number, our setup, the deviations,
        the criterion, the seeds, the verdict for each variant, and the command.
    """
    experiment = _reproduction(name)
    published = experiment.published
    by_variant = verdicts().loc[name, "verdict"]
    found = "; ".join(f"{variant}: **{verdict}**" for variant, verdict in by_variant.items())
    seeds = ", ".join(map(str, experiment.seeds))
    tuned = ", ".join(map(str, published.tuned_on)) or "none"
    return "\n".join(
        [
            f"- *Claimed:* {published.claim}",
            f"- *Published:* {published.number} (read from a {published.read_from}).",
            f"- *Ours:* {published.setup}.",
            f"- *Deviations:* {'; '.join(published.deviations)}.",
            f"- *Criterion:* {published.criterion}.",
            f"- *Seeds:* {seeds}; seen while settings were chosen: {tuned}.",
            f"- *Verdict:* {found}.",
            f"- *Repeat it:* `python -m rnn_tutorial.experiments {name}`",
        ]
    )


def measured(name: str) -> pd.DataFrame:
    """Summarize what an experiment measured, over its seeds.

    Parameters
    ----------
    name : str
        A reproduction.

    Returns
    -------
    DataFrame
        Median, lowest and highest value of each measure, by variant.

    Raises
    ------
    ValueError
        If there is no reproduction of that name.
    """
    _reproduction(name)
    table = load(name)
    measures = list(table.columns[2 : table.columns.get_loc("seconds")])
    by_variant = table.groupby("variant", sort=False)[measures]
    summary = by_variant.agg(["median", "min", "max"]).stack(level=0, future_stack=True)
    return summary.rename_axis(["variant", "measure"])


def _reproduction(name: str) -> Experiment:
    names = [experiment.name for experiment in reproductions()]
    if name not in names:
        raise ValueError(f"name must be one of {', '.join(names)}, got {name!r}")
    return EXPERIMENTS[name]
