"""Run an experiment over its variants and seeds, side by side, and write its tables.

Every finished run is on disk at once, under ``_build/experiments``, so an interrupted experiment
goes on where it stopped. When the last run is there, the tables are written and the single
results are removed. A result of other code is not taken over: if the package has changed since,
the run is repeated.
"""

import hashlib
import json
import os
import platform
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import joblib
import pandas as pd
import torch
from tqdm import tqdm

if TYPE_CHECKING:
    from rnn_tutorial.experiments.registry import Experiment

PACKAGE = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
WORK = Path("_build/experiments")
THREADS = 1  # for each run; several runs stand side by side


def load(name: str, table: str = "") -> pd.DataFrame:
    """Read a table of committed evidence.

    Parameters
    ----------
    name : str
        The experiment.
    table : str
        Which of its tables; the main one by default.

    Raises
    ------
    ValueError
        If there is no such table; the message lists those that there are.
    """
    path = _table_path(RESULTS, name, table)
    if not path.exists():
        tables = sorted(p.stem for p in RESULTS.glob("*.csv"))
        raise ValueError(f"name and table must be one of {tables}, got {path.stem!r}")
    # "nan" and "null" can be names, so only an empty cell is a missing value
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def run(
    experiment: "Experiment",
    *,
    seeds: Sequence[int] | None = None,
    variants: Sequence[str] | None = None,
    jobs: int = 2,
    results: Path = RESULTS,
    work: Path = WORK,
    command: str = "",
    progress: bool = True,
) -> dict[str, pd.DataFrame]:
    """Run every variant with every seed, then write one CSV for each table, and a log.

    Parameters
    ----------
    experiment : Experiment
        What to run.
    seeds, variants : sequence, optional
        Fewer or other ones than the experiment reports.
    jobs : int
        How many runs stand side by side, each with one thread.
    results : Path
        The folder for the tables.
    work : Path
        The folder for the single results until all are there.
    command : str
        What was typed, for the record.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    dict of str to DataFrame
        The tables by name, with the columns ``variant`` and ``seed`` first. The main table says
        with which versions, on which processor, and how long each run took, by the clock and in
        time of the processor.

    Raises
    ------
    ValueError
        If a variant is unknown, there is nothing to run, or a run has an empty main table.
    Exception
        What a run raises. The runs that had finished stay on disk.
    """
    seeds = experiment.seeds if seeds is None else tuple(seeds)
    variants = experiment.variants if variants is None else tuple(variants)
    for variant in variants:
        if variant not in experiment.variants:
            raise ValueError(
                f"variants must be among {', '.join(experiment.variants)}, got {variant!r}"
            )
    tasks = [(variant, seed) for variant in variants for seed in seeds]
    if not tasks:
        raise ValueError("seeds and variants must not be empty")
    folder = work / experiment.name
    folder.mkdir(parents=True, exist_ok=True)
    code = fingerprint()
    missing = [task for task in tasks if not _is_done(_task_path(folder, *task), code)]
    finished = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")(
        joblib.delayed(_run_and_save)(experiment.run, folder, code, *task) for task in missing
    )
    bar = tqdm(
        finished,
        desc=experiment.name,
        initial=len(tasks) - len(missing),
        total=len(tasks),
        unit="run",
        **({} if progress else {"disable": True}),  # without it, TQDM_DISABLE decides
    )
    for _ in bar:
        pass
    tables = _collect(folder, tasks)
    _write(tables, results, experiment, command)
    for task in tasks:  # and no other, which a later call may want
        _task_path(folder, *task).unlink()
    return tables


def _task_path(folder: Path, variant: str, seed: int) -> Path:
    return folder / f"{variant}-{seed}.json"


def _table_path(results: Path, name: str, table: str) -> Path:
    return results / f"{name}{'_' if table else ''}{table}.csv"


def fingerprint(package: Path = PACKAGE) -> str:
    """Return a hash of the package's code: two runs of one experiment belong together if it agrees.

    Parameters
    ----------
    package : Path
        The folder of the package.
    """
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_done(path: Path, code: str) -> bool:
    if not path.exists():
        return False
    return json.loads(path.read_text(encoding="utf-8"))["code"] == code


def _run_and_save(function, folder: Path, code: str, variant: str, seed: int) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        tables = function(variant, seed)
    finally:
        torch.set_num_threads(threads)  # without a second process it is the caller's number
    if not tables.get(""):
        raise ValueError(f"{variant}, seed {seed}: the main table of a run must not be empty")
    for record in tables[""]:
        record["seconds"] = round(time.perf_counter() - wall, 1)
        record["cpu_seconds"] = round(time.process_time() - cpu, 1)  # whoever else is running
        record.update(provenance(), threads=THREADS)
    path = _task_path(folder, variant, seed)
    partial = path.with_suffix(".partial")
    result = {"code": code, "tables": tables}
    partial.write_text(json.dumps(result, default=lambda number: number.item()), encoding="utf-8")
    os.replace(partial, path)


def provenance() -> dict[str, str | int]:
    """Say which versions and which processor a number comes from."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "scikit-learn": version("scikit-learn"),
        "faker": version("Faker"),
        "threads": torch.get_num_threads(),
        "processor": _processor(),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _collect(folder: Path, tasks: Sequence[tuple[str, int]]) -> dict[str, pd.DataFrame]:
    rows: dict[str, list[dict]] = {}
    for variant, seed in tasks:
        result = json.loads(_task_path(folder, variant, seed).read_text(encoding="utf-8"))
        for table, records in result["tables"].items():
            rows.setdefault(table, []).extend(
                {"variant": variant, "seed": seed, **record} for record in records
            )
    return {table: pd.DataFrame(records) for table, records in rows.items()}


def _write(
    tables: dict[str, pd.DataFrame], results: Path, experiment: "Experiment", command: str
) -> None:
    results.mkdir(parents=True, exist_ok=True)
    for table, frame in tables.items():
        frame.to_csv(_table_path(results, experiment.name, table), index=False, lineterminator="\n")
    main = tables[""]
    log = [
        f"{experiment.name}: {experiment.description}",
        f"command: {command}" if command else "called from Python",
        *(f"{key}: {value}" for key, value in provenance().items() if key != "threads"),
        f"threads for each run: {THREADS}",
        f"sum of the runs: {main['seconds'].sum():.0f} s",
        "",
        main.drop(columns=list(provenance())).to_string(index=False),
    ]
    path = results / f"{experiment.name}.log"
    path.write_text("\n".join(log) + "\n", encoding="utf-8")
