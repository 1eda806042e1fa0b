"""`diagnose` on models that are built in less usual ways, and on their faults."""

import pytest
import torch
from torch import nn

from rnn_tutorial.checks import Adapter, _kinds, diagnose
from tests.checks import unusual_models

SEEDS = [pytest.param(0), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", unusual_models.MODELS)
def test_no_alarm_on_an_unusual_model(name, seed):
    model, batch, options = unusual_models.build(name, seed)
    report = diagnose(model, batch, **options)
    report.assert_ok()
    assert not [r for r in report.not_applicable if "could not be made" in r.evidence]
    assert len(report.passed) >= 8


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", unusual_models.BROKEN)
def test_the_fault_of_an_unusual_model_is_found(name, seed):
    model, batch, options = unusual_models.build(name, seed)
    failed = {result.name for result in diagnose(model, batch, **options).failures}
    assert unusual_models.BROKEN[name][0] in failed


def test_zeros_and_ones_as_floats_are_classes_if_the_loss_takes_logits():
    model, (inputs, targets), options = unusual_models.build("yes or no, as floats", 0)
    assert diagnose(model, (inputs, targets), **options)["start"].verdict == "pass"
    answers = model(*inputs)
    for loss, floats, kind, expected in (
        (nn.BCEWithLogitsLoss(), targets, None, True),
        (nn.BCELoss(), targets, None, False),  # it takes probabilities
        (nn.MSELoss(), targets, None, False),
        (nn.BCEWithLogitsLoss(), targets / 2, None, False),
        (nn.BCEWithLogitsLoss(), targets, "forecaster", False),
        (None, targets, "classifier", True),
        (None, targets, None, False),
    ):
        adapter = Adapter(loss=loss, kind=kind)
        assert _kinds.are_logits_of_yes(floats, answers, None, adapter) is expected


def test_a_batch_that_has_to_be_sorted_is_kept_so():
    model, ((tokens, lengths), labels), _ = unusual_models.build("batches sorted by length", 0)
    report = diagnose(model, ((tokens, lengths), labels))
    assert "sorted by length" in report["runs"].evidence
    assert report["rows"].verdict == report["padding"].verdict == "pass"
    mixed = torch.arange(8).roll(1)
    assert diagnose(model, ((tokens[mixed], lengths[mixed]), labels))["runs"].verdict == "fail"
