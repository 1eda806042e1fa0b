"""Run an experiment over its variants and seeds, side by side, and store what came out.

Every finished run is on disk at once, under ``_build/experiments``, so an interrupted experiment
resumes where it stopped. Once the last run is done, the evidence is stored and the single
results are removed. A result of other code is not used: if the package has changed since, the run
is repeated. A run that raises an error is neither repeated nor dropped: the evidence holds its
error.
"""

import hashlib
import json
import os
import platform
import threading
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import joblib
import pandas as pd
import torch
from tqdm import tqdm

from rnn_tutorial.experiments.engine import backends, evidence
from rnn_tutorial.experiments.engine.experiment import Experiment

PACKAGE = Path(__file__).parents[2]
WORK = Path("_build/experiments")
THREADS = 1  # for each run; several runs go on side by side
ONE_AT_A_TIME = threading.Lock()  # runs draw from torch's generator, of which a process has one


def run(
    experiment: Experiment,
    *,
    seeds: Sequence[int] | None = None,
    variants: Sequence[str] | None = None,
    jobs: int = 2,
    backend: str = "loky",
    scheduler: str | None = None,
    results: Path = evidence.RESULTS,
    work: Path = WORK,
    command: str = "",
    order: Sequence[str] = (),
    progress: bool = True,
) -> pd.DataFrame:
    """Run every variant with every seed, then store the evidence.

    Parameters
    ----------
    experiment : Experiment
        What to run.
    seeds, variants : sequence, optional
        Fewer than the experiment reports, or others.
    jobs : int
        How many runs go on side by side, each with one thread.
    backend, scheduler
        Where they are computed; see `rnn_tutorial.experiments.engine.backends.parallel`. In any
        case the results are stored here.
    results : Path
        The folder of the evidence.
    work : Path
        The folder for the single results until all of them are there.
    command : str
        What was typed, for the record.
    order : sequence of str
        The experiments in the order in which their evidence is listed.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    DataFrame
        The main table as `rnn_tutorial.experiments.load` returns it. The column ``error`` is empty
        except for runs that failed.

    Raises
    ------
    ValueError
        If a variant is unknown, there is nothing to run, a main table is not one record of numbers,
        or a worker of a cluster runs other code.
    """
    tasks = _tasks(experiment, variants, seeds)
    folder = work / experiment.name
    folder.mkdir(parents=True, exist_ok=True)
    code = loaded_code()
    missing = [task for task in tasks if not _is_done(_task_path(folder, *task), code)]
    bar = tqdm(
        desc=experiment.name,
        initial=len(tasks) - len(missing),
        total=len(tasks),
        unit="run",
        **({} if progress else {"disable": True}),  # without it, TQDM_DISABLE decides
    )
    with bar, backends.parallel(backend, min(jobs, max(len(missing), 1)), scheduler) as parallel:
        for result in parallel(joblib.delayed(_run)(experiment, *task) for task in missing):
            _save(result, folder, code)
            bar.update()
    evidence.store(experiment.name, _collect(folder, tasks, command), results, order)
    for task in tasks:  # and no other, which a later call may want
        _task_path(folder, *task).unlink()
    return evidence.load(experiment.name, results=results)


def _tasks(
    experiment: Experiment, variants: Sequence[str] | None, seeds: Sequence[int] | None
) -> list[tuple[str, int]]:
    """List the runs that were asked for, by variant and seed."""
    variants = tuple(experiment.variants if variants is None else variants)
    seeds = experiment.seeds if seeds is None else seeds
    for variant in variants:
        if variant not in experiment.variants:
            raise ValueError(
                f"variants must be among {', '.join(experiment.variants)}, got {variant!r}"
            )
    tasks = [(variant, seed) for variant in variants for seed in seeds]
    if not tasks:
        raise ValueError("seeds and variants must not be empty")
    return tasks


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


_LOADED = fingerprint()


def loaded_code() -> str:
    """Return the fingerprint of the code that this process has imported."""
    return _LOADED


def provenance() -> dict[str, str | int]:
    """Say which versions and which processor a number comes from."""
    return {
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "scikit-learn": version("scikit-learn"),
        "faker": version("Faker"),
        "processor": processor(),
    }


def processor() -> str:
    """Return the name of this machine's processor."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _run(experiment: Experiment, variant: str, seed: int) -> dict[str, object]:
    """Compute one run, on whatever machine this is called on."""
    with ONE_AT_A_TIME:
        threads = torch.get_num_threads()
        torch.set_num_threads(THREADS)
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            tables, error = experiment.measure(variant, seed), ""
        except Exception as raised:
            tables, error = {"": [{}]}, f"{type(raised).__name__}: {raised}"
        finally:
            torch.set_num_threads(threads)  # in the caller's own process it is the caller's number
    about = {
        "error": error,
        "seconds": round(time.perf_counter() - wall, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        **provenance(),
        "threads": THREADS,
    }
    return {
        "code": loaded_code(), "variant": variant, "seed": seed, "run": about, "tables": tables,
    }  # fmt: skip


def _save(result: Mapping[str, object], folder: Path, code: str) -> None:
    """Put one result on disk, whole or not at all."""
    if result["code"] != code:
        raise ValueError(
            f"a worker on {result['run']['processor']} runs other code than this command: "
            "the package has changed meanwhile, or scheduler leads to another version"
        )
    records = result["tables"].get("", [])
    if len(records) != 1 or not (records[0] or result["run"]["error"]):
        raise ValueError(
            f"{result['variant']}, seed {result['seed']}: the main table of a run must be one "
            f"record with a measure, got {records}"
        )
    path = _task_path(folder, result["variant"], result["seed"])
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(result, default=lambda number: number.item()), encoding="utf-8")
    os.replace(partial, path)


def _task_path(folder: Path, variant: str, seed: int) -> Path:
    return folder / f"{quote(variant, safe=' ,')}-{seed}.json"


def _is_done(path: Path, code: str) -> bool:
    return path.exists() and json.loads(path.read_text(encoding="utf-8"))["code"] == code


def _collect(
    folder: Path, tasks: Sequence[tuple[str, int]], command: str
) -> dict[str, list[dict[str, object]]]:
    rows: dict[str, list[dict]] = {}
    for variant, seed in tasks:
        result = json.loads(_task_path(folder, variant, seed).read_text(encoding="utf-8"))
        key = {"variant": variant, "seed": seed}
        for table, records in result["tables"].items():
            about = {**result["run"], "command": command} if table == "" else {}
            rows.setdefault(table, []).extend(key | record | about for record in records)
    return rows
