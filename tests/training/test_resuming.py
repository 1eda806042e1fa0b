"""Checkpoints: a run that was cut off ends as if it were not."""

import pytest
import torch

from tests.training.training_runs import Run


@pytest.mark.parametrize("cut", [1, 3, 5])
def test_a_run_that_was_cut_off_ends_as_if_it_were_not(tmp_path, cut):
    """Bit for bit: weights, history and moments, with dropout, shuffling and a schedule."""
    whole = Run()
    history = whole.fit()
    Run().fit(cut, checkpoint=tmp_path / "run.pt")
    resumed = Run(99)  # weights, shuffling and dropout must all come from the file
    assert resumed.fit(checkpoint=tmp_path / "run.pt") == history
    assert torch.equal(resumed.weights, whole.weights)
    assert resumed.train.generator.get_state().equal(whole.train.generator.get_state())
    moments = [run.optimizer.state_dict()["state"][0]["exp_avg"] for run in (resumed, whole)]
    assert torch.equal(*moments)


def test_a_finished_run_is_not_trained_again(tmp_path):
    first, second = Run(), Run(5)
    history = first.fit(2, checkpoint=tmp_path / "run.pt")
    assert second.fit(2, checkpoint=tmp_path / "run.pt") == history
    assert torch.equal(first.weights, second.weights)
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken"])
def test_files_that_are_not_checkpoints_at_all_are_refused(tmp_path, content):
    (tmp_path / "other.pt").write_bytes(content)
    with pytest.raises(ValueError, match="a file written by fit, got"):
        Run().fit(2, checkpoint=tmp_path / "other.pt")
    torch.save({"weights": torch.zeros(2)}, tmp_path / "other.pt")
    with pytest.raises(ValueError, match=r"a file written by fit, got .*other\.pt"):
        Run().fit(2, checkpoint=tmp_path / "other.pt")


def test_a_checkpoint_of_another_run_is_refused_before_anything_is_loaded(tmp_path):
    Run().fit(1, checkpoint=tmp_path / "run.pt")
    other = Run(cell="lstm")
    before = other.weights
    with pytest.raises(ValueError, match="of a model with other parameters"):
        other.fit(2, checkpoint=tmp_path / "run.pt")
    assert torch.equal(other.weights, before)
    other = Run(3)
    before = other.weights
    other.scheduler = None
    with pytest.raises(ValueError, match="written with a scheduler"):
        other.fit(2, checkpoint=tmp_path / "run.pt")
    other = Run(3)
    other.train.generator = None
    with pytest.raises(ValueError, match="written with a batch generator"):
        other.fit(2, checkpoint=tmp_path / "run.pt")
    other = Run(3)
    other.optimizer = torch.optim.SGD(other.model.parameters(), lr=0.1)
    other.scheduler = torch.optim.lr_scheduler.ConstantLR(other.optimizer)
    with pytest.raises(ValueError, match="written with Adam, not with SGD"):
        other.fit(2, checkpoint=tmp_path / "run.pt")
    assert torch.equal(other.weights, before)


def test_patience_survives_a_resumption(tmp_path):
    run = Run(epochs=40)
    run.scheduler = None
    for group in run.optimizer.param_groups:
        group["lr"] = 0.0
    run.fit(40, patience=3, checkpoint=tmp_path / "run.pt")
    assert len(run.fit(40, patience=3, checkpoint=tmp_path / "run.pt")) == 4
