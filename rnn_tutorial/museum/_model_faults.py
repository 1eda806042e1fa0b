"""The second room: models whose recurrence or weights are not what they seem."""

import math
from functools import partial

import torch
from torch import nn

from rnn_tutorial.museum import toys
from rnn_tutorial.museum._exhibit import Exhibit, either
from rnn_tutorial.training import sequence_cross_entropy


class NoTanh(nn.Module):
    """A recurrence of linear maps; log_softmax squashes the output."""

    def __init__(self, features: int = 2, classes: int = 2):
        super().__init__()
        self.to_hidden = nn.Linear(features + toys.HIDDEN, toys.HIDDEN)
        self.to_output = nn.Linear(features + toys.HIDDEN, classes)

    def forward(self, x):
        hidden = x.new_zeros(len(x), toys.HIDDEN)
        for x_t in x.unbind(1):
            both = torch.cat([x_t, hidden], dim=1)
            hidden = self.activation(self.to_hidden(both))
        return self.to_output(both).log_softmax(-1)

    def activation(self, z):
        return z


class WithTanh(NoTanh):
    """The same with tanh in the recurrence."""

    def activation(self, z):
        return torch.tanh(z)


def _last_two_bits(seed, rows=64, steps=4):
    """Draw one-hot bits; the class says whether the second and the third last differ."""
    bits = torch.randint(2, (rows, steps), generator=torch.Generator().manual_seed(seed))
    return nn.functional.one_hot(bits, 2).float(), (bits[:, -2] + bits[:, -3]) % 2


def _bits_found(model, version, seed):
    return toys.learned_accuracy(model, _last_two_bits, seed, 600, rate=0.02)


NO_TANH = Exhibit(
    name="no_tanh",
    title="A recurrence without a nonlinearity",
    source="pytorch/tutorials #647, #3791, #3953",
    misconception="M-no-nonlinearity",
    check="interplay",
    unit="accuracy at telling whether two bits differ",
    code={"broken": NoTanh, "repaired": WithTanh},
    build=either(NoTanh, WithTanh, partial(_last_two_bits, rows=8)),
    measure=_bits_found,
)


class PlainList(nn.Module):
    """Keep the layers of a stack in a list."""

    def __init__(self, tokens: int = len(toys.ALPHABET), layers: int = 3):
        super().__init__()
        self.embedding = nn.Embedding(tokens, toys.HIDDEN)
        self.stack = self.keep(
            [nn.GRU(toys.HIDDEN, toys.HIDDEN, batch_first=True) for _ in range(layers)]
        )
        self.output = nn.Linear(toys.HIDDEN, tokens)

    def keep(self, layers):
        return layers

    def forward(self, tokens):
        states = self.embedding(tokens)
        for layer in self.stack:
            states, _ = layer(states)
        return self.output(states)


class ModuleList(PlainList):
    """Keep the layers of a stack in a ModuleList."""

    def keep(self, layers):
        return nn.ModuleList(layers)


def _weights_moved(model, version, seed):
    parts = [*model.stack, model.embedding, model.output]
    tensors = [parameter for part in parts for parameter in part.parameters()]
    before = [tensor.detach().clone() for tensor in tensors]
    base = 1000 * seed
    toys.train_steps(model, lambda step: toys.next_letters(base + step), sequence_cross_entropy, 20)
    moved = sum(int((a != b).sum()) for a, b in zip(before, tensors, strict=True))
    return moved / sum(tensor.numel() for tensor in tensors)


PLAIN_LIST = Exhibit(
    name="plain_list",
    title="Layers in a list",
    source="ikostrikov/pytorch-meta-optimizer #11, pytorch/pytorch #666",
    misconception="M-unregistered",
    check="weights",
    unit="share of weights that training moves",
    code={"broken": PlainList.keep, "repaired": ModuleList.keep},
    build=either(PlainList, ModuleList, toys.next_letters),
    measure=_weights_moved,
)


class SeesFuture(nn.Module):
    """A language model that reads in both directions."""

    def __init__(self, *, bidirectional: bool = True):
        super().__init__()
        tokens = len(toys.ALPHABET)
        self.embedding = nn.Embedding(tokens, 16)
        self.recurrent = nn.GRU(
            16,
            16,
            batch_first=True,
            bidirectional=bidirectional,
        )
        self.output = nn.Linear(32 if bidirectional else 16, tokens)

    def forward(self, tokens):
        states, _ = self.recurrent(self.embedding(tokens))
        return self.output(states)


class SeesPast(SeesFuture):
    """A language model that reads from left to right."""

    def __init__(self):
        super().__init__(bidirectional=False)


def _bits_a_letter(model, version, seed):
    base = 1000 * seed
    toys.train_steps(
        model, lambda step: toys.next_letters(base + step), sequence_cross_entropy, 120
    )
    with torch.no_grad():
        x, y = toys.next_letters(base + 999, rows=64, steps=60)
        return sequence_cross_entropy(model(x)[:, 2:-1], y[:, 2:-1]).item() / math.log(2)


SEES_FUTURE = Exhibit(
    name="sees_future",
    title="A language model that reads in both directions",
    source="sherjilozair/char-rnn-tensorflow #64",
    misconception="M-future",
    check="causality",
    unit="bits a letter; no honest model can come below 0.53",
    code={"broken": SeesFuture, "repaired": SeesPast},
    build=either(SeesFuture, SeesPast, toys.next_letters, kind="language_model"),
    measure=_bits_a_letter,
)


def untransposed(states, w_hh, error):
    """Walk back; return the error at each step."""
    deltas = []
    for h_t in reversed(states):
        delta = (1 - h_t**2) * error
        deltas.append(delta)
        error = w_hh @ delta
    return torch.stack(deltas[::-1])


def transposed(states, w_hh, error):
    """Walk back; return the error at each step."""
    deltas = []
    for h_t in reversed(states):
        delta = (1 - h_t**2) * error
        deltas.append(delta)
        error = w_hh.T @ delta
    return torch.stack(deltas[::-1])


class _Recurrence(torch.autograd.Function):
    """A tanh recurrence, differentiated by hand; the columns of a matrix are the sequences."""

    @staticmethod
    def forward(ctx, walk_back, x, w_xh, w_hh, bias):
        states = [x.new_zeros(len(w_hh), x.shape[-1])]
        for x_t in x:
            states.append(torch.tanh(w_xh @ x_t + w_hh @ states[-1] + bias))
        ctx.walk_back = walk_back
        ctx.save_for_backward(x, w_hh, torch.stack(states))
        return states[-1]

    @staticmethod
    def backward(ctx, error):
        x, w_hh, states = ctx.saved_tensors
        deltas = ctx.walk_back(states[1:], w_hh, error)
        weights = [(deltas @ read.mT).sum(0) for read in (x, states[:-1])]
        return None, None, *weights, deltas.sum((0, 2))[:, None]


class ByHand(nn.Module):
    """A classifier whose recurrence has a backward pass of its own."""

    walk_back = staticmethod(untransposed)

    def __init__(self, symbols: int = 4):
        super().__init__()
        self.w_xh = nn.Parameter(0.1 * torch.randn(toys.HIDDEN, symbols))
        self.w_hh = nn.Parameter(nn.init.orthogonal_(torch.empty(toys.HIDDEN, toys.HIDDEN)))
        self.bias = nn.Parameter(torch.zeros(toys.HIDDEN, 1))
        self.output = nn.Linear(toys.HIDDEN, symbols)

    def forward(self, tokens):
        one_hot = nn.functional.one_hot(tokens.T, self.w_xh.shape[1])
        x = one_hot.to(self.w_xh).mT  # (steps, symbols, batch)
        h = _Recurrence.apply(self.walk_back, x, self.w_xh, self.w_hh, self.bias)
        return self.output(h.T)


class ByHandTransposed(ByHand):
    """The same with the transpose."""

    walk_back = staticmethod(transposed)


def _far_symbol_found(model, version, seed):
    return toys.learned_accuracy(model, partial(toys.first_symbol, steps=25), seed, 300, rate=0.005)


MISSING_TRANSPOSE = Exhibit(
    name="missing_transpose",
    title="A backward pass without the transpose",
    source="An Introduction to Recurrent Neural Networks for Beginners (victorzhou.com), "
    "vzhou842/rnn-from-scratch",
    misconception="M-wrong-gradient",
    check="slope",
    unit="accuracy at naming the first of 25 symbols",
    code={"broken": untransposed, "repaired": transposed},
    build=either(ByHand, ByHandTransposed, partial(toys.first_symbol, rows=8)),
    measure=_far_symbol_found,
)

ROOM = (NO_TANH, PLAIN_LIST, SEES_FUTURE, MISSING_TRANSPOSE)
