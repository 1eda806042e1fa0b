"""The LSTM of chapter 6 that is kept: the one whose gates the experiment recorded."""

import numpy as np
import pytest
import torch

from rnn_tutorial import experiments
from rnn_tutorial.experiments.gating import cells_compared
from rnn_tutorial.experiments.names import surname_lstm
from rnn_tutorial.models import zoo
from rnn_tutorial.states import gates


@torch.no_grad()
def test_its_gates_are_those_of_the_evidence():
    model, vocabulary, _ = zoo.load("surname_lstm")
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


@pytest.mark.evidence
def test_the_training_can_be_repeated(tmp_path):
    again = surname_lstm.make(tmp_path)
    _, _, about = zoo.load("surname_lstm")
    assert float(again["accuracy"]) == pytest.approx(float(about["accuracy"]), abs=0.02)
    assert zoo.load("surname_lstm", tmp_path)[2] == again
