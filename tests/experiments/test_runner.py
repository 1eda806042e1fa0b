"""The runner of experiments: side by side, interrupted, killed, continued."""

import contextlib
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch

from rnn_tutorial.experiments.engine.evidence import RECORD, load
from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.experiments.engine.runner import fingerprint, provenance, run
from rnn_tutorial.experiments.registry import EXPERIMENTS


def squares(sign, seed):
    return {"": [{"square": sign * seed**2}], "steps": [{"step": s} for s in range(seed)]}


def experiment(function=squares):
    return Experiment("toy", "squares", function, {"positive": 1, "negative": -1}, (1, 2, 3))


@pytest.fixture
def folders(tmp_path):
    """Return options: places of the test's own, and one process unless a test is about several."""
    folders = {"results": tmp_path / "results", "work": tmp_path / "work"}
    return {**folders, "progress": False, "jobs": 1}


def test_a_run_stores_its_tables_with_versions_and_the_command(folders):
    table = run(experiment(), command="typed", **folders)
    tidy = pd.read_csv(folders["results"] / "results.csv")
    assert (tidy["experiment"] == "toy").all()
    assert (tidy["measure"] == "square").all()
    assert tidy["value"].tolist() == [1, 4, 9, -1, -4, -9]
    assert tidy["seed"].tolist() == [1, 2, 3] * 2
    assert list(tidy.columns[5:]) == RECORD
    assert (tidy["torch"] == torch.__version__).all()
    assert (tidy["command"] == "typed").all()
    assert set(provenance()) < set(RECORD)
    pd.testing.assert_frame_equal(table, load("toy", results=folders["results"]))
    assert table["square"].tolist() == [1, 4, 9, -1, -4, -9]
    assert table["square"].dtype == int, "counts stay whole numbers"
    steps = load("toy", "steps", results=folders["results"])
    assert steps["step"].tolist() == [0, 0, 1, 0, 1, 2] * 2
    assert list(steps.columns) == ["variant", "seed", "step"]
    assert not list((folders["work"] / "toy").iterdir())


def test_a_repetition_replaces_its_own_evidence_alone(folders):
    def roots(sign, seed):
        return {"": [{"root": seed**0.5, "seed squared": seed**2}]}

    run(experiment(), **folders)
    other = Experiment("toy_two", "roots", roots, by_name(["only"]), (4, 9))
    run(other, order=["toy_two", "toy"], **folders)
    run(experiment(), seeds=[2], order=["toy_two", "toy"], **folders)
    tidy = pd.read_csv(folders["results"] / "results.csv")
    assert tidy["experiment"].tolist() == ["toy_two"] * 4 + ["toy"] * 2
    assert load("toy_two", results=folders["results"])["root"].tolist() == [2, 3]
    assert load("toy", results=folders["results"])["square"].tolist() == [4, -4]
    bare = experiment(lambda sign, seed: {"": [{"square": seed}]})
    run(bare, order=["toy_two", "toy"], **folders)
    assert not (folders["results"] / "toy_steps.csv").exists(), "an old table remains"


def test_an_experiment_that_always_fails_is_stored_all_the_same(folders):
    toy = experiment(lambda sign, seed: 1 / 0)
    assert run(toy, **folders)["error"].str.startswith("ZeroDivisionError").all()
    assert len(load("toy", results=folders["results"])) == 6


def test_a_run_that_fails_is_reported_and_the_others_go_on(folders):
    def fails(sign, seed):
        if (sign, seed) == (-1, 2):
            raise FloatingPointError("the loss is nan")
        return squares(sign, seed)

    table = run(experiment(fails), **folders)
    assert len(table) == 6
    failed = table[table["error"].notna()]
    assert failed[["variant", "seed", "error"]].to_numpy().tolist() == [
        ["negative", 2, "FloatingPointError: the loss is nan"]
    ]
    assert failed["square"].isna().all()
    assert table["square"].dropna().tolist() == [1, 4, 9, -1, -9]
    pd.testing.assert_frame_equal(table, load("toy", results=folders["results"]))


@pytest.mark.parametrize("value", ["high", None])
def test_a_measure_that_is_not_a_number_is_refused(folders, value):
    toy = experiment(lambda variant, seed: {"": [{"square": value}]})
    with pytest.raises(ValueError, match=r"the measure square of toy must be a number, got"):
        run(toy, **folders)


def test_runs_that_were_not_asked_for_stay_on_disk(folders):
    def stops(sign, seed):
        if seed == 3:
            raise KeyboardInterrupt
        return squares(sign, seed)

    with pytest.raises(KeyboardInterrupt):
        run(experiment(stops), variants=["positive"], **folders)
    run(experiment(), seeds=[1], variants=["positive"], **folders)
    assert [path.name for path in (folders["work"] / "toy").iterdir()] == ["positive-2.json"]


def test_any_number_and_any_name_comes_back(folders):
    def function(name, seed):
        row = {"value": np.int64(seed), "share": np.float32(0.5), "length": len(name)}
        row |= {"large": float("inf"), "undefined": float("nan")}
        return {"": [row], "names": [{"name": "Null"}]}  # which looks like a missing value

    names = ("a/b", "..", "σ 1.5", "50 %")
    table = run(Experiment("toy", "names", function, by_name(names), (1,)), **folders)
    assert table["variant"].tolist() == list(names)
    assert table["length"].tolist() == [3, 2, 5, 4]
    assert table["share"].tolist() == [0.5] * 4
    assert table["value"].dtype == int, "also next to shares"
    assert np.isinf(table["large"]).all()
    assert table["undefined"].isna().all()
    assert table["error"].isna().all()
    assert set(load("toy", "names", results=folders["results"])["name"]) == {"Null"}


@pytest.mark.parametrize(("decimals", "stored"), [(6, 0.123457), (2, 0.12), (None, 0.123456789)])
def test_the_runner_rounds_what_it_stores(folders, decimals, stored):
    def function(setup, seed):
        row = {"value": 0.123456789, "array": np.float64(0.123456789), "count": 123456789}
        return {"": [row], "steps": [row | {"text": "0.123456789"}]}

    toy = Experiment("toy", "rounded", function, by_name(["only"]), (1,), decimals=decimals)
    run(toy, **folders)
    for table in ("", "steps"):
        (row,) = load("toy", table, results=folders["results"]).to_dict("records")
        assert row["value"] == row["array"] == stored
        assert row["count"] == 123456789
    measured = toy.measure("only", 1)
    assert measured["steps"][0]["value"] == measured[""][0]["array"] == stored
    assert measured["steps"][0]["text"] == "0.123456789"


def test_one_run_goes_by_the_name_of_its_variant():
    assert experiment().measure("negative", 3)[""] == [{"square": -9}]
    with pytest.raises(ValueError, match="variant must be one of positive, negative, got 'cubic'"):
        experiment().measure("cubic", 1)


def test_an_interrupted_run_goes_on_where_it_stopped(folders, tmp_path):
    called = tmp_path / "called"
    called.mkdir()

    def fails_once(sign, seed):
        mark = called / f"{sign}-{seed}"
        if (sign, seed) == (-1, 2) and not mark.exists():
            mark.touch()
            raise KeyboardInterrupt
        with mark.open("a") as file:
            file.write("x")
        return squares(sign, seed)

    with pytest.raises(KeyboardInterrupt):
        run(experiment(fails_once), **folders)
    assert not folders["results"].exists()
    assert len(run(experiment(fails_once), **folders)) == 6
    assert {path.name: path.read_text() for path in called.iterdir()} == {
        f"{sign}-{seed}": "x" for sign in (1, -1) for seed in (1, 2, 3)
    }


KILLED = """
import os, signal, sys
from pathlib import Path
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.engine.runner import run

folder = Path(sys.argv[1])

def dies_once(setup, seed):
    mark = folder / f"died-{seed}"
    if seed == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    (folder / f"ran-{seed}").open("a").write("x")
    return {"": [{"square": seed**2}]}

toy = Experiment("toy", "squares", dies_once, {"only": None}, (1, 2, 3, 4))
run(toy, jobs=1, results=folder / "results", work=folder / "work", progress=False)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_run_that_is_killed_loses_nothing_that_was_done(tmp_path):
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    done = sorted(path.name for path in (tmp_path / "work/toy").iterdir())
    assert done == ["only-1.json", "only-2.json"]
    assert subprocess.run(command, check=False).returncode == 0
    assert load("toy", results=tmp_path / "results")["square"].tolist() == [1, 4, 9, 16]
    assert [(tmp_path / f"ran-{seed}").read_text() for seed in (1, 2, 3, 4)] == ["x"] * 4


def test_results_of_other_code_are_not_taken_over(folders, monkeypatch):
    calls = []

    def stops_late(sign, seed):
        calls.append((sign, seed))
        if calls.count((-1, 3)) == 1 and calls[-1] == (-1, 3):
            raise KeyboardInterrupt
        return squares(sign, seed)

    with pytest.raises(KeyboardInterrupt):
        run(experiment(stops_late), **folders)
    assert len(calls) == 6
    monkeypatch.setattr("rnn_tutorial.experiments.engine.runner.loaded_code", lambda: "changed")
    run(experiment(stops_late), **folders)
    assert len(calls) == 12, "after a change of the code all runs are repeated"


def test_the_fingerprint_is_that_of_names_and_contents(tmp_path):
    (tmp_path / "part").mkdir()
    (tmp_path / "part/a.py").write_text("x = 1\n")
    first = fingerprint(tmp_path)
    assert fingerprint(tmp_path) == first
    (tmp_path / "notes.txt").write_text("no code")
    assert fingerprint(tmp_path) == first
    (tmp_path / "part/a.py").write_text("x = 2\n")
    second = fingerprint(tmp_path)
    (tmp_path / "part/a.py").rename(tmp_path / "part/b.py")
    assert len({first, second, fingerprint(tmp_path)}) == 3


@pytest.mark.parametrize("fails", [False, True])
def test_the_callers_number_of_threads_is_restored(folders, fails):
    seen = []

    def function(sign, seed):
        seen.append(torch.get_num_threads())
        if fails:
            raise KeyboardInterrupt
        return squares(sign, seed)

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(KeyboardInterrupt) if fails else contextlib.nullcontext():
            run(experiment(function), **folders)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert set(seen) == {1}


@pytest.mark.parametrize("tables", [{"": []}, {"steps": [{"step": 1}]}, {"": [{}]}])
def test_a_run_without_a_main_table_is_refused(folders, tables):
    with pytest.raises(ValueError, match=r"positive, seed 1: the main table .* must be one record"):
        run(experiment(lambda variant, seed: tables), **folders)


@pytest.mark.parametrize(
    "chosen",
    [experiment(), pytest.param(EXPERIMENTS["linear_parity"], marks=pytest.mark.slow)],
    ids=["toy", "linear_parity"],
)
def test_runs_side_by_side_give_the_same_tables(folders, chosen):
    one = run(chosen, **folders)
    two = run(chosen, **{**folders, "jobs": 2})
    same = [column for column in one if "seconds" not in column]
    pd.testing.assert_frame_equal(one[same], two[same])


def test_fewer_seeds_and_variants_can_be_asked_for(folders):
    table = run(experiment(), seeds=[7], variants=["negative"], **folders)
    assert table["square"].tolist() == [-49]
    with pytest.raises(ValueError, match="among positive, negative, got 'cubic'"):
        run(experiment(), variants=["cubic"], **folders)
    with pytest.raises(ValueError, match="must not be empty"):
        run(experiment(), seeds=[], **folders)
