"""Windows, naive forecasts, recursion, training."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from rnn_tutorial.models import Forecaster
from rnn_tutorial.training import forecasting

COUNT = np.arange(12.0)


def test_windows_are_what_comes_before_their_targets():
    cut = forecasting.windows(np.column_stack([COUNT, -COUNT]), 3, 2)
    assert cut.inputs.shape == (8, 3, 2)
    assert cut.inputs[0].tolist() == [[0, 0], [1, -1], [2, -2]]
    assert cut.targets[0].tolist() == [3, 4]
    assert cut.targets[-1].tolist() == [10, 11]
    assert cut.starts.tolist() == list(range(3, 11))


@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 12), st.integers(0, 12))
def test_targets_never_leave_their_part(length, horizon, first, end):
    try:
        cut = forecasting.windows(COUNT, length, horizon, first=first, end=end)
    except ValueError:
        assert end - max(first, length) < horizon
        return
    assert cut.targets.min() >= first
    assert cut.targets.max() < end
    assert (cut.targets[:, 0].numpy() == cut.starts).all()
    assert (cut.inputs[:, -1, 0].numpy() == cut.starts - 1).all(), "the day before is known"


@pytest.mark.parametrize(
    ("values", "options", "error", "message"),
    [
        (COUNT, {"length": 0}, ValueError, "length must be at least 1, got 0"),
        (COUNT, {"length": 2.0}, TypeError, "length must be an integer"),
        (COUNT, {"length": 12}, ValueError, "no window of 12 rows and 1 targets fits"),
        (COUNT, {"length": 3, "end": 13}, ValueError, "fits between rows 0 and 13 of 12"),
        (COUNT[:, None, None], {"length": 3}, ValueError, r"shape \(time,\) or .*got \(12, 1, 1\)"),
        ([1, np.nan, 3], {"length": 1}, ValueError, "values must be finite"),
    ],
)
def test_impossible_windows_are_refused(values, options, error, message):
    with pytest.raises(error, match=message):
        forecasting.windows(values, **options)


def test_naive_forecasts_repeat_the_last_season():
    assert forecasting.naive(COUNT, [5], 3).tolist() == [[4, 4, 4]]
    assert forecasting.naive(COUNT, [5, 6], 5, period=4).tolist() == [
        [1, 2, 3, 4, 1],
        [2, 3, 4, 5, 2],
    ]
    with pytest.raises(ValueError, match="at least the period of 4"):
        forecasting.naive(COUNT, [3], period=4)
    with pytest.raises(ValueError, match="period must be at least 1, got 0"):
        forecasting.naive(COUNT, [3], period=0)


def test_recursion_reads_what_it_forecast():
    def add(inputs):
        return inputs.sum(dim=1)

    fibonacci = forecasting.recursive(add, torch.tensor([[[1.0], [1.0]]]), 5)
    assert fibonacci.tolist() == [[2, 3, 5, 8, 13]]
    with pytest.raises(ValueError, match=r"shape \(windows, time, 1\), got \(1, 2, 3\)"):
        forecasting.recursive(add, torch.ones(1, 2, 3), 2)
    with pytest.raises(ValueError, match="horizon must be at least 1, got 0"):
        forecasting.recursive(add, torch.ones(1, 2, 1), 0)


def alternating():
    """A series that persistence never predicts and a network soon does."""
    return forecasting.windows(np.tile([1.0, -1.0], 40), 4)


def test_training_finds_structure_and_depends_on_its_seeds_only():
    losses, weights = [], []
    for _ in range(2):
        torch.manual_seed(3)
        model = Forecaster(hidden_size=4)
        generator = torch.Generator().manual_seed(3)
        losses.append(
            forecasting.train(
                model, alternating(), epochs=30, generator=generator, learning_rate=0.05
            )
        )
        weights.append(model.output.weight)
    assert losses[0] == losses[1]
    assert torch.equal(*weights)
    assert len(losses[0]) == 30
    assert losses[0][-1] < 0.05 * losses[0][0]


def test_training_refuses_what_cannot_be():
    options = {"generator": torch.Generator()}
    for bad in ({"epochs": 0}, {"epochs": 1, "batch_size": 0}, {"epochs": 1, "learning_rate": 0}):
        with pytest.raises(ValueError, match=r"must be (at least 1|positive)"):
            forecasting.train(Forecaster(), alternating(), **bad, **options)
    with pytest.raises(ValueError, match="learning_rate must be positive, got -1"):
        forecasting.train(Forecaster(), alternating(), epochs=1, learning_rate=-1, **options)
    with pytest.raises(FloatingPointError, match="batch 1: the loss is nan"):
        forecasting.train(
            Forecaster(), alternating(), epochs=1,
            loss_function=lambda *_: torch.tensor(torch.nan), **options,
        )  # fmt: skip


def test_predictions_are_in_the_units_of_the_series():
    values = np.linspace(10, 20, 30)[:, None]
    scaler = StandardScaler().fit(values)
    cut = forecasting.windows(scaler.transform(values), 3)
    model = Forecaster()
    with torch.no_grad():
        model.output.weight.zero_()
        model.output.bias.zero_()  # says nothing, so it is persistence
    model.train()
    found = forecasting.predict(model, cut.inputs, scaler)
    assert model.training
    np.testing.assert_allclose(found, forecasting.naive(values[:, 0], cut.starts), atol=1e-5)
    scaled = forecasting.predict(model, cut.inputs)
    np.testing.assert_allclose(scaled[:, 0], cut.inputs[:, -1, 0])
