"""The hand-derived backward passes, and the other ways to the same gradient."""

import pytest
import torch
import torch.utils.checkpoint

from rnn_tutorial.networks import GRUFunction, LSTMFunction, RNNFunction, layers

KINDS = ("RNN", "LSTM", "GRU")

PASSES = {
    "tanh": (RNNFunction, 1, 1, "tanh"),
    "relu": (RNNFunction, 1, 1, "relu"),
    "lstm": (LSTMFunction, 4, 2),
    "gru": (GRUFunction, 3, 1, True),
    "gru, reset before": (GRUFunction, 3, 1, False),
}


@pytest.mark.parametrize("name", PASSES)
@pytest.mark.parametrize("sizes", [[3, 3, 3, 3], [4, 3, 3, 1], [1], [2, 1]], ids=str)
@pytest.mark.parametrize("bias", [True, False])
def test_every_backward_pass_agrees_with_finite_differences(name, sizes, bias):
    """`gradcheck` perturbs each number of each argument, for padded and packed batches."""
    function, blocks, states, *option = PASSES[name]
    features, hidden, rows = 2, 3, sum(sizes)
    draw = torch.Generator().manual_seed(5)

    def random(*shape):
        return torch.randn(shape, generator=draw, dtype=torch.float64, requires_grad=True)

    made = [random(rows, features), *(random(sizes[0], hidden) for _ in range(states))]
    made += [random(blocks * hidden, features), random(blocks * hidden, hidden)]
    made += [random(blocks * hidden), random(blocks * hidden)] if bias else [None, None]
    assert torch.autograd.gradcheck(lambda *a: function.apply(*a, sizes, *option), made)


def second_derivative(layer, x, h, by):
    """Differentiate the norm of a gradient, as a gradient penalty does."""
    output = layer(x, (h, h) if isinstance(layer, layers.LSTM) else h)[0]
    wanted = {"x": x, "h": h, "bias": layer.bias_hh_l0, "weight": layer.weight_ih_l0}[by]
    (gradient,) = torch.autograd.grad(output.square().sum(), wanted, create_graph=True)
    return torch.autograd.grad(gradient.square().sum(), wanted)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("by", ["x", "h", "bias", "weight"])
def test_a_second_differentiation_is_an_error_that_says_what_to_do(kind, by):
    layer = getattr(layers, kind)(2, 3)
    x, h = torch.randn(4, 2, 2, requires_grad=True), torch.randn(1, 2, 3, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"differentiated once only.*use torch.nn's layer"):
        second_derivative(layer, x, h, by)


def test_a_penalty_on_a_gradient_is_an_error_and_not_left_out_in_silence():
    layer = layers.RNN(2, 3)
    x = torch.randn(4, 2, 2, requires_grad=True)
    output, _ = layer(x)
    (gradient,) = torch.autograd.grad(output.sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="differentiated once only"):
        (output.sum() + gradient.square().sum()).backward()


def test_asking_for_a_graph_alone_does_no_harm():
    layer = layers.GRU(2, 3, dtype=torch.float64)
    x = torch.randn(4, 2, 2, dtype=torch.float64, requires_grad=True)
    plain = torch.autograd.grad(layer(x)[0].sum(), [x, *layer.parameters()])
    guarded = torch.autograd.grad(layer(x)[0].sum(), [x, *layer.parameters()], create_graph=True)
    for got, want in zip(guarded, plain, strict=True):
        assert torch.equal(got, want)


def test_a_gradient_can_be_asked_for_with_a_graph_under_checkpointing():
    layer = layers.GRU(2, 3, dtype=torch.float64)
    x = torch.randn(4, 2, 2, dtype=torch.float64, requires_grad=True)
    plain = torch.autograd.grad(layer(x)[0].sum(), x)[0]
    output = torch.utils.checkpoint.checkpoint(lambda a: layer(a)[0], x, use_reentrant=False)
    again = torch.autograd.grad(output.sum(), x, create_graph=True)[0]
    torch.testing.assert_close(again, plain)


def test_a_second_differentiation_by_what_comes_from_above_is_an_error_too():
    layer = layers.RNN(2, 3, dtype=torch.float64)
    x = torch.randn(4, 2, 2, dtype=torch.float64)
    with pytest.raises(RuntimeError, match="differentiated once only"):
        torch.autograd.functional.jvp(lambda a: layer(a)[0], x, torch.ones_like(x))
