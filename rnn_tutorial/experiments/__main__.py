"""The command ``python -m rnn_tutorial.experiments``."""

import argparse
import sys
from collections.abc import Sequence

from rnn_tutorial.experiments import run
from rnn_tutorial.experiments.engine.backends import BACKENDS
from rnn_tutorial.experiments.engine.evidence import RESULTS
from rnn_tutorial.experiments.engine.repetition import disagreements, quick
from rnn_tutorial.experiments.engine.runner import WORK
from rnn_tutorial.experiments.registry import EXPERIMENTS, FRESH_RUNS, SEARCHES, reproductions

PARTIAL = WORK / "partial"
ALL = SEARCHES | EXPERIMENTS | FRESH_RUNS  # rates are chosen before they are used


def main(arguments: Sequence[str] | None = None) -> int:
    """List the experiments, or run the ones named and rewrite their evidence.

    Returns
    -------
    int
        0 if every run succeeded and, in a quick check, agrees with the evidence; otherwise 1.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.list:
        for experiment in ALL.values():
            runs = len(experiment.variants) * len(experiment.seeds)
            mark = "*" if experiment.published else " "
            print(f"{mark} {experiment.name:20} {runs:3} runs  {experiment.description}")
        return 0
    chosen = _chosen(options.names, parser)
    if options.quick:
        chosen = quick(chosen)
    if options.backend != "dask" and options.scheduler:
        parser.error("--scheduler is for --backend dask")
    seeds = 1 if options.quick else options.seeds
    problems = []
    for experiment in chosen:
        typed = [experiment.name, *([f"--seeds {seeds}"] if seeds else [])]
        table = run(
            experiment,
            seeds=experiment.seeds[:seeds],
            jobs=options.jobs,
            backend=options.backend,
            scheduler=options.scheduler,
            results=PARTIAL if seeds else RESULTS,
            command=" ".join(["python -m rnn_tutorial.experiments", *typed]),
            order=tuple(ALL),
        )
        if options.quick:
            problems += disagreements(experiment, table)
        else:
            failed = table[table["error"].notna()]
            problems += [
                f"{experiment.name}, {one.variant}, seed {one.seed}: {one.error}"
                for one in failed.itertuples()
            ]
    if options.quick and not problems:
        print(f"agree with the evidence: {', '.join(experiment.name for experiment in chosen)}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _chosen(names: Sequence[str], parser: argparse.ArgumentParser) -> list:
    if not names:
        return reproductions()
    if "all" in names:
        return list(ALL.values())
    for name in names:
        if name not in ALL:
            parser.error(f"no experiment is called {name!r}; there are {', '.join(ALL)}")
    return [ALL[name] for name in names]


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rnn_tutorial.experiments",
        description="Repeat experiments and rewrite the evidence that the chapters read.",
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help='which ones, or "all"; without a name, those of published results (* in --list)',
    )
    parser.add_argument("--list", action="store_true", help="list the experiments and stop")
    few = parser.add_mutually_exclusive_group()
    few.add_argument(
        "--seeds",
        type=_positive,
        metavar="N",
        help=f"only the first N seeds; their tables go to {PARTIAL}, not to the committed ones",
    )
    few.add_argument(
        "--quick",
        action="store_true",
        help="one seed of the cheapest ones, in under a minute, compared with the evidence",
    )
    parser.add_argument("--jobs", type=_positive, default=2, metavar="N", help="runs side by side")
    parser.add_argument(
        "--backend", choices=BACKENDS, default="loky", help="processes of this machine, or Dask"
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="of a Dask cluster, such as tcp://10.0.0.1:8786; without, Dask starts --jobs workers",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
