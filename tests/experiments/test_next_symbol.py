import math

import numpy as np
import pytest
import torch
from rnn_tutorial.experiments.hidden_states.next_symbol import Logistic, NextSymbol

from rnn_tutorial.experiments.hidden_states.state_probes import activity


def test_a_logistic_layer_is_a_tanh_layer_with_other_weights():
    torch.manual_seed(0)
    layer = Logistic(3, 4, dtype=torch.float64)
    theirs = torch.nn.RNN(3, 4, dtype=torch.float64)
    with torch.no_grad():  # sigmoid(a) = (1 + tanh(a / 2)) / 2
        theirs.weight_ih_l0.copy_(layer.weight_ih_l0 / 2)
        theirs.weight_hh_l0.copy_(layer.weight_hh_l0 / 4)
        theirs.bias_ih_l0.copy_(layer.bias_ih_l0 / 2)
        theirs.bias_hh_l0.copy_(layer.bias_hh_l0 / 2 + layer.weight_hh_l0.sum(dim=1) / 4)
    x, h_0 = torch.randn(6, 2, 3, dtype=torch.float64), torch.rand(1, 2, 4, dtype=torch.float64)
    states, last = layer(x, h_0)
    expected = (1 + theirs(x, 2 * h_0 - 1)[0]) / 2
    torch.testing.assert_close(states, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(last[0], states[-1])
    torch.testing.assert_close(layer(x)[0], layer(x, 0 * h_0)[0])
    assert isinstance(NextSymbol(3, 4, cell="logistic").recurrent, Logistic)


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
    assert math.isclose(found["slope"], expected[1])
    assert found["dead"] == expected[2]
