"""The runner of experiments: side by side, interrupted, killed, continued."""

import contextlib
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch

from rnn_tutorial import experiments
from rnn_tutorial.experiments.registry import Experiment
from rnn_tutorial.experiments.runner import fingerprint, provenance, run


def squares(variant, seed):
    sign = -1 if variant == "negative" else 1
    return {"": [{"square": sign * seed**2}], "steps": [{"step": s} for s in range(seed)]}


def experiment(function=squares):
    return Experiment("toy", "squares", function, ("positive", "negative"), (1, 2, 3))


@pytest.fixture
def folders(tmp_path):
    return {"results": tmp_path / "results", "work": tmp_path / "work", "progress": False}


def test_a_run_writes_its_tables_with_versions_and_a_log(folders):
    tables = run(experiment(), command="typed", **folders)
    main_table = pd.read_csv(folders["results"] / "toy.csv")
    assert main_table["square"].tolist() == [1, 4, 9, -1, -4, -9]
    assert main_table["seed"].tolist() == [1, 2, 3] * 2
    assert set(provenance()) <= set(main_table.columns)
    assert (main_table["torch"] == torch.__version__).all()
    pd.testing.assert_frame_equal(
        pd.read_csv(folders["results"] / "toy_steps.csv"), tables["steps"]
    )
    assert len(tables["steps"]) == 12
    log = (folders["results"] / "toy.log").read_text()
    assert "command: typed" in log
    assert "processor:" in log
    assert not list((folders["work"] / "toy").iterdir())


def test_runs_that_were_not_asked_for_stay_on_disk(folders):
    def stops(variant, seed):
        if seed == 3:
            raise RuntimeError("power cut")
        return squares(variant, seed)

    with pytest.raises(RuntimeError, match="power cut"):
        run(experiment(stops), jobs=1, variants=["positive"], **folders)
    run(experiment(), jobs=1, seeds=[1], variants=["positive"], **folders)
    assert [path.name for path in (folders["work"] / "toy").iterdir()] == ["positive-2.json"]


def test_numbers_of_numpy_are_written(folders):
    def function(variant, seed):
        return {"": [{"value": np.int64(seed), "share": np.float32(0.5)}]}

    table = run(experiment(function), jobs=1, **folders)[""]
    assert table["value"].tolist() == [1, 2, 3] * 2


def test_a_name_that_looks_like_a_missing_value_is_a_name(folders, monkeypatch):
    def function(variant, seed):
        return {"": [{"name": "Null"}]}

    run(experiment(function), jobs=1, **folders)
    monkeypatch.setattr("rnn_tutorial.experiments.runner.RESULTS", folders["results"])
    assert set(experiments.load("toy")["name"]) == {"Null"}


def test_an_interrupted_run_goes_on_where_it_stopped(folders, tmp_path):
    called = tmp_path / "called"
    called.mkdir()

    def fails_once(variant, seed):
        mark = called / f"{variant}-{seed}"
        if (variant, seed) == ("negative", 2) and not mark.exists():
            mark.touch()
            raise RuntimeError("power cut")
        with mark.open("a") as file:
            file.write("x")
        return squares(variant, seed)

    with pytest.raises(RuntimeError, match="power cut"):
        run(experiment(fails_once), jobs=1, **folders)
    assert not (folders["results"] / "toy.csv").exists()
    tables = run(experiment(fails_once), jobs=1, **folders)
    assert len(tables[""]) == 6
    assert {path.name: path.read_text() for path in called.iterdir()} == {
        f"{variant}-{seed}": "x" for variant in ("positive", "negative") for seed in (1, 2, 3)
    }


KILLED = """
import os, signal, sys
from pathlib import Path
from rnn_tutorial.experiments.registry import Experiment
from rnn_tutorial.experiments.runner import run

folder = Path(sys.argv[1])

def dies_once(variant, seed):
    mark = folder / f"died-{seed}"
    if seed == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    (folder / f"ran-{seed}").open("a").write("x")
    return {"": [{"square": seed**2}]}

toy = Experiment("toy", "squares", dies_once, ("only",), (1, 2, 3, 4))
run(toy, jobs=1, results=folder / "results", work=folder / "work", progress=False)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_run_that_is_killed_loses_nothing_that_was_done(tmp_path):
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    done = sorted(path.name for path in (tmp_path / "work/toy").iterdir())
    assert done == ["only-1.json", "only-2.json"]
    assert subprocess.run(command, check=False).returncode == 0
    assert pd.read_csv(tmp_path / "results/toy.csv")["square"].tolist() == [1, 4, 9, 16]
    assert [(tmp_path / f"ran-{seed}").read_text() for seed in (1, 2, 3, 4)] == ["x"] * 4


def test_results_of_other_code_are_not_taken_over(folders, monkeypatch):
    calls = []

    def stops_late(variant, seed):
        calls.append((variant, seed))
        if calls.count(("negative", 3)) == 1 and calls[-1] == ("negative", 3):
            raise RuntimeError("power cut")
        return squares(variant, seed)

    with pytest.raises(RuntimeError, match="power cut"):
        run(experiment(stops_late), jobs=1, **folders)
    assert len(calls) == 6
    monkeypatch.setattr("rnn_tutorial.experiments.runner.fingerprint", lambda: "changed")
    run(experiment(stops_late), jobs=1, **folders)
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
def test_the_callers_number_of_threads_is_put_back(folders, fails):
    seen = []

    def function(variant, seed):
        seen.append(torch.get_num_threads())
        if fails:
            raise RuntimeError("power cut")
        return squares(variant, seed)

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(RuntimeError) if fails else contextlib.nullcontext():
            run(experiment(function), jobs=1, **folders)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert set(seen) == {1}


@pytest.mark.parametrize("tables", [{"": []}, {"steps": [{"step": 1}]}])
def test_a_run_without_a_main_table_is_refused(folders, tables):
    with pytest.raises(ValueError, match=r"positive, seed 1: the main table .* must not be empty"):
        run(experiment(lambda variant, seed: tables), jobs=1, **folders)


def test_runs_side_by_side_give_the_same_tables(folders):
    one = run(experiment(), jobs=1, **folders)
    two = run(experiment(), jobs=2, **folders)
    for name in one:
        same = [column for column in one[name] if column != "seconds"]
        pd.testing.assert_frame_equal(one[name][same], two[name][same])


def test_fewer_seeds_and_variants_can_be_asked_for(folders):
    tables = run(experiment(), seeds=[7], variants=["negative"], jobs=1, **folders)
    assert tables[""]["square"].tolist() == [-49]
    with pytest.raises(ValueError, match="among positive, negative, got 'cubic'"):
        run(experiment(), variants=["cubic"], **folders)
    with pytest.raises(ValueError, match="must not be empty"):
        run(experiment(), seeds=[], **folders)
