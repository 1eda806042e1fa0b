"""Problems with a known gradient, for the tests of the ways to it."""

import torch
import torch.utils.checkpoint
from torch import nn

from rnn_tutorial.networks import layers


def problem(layer, time_steps, batch, seed):
    """Return inputs, an initial state and a loss for each step, weighted at random."""
    draw = torch.Generator().manual_seed(seed)
    shape = [] if batch is None else [batch]

    def random(*shape):
        return torch.randn(shape, generator=draw, dtype=torch.float64)

    x = random(time_steps, *shape, layer.input_size)
    weights = random(time_steps, *shape, layer.hidden_size)
    h = random(layer.num_layers, *shape, layer.hidden_size)
    if layer.batch_first and batch is not None:
        x, weights = x.transpose(0, 1), weights.transpose(0, 1)

    def loss(outputs, steps):
        axis = 1 if layer.batch_first and outputs.dim() == 3 else 0
        wanted = weights.narrow(axis, steps.start, steps.stop - steps.start)
        return (outputs.square() * wanted).sum()

    return x, (h, h.flip(0)) if isinstance(layer, layers.LSTM | nn.LSTM) else h, loss


def by_autograd(layer, x, h, loss):
    """Return the loss and the full gradient."""
    value = loss(layer(x, h)[0], slice(0, x.shape[1 if layer.batch_first and x.dim() == 3 else 0]))
    names, parameters = zip(*layer.named_parameters(), strict=True)
    return value.detach(), dict(zip(names, torch.autograd.grad(value, parameters), strict=True))


def assert_same(got, want, atol=1e-10):
    assert set(got) == set(want)
    for name in want:
        torch.testing.assert_close(got[name], want[name], rtol=0, atol=atol)
