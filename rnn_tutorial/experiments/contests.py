"""Networks beside the strongest opponent without one, on the real tasks of the book.

All numbers come from the stored evidence. Each side is represented by the member that is best on
validation, where the evidence has that. A *win* is a lead of at least 2 % of the opponent's error
with every seed ahead of it, a *loss* is the same the other way round, and all else is a *tie*.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from rnn_tutorial.data import labeled, name_lists, plays
from rnn_tutorial.experiments.engine.evidence import load
from rnn_tutorial.experiments.time_series import forecast_sunspots, forecasts, lag_one

LEAST = 0.02  # of the opponent's error
SAID = {"win": "**wins**", "tie": "ties", "loss": "**loses**"}
OUTCOMES = tuple(SAID)


@dataclass(frozen=True)
class Side:
    """Who takes part, as it is stored.

    Parameters
    ----------
    experiment : str
        Where its runs are.
    members : tuple of str
        The variants that are its candidates.
    measure : str
        What is compared on the test.
    chosen_by : str
        The measure on validation that chooses among the members; may be empty for one member.
    names : tuple of str
        What to call the members, if not by the name of the variant.
    seeds : tuple of int
        The seeds that belong to this contest, if not all of them.
    """

    experiment: str
    members: tuple[str, ...]
    measure: str
    chosen_by: str = ""
    names: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()


@dataclass(frozen=True)
class Contest:
    """A task, and the two sides.

    Parameters
    ----------
    task : str
        What is to be done, in a few words.
    page : str
        The document of the chapter.
    data : callable
        Says how much there is to learn from.
    network, opponent : Side
        The opponent is named before its runs.
    unit : str
        What the measure is.
    score : bool
        Whether larger values of the measure are better; its error is then what is missing to 1.
    """

    task: str
    page: str
    data: Callable[[], str]
    network: Side
    opponent: Side
    unit: str
    score: bool = False


@dataclass(frozen=True)
class Result:
    """What a contest came to: who took part, the measure by seed, and the outcome."""

    network: str
    opponent: str
    measured: pd.Series
    rival: pd.Series
    cpu_seconds: float
    outcome: str


def _prices(kind: str, market: str) -> Contest:
    return Contest(
        f"Tomorrow's price of a made-up share, {kind}",
        "11_time_series",
        lambda: f"{lag_one.TEST:,} days",
        Side("lag_one", ("returns",), f"{market}_ratio", names=("GRU on returns",)),
        Side("lag_one_lines", ("returns",), f"{market}_ratio", names=("autoregression",)),
        "of persistence's error",
    )


def _genre(split: str) -> Contest:
    return Contest(
        f"Genre of a speech in Shakespeare, split by {split}",
        "08_sequence_data",
        lambda: f"about {load('speech_genre')['train'].median():,.0f} speeches",
        Side("speech_genre", (f"gru, by {split}",), "accuracy", names=("GRU on words",)),
        Side("speech_genre", (f"tfidf, by {split}",), "accuracy", names=("TF-IDF, linear",)),
        "accuracy",
        score=True,
    )


CONTESTS = (
    Contest(
        "The list that a surname is from, of 14",
        "09_text_classification",
        lambda: f"{len(labeled.split(name_lists.surnames(), seed=0).train.texts):,} names",
        Side(
            "surnames", ("gru", "lstm", "rnn"), "accuracy", "validation_accuracy",
            names=("GRU", "LSTM", "tanh RNN"),
        ),
        Side(
            "surname_baselines", ("naive_bayes", "ngrams"), "accuracy", "validation_accuracy",
            names=("naive Bayes on n-grams", "logistic regression on n-grams"), seeds=(0,),
        ),
        "accuracy",
        score=True,
    ),
    _genre("play"),
    _genre("speech"),
    Contest(
        "The next character of a tragedy",
        "10_text_generation",
        lambda: f"{len(plays.tragedies()[0]):,} characters",
        Side("character_large", ("large",), "bits", names=("GRU of 256 units",)),
        Side("character_ngrams", ("Kneser-Ney",), "bits"),
        "bits",
    ),
    Contest(
        "Tomorrow's highest temperature",
        "11_time_series",
        lambda: f"{forecasts.TEST:,} days",
        Side("forecast_weather", ("GRU, calendar",), "mae", names=("GRU with the calendar",)),
        Side("line_opponents", ("weather",), "mae", names=("autoregression with the calendar",)),
        "°C",
    ),
    Contest(
        "Next year's number of sunspots",
        "11_time_series",
        lambda: f"{forecast_sunspots.TEST} years",
        Side("forecast_sunspots", ("GRU", "LSTM", "tanh RNN"), "mae", "validation_mae"),
        Side("line_opponents", ("sunspots",), "mae", names=("autoregression of square roots",)),
        "sunspots",
    ),
    _prices("a random walk", "walk"),
    _prices("with momentum", "momentum"),
)  # fmt: skip


def judge(contest: Contest) -> Result:
    """Say what a contest came to."""
    name, runs = _runs(contest.network, contest)
    rival_name, rival_runs = _runs(contest.opponent, contest)
    measured = runs.set_index("seed")[contest.network.measure]
    rival = rival_runs.set_index("seed")[contest.opponent.measure]
    return Result(
        name, rival_name, measured, rival, runs["cpu_seconds"].median(),
        outcome(*(1 - values if contest.score else values for values in (measured, rival))),
    )  # fmt: skip


def outcome(errors: pd.Series, rival: pd.Series) -> str:
    """Compare errors by seed, the opponent's being its median where it has other seeds.

    Returns
    -------
    str
        One of `OUTCOMES`, for the side of ``errors``.
    """
    paired = set(errors.index) <= set(rival.index)
    leads = 1 - errors / (rival.loc[errors.index] if paired else rival.median())
    if leads.min() > 0 and leads.median() >= LEAST:
        return "win"
    return "loss" if leads.max() < 0 and leads.median() <= -LEAST else "tie"


def _runs(side: Side, contest: Contest) -> tuple[str, pd.DataFrame]:
    """Return the name and the runs of the member that is best on validation."""
    table = load(side.experiment)
    if side.seeds:
        table = table[table["seed"].isin(side.seeds)]
    member = side.members[0]
    if side.chosen_by:
        medians = table.groupby("variant")[side.chosen_by].median()[list(side.members)]
        member = medians.idxmax() if contest.score else medians.idxmin()
    names = dict(zip(side.members, side.names or side.members, strict=True))
    return names[member], table[table["variant"] == member]


def as_markdown() -> str:
    """Return the contests as a table in Markdown, with a link to the chapter of each."""
    rows = [
        "| Task | The network | Network | Strongest opponent without one | To learn from |",
        "|---|---|---|---|---|",
    ]
    for contest in CONTESTS:
        result = judge(contest)
        task = f"[{contest.task}]({contest.page}.ipynb)"
        seconds = f"{result.cpu_seconds:.0f} s" if result.cpu_seconds >= 1 else "under 1 s"
        shown = [
            task,
            SAID[result.outcome],
            f"{result.network}: {_said(result.measured)} {contest.unit}; {seconds} of one core",
            f"{result.opponent}: {_said(result.rival)} {contest.unit}",
            contest.data(),
        ]
        rows.append(f"| {' | '.join(shown)} |")
    return "\n".join(rows)


def _said(values: pd.Series) -> str:
    """Write a median, and the range of the seeds if there is one."""
    median, low, high = (f"{value:.4g}" for value in values.agg(["median", "min", "max"]))
    return median if low == high else f"{median} ({low} to {high})"
