"""What the ways to a gradient refuse, each time with the name of the argument."""

import pytest
import torch
import torch.utils.checkpoint
from torch import nn

from rnn_tutorial.gradients import finite_differences, rtrl, truncated_bptt
from rnn_tutorial.networks import layers
from tests.gradients.gradient_problems import problem

RNN = layers.RNN(2, 3, dtype=torch.float64)

X, STATE, LOSS = problem(RNN, 5, 2, 0)

BOTH = layers.RNN(2, 3, bidirectional=True, dtype=torch.float64)

LSTM = layers.LSTM(2, 3, dtype=torch.float64)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: truncated_bptt(RNN, X, LOSS, steps=0), ValueError, "steps must be at least 1"),
        (
            lambda: truncated_bptt(RNN, X, LOSS, steps=4, every=3),
            ValueError,
            "every must divide steps, got 3 and 4",
        ),
        (lambda: truncated_bptt(BOTH, X, LOSS, steps=2), ValueError, "layer must have one direc"),
        (lambda: truncated_bptt(RNN, X[:0], LOSS, steps=2), ValueError, "at least one time step"),
        (lambda: rtrl(LSTM, X, LOSS), TypeError, r"layer must be a tanh RNN, got LSTM\(2, 3\)"),
        (lambda: rtrl(layers.RNN(2, 3, 2), X, LOSS), ValueError, "must have one layer, got 2"),
        (lambda: rtrl(BOTH, X, LOSS), ValueError, "layer must have one direction"),
        (
            lambda: finite_differences(lambda: X.sum(), {"x": X.float()}),
            TypeError,
            r"tensors\['x'\] must be a tensor of float64, got torch.float32",
        ),
        (
            lambda: finite_differences(lambda: X, {"x": X}),
            ValueError,
            r"function must return a tensor of one .* got a tensor of shape \(5, 2, 2\)",
        ),
        (
            lambda: finite_differences(lambda: X.sum(), {"x": X[:1, :1, :1].expand(1, 3, 1)}),
            ValueError,
            "must have memory for each element",
        ),
        (
            lambda: finite_differences(lambda: X.sum(), {"x": X}, step=1e-30),
            ValueError,
            "step must be large enough to change",
        ),
        (lambda: finite_differences(lambda: X.sum(), [X]), TypeError, "tensors must be a mapping"),
        (
            lambda: truncated_bptt(RNN, X, lambda o, t: None, steps=2),
            ValueError,
            "loss_function must return a tensor of one .* got None",
        ),
        (lambda: rtrl(RNN, X, lambda o, t: 1.0), ValueError, "loss_function must return a tensor"),
        (
            lambda: rtrl(nn.RNN(2, 3, dtype=torch.float64), X, LOSS, hx=STATE.transpose(0, 1)),
            ValueError,
            r"hx must have shape \(1, 2, 3\), got \(2, 1, 3\)",
        ),
        (lambda: rtrl(RNN, X[..., :1], LOSS), ValueError, "inputs must have shape"),
        (
            lambda: truncated_bptt(nn.LSTM(2, 3, proj_size=1), X.float(), LOSS, steps=2),
            ValueError,
            "proj_size=1",
        ),
        (
            lambda: truncated_bptt(LSTM, X, LOSS, steps=2, hx=STATE),
            TypeError,
            "hx must be a pair",
        ),
    ],
)
def test_what_cannot_be_done_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
