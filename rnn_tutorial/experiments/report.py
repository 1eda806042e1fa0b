"""The evidence next to what was published: the tables of the page "Published and measured"."""

import pandas as pd

from rnn_tutorial.experiments.engine.evidence import KEYS, RECORD, load
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.registry import EXPERIMENTS, reproductions

# What variants are called where their key would say too little.
NAMES = {
    "rnn": "tanh RNN",
    "irnn": "ReLU from identity",
    "lstm": "LSTM",
    "gru": "GRU",
    "forget": "with forget gates",
    "none": "without",
}


def verdicts() -> str:
    """Judge the stored evidence of each reproduction by its criterion.

    Returns
    -------
    str
        A table in Markdown with one row for each reproduction: what it shows, with a link to the
        section of its page, what was published and where that was read, our
        medians over all seeds, and the verdict.
    """
    rows = ["| Result | Published | Ours, median | Verdict |", "|---|---|---|---|"]
    for experiment in reproductions():
        published, table = experiment.published, load(experiment.name)
        cells = (
            f"[{experiment.description}](#{section(experiment.name)})",
            f"{published.brief} ({published.read_from})",
            "; ".join(
                f"{words}: {_medians(table, measure)}"
                for measure, words in published.compared.items()
            ),
            published.verdict(table, NAMES),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def section(name: str) -> str:
    """Return the label of the section about a reproduction, on the page that shows them."""
    return f"published-{name.replace('_', '-')}"


def _medians(table: pd.DataFrame, measure: str) -> str:
    """Write the median of a measure over the seeds of each variant."""
    medians = {
        NAMES.get(variant, variant): f"{value:.3g}".replace("-", "\N{MINUS SIGN}")
        for variant, value in table.groupby("variant", sort=False)[measure].median().items()
    }
    if len(medians) == 1:
        return "".join(medians.values())
    return ", ".join(f"{value} ({name})" for name, value in medians.items())


def describe(name: str) -> str:
    """Say in Markdown what was claimed, what we did, and what we found.

    Parameters
    ----------
    name : str
        A reproduction.

    Returns
    -------
    str
        A list with one entry each for the claim, the published number, our setup, the deviations,
        the criterion, the seeds, the verdict for each variant, the runs that failed, the time, and
        the command.

    Raises
    ------
    ValueError
        If there is no reproduction with that name.
    """
    experiment = _reproduction(name)
    published, table = experiment.published, load(name)
    found = "; ".join(
        f"{variant}: **{verdict}**" for variant, verdict in published.verdicts(table).items()
    )
    seeds = ", ".join(map(str, experiment.seeds))
    tuned = ", ".join(map(str, published.tuned_on)) or "none"
    failed = [
        f"{run.variant}, seed {run.seed} ({run.error})"
        for run in table[table["error"].notna()].itertuples()
    ]
    return "\n".join(
        [
            f"- *Claimed:* {published.claim}",
            f"- *Published:* {published.number} (read from a {published.read_from}).",
            f"- *Ours:* {published.setup}.",
            f"- *Deviations:* {'; '.join(published.deviations)}.",
            f"- *Criterion:* {published.criterion}.",
            f"- *Seeds:* {seeds}; seen while settings were chosen: {tuned}.",
            f"- *Verdict:* {found}.",
            *([f"- *Runs that failed:* {'; '.join(failed)}."] if failed else []),
            f"- *Time:* {_seconds(table):.1f} s of one core for one seed of all variants.",
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
        If there is no reproduction with that name.
    """
    _reproduction(name)
    table = load(name)
    measures = [column for column in table if column not in (*KEYS, *RECORD)]
    by_variant = table.groupby("variant", sort=False)[measures]
    summary = by_variant.agg(["median", "min", "max"]).stack(level=0, future_stack=True)
    return summary.rename_axis(["variant", "measure"]).dropna()


def _seconds(table: pd.DataFrame) -> float:
    """Return the median time of one core that one seed of all variants takes."""
    return float(table.groupby("variant")["cpu_seconds"].median().sum())


def _reproduction(name: str) -> Experiment:
    names = [experiment.name for experiment in reproductions()]
    if name not in names:
        raise ValueError(f"name must be one of {', '.join(names)}, got {name!r}")
    return EXPERIMENTS[name]
