"""Experiments on a Dask cluster: the same tables as from processes, wherever the workers are."""

import sys
import threading

import pandas as pd
import pytest
import torch

from rnn_tutorial.experiments.engine import runner
from rnn_tutorial.experiments.engine.evidence import load
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.engine.runner import run
from rnn_tutorial.experiments.registry import EXPERIMENTS

# distributed leaves sockets of its own to the garbage collector when a cluster closes
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def drawn(variant, seed):
    """A run that draws from torch's generator, as the initial weights of a layer are."""
    torch.manual_seed(seed)
    total = sum(torch.rand(1000).double().sum() for _ in range(50))
    return {"": [{"total": total.item()}], "steps": [{"step": 1}, {"step": 2}]}


def experiment(function=drawn):
    return Experiment("toy", "draws", function, {"only": None}, tuple(range(6)), headline="total")


@pytest.fixture
def folders(tmp_path):
    return {"results": tmp_path / "results", "work": tmp_path / "work", "progress": False}


@pytest.fixture(scope="module")
def cluster():
    """Two threads of one worker: what most endangers runs that share torch's generator."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as made:
        yield made


def values(table):
    return table[[column for column in table if "seconds" not in column]]


def test_dask_gives_the_same_tables_as_one_process(folders, tmp_path):
    """As do processes side by side, by `test_runner`."""
    here = run(EXPERIMENTS["linear_parity"], jobs=1, **folders)
    there = run(
        EXPERIMENTS["linear_parity"],
        jobs=2,
        backend="dask",
        results=tmp_path / "dask",
        work=tmp_path / "work",
        progress=False,
    )
    pd.testing.assert_frame_equal(values(here), values(there))


def test_a_cluster_that_is_there_is_found_by_its_address(folders, cluster):
    here = run(experiment(), jobs=1, **folders)
    from distributed import Client

    address = cluster.scheduler_address
    there = run(experiment(), backend="dask", scheduler=address, **folders)
    pd.testing.assert_frame_equal(values(here), values(there))
    assert len(load("toy", "steps", results=folders["results"])) == 12
    with Client(address) as client:  # it goes on
        assert client.scheduler_info()["workers"]


def test_a_failure_on_a_cluster_is_reported(folders, cluster):
    def fails(variant, seed):
        if seed == 2:
            raise FloatingPointError("the loss is nan")
        return drawn(variant, seed)

    table = run(
        experiment(fails), backend="dask", scheduler=cluster.scheduler_address, **folders
    ).set_index("seed")
    assert table["error"].dropna().to_dict() == {2: "FloatingPointError: the loss is nan"}


def test_workers_with_other_code_are_refused(folders, cluster, monkeypatch):
    here = threading.current_thread()

    def loaded_code():
        return "new" if threading.current_thread() is here else "old"

    monkeypatch.setattr(runner, "loaded_code", loaded_code)
    with pytest.raises(ValueError, match="runs other code than this command"):
        run(experiment(), backend="dask", scheduler=cluster.scheduler_address, **folders)
    assert not folders["results"].exists()


def test_backends_that_do_not_fit_are_refused(folders, monkeypatch):
    with pytest.raises(ValueError, match="backend must be one of loky, dask, got 'spark'"):
        run(experiment(), backend="spark", **folders)
    with pytest.raises(ValueError, match=r"scheduler must be None .* got 'tcp://10\.0\.0\.1:8786'"):
        run(experiment(), scheduler="tcp://10.0.0.1:8786", **folders)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ValueError, match="needs the package distributed"):
        run(experiment(), backend="dask", **folders)
