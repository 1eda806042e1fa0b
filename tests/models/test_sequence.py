"""A layer and a readout: layouts, states that are carried, starts, the model of chapter 3."""

import pytest
import torch

from rnn_tutorial.models import Logistic, NextSymbol, SequenceModel, irnn
from rnn_tutorial.networks import Start, layer_class, layers, orthogonal_


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_the_readout_is_of_the_last_step_or_of_all(cell):
    torch.manual_seed(0)
    every = SequenceModel(layer_class(cell)(2, 5), 3)
    last = SequenceModel(every.recurrent, 3, every_step=False)
    last.load_state_dict(every.state_dict())
    inputs = torch.rand(4, 7, 2)
    outputs, _ = every(inputs)
    assert outputs.shape == (4, 7, 3)
    states, _ = every.recurrent(inputs.transpose(0, 1))
    expected = states.transpose(0, 1) @ every.output.weight.T + every.output.bias
    torch.testing.assert_close(outputs, expected)
    torch.testing.assert_close(last(inputs)[0], outputs[:, -1])
    by_time = SequenceModel(every.recurrent, 3, batch_first=False)
    by_time.load_state_dict(every.state_dict())
    torch.testing.assert_close(by_time(inputs.transpose(0, 1))[0].transpose(0, 1), outputs)


@pytest.mark.parametrize("engine", ["rnn_tutorial", "torch"])
def test_a_sequence_can_be_read_in_pieces(engine):
    torch.manual_seed(0)
    model = SequenceModel(layer_class("lstm", engine)(2, 5), 3)
    inputs = torch.rand(4, 7, 2)
    whole, (h, c) = model(inputs)
    first, state = model(inputs[:, :3])
    second, (h_n, c_n) = model(inputs[:, 3:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)
    torch.testing.assert_close((h_n, c_n), (h, c))


def test_what_is_not_a_bool_is_refused():
    for name in ("every_step", "batch_first"):
        with pytest.raises(TypeError, match=f"{name} must be a bool"):
            SequenceModel(layers.RNN(2, 6), 1, **{name: 1})


def test_a_model_begins_as_asked_for():
    torch.manual_seed(0)
    model = SequenceModel.from_start(Start(layers.GRU, orthogonal_), 2, 6, 3, every_step=False)
    assert model(torch.rand(5, 4, 2))[0].shape == (5, 3)
    for block in model.recurrent.weight_hh_l0.chunk(3):
        torch.testing.assert_close(block @ block.T, torch.eye(6), atol=1e-5, rtol=0)


def test_the_irnn_starts_with_the_identity():
    layer = irnn(2, 6)
    assert layer.nonlinearity == "relu"
    assert torch.equal(layer.weight_hh_l0, torch.eye(6))
    assert layer.weight_ih_l0.abs().max() < 0.01


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
