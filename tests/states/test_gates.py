import pytest
import torch
from torch import nn

from rnn_tutorial.networks import BLOCKS, layers, size_of, units_for
from rnn_tutorial.states import gates


def made(kind, *, room=layers, seed=0, **options):
    torch.manual_seed(seed)
    return getattr(room, kind)(3, 5, dtype=torch.float64, **options)


def noise(*shape):
    return torch.randn(*shape, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.mark.parametrize("room", [layers, nn])
@pytest.mark.parametrize("shape", [(7,), (7, 4)])
def test_the_gates_of_an_lstm_make_its_states(room, shape):
    layer, x = made("LSTM", room=room), noise(*shape)
    found = gates.trace(layer, x)
    assert list(found) == ["i", "f", "g", "o", "c", "h"]
    before = torch.cat([torch.zeros_like(found["c"][:1]), found["c"][:-1]])
    torch.testing.assert_close(found["c"], found["f"] * before + found["i"] * found["g"])
    torch.testing.assert_close(found["h"], found["o"] * found["c"].tanh())
    outputs, (_, c_n) = layer(x)
    torch.testing.assert_close(found["h"], outputs)
    torch.testing.assert_close(found["c"][-1], c_n[0])
    assert not found["i"].requires_grad


@pytest.mark.parametrize("reset_after", [True, False])
def test_the_gates_of_a_gru_make_its_states(reset_after):
    layer, x = made("GRU", reset_after=reset_after), noise(7, 4)
    found = gates.trace(layer, x)
    assert list(found) == ["r", "z", "n", "h"]
    before = torch.cat([torch.zeros_like(found["h"][:1]), found["h"][:-1]])
    expected = (1 - found["z"]) * found["n"] + found["z"] * before
    torch.testing.assert_close(found["h"], expected)
    torch.testing.assert_close(found["h"], layer(x)[0])


def test_the_reset_gate_is_that_of_the_cell():
    """With a candidate that reads the state alone, r can be told from the state after the step."""
    layer = made("GRU")
    found = gates.trace(layer, noise(2))
    w_ih, w_hh, b_ih, b_hh = layer.all_weights[0]
    h, x = found["h"][0], noise(2)[1]
    r = torch.sigmoid((w_ih @ x + b_ih + w_hh @ h + b_hh)[:5])
    torch.testing.assert_close(found["r"][1], r)


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_a_trace_goes_on_from_a_state_and_keeps_the_layout(kind):
    layer, x = made(kind), noise(6, 4)
    whole = gates.trace(layer, x)
    _, state = layer(x[:2])
    rest = gates.trace(layer, x[2:], state)
    for name in whole:
        torch.testing.assert_close(rest[name], whole[name][2:])
    turned = made(kind, batch_first=True)
    torch.testing.assert_close(gates.trace(turned, x.transpose(0, 1)), whole)
    state = tuple(s[:, 0] for s in state) if kind == "LSTM" else state[:, 0]
    single = gates.trace(layer, x[2:, 0], state)
    torch.testing.assert_close(single["h"], whole["h"][2:, 0])


def test_a_layer_without_biases_has_gates_too():
    for kind in ("LSTM", "GRU"):
        layer = made(kind, bias=False)
        torch.testing.assert_close(gates.trace(layer, noise(3))["h"], layer(noise(3))[0])


def test_what_has_no_gates_is_refused():
    with pytest.raises(TypeError, match="layer must have gates, got RNN"):
        gates.trace(made("RNN"), noise(3))
    with pytest.raises(ValueError, match="one layer, got num_layers=2"):
        gates.trace(made("GRU", num_layers=2), noise(3))
    with pytest.raises(ValueError, match="one direction"):
        gates.trace(made("GRU", bidirectional=True), noise(3))
    with pytest.raises(TypeError, match="layer must be an RNN"):
        gates.trace(nn.Linear(3, 5), noise(3))


def test_sizes_are_those_of_the_layers():
    for cell, kind in (("rnn", "RNN"), ("gru", "GRU"), ("lstm", "LSTM")):
        parameters = sum(p.numel() for p in made(kind).parameters())
        assert size_of(cell, 5, 3) == parameters
        assert units_for(cell, parameters, 3) == 5


def test_units_come_as_close_as_whole_units_can():
    for cell in BLOCKS:
        for parameters in (1, 100, 4608, 25_087):
            found = units_for(cell, parameters, 7)
            away = [abs(size_of(cell, h, 7) - parameters) for h in range(1, 400)]
            assert away[found - 1] == min(away)


def test_sizes_refuse_what_is_not_a_cell():
    with pytest.raises(ValueError, match="cell must be one of rnn, gru, lstm, got 'mamba'"):
        units_for("mamba", 10, 1)
    with pytest.raises(ValueError, match="parameters must be at least 1, got 0"):
        units_for("gru", 0, 1)
    with pytest.raises(TypeError, match="features must be an integer"):
        units_for("gru", 10, 1.5)
