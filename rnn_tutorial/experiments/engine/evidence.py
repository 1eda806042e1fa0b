"""The stored evidence: one tidy table of all measures, and tables of details.

``results/results.csv`` has one row for each measure of each run: experiment, variant, seed,
measure, value, then what the run was made with. A run that failed has one row, without a measure
and with its error. What a run records step by step or name by name, such as curves, is in a table
of its own, ``results/<experiment>_<table>.csv``.
"""

import os
from collections.abc import Mapping, Sequence
from numbers import Number
from pathlib import Path

import pandas as pd

RESULTS = Path(__file__).parents[1] / "results"
KEYS = ["variant", "seed"]
# what a run was made with, and how long it took, in wall-clock and in processor time
RECORD = [
    "error", "seconds", "cpu_seconds", "threads", "python", "torch", "scikit-learn", "faker",
    "processor", "command",
]  # fmt: skip
COLUMNS = ["experiment", *KEYS, "measure", "value", *RECORD]


def load(name: str, table: str = "", *, results: Path | None = None) -> pd.DataFrame:
    """Read the committed evidence of an experiment.

    Parameters
    ----------
    name : str
        The experiment.
    table : str
        Which of its tables; the main one by default.
    results : Path, optional
        The folder of the evidence; the committed one by default.

    Returns
    -------
    DataFrame
        One row for each run, with the columns variant and seed, then its measures, then what it
        was made with. Of another table, its rows as they were recorded.

    Raises
    ------
    ValueError
        If there is no such table; the message lists the tables that exist.
    """
    results = RESULTS if results is None else results
    if table:
        path = results / f"{name}_{table}.csv"
        if path.exists():
            return _read(path)
        there = sorted(p.stem for p in results.glob("*_*.csv"))
        raise ValueError(f"name and table must be one of {there}, got {path.stem!r}")
    evidence = _read_all(results)
    part = evidence[evidence["experiment"] == name]
    if part.empty:
        there = sorted(evidence["experiment"].unique())
        raise ValueError(f"name must be one of {there}, got {name!r}")
    return _wide(part)


def store(
    name: str,
    tables: Mapping[str, Sequence[Mapping[str, object]]],
    results: Path,
    order: Sequence[str] = (),
) -> None:
    """Replace the evidence of one experiment.

    Parameters
    ----------
    name : str
        The experiment.
    tables : mapping of str to sequence of mapping
        The records by table. Those of the main table ``""`` hold variant, seed, the measures, and
        the columns of `RECORD`.
    results : Path
        The folder of the evidence.
    order : sequence of str
        The experiments in the order in which the table lists them; any others come last.

    Raises
    ------
    ValueError
        If a measure is not a number.
    """
    results.mkdir(parents=True, exist_ok=True)
    rows = pd.DataFrame(_long(name, tables[""]), columns=COLUMNS)
    evidence = _read_all(results)
    others = evidence[evidence["experiment"] != name]
    evidence = pd.concat([others, rows]) if len(others) else rows
    places = {known: place for place, known in enumerate(order)}
    evidence = evidence.sort_values(
        "experiment",
        key=lambda names: names.map(lambda n: places.get(n, len(places))),
        kind="stable",
    )
    for path in results.glob(f"{name}_*.csv"):
        if path.stem.removeprefix(f"{name}_") not in tables and _owner(path, order) == name:
            path.unlink()
    for table, records in tables.items():
        if table:
            _write(pd.DataFrame(records), results / f"{name}_{table}.csv")
    _write(evidence, _path(results))


def _owner(path: Path, names: Sequence[str]) -> str:
    """Return the experiment of a table of details: the longest name that its file begins with."""
    return max((n for n in names if path.stem.startswith(f"{n}_")), key=len, default="")


def _path(results: Path) -> Path:
    return results / "results.csv"


def _read(path: Path, **options) -> pd.DataFrame:
    # "nan" and "null" can be names, so only an empty cell is a missing value
    return pd.read_csv(path, keep_default_na=False, na_values=[""], **options)


def _read_all(results: Path) -> pd.DataFrame:
    """Read the tidy table; values stay text, since one column holds counts and shares alike."""
    path = _path(results)
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS)
    return _read(path, dtype={"value": str, "error": str, "command": str})


def _write(frame: pd.DataFrame, path: Path) -> None:
    """Write a table whole or not at all."""
    partial = path.with_suffix(".partial")
    frame.to_csv(partial, index=False, lineterminator="\n")
    os.replace(partial, path)


def _long(name: str, records: Sequence[Mapping[str, object]]):
    for record in records:
        about = {key: record[key] for key in (*KEYS, *RECORD)}
        measures = {key: value for key, value in record.items() if key not in about}
        for measure, value in measures.items():
            if not isinstance(value, Number):
                raise ValueError(f"the measure {measure} of {name} must be a number, got {value!r}")
            yield {"experiment": name, "measure": measure, "value": str(value + 0), **about}
        if not measures:
            yield {"experiment": name, "measure": "", "value": "", **about}


def _wide(part: pd.DataFrame) -> pd.DataFrame:
    """Turn the rows of one experiment into one row for each run."""
    runs = part.drop_duplicates(KEYS).set_index(KEYS)[RECORD]
    measures = part.dropna(subset="measure")
    values = measures.set_index([*KEYS, "measure"])["value"].unstack("measure")
    values = values.reindex(index=runs.index, columns=measures["measure"].unique())
    values = values.replace("nan", None).apply(pd.to_numeric)
    return values.join(runs).rename_axis(columns=None).reset_index()
