"""The evidence next to what was published: the tables of the page "Published and measured"."""

from collections.abc import Mapping

import pandas as pd

from rnn_tutorial.experiments.engine.evidence import KEYS, RECORD, load
from rnn_tutorial.experiments.engine.experiment import Experiment, fresh_name
from rnn_tutorial.experiments.engine.published import WORDS
from rnn_tutorial.experiments.engine.tuning import search_name
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
        A table in Markdown: what a result shows, with a link to the section of its page, what was
        published and where that was read, our medians over all seeds, on how many of them the
        criterion is met, and the word for it. Where the variants of a result differ in that word,
        each group of them has its row, and so has each finding beside the claim.
    """
    rows = [
        "| Result | Published | Ours, median | Criterion met on | Verdict |",
        "|---|---|---|---|---|",
    ]
    for experiment in reproductions():
        published, tables = experiment.published, evidence(experiment)
        said = published.verdicts(*tables)
        link = f"[{experiment.description}](#{section(experiment.name)})"
        read = f"{published.brief} ({published.read_from})"
        for word in WORDS:
            group = [variant for variant in said if said[variant] == word]
            if group:
                cells = (
                    link if len(group) == len(said) else f"{link}, {_listed(group)}",
                    read,
                    _ours(tables[0][tables[0]["variant"].isin(group)], published.compared),
                    _counted([published.counts(table).loc[group] for table in tables]),
                    word,
                )
                rows.append(f"| {' | '.join(cells)} |")
        for sentence, holds in published.findings.items():
            met = holds(tables[0])
            count = f"{int(met.sum())} of {len(met)}"
            rows.append(f"| {link} | {read} | {sentence} | {count} | {WORDS[-1]} |")
    return "\n".join(rows)


def evidence(experiment: Experiment) -> list[pd.DataFrame]:
    """Return the main tables by which a reproduction is judged: reported seeds, then fresh ones."""
    tables = [load(experiment.name)]
    if experiment.published.needs_fresh_seeds:
        tables.append(load(fresh_name(experiment.name)))
    return tables


def _listed(variants: list[str]) -> str:
    return ", ".join(NAMES.get(variant, variant) for variant in variants)


def _ours(table: pd.DataFrame, compared: Mapping[str, str]) -> str:
    return "; ".join(f"{words}: {_medians(table, measure)}" for measure, words in compared.items())


def _counted(counts: list[pd.DataFrame]) -> str:
    """Say on how many seeds a criterion is met: on the fewest, where variants differ."""
    said = [f"{count['met'].min()} of {count['seeds'].max()}" for count in counts]
    return f"{said[0]}, of fresh seeds {said[1]}" if len(said) > 1 else said[0]


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


def _rates(name: str) -> str:
    """Name the rates that the same search found for each variant, and where it is stored."""
    rates = load(search_name(name)).set_index("variant")["rate"]
    found = ", ".join(
        f"{rate:g} ({NAMES.get(variant, variant)})" for variant, rate in rates.items()
    )
    return f"{found}, found by the same search for each (`{search_name(name)}`)"


def describe(name: str) -> str:
    """Say in Markdown what was claimed, what we did, and what we found.

    Parameters
    ----------
    name : str
        A reproduction.

    Returns
    -------
    str
        A list with one entry each for the claim, the published number, our setup, what is not the
        paper's, the criterion and how it was changed, the seeds, the word for each variant and each
        finding, the learning rates that were searched for, the runs that failed, the time, and the
        command.

    Raises
    ------
    ValueError
        If there is no reproduction with that name.
    """
    experiment = _reproduction(name)
    published, tables = experiment.published, evidence(experiment)
    table = tables[0]
    counts = [published.counts(one) for one in tables]
    found = "; ".join(
        f"{variant}: **{word}** ({_counted([count.loc[[variant]] for count in counts])})"
        for variant, word in published.verdicts(*tables).items()
    )
    found += "".join(
        f"; {sentence[0].lower()}{sentence[1:-1]}: **{WORDS[-1]}** "
        f"({int(holds(table).sum())} of {len(table)})"
        for sentence, holds in published.findings.items()
    )
    seeds = ", ".join(map(str, experiment.seeds))
    searched = experiment.search.seeds if experiment.search else ()
    tuned = ", ".join(map(str, (*published.tuned_on, *searched))) or "none"
    failed = [
        f"{run.variant}, seed {run.seed} ({run.error})"
        for run in table[table["error"].notna()].itertuples()
    ]
    return "\n".join(
        [
            f"- *Claimed:* {published.claim}",
            f"- *Published:* {published.number} (read from a {published.read_from}).",
            f"- *Ours:* {published.setup}.",
            f"- *Not the paper's:* {', '.join(published.changed) or 'none of the four'}.",
            f"- *Deviations:* {'; '.join(published.deviations)}.",
            f"- *Criterion:* {published.criterion}.",
            *([f"- *Criterion changed:* {published.revised}."] if published.revised else []),
            f"- *Seeds:* {seeds}; seen while settings were chosen: {tuned}{_fresh(tables)}.",
            f"- *Verdict, and seeds on which the criterion is met:* {found}.",
            *([f"- *Learning rates:* {_rates(name)}."] if searched else []),
            *([f"- *Runs that failed:* {'; '.join(failed)}."] if failed else []),
            f"- *Time:* {_seconds(table):.1f} s of one core for one seed of all variants.",
            f"- *Repeat it:* `python -m rnn_tutorial.experiments {name}`",
        ]
    )


def _fresh(tables: list[pd.DataFrame]) -> str:
    if len(tables) < 2:
        return ""
    seeds = tables[1]["seed"]
    return f"; run once, after the criterion was fixed: {seeds.min()} to {seeds.max()}"


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
