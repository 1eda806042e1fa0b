"""The forecaster: shapes, the last value, both engines, what is refused."""

import numpy as np
import pytest
import torch

from rnn_tutorial.models import Forecaster
from rnn_tutorial.networks import CELLS


def forecaster(seed=0, **options):
    torch.manual_seed(seed)
    return Forecaster(**options).double()


INPUTS = torch.randn(5, 7, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("quantiles", [None, 3])
def test_forecasts_have_the_shape_that_was_asked_for(cell, quantiles):
    model = forecaster(input_size=2, cell=cell, horizon=4, quantiles=quantiles, num_layers=2)
    shape = (5, 4) if quantiles is None else (5, 4, 3)
    assert model(INPUTS).shape == shape


@pytest.mark.parametrize("quantiles", [None, 3])
def test_the_last_value_is_added_to_every_forecast(quantiles):
    options = {"input_size": 2, "horizon": 4, "quantiles": quantiles}
    plain, residual = forecaster(**options, residual=False), forecaster(**options)
    difference = (residual(INPUTS) - plain(INPUTS)).flatten(1)
    torch.testing.assert_close(difference, INPUTS[:, -1, :1].expand_as(difference))


@pytest.mark.parametrize("cell", CELLS)
def test_both_engines_give_the_same_forecasts_and_gradients(cell):
    results = []
    for engine in ("rnn_tutorial", "torch"):
        model = forecaster(input_size=2, cell=cell, engine=engine)
        forecasts = model(INPUTS)
        forecasts.square().sum().backward()
        results.append([forecasts, *(p.grad for p in model.parameters())])
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"cell": "tcn"}, ValueError, "cell must be one of rnn, gru, lstm, got 'tcn'"),
        ({"quantiles": 0}, ValueError, "quantiles must be at least 1, got 0"),
        ({"hidden_size": 2.0}, TypeError, "hidden_size must be an integer"),
        ({"residual": 1}, TypeError, "residual must be a bool"),
    ],
)
def test_impossible_forecasters_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        Forecaster(**options)


def test_other_inputs_are_refused():
    with pytest.raises(ValueError, match=r"shape \(batch, time, 1\), got \(5, 7, 2\)"):
        forecaster()(INPUTS)
    with pytest.raises(TypeError, match="inputs must be a tensor"):
        forecaster()(np.ones((5, 7, 1)))
