"""The LSTM of chapter 6 that is kept: the one whose gates the experiment recorded."""

import numpy as np
import pytest
import torch

from rnn_tutorial import experiments
from rnn_tutorial.experiments.gating import cells_compared
from rnn_tutorial.experiments.names import surname_lstm
from rnn_tutorial.models import quantization
from rnn_tutorial.states import gates


@torch.no_grad()
def test_its_gates_are_those_of_the_evidence():
    model, vocabulary, classes = surname_lstm.load()
    name = cells_compared.TRACED_NAME
    inputs = model.embedding(torch.tensor([vocabulary.encode(name)]))
    found = gates.trace(model.recurrent, inputs)
    recorded = experiments.load("cells_compared", "gates").query(
        "variant == 'surnames: LSTM' and sequence == @name and unit >= 0"
    )
    for gate in "ifo":
        rows = recorded[recorded["gate"] == gate]
        table = rows.pivot(index="step", columns="unit", values="value").to_numpy()
        np.testing.assert_allclose(found[gate][:, 0], table, atol=0.03)
    assert len(classes) == model.output.out_features


def test_rounding_costs_nearly_nothing_and_a_shift_does():
    _, about = quantization.read(surname_lstm.PATH)
    rounded, shifted = surname_lstm.accuracies([0.0, 8.0])
    assert rounded == pytest.approx(float(about["accuracy"]), abs=0.003)
    assert shifted < rounded - 0.1


@pytest.mark.evidence
def test_the_training_can_be_repeated(tmp_path):
    _, about = quantization.read(surname_lstm.PATH)
    again = surname_lstm.make(tmp_path / "again.safetensors")
    assert float(again["accuracy"]) == pytest.approx(float(about["accuracy"]), abs=0.02)
    model, _, _ = surname_lstm.load(tmp_path / "again.safetensors")
    assert not model.training
