"""Broken networks: a stand-in that anyone can read, put your own in a private folder.

`BROKEN` has for each group of faults functions that make a broken model from a seed, and `TWINS`
sound ones that look like them.
"""

import torch
from hidden_sound import (
    ANSWERS,
    FEATURES,
    HIDDEN,
    SOUND,
    Backward,
    ByHand,
    Derived,
    Layer,
    Linear,
    Logging,
    Network,
    Plain,
    Start,
    evaluated,
    idle_units,
)
from torch import nn


class Forgetful(Network):
    """Lets nothing of the state through."""

    def step(self, x_t, h):
        return torch.tanh(x_t @ self.U.T + self.b + 0.0 * (h @ self.W.T))


class Window(Network):
    def forward(self, x):
        return super().forward(x[:, -6:])


class OneShort(Network):
    def forward(self, x):
        return super().forward(x[:, :-1])


class CutInTheMiddle(Network):
    def forward(self, x):
        h = self.begin(x)
        for t, x_t in enumerate(x.unbind(dim=1)):
            h = self.step(x_t, h.detach() if t == x.shape[1] // 2 else h)
        return h @ self.V.T


# Broken: what autograd gives is not the derivative


class HalfDetached(Network):
    def step(self, x_t, h):
        return (1 - self.rate) * h + self.rate * torch.tanh(self.sums(x_t, h.detach()))


class LastStepOnly(Network):
    """Trains the recurrent weights at the last step only."""

    def forward(self, x):
        h = self.begin(x)
        steps = x.unbind(dim=1)
        for t, x_t in enumerate(steps):
            W = self.W if t == len(steps) - 1 else self.W.detach()
            candidate = torch.tanh(x_t @ self.U.T + h @ W.T + self.b)
            h = (1 - self.rate) * h + self.rate * candidate
        return h @ self.V.T


class ClippedInside(Network):
    def step(self, x_t, h):
        h = super().step(x_t, h)
        if h.requires_grad:
            h.register_hook(lambda grad: grad.clamp(-0.2, 0.2))
        return h


class WrongByHand(ByHand):
    @staticmethod
    def backward(ctx, grad):
        return ctx.rate * grad, (1 - ctx.rate) * grad, None


class WronglyDerived(Derived):
    function = WrongByHand


class CellOnly(nn.Module):
    """An LSTM whose gates read a detached state: the gradient goes through the cells alone."""

    def __init__(self, seed):
        super().__init__()
        torch.manual_seed(seed)
        self.cell = nn.LSTMCell(FEATURES, HIDDEN)
        self.cell.bias_ih.data[HIDDEN : 2 * HIDDEN] += 3.0
        self.head = nn.Linear(HIDDEN, ANSWERS)
        self.double()

    def forward(self, x):
        h = c = x.new_zeros(len(x), HIDDEN)
        for x_t in x.unbind(dim=1):
            h, c = self.cell(x_t, (h.detach(), c))
        return self.head(h)


class InputsAmplified(Network):
    """Multiplies the gradient of its inputs, to make it look better."""

    def forward(self, x):
        return super().forward(2 * x - x.detach())


# Broken: a parameter learns nothing


def frozen(seed):
    """Return a network whose recurrent weights are frozen."""
    model = Network(seed)
    model.W.requires_grad_(False)
    return model


def frozen_head(seed):
    """Return an LSTM whose readout's bias is frozen."""
    model = Layer(seed, nn.LSTM, bias=3.0)
    model.head.bias.requires_grad_(False)
    return model


class WithoutGraph(Network):
    def sums(self, x_t, h):
        return x_t @ self.U.T + h @ self.W.data.T + self.b


class UsesACopy(Network):
    def __init__(self, seed, **options):
        super().__init__(seed, **options)
        self.used = self.W.detach().clone()

    def sums(self, x_t, h):
        return x_t @ self.U.T + h @ self.used.T + self.b


class Rounded(Network):
    """Reads its inputs through weights that are rounded to quarters."""

    def sums(self, x_t, h):
        return x_t @ (torch.round(4 * self.U) / 4).T + h @ self.W.T + self.b


class SecondLayerUnread(nn.Module):
    def __init__(self, seed):
        super().__init__()
        self.below, self.above = Network(seed), Network(seed + 1)

    def forward(self, x):
        return self.below(x) + 0.0 * self.above(x)


# Broken: a row depends on other things


class RandomStart(Network):
    def begin(self, x):
        return 0.1 * torch.randn(len(x), HIDDEN, dtype=x.dtype)


class Carried(Network):
    """Goes on where the last call ended."""

    h = None

    def begin(self, x):
        fits = self.h is not None and len(self.h) == len(x)
        return self.h if fits else super().begin(x)

    def step(self, x_t, h):
        h = super().step(x_t, h)
        self.h = h.detach()
        return h


class Sorted(Network):
    """Sorts its rows, as packing may need, and does not put them back."""

    def forward(self, x):
        return super().forward(x[x[:, :, 0].sum(dim=1).argsort()])


class Centered(Network):
    def step(self, x_t, h):
        return super().step(x_t - 0.5 * x_t.mean(dim=0), h)


class Normalized(Network):
    """Normalizes over the batch, in training."""

    def __init__(self, seed, **options):
        super().__init__(seed, **options)
        self.norm = nn.BatchNorm1d(FEATURES).double()

    def forward(self, x):
        return super().forward(self.norm(x.mT).mT)


class RowsForSteps(nn.Module):
    """A layer that takes rows for time, and a readout that averages over what it takes for rows."""

    def __init__(self, seed):
        super().__init__()
        self.model = Layer(seed, nn.GRU, bias=3.0, first=False)

    def forward(self, x):
        return self.model.head(self.model.layer(x)[0].mean(dim=1))


BROKEN = {
    "arrival": [
        lambda seed: Plain(seed, recurrent=0.2),
        lambda seed: Plain(seed, read=0.3, bias=4.0),
        lambda seed: Linear(seed, recurrent=2.5),
        lambda seed: Linear(seed, recurrent=1e12),
        lambda seed: Layer(seed, nn.LSTM, bias=-5.0, shrink=0.1),
        lambda seed: Network(seed, recurrent=0.01, rate=0.7),
        Forgetful,
        Window,
        OneShort,
        CutInTheMiddle,
    ],
    "truth": [
        HalfDetached,
        LastStepOnly,
        ClippedInside,
        WronglyDerived,
        CellOnly,
        InputsAmplified,
    ],
    "learning": [frozen, frozen_head, WithoutGraph, UsesACopy, Rounded, SecondLayerUnread],
    "rows": [
        RandomStart,
        Carried,
        Sorted,
        Centered,
        Normalized,
        RowsForSteps,
        lambda seed: evaluated(seed).train(),
    ],
}
TWINS = {
    "arrival": [SOUND[1], SOUND[3], SOUND[5], SOUND[8], Backward],
    "truth": [Network, Derived, Logging, SOUND[5]],
    "learning": [Start, SOUND[5], idle_units],
    "rows": [evaluated, SOUND[4], Network],
}
