"""What the layers refuse: hundreds of malformed calls, each naming the argument."""

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from rnn_tutorial.networks import layers

KINDS = ("RNN", "LSTM", "GRU")


def test_the_common_part_is_no_layer():
    with pytest.raises(TypeError, match="use RNN, LSTM or GRU"):
        layers.Recurrent(3, 4)


@pytest.mark.parametrize("kind", KINDS)
def test_complex_weights_are_refused(kind):
    layer = getattr(layers, kind)(3, 4)
    with pytest.warns(UserWarning, match="Complex modules are a new feature"):
        layer.to(torch.complex64)
    with pytest.raises(TypeError, match="must hold floating-point numbers, got torch"):
        layer(X3.to(torch.complex64))


CONSTRUCTOR = {
    "input_size": [
        0,
        -3,
        2.5,
        "3",
        None,
        True,
        float("nan"),
        [3],
        torch.ones(2),
        2**62,
        10**30,
        torch.tensor(3),
        torch.tensor(True),
    ],
    "hidden_size": [0, -1, 4.0, "4", None, False, float("inf")],
    "num_layers": [0, -2, 1.5, None, "two", True],
    "bias": [1, None, "yes", 0.5, np.bool_(True)],
    "batch_first": [1, None, "no"],
    "bidirectional": [2, None, "both"],
    "dropout": [
        -0.1,
        1.1,
        float("nan"),
        float("inf"),
        "0.5",
        None,
        True,
        [0.5],
        b"0.5",
        np.bool_(True),
        10**400,
    ],
    "proj_size": [2, -1, 1.0, None],
    "dtype": [torch.int64, torch.complex64, "float32", float, torch.float8_e4m3fn],
    "device": ["foo", "cuda:99", 99, 1.5],
}

OWN = {
    "RNN": {"nonlinearity": ["sigmoid", "TANH", None, 3, torch.tanh, "softplus", "tanh_"]},
    "LSTM": {},
    "GRU": {"reset_after": [1, None, "after", 0]},
}

BAD_OPTIONS = [
    (kind, name, value)
    for kind in KINDS
    for name, values in (CONSTRUCTOR | OWN[kind]).items()
    for value in values
]


@pytest.mark.parametrize(("kind", "name", "value"), BAD_OPTIONS)
def test_impossible_options_are_named(kind, name, value):
    with pytest.raises((TypeError, ValueError), match=name) as caught:
        getattr(layers, kind)(**{"input_size": 3, "hidden_size": 4} | {name: value})
    if not isinstance(value, torch.Tensor | list | float):
        assert "got" in str(caught.value)


def packed(data, sizes):
    return PackedSequence(data, torch.tensor(sizes))


X3, X2 = torch.randn(5, 2, 3), torch.randn(5, 3)

ROWS = torch.randn(6, 3)

NESTED = torch.nested.nested_tensor([torch.randn(2, 3), torch.randn(4, 3)], layout=torch.jagged)

BAD_INPUTS = [
    (None, TypeError, "input must be a tensor or a PackedSequence, got NoneType"),
    ([[1.0, 2.0, 3.0]], TypeError, "input must be a tensor or a PackedSequence, got list"),
    (np.zeros((5, 2, 3), dtype=np.float32), TypeError, "got ndarray"),
    ("text", TypeError, "got str"),
    (torch.randn(3), ValueError, r"input must have shape .* got \(3,\)"),
    (torch.tensor(1.0), ValueError, r"input must have shape .* got \(\)"),
    (torch.randn(1, 5, 2, 3), ValueError, r"input must have shape .* got \(1, 5, 2, 3\)"),
    (torch.randn(5, 2, 4), ValueError, r"input must have shape \(time, batch, 3\), got \(5, 2, 4"),
    (torch.randn(5, 2, 0), ValueError, r"input must have shape \(time, batch, 3\), got \(5, 2, 0"),
    (torch.randn(5, 2), ValueError, r"input must have shape \(time, 3\), got \(5, 2\)"),
    (torch.randn(0, 2, 3), ValueError, r"input must have at least one time step, got \(0, 2, 3\)"),
    (torch.randn(0, 3), ValueError, r"input must have at least one time step, got \(0, 3\)"),
    (X3.double(), TypeError, "input must be of the weights' type torch.float32, got torch.float64"),
    (X3.half(), TypeError, "got torch.float16"),
    (X3.long(), TypeError, "input must be of the weights' type torch.float32, got torch.int64"),
    (X3 > 0, TypeError, "got torch.bool"),
    (X3.to(torch.complex64), TypeError, "got torch.complex64"),
    (X3.to("meta"), ValueError, "input must be on the weights' device cpu, got meta"),
    (X3.to_sparse(), ValueError, "input must be a dense tensor"),
    (packed(torch.randn(6, 4), [3, 2, 1]), ValueError, r"input.data must have shape \(rows, 3\)"),
    (packed(torch.randn(6), [3, 2, 1]), ValueError, r"input.data must have shape \(rows, 3\)"),
    (packed(ROWS.double(), [3, 2, 1]), TypeError, "input.data must be of the weights' type"),
    (NESTED, ValueError, "input must be a dense tensor, got a nested one"),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("value", "error", "message"), BAD_INPUTS)
def test_inputs_that_do_not_fit_are_named(kind, value, error, message):
    with pytest.raises(error, match=message):
        getattr(layers, kind)(3, 4)(value)


H3, H2 = torch.randn(2, 2, 4), torch.randn(2, 4)

PACKED = pack_padded_sequence(X3, torch.tensor([5, 3]))

BAD_STATES = [
    (X3, torch.randn(1, 2, 4), ValueError, r"must have shape \(2, 2, 4\), got \(1, 2, 4\)"),
    (X3, torch.randn(2, 5, 4), ValueError, r"must have shape \(2, 2, 4\), got \(2, 5, 4\)"),
    (X3, torch.randn(2, 2, 3), ValueError, r"must have shape \(2, 2, 4\), got \(2, 2, 3\)"),
    (X3, torch.randn(2, 4), ValueError, r"must have shape \(2, 2, 4\), got \(2, 4\)"),
    (X3, torch.randn(2, 1, 4), ValueError, r"must have shape \(2, 2, 4\), got \(2, 1, 4\)"),
    (X2, torch.randn(2, 1, 4), ValueError, r"must have shape \(2, 4\), got \(2, 1, 4\)"),
    (X2, torch.randn(4), ValueError, r"must have shape \(2, 4\), got \(4,\)"),
    (PACKED, torch.randn(2, 5, 4), ValueError, r"must have shape \(2, 2, 4\), got \(2, 5, 4\)"),
    (PACKED, torch.randn(2, 4), ValueError, r"must have shape \(2, 2, 4\), got \(2, 4\)"),
    (X3, H3.double(), TypeError, "must be of the weights' type torch.float32, got torch.float64"),
    (X3, H3.long(), TypeError, "must be of the weights' type torch.float32, got torch.int64"),
    (X3, H3.to("meta"), ValueError, "must be on the weights' device cpu, got meta"),
    (X3, "zeros", TypeError, "must be a"),
    (X3, 0, TypeError, "must be a"),
    (X3, H3.tolist(), TypeError, "must be a"),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("inputs", "state", "error", "message"), BAD_STATES)
def test_states_that_do_not_fit_are_named(kind, inputs, state, error, message):
    layer = getattr(layers, kind)(3, 4, num_layers=2)
    good = H2 if isinstance(inputs, torch.Tensor) and inputs.dim() == 2 else H3
    if kind != "LSTM":
        with pytest.raises(error, match=f"hx {message}"):
            layer(inputs, state)
    else:
        with pytest.raises(error, match=rf"hx\[0\] {message}"):
            layer(inputs, (state, good))
        with pytest.raises(error, match=rf"hx\[1\] {message}"):
            layer(inputs, (good, state))


def test_a_state_of_another_kind_of_layer_is_named():
    with pytest.raises(TypeError, match="hx must be a tensor, got tuple"):
        layers.GRU(3, 4, 2)(X3, (H3, H3))
    for state in (H3, (H3,), (H3, H3, H3), {"h": H3, "c": H3}, None):
        if state is not None:
            with pytest.raises(TypeError, match=r"hx must be a pair \(h_0, c_0\)"):
                layers.LSTM(3, 4, 2)(X3, state)


def test_there_are_hundreds_of_malformed_calls():
    assert len(BAD_OPTIONS) + len(KINDS) * (len(BAD_INPUTS) + len(BAD_STATES)) > 250
