"""The LSTM whose forget gates are always 1: the cell of 1997, before and after training."""

import pytest
import torch

from rnn_tutorial import tasks
from rnn_tutorial.experiments.gating import forget_gate


def forget_rows(layer):
    rows = slice(layer.hidden_size, 2 * layer.hidden_size)
    return [parameter[rows] for parameter in layer.parameters()]


def cell_of_1997(layer, inputs):
    """c_t = c_{t-1} + i_t ⊙ g_t, from the layer's other weights."""
    h = c = inputs.new_zeros(1, layer.hidden_size)
    states = []
    for x in inputs:
        sums = (
            x @ layer.weight_ih_l0.T
            + layer.bias_ih_l0
            + h @ layer.weight_hh_l0.T
            + layer.bias_hh_l0
        )
        i, _, g, o = sums.chunk(4, dim=1)
        c = c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        states.append(h)
    return torch.stack(states), c


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(forget_gate, "STREAMS", 4)
    monkeypatch.setattr(forget_gate, "LENGTH", 200)
    monkeypatch.setattr(forget_gate, "TEST_STRINGS", 40)


@torch.no_grad()
def equals_1997(model):
    inputs = tasks.reber_stream(30, generator=torch.Generator().manual_seed(9))[0].inputs[:, None]
    states, (_, c) = model.recurrent(inputs)
    expected, last = cell_of_1997(model.recurrent, inputs)
    return torch.allclose(states, expected, atol=1e-5) and torch.allclose(c[0], last, atol=1e-4)


def test_without_forget_gates_it_is_the_cell_of_1997_before_and_after_training(short):
    torch.manual_seed(0)
    model = forget_gate.build(forgets=False)
    assert equals_1997(model)
    before = [part.clone() for part in forget_rows(model.recurrent)]
    others = model.recurrent.weight_hh_l0[: forget_gate.UNITS].clone()
    forget_gate.train(model, torch.Generator().manual_seed(1), passes=2)
    for part, old in zip(forget_rows(model.recurrent), before, strict=True):
        assert torch.equal(part, old), "the forget gates have moved"
    assert not torch.equal(model.recurrent.weight_hh_l0[: forget_gate.UNITS], others)
    assert equals_1997(model)


def test_with_forget_gates_they_are_trained(short):
    torch.manual_seed(0)
    model = forget_gate.build(forgets=True)
    assert not equals_1997(model)
    bias = model.recurrent.bias_ih_l0 + model.recurrent.bias_hh_l0
    torch.testing.assert_close(bias.chunk(4)[1], torch.ones(forget_gate.UNITS))
    before = [part.clone() for part in forget_rows(model.recurrent)]
    forget_gate.train(model, torch.Generator().manual_seed(1), passes=1)
    assert all(
        not torch.equal(part, old)
        for part, old in zip(forget_rows(model.recurrent), before, strict=True)
    )


def test_a_stream_is_followed_without_a_reset():
    torch.manual_seed(0)
    model = forget_gate.build(forgets=True)
    stream, _ = tasks.reber_stream(30, generator=torch.Generator().manual_seed(0))
    logits, norms = forget_gate.follow(model, stream)
    with torch.no_grad():
        whole, (_, c) = model(stream.inputs[:, None])
    torch.testing.assert_close(logits, whole[:, 0])
    assert norms[-1].item() == pytest.approx(c.norm().item(), rel=1e-5)
    assert len(norms) == -(-len(stream.inputs) // forget_gate.TRACED)
