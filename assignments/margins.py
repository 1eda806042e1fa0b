"""Measure how far the solutions stay from what their hidden tests ask, over seeds and roundings.

    python -m assignments.margins [NAMES ...] [--seeds 10]

Each seed changes the assignment's secret seed, the seed of the solution's training and the
student's id, and with them data, weights and hidden networks. `margins.csv` gets, for each bound
that a hidden test sets (`checking.at_most` and `checking.at_least`), the value that came nearest to
it. The errors of `checking.close` are counted in tolerances. Rows of other roundings are kept: to
measure those, set ATEN_CPU_CAPABILITY=default or MKL_CBWR=COMPATIBLE, as the matrix of the
notebooks does.
"""

import argparse
import contextlib
import io
import os
import re
import runpy
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from assignments.answers import solutions
from assignments.build import HERE, build, names
from assignments.trial import Trial

TABLE = HERE / "margins.csv"
ROUNDINGS = {"ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE"}
KEY = ["assignment", "question", "test", "side", "bound"]
_TRAINING_SEED = re.compile(r"torch\.manual_seed\(\d+\)")


def rounding() -> str:
    """Return what the environment sets about rounding, "" if nothing."""
    said = [f"{name}={value}" for name, value in ROUNDINGS.items() if os.environ.get(name) == value]
    return " ".join(said)


class Recorder:
    """Replace `checking.at_most` and `at_least`; keep the value that came nearest to each bound."""

    def __init__(self, checking):
        self.nearest: dict[tuple, float] = {}
        self.own = checking.__file__
        for side in ("at most", "at least"):
            name = side.replace(" ", "_")
            setattr(checking, name, self._taking(side, getattr(checking, name)))

    def _taking(self, side, check):
        def taken(value, bound, text):
            check(value, bound, text)
            frame, measured, limit = sys._getframe(1), float(value), float(f"{bound:.4g}")
            if frame.f_code.co_filename == self.own:  # `close`, whose tolerance may follow the data
                frame, measured, limit = frame.f_back, measured and measured / bound, 1.0
            key = (frame.f_code.co_name.lstrip("_"), side, limit)
            nearer = max if side == "at most" else min
            self.nearest[key] = nearer(measured, self.nearest.get(key, measured))

        return taken


def measure(trial: Trial, name: str, seed: int) -> list[dict]:
    """Run the tests of each question on the solution, with everything drawn from a seed.

    Returns
    -------
    list of dict
        The columns of the table.

    Raises
    ------
    AssertionError
        If the solution misses a point.
    """
    rows = []
    with drawn(trial, name, seed):
        for question, solution in solutions(name).items():
            source = _TRAINING_SEED.sub(f"torch.manual_seed({seed})", solution)
            with trial.inside():
                import checking

                recorder = Recorder(checking)
                points, possible, failed = trial.points(question, source)
            assert points == possible, f"{name}, seed {seed}, {question}: {failed}"
            rows += [
                {"assignment": name, "question": question, "test": test, "side": side}
                | {"bound": bound, "rounding": rounding(), "seed": seed, "value": value}
                for (test, side, bound), value in recorder.nearest.items()
            ]
    return rows


@contextlib.contextmanager
def drawn(trial: Trial, name: str, seed: int) -> Iterator[None]:
    """Give a trial another secret seed, the data that follow from it, and another student."""
    files, script = trial.root / "files", HERE / name / "data.py"
    before = {file: file.read_bytes() for file in files.iterdir() if file.is_file()}
    student = trial.names["STUDENT_ID"]
    try:
        (files / "secret.py").write_text(f"SEED = {seed}\n")
        if script.exists():
            runpy.run_path(str(script))["write"](files, files, files)
        trial.names["STUDENT_ID"] = f"student {seed}"
        yield
    finally:
        trial.names["STUDENT_ID"] = student
        for file, content in before.items():
            file.write_bytes(content)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return for each bound the smallest margin over all seeds and roundings, and the spread.

    Returns
    -------
    DataFrame
        ``margin`` is the distance to the bound, positive on its right side, ``spread`` the
        standard deviation over seeds, the largest over all roundings.
    """
    away = (table["bound"] - table["value"]).where(table["side"] == "at most", None)
    table = table.assign(margin=away.fillna(table["value"] - table["bound"]))
    spread = table.groupby([*KEY, "rounding"])["value"].std().groupby(KEY).max()
    grouped = table.groupby(KEY)
    return pd.DataFrame(
        {"margin": grouped["margin"].min(), "spread": spread, "runs": grouped.size()}
    )


def main(arguments: list[str] | None = None) -> int:
    """Measure what the command line names, or all assignments, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m assignments.margins", description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seeds", type=int, default=10)
    given = parser.parse_args(arguments)
    for name in given.names or names():
        with tempfile.TemporaryDirectory() as place:
            folder = build(name, Path(place, "built"))
            archive, solution = folder / f"{name}-autograder.zip", folder / f"{name}-solution.ipynb"
            with contextlib.redirect_stdout(io.StringIO()):  # what the notebook's cells print
                trial = Trial(archive, solution, Path(place, "trial"))
            rows = [row for seed in range(given.seeds) for row in measure(trial, name, seed)]
        table = pd.read_csv(TABLE, keep_default_na=False) if TABLE.exists() else pd.DataFrame()
        if len(table):
            same = (table["assignment"] == name) & (table["rounding"] == rounding())
            table = table[~same]
        table = pd.concat([table, pd.DataFrame(rows)])
        order = ["assignment", "question", "test", "side", "bound", "rounding", "seed"]
        table.sort_values(order).to_csv(
            TABLE, index=False, float_format="%.4g", lineterminator="\n"
        )
        print(summary(table[table["assignment"] == name]).to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main())
