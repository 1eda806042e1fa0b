"""The command ``python -m rnn_tutorial.experiments``."""

import argparse
import sys
from collections.abc import Sequence

from rnn_tutorial.experiments import EXPERIMENTS, run
from rnn_tutorial.experiments.runner import RESULTS, WORK

PARTIAL = WORK / "partial"


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number


def main(arguments: Sequence[str] | None = None) -> None:
    """List the experiments, or run those that are named and rewrite their tables."""
    parser = argparse.ArgumentParser(
        prog="python -m rnn_tutorial.experiments",
        description="Repeat experiments and rewrite the tables that the chapters read.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which ones; all if none is named")
    parser.add_argument("--list", action="store_true", help="say which there are, and stop")
    parser.add_argument(
        "--seeds",
        type=_positive,
        metavar="N",
        help=f"only the first N seeds; their tables go to {PARTIAL}, not to the committed ones",
    )
    parser.add_argument("--jobs", type=_positive, default=2, metavar="N", help="runs side by side")
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in EXPERIMENTS:
            parser.error(f"no experiment is called {name!r}; there are {', '.join(EXPERIMENTS)}")
    if options.list:
        for experiment in EXPERIMENTS.values():
            runs = len(experiment.variants) * len(experiment.seeds)
            print(f"{experiment.name:20} {runs:3} runs  {experiment.description}")
        return
    typed = [f"--seeds {options.seeds}"] if options.seeds else []
    for name in options.names or EXPERIMENTS:
        experiment = EXPERIMENTS[name]
        run(
            experiment,
            seeds=experiment.seeds[: options.seeds],
            jobs=options.jobs,
            results=PARTIAL if options.seeds else RESULTS,
            command=" ".join(["python -m rnn_tutorial.experiments", name, *typed]),
        )


if __name__ == "__main__":
    main(sys.argv[1:])
