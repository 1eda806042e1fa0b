"""Sound networks: a stand-in that anyone can read, put your own in a private folder.

`SOUND` lists functions that make a sound model from a seed. By the definition of question 5 each
is clearly on its side: the build stops if the solution does not agree.
"""

import math

import torch
from torch import nn

FEATURES, HIDDEN, ANSWERS = 3, 8, 2


class Network(nn.Module):
    """Read a sequence with `step`, answer after the last one."""

    def __init__(self, seed, recurrent=1.0, read=1.0, bias=0.0, rate=0.05):
        super().__init__()
        torch.manual_seed(seed)
        self.rate = rate
        self.U = nn.Parameter(read * torch.randn(HIDDEN, FEATURES) / math.sqrt(FEATURES))
        self.W = nn.Parameter(recurrent * nn.init.orthogonal_(torch.empty(HIDDEN, HIDDEN)))
        self.b = nn.Parameter(bias + 0.1 * torch.randn(HIDDEN))
        self.V = nn.Parameter(torch.randn(ANSWERS, HIDDEN) / math.sqrt(HIDDEN))
        self.double()

    def begin(self, x):
        return x.new_zeros(len(x), HIDDEN)

    def sums(self, x_t, h):
        return x_t @ self.U.T + h @ self.W.T + self.b

    def step(self, x_t, h):
        return (1 - self.rate) * h + self.rate * torch.tanh(self.sums(x_t, h))

    def forward(self, x):
        h = self.begin(x)
        for x_t in x.unbind(dim=1):
            h = self.step(x_t, h)
        return h @ self.V.T


class Plain(Network):
    def step(self, x_t, h):
        return torch.tanh(self.sums(x_t, h))


class Linear(Network):
    def step(self, x_t, h):
        return self.sums(x_t, h)


class Rectified(Network):
    def step(self, x_t, h):
        return torch.relu(self.sums(x_t, h))


class Layer(nn.Module):
    """A layer of torch and a readout of its last output."""

    def __init__(self, seed, kind, *, layers=1, dropout=0.0, bias=0.0, shrink=1.0, first=True):
        super().__init__()
        torch.manual_seed(seed)
        self.layer = kind(FEATURES, HIDDEN, layers, dropout=dropout, batch_first=first)
        for index in range(layers):
            gate = getattr(self.layer, f"bias_ih_l{index}").data.split(HIDDEN)[1]
            gate += bias  # the LSTM's forget gate, the GRU's update gate
            getattr(self.layer, f"weight_hh_l{index}").data.mul_(shrink)
        self.head = nn.Linear(HIDDEN, ANSWERS)
        self.double()

    def forward(self, x):
        return self.head(self.layer(x)[0][:, -1])


# Sound ones


class BrokenVanishing(Network):
    """Sound, whatever its name says."""


class Logging(Network):
    """Keeps a detached copy of each state, which nothing reads."""

    def step(self, x_t, h):
        self.seen = h.detach()
        return super().step(x_t, h)


class Backward(Network):
    def forward(self, x):
        return super().forward(x.flip(1))


class Residual(Network):
    def step(self, x_t, h):
        return h + 0.1 * torch.tanh(self.sums(x_t, h))


class Start(Network):
    """Learns the state that it begins with."""

    def __init__(self, seed, **options):
        super().__init__(seed, **options)
        self.h_0 = nn.Parameter(torch.randn(HIDDEN, dtype=torch.float64))

    def begin(self, x):
        return self.h_0.expand(len(x), -1)


class Scaled(Network):
    def __init__(self, seed, size, **options):
        super().__init__(seed, **options)
        self.size = size

    def forward(self, x):
        return self.size * super().forward(x)


class ByHand(torch.autograd.Function):
    @staticmethod
    def forward(ctx, sums, h, rate):
        c = torch.tanh(sums)
        ctx.save_for_backward(c)
        ctx.rate = rate
        return (1 - rate) * h + rate * c

    @staticmethod
    def backward(ctx, grad):
        (c,) = ctx.saved_tensors
        return ctx.rate * (1 - c**2) * grad, (1 - ctx.rate) * grad, None


class Derived(Network):
    function = ByHand

    def step(self, x_t, h):
        return self.function.apply(self.sums(x_t, h), h, self.rate)


def kept(seed):
    """Return a sound rectified network that keeps its state, with units that are all on."""
    model = Rectified(seed, read=0.02, bias=1.0)
    with torch.no_grad():
        model.W.copy_(torch.eye(HIDDEN))
    return model


def idle_units(seed):
    """Return a sound network of which three units are saturated."""
    model = Network(seed)
    model.b.data[:3] = 30.0
    return model


def skewed(seed):
    """Return a sound network whose recurrent weights are large, and far from orthogonal."""
    model = Residual(seed, recurrent=0.5)
    model.W.data[0, 1] = 8.0
    return model


def evaluated(seed):
    """Return a sound network with dropout that is off."""
    return Layer(seed, nn.GRU, layers=2, dropout=0.4, bias=3.0).eval()


# Broken: the gradient does not arrive


SOUND = [
    Network,
    lambda seed: Plain(seed, read=0.05),
    kept,
    lambda seed: Linear(seed, recurrent=1.05),
    lambda seed: Layer(seed, nn.GRU, bias=3.0),
    lambda seed: Layer(seed, nn.LSTM, bias=4.0),
    lambda seed: Residual(seed, recurrent=0.01),
    lambda seed: Scaled(seed, 1e6),
    lambda seed: Scaled(seed, 1e-6),
    BrokenVanishing,
    Logging,
    Backward,
    Start,
    Derived,
    idle_units,
    skewed,
    evaluated,
]
