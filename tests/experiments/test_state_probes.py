"""What is measured of states of surnames."""

import math

import numpy as np
import pytest

from rnn_tutorial.experiments.hidden_states.state_probes import activity


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
