"""States of surnames: of the LSTM that is kept, whose gates were recorded, and their slopes."""

import numpy as np
import pytest
import torch

from rnn_tutorial import experiments
from rnn_tutorial.experiments.gating import cells_compared
from rnn_tutorial.experiments.hidden_states.state_probes import activity
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


@pytest.mark.parametrize(
    ("kind", "states", "expected"),
    [
        ("tanh", [[0, -0.95], [0, -0.89]], (1 / 4, (2 + 0.0975 + 0.2079) / 4, 0)),
        ("sigmoid", [[0.5, 0.96], [0.5, 0.94]], (1 / 4, (0.5 + 0.0384 + 0.0564) / 4, 0)),
        ("relu", [[0, 2], [0, 0]], (3 / 4, 1 / 4, 1)),
    ],
)
def test_saturation_is_where_the_slope_is_small(kind, states, expected):
    found = activity(np.array(states, dtype=float), kind)
    assert found["saturated"] == expected[0]
    assert found["slope"] == pytest.approx(expected[1])
    assert found["dead"] == expected[2]
