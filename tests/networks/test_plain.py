"""The plain loop over a cell against the layers and torch.nn, gradients included."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnn_tutorial.networks import layers, unroll


def everything(output, state, by):
    """Return output, last states and the gradients of a loss that reads all of them."""
    results = [output, *(state if isinstance(state, tuple) else [state])]
    loss = sum((result.sin() * (1 + n)).sum() for n, result in enumerate(results))
    return [*results, *torch.autograd.grad(loss, by, materialize_grads=True, allow_unused=True)]


@given(
    st.sampled_from(["RNN", "ReLU", "LSTM", "GRU", "GRU, reset before"]),
    st.tuples(*[st.integers(1, 4)] * 4),
    st.fixed_dictionaries(
        {
            "num_layers": st.integers(1, 3),
            "bias": st.booleans(),
            "bidirectional": st.booleans(),
            "dropout": st.sampled_from([0.0, 0.4]),
        }
    ),
    st.booleans(),
)
@pytest.mark.filterwarnings("ignore:dropout")
def test_a_loop_over_the_cell_is_the_layer(kind, sizes, options, given_state):
    time_steps, batch, features, hidden = sizes
    torch.manual_seed(sum(sizes))
    kind, _, extra = kind.replace("ReLU", "RNN, relu").partition(", ")
    extras = {"relu": {"nonlinearity": "relu"}, "reset before": {"reset_after": False}, "": {}}
    options |= {"dtype": torch.float64} | extras[extra]
    ours = getattr(layers, kind)(features, hidden, **options)
    x = torch.randn(time_steps, batch, features).double().requires_grad_()
    h = torch.randn(options["num_layers"] * ours.num_directions, batch, hidden).double()
    h = h.requires_grad_()
    hx = ((h, h.flip(0)) if kind == "LSTM" else h) if given_state else None

    def run(function, layer):
        torch.manual_seed(7)  # the same dropout
        return everything(*function(x, hx), [x, h, *layer.parameters()])

    loop = run(lambda *a: unroll(ours, *a), ours)
    for got, want in zip(loop, run(ours, ours), strict=True):
        torch.testing.assert_close(got, want, rtol=0, atol=1e-10)
    if extra != "reset before":
        theirs = getattr(nn, kind)(features, hidden, **options)
        theirs.load_state_dict(ours.state_dict())
        for got, want in zip(run(lambda *a: unroll(theirs, *a), theirs), loop, strict=True):
            torch.testing.assert_close(got, want, rtol=0, atol=0)
        for got, want in zip(run(theirs, theirs), loop, strict=True):
            torch.testing.assert_close(got, want, rtol=0, atol=1e-10)


def test_time_comes_first_whatever_the_layer_says():
    layer = layers.GRU(2, 3, batch_first=True)
    x = torch.randn(5, 4, 2)
    torch.testing.assert_close(unroll(layer, x)[0], layer(x.transpose(0, 1))[0].transpose(0, 1))


def test_other_modules_are_refused():
    for module in (nn.Linear(2, 3), nn.LSTMCell(2, 3)):
        with pytest.raises(TypeError, match="layer must be an RNN, LSTM or GRU, got L"):
            unroll(module, torch.zeros(1, 1, 2))
