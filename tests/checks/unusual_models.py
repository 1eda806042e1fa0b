"""Models built in less usual ways, each with a batch: correct ones, and faults of their own."""

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence

from tests.checks.correct_models import (
    CLASSES,
    FEATURES,
    TOKENS,
    _floats,
    classes,
    drawn,
    ragged,
    stream,
)


class Reader(nn.Module):
    """An embedding, a packed GRU and a linear layer on its last state."""

    def __init__(self, outputs=CLASSES):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16, padding_idx=0)
        self.recurrent = nn.GRU(16, 24, batch_first=True)
        self.output = nn.Linear(24, outputs)

    def states(self, x, lengths, *, enforce_sorted=False):
        return self.recurrent(
            pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=enforce_sorted)
        )

    def forward(self, tokens, lengths):
        return self.output(self.states(self.embedding(tokens), lengths)[1][-1])


class YesOrNo(Reader):
    """One logit for each sequence, without an axis of its own."""

    def __init__(self):
        super().__init__(1)

    def forward(self, tokens, lengths):
        return super().forward(tokens, lengths).squeeze(-1)


class Sorted(Reader):
    """Batches come sorted by length, as torch wanted them for a long time."""

    def forward(self, tokens, lengths):
        states = self.states(self.embedding(tokens), lengths, enforce_sorted=True)
        return self.output(states[1][-1])


class Convolution(Reader):
    """A convolution in front that halves the number of steps."""

    def __init__(self):
        super().__init__()
        self.front = nn.Conv1d(16, 16, 3, stride=2, padding=1)

    def forward(self, tokens, lengths):
        x = torch.relu(self.front(self.embedding(tokens).transpose(1, 2))).transpose(1, 2)
        return self.output(self.states(x, (lengths + 1) // 2)[1][-1])


class Attention(Reader):
    """A mean over states, weighted by a masked softmax."""

    def __init__(self):
        super().__init__()
        self.score = nn.Sequential(nn.Linear(24, 12), nn.Tanh(), nn.Linear(12, 1))

    def weights(self, states, real):
        return self.score(states)[..., 0].masked_fill(~real, -torch.inf).softmax(1)

    def forward(self, tokens, lengths):
        states, _ = self.recurrent(self.embedding(tokens))
        real = torch.arange(tokens.shape[1]) < lengths[:, None]
        return self.output((self.weights(states, real)[..., None] * states).sum(1))


class NormalizedCell(nn.Module):
    """A language model: layer normalization in a tanh recurrence, a loop, the state returned."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16)
        self.step = nn.Linear(40, 24, bias=False)
        self.norm = nn.LayerNorm(24)
        self.output = nn.Linear(24, TOKENS)

    def forward(self, tokens, state=None):
        h = torch.zeros(len(tokens), 24) if state is None else state
        states = []
        for x_t in self.embedding(tokens).unbind(1):
            h = torch.tanh(self.norm(self.step(torch.cat([x_t, h], 1))))
            states.append(h)
        return self.output(torch.stack(states, 1)), h


class Numbers(nn.Module):
    """Numbers for each series: one, or quantiles."""

    def __init__(self, outputs=1):
        super().__init__()
        self.recurrent = nn.LSTM(FEATURES, 24, batch_first=True)
        self.output = nn.Linear(24, outputs)

    def forward(self, x):
        return self.output(self.recurrent(x)[0][:, -1])


class UnmaskedSoftmax(Attention):
    """The mask comes after the softmax, so the weights do not add up to one."""

    def weights(self, states, real):
        return self.score(states)[..., 0].softmax(1) * real


class WeightsAsNumbers(Attention):
    """The weights of the attention leave the graph on their way."""

    def weights(self, states, real):
        return torch.tensor(super().weights(states, real).tolist(), dtype=states.dtype)


class BothSides(NormalizedCell):
    """A convolution of three letters in front of a language model."""

    def __init__(self):
        super().__init__()
        self.front = nn.Conv1d(16, 16, 3, padding=1)
        embed = self.embedding
        self.embedding = nn.Sequential(embed, _Transposed(self.front))


class _Transposed(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x.transpose(1, 2)).transpose(1, 2)


def pinball(answers, targets):
    levels = torch.tensor([0.1, 0.5, 0.9], dtype=answers.dtype)
    above = targets[:, None] - answers
    return torch.maximum(levels * above, (levels - 1) * above).mean()


def _sorted(seed):
    tokens, lengths = ragged(seed)
    order = lengths.argsort(descending=True)
    return Sorted(), ((tokens[order], lengths[order]), classes(seed)), {}


def _labels(seed):
    labels = torch.randint(2, (8, CLASSES), generator=drawn(seed)).float()
    return Reader(), (ragged(seed), labels), {"loss": nn.BCEWithLogitsLoss()}


def _reads(make, **options):
    return lambda seed: (make(), (ragged(seed), classes(seed)), options)


def _forecasts(outputs, loss):
    return lambda seed: (
        Numbers(outputs),
        (_floats(seed), _floats(seed).mean((1, 2))),
        {"loss": loss},
    )


def _yes_or_no(seed):
    batch = ragged(seed), classes(seed, count=2).float()
    return YesOrNo(), batch, {"loss": nn.BCEWithLogitsLoss()}


def _thousands(seed):
    targets = 1000 + 200 * torch.randn(8, 1, generator=drawn(seed))
    return Numbers(), (_floats(seed), targets), {"loss": functional.mse_loss}


MODELS = {
    "batches sorted by length": _sorted,
    "several labels at once": _labels,
    "yes or no, as floats": _yes_or_no,
    "convolution in front": _reads(Convolution),
    "masked attention": _reads(Attention, loss=nn.CrossEntropyLoss(label_smoothing=0.1)),
    "layer normalization in the cell": lambda seed: (NormalizedCell(), stream(seed), {}),
    "targets about 1000": _thousands,
    "quantiles": _forecasts(3, pinball),
}


BROKEN = {
    "mask after the softmax": ("padding", _reads(UnmaskedSoftmax)),
    "attention off the graph": ("slope", _reads(WeightsAsNumbers)),
    "convolution to both sides": ("causality", lambda seed: (BothSides(), stream(seed), {})),
    # the squared error of (8, 1) and (8,) has 64 terms
    "a column against a row": ("pairs", _forecasts(1, nn.MSELoss())),
}


def build(name: str, seed: int):
    """Return a model, a batch and the options of its adapter."""
    torch.manual_seed(seed)
    return MODELS[name](seed) if name in MODELS else BROKEN[name][1](seed)
