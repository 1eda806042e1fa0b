"""What the layers refuse: each message names the argument, what it got and what it wants."""

import pytest
import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from rnn_tutorial.networks import layers

X3, X2 = torch.randn(5, 2, 3), torch.randn(5, 3)
H3, H2 = torch.randn(2, 2, 4), torch.randn(2, 4)


def packed(rows):
    return PackedSequence(rows, torch.tensor([3, 2, 1]))


def test_what_the_layers_share_is_not_a_layer():
    with pytest.raises(TypeError, match="use RNN, LSTM or GRU"):
        layers.Recurrent(3, 4)


def test_complex_weights_are_refused():
    layer = layers.GRU(3, 4)
    with pytest.warns(UserWarning, match="Complex modules are a new feature"):
        layer.to(torch.complex64)
    with pytest.raises(TypeError, match="must hold floating-point numbers, got torch"):
        layer(X3.to(torch.complex64))


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("RNN", "input_size", 0),
        ("LSTM", "input_size", 2.5),
        ("LSTM", "hidden_size", -1),
        ("GRU", "bias", 1),
        ("GRU", "dropout", -0.1),
        ("LSTM", "dropout", float("nan")),
        ("LSTM", "proj_size", 2),
        ("RNN", "dtype", torch.int64),
        ("GRU", "device", "foo"),
        ("RNN", "nonlinearity", "sigmoid"),
        ("GRU", "reset_after", "after"),
    ],
)
def test_impossible_options_are_named(kind, name, value):
    with pytest.raises((TypeError, ValueError), match=rf"(?s){name}.*got"):
        getattr(layers, kind)(**{"input_size": 3, "hidden_size": 4} | {name: value})


@pytest.mark.parametrize(
    ("kind", "value", "error", "message"),
    [
        ("LSTM", [[1.0, 2.0, 3.0]], TypeError, "a tensor or a PackedSequence, got list"),
        ("RNN", torch.randn(3), ValueError, r"input must have shape .* got \(3,\)"),
        ("GRU", torch.randn(5, 2, 4), ValueError, r"shape \(time, batch, 3\), got \(5, 2, 4\)"),
        ("LSTM", X3[:0], ValueError, r"input must have at least one time step, got \(0, 2, 3\)"),
        ("GRU", X3.double(), TypeError, "the weights' type torch.float32, got torch.float64"),
        ("LSTM", X3.to("meta"), ValueError, "input must be on the weights' device cpu, got meta"),
        ("GRU", X3.to_sparse(), ValueError, "input must be a dense tensor"),
        ("RNN", packed(torch.randn(6, 4)), ValueError, r"input.data must have shape \(rows, 3\)"),
        ("LSTM", packed(torch.randn(6, 3).double()), TypeError, "input.data must be of the weigh"),
    ],
)
def test_inputs_that_do_not_fit_are_named(kind, value, error, message):
    with pytest.raises(error, match=message):
        getattr(layers, kind)(3, 4)(value)


PACKED = pack_padded_sequence(X3, torch.tensor([5, 3]))


@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
@pytest.mark.parametrize(
    ("inputs", "state", "error", "message"),
    [
        (X3, torch.randn(1, 2, 4), ValueError, r"must have shape \(2, 2, 4\), got \(1, 2, 4\)"),
        (X2, torch.randn(2, 1, 4), ValueError, r"must have shape \(2, 4\), got \(2, 1, 4\)"),
        (PACKED, torch.randn(2, 5, 4), ValueError, r"must have shape \(2, 2, 4\), got \(2, 5, 4\)"),
        (X3, H3.double(), TypeError, "must be of the weights' type torch.float32, got torch.float"),
        (X3, H3.to("meta"), ValueError, "must be on the weights' device cpu, got meta"),
        (X3, "zeros", TypeError, "must be a"),
    ],
)
def test_states_that_do_not_fit_are_named(kind, inputs, state, error, message):
    layer = getattr(layers, kind)(3, 4, num_layers=2)
    if kind == "GRU":
        with pytest.raises(error, match=f"hx {message}"):
            layer(inputs, state)
    else:
        good = H2 if inputs is X2 else H3
        with pytest.raises(error, match=rf"hx\[0\] {message}"):
            layer(inputs, (state, good))
        with pytest.raises(error, match=rf"hx\[1\] {message}"):
            layer(inputs, (good, state))


@pytest.mark.parametrize("state", [H3, (H3, H3, H3)])
def test_an_lstm_wants_a_pair_of_states(state):
    with pytest.raises(TypeError, match=r"hx must be a pair \(h_0, c_0\)"):
        layers.LSTM(3, 4, 2)(X3, state)


def test_a_gru_wants_one_state():
    with pytest.raises(TypeError, match="hx must be a tensor, got tuple"):
        layers.GRU(3, 4, 2)(X3, (H3, H3))


class AsPart(torch.nn.Module):
    """A model that has one of our layers, as torch.export and torch.fx meet it."""

    def __init__(self, kind):
        super().__init__()
        self.layer = getattr(layers, kind)(3, 4)

    def forward(self, inputs):
        return self.layer(inputs)[0]


def with_a_free_batch(model):
    with torch.no_grad():
        torch.export.export(model, (X3,), dynamic_shapes=({1: torch.export.Dim("batch")},))


@pytest.mark.filterwarnings("ignore:.torch.jit.trace:DeprecationWarning")
@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize(
    ("record", "recorder"),
    [
        (lambda model: torch.jit.trace(model, X3), "torch.jit.trace"),
        (lambda model: torch.fx.symbolic_trace(model), "torch.fx"),
        (lambda model: torch.export.export(model, (X3,)), "torch.export, with gradients"),
        (with_a_free_batch, "torch.export.* with a free size"),
    ],
    ids=["trace", "fx", "export", "free batch"],
)
def test_who_records_a_layer_is_sent_to_torchs(kind, record, recorder):
    with pytest.raises(RuntimeError, match=rf"(?s){recorder}.*state_dict into torch.nn.{kind}"):
        record(AsPart(kind))


def test_what_autocast_made_has_to_be_cast_back():
    with torch.autocast("cpu", dtype=torch.bfloat16):
        made = torch.nn.Linear(3, 3)(X3)
        with pytest.raises(TypeError, match=r"autocast made it, cast it back with \.to\(torch.flo"):
            layers.GRU(3, 4)(made)
        assert layers.GRU(3, 4)(made.to(torch.float32))[0].dtype == torch.float32


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_a_change_in_place_is_refused_and_that_of_a_clone_is_not(kind):
    layer = getattr(layers, kind)(3, 4)
    relu = torch.nn.ReLU(inplace=True)
    with pytest.raises(RuntimeError, match="replace the inplace operation by an out-of-place one"):
        relu(layer(X3)[0])
    relu(layer(X3)[0].clone()).sum().backward()
    with torch.no_grad():
        relu(layer(X3)[0])
