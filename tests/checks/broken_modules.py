"""More broken networks than the museum shows: other variants of each misconception."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tests.checks import correct_models as correct
from tests.checks.correct_models import CLASSES, FEATURES, TOKENS


class Base(nn.Module):
    """An embedding, a GRU and a readout; each subclass goes wrong in `forward`."""

    def __init__(self, bidirectional=False, layers=1, cell=nn.GRU, batch_first=True, width=1):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16, padding_idx=0)
        self.recurrent = cell(16, 24, layers, batch_first=batch_first, bidirectional=bidirectional)
        self.output = nn.Linear(24 * (2 if bidirectional else 1) * width, CLASSES)

    def packed(self, tokens, lengths):
        x = self.embedding(tokens)
        return pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)


class MeanOverPadding(Base):
    def forward(self, tokens, lengths):
        return self.output(self.recurrent(self.embedding(tokens))[0].mean(1))


class MaxOverZeros(Base):
    def forward(self, tokens, lengths):
        states, _ = self.recurrent(self.packed(tokens, lengths))
        states, _ = pad_packed_sequence(states, batch_first=True, total_length=tokens.shape[1])
        return self.output(states.sum(1) / tokens.shape[1])


class BackwardFromPadding(Base):
    def __init__(self):
        super().__init__(bidirectional=True)

    def forward(self, tokens, lengths):
        _, h_n = self.recurrent(self.embedding(tokens))
        return self.output(torch.cat([h_n[-2], h_n[-1]], -1))


class Attention(Base):
    def forward(self, tokens, lengths):
        states, _ = self.recurrent(self.embedding(tokens))
        return self.output((states.mean(-1, keepdim=True).softmax(1) * states).sum(1))


class LengthIsIndex(Base):
    def forward(self, tokens, lengths):
        states, _ = self.recurrent(self.embedding(tokens))
        where = lengths.clamp(max=tokens.shape[1] - 1)
        return self.output(states[torch.arange(len(tokens)), where])


class Understated(Base):
    def forward(self, tokens, lengths):
        _, h_n = self.recurrent(self.packed(tokens, lengths - 1))
        return self.output(h_n[-1])


class StateByView(Base):
    def __init__(self):
        super().__init__(layers=2, width=2)

    def forward(self, tokens, lengths):
        _, h_n = self.recurrent(self.packed(tokens, lengths))
        return self.output(h_n.reshape(len(tokens), -1))


class SortsAndForgets(Base):
    def forward(self, tokens, lengths):
        order = lengths.argsort(descending=True)
        packed = pack_padded_sequence(
            self.embedding(tokens[order]), lengths[order], batch_first=True
        )
        return self.output(self.recurrent(packed)[1][-1])


class BatchStatistics(Base):
    def forward(self, tokens, lengths):
        h = self.recurrent(self.packed(tokens, lengths))[1][-1]
        return self.output((h - h.mean(0)) / (h.std(0, unbiased=False) + 1e-5))


class SoftmaxOverBatch(Base):
    def forward(self, tokens, lengths):
        return self.output(self.recurrent(self.packed(tokens, lengths))[1][-1]).log_softmax(0)


class Squeezed(Base):
    def forward(self, tokens, lengths):
        return self.output(self.recurrent(self.packed(tokens, lengths))[1].squeeze())


class FixedBatch(Base):
    def forward(self, tokens, lengths):
        h_0 = torch.zeros(1, 8, 24)
        return self.output(self.recurrent(self.embedding(tokens), h_0)[1][-1])


class DropoutForever(Base):
    def forward(self, tokens, lengths):
        h = self.recurrent(self.packed(tokens, lengths))[1][-1]
        return self.output(nn.functional.dropout(h, 0.3))


class StoredState(Base):
    state = None

    def forward(self, tokens, lengths=None):
        if self.state is not None and self.state.shape[1] != len(tokens):
            self.state = None
        _, h_n = self.recurrent(self.embedding(tokens), self.state)
        self.state = h_n.detach()
        return self.output(h_n[-1])


class DetachedSteps(nn.Module):
    def __init__(self, data=False):
        super().__init__()
        self.cell = nn.GRUCell(FEATURES, 24)
        self.output = nn.Linear(24, CLASSES)
        self.data = data

    def forward(self, x):
        h = x.new_zeros(len(x), 24)
        for x_t in x.unbind(1):
            h = self.cell(x_t, h.data if self.data else h.detach())
        return self.output(h)


class ForgottenState(DetachedSteps):
    def forward(self, x):
        for x_t in x.unbind(1):
            h = self.cell(x_t)
        return self.output(h)


class NewCells(nn.Module):
    """Linear maps for input and state, ReLU on the answer alone."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(FEATURES, 24), nn.Linear(24, 24, bias=False)
        self.output = nn.Linear(24, CLASSES)

    def forward(self, x):
        h = x.new_zeros(len(x), 24)
        for x_t in x.unbind(1):
            h = self.a(x_t) + 0.5 * self.b(h)
        return self.output(h)


class WrongTanh(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z):
        y = torch.tanh(z)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad):
        (y,) = ctx.saved_tensors
        return grad * (1 - y)


class WrongBackward(NewCells):
    def forward(self, x):
        h = x.new_zeros(len(x), 24)
        for x_t in x.unbind(1):
            h = WrongTanh.apply(self.a(x_t) + self.b(h))
        return self.output(h)


class FirstColumn(Base):
    def forward(self, tokens):
        return self.output(self.recurrent(self.embedding(tokens))[0][:, 0])


class UnusedDropout(Base):
    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.5)

    def forward(self, tokens, lengths):
        return self.output(self.recurrent(self.packed(tokens, lengths))[1][-1])


class Sigmoid(Base):
    def __init__(self):
        super().__init__()
        self.output = nn.Linear(24, 1)

    def forward(self, tokens, lengths):
        return self.output(self.recurrent(self.packed(tokens, lengths))[1][-1]).sigmoid()[:, 0]


class Loud(Base):
    def forward(self, tokens, lengths):
        return 60 * self.output(self.recurrent(self.packed(tokens, lengths))[1][-1])


class Frozen(Base):
    def forward(self, tokens, lengths):
        with torch.no_grad():
            h = self.recurrent(self.packed(tokens, lengths))[1][-1]
        return self.output(h)


class HalfState(correct.LanguageModel):
    """Carry h and start c from zeros."""

    def forward(self, tokens, state=None):
        if state is not None:
            state = (state[0], torch.zeros_like(state[1]))
        return super().forward(tokens, state)


class NoState(correct.LanguageModel):
    def forward(self, tokens, state=None):
        return super().forward(tokens, None)


class TimeNormalized(correct.LanguageModel):
    def forward(self, tokens, state=None):
        answers, state = super().forward(tokens, state)
        return answers.log_softmax(1), state


class ReversedReader(correct.LanguageModel):
    def forward(self, tokens):
        return super().forward(tokens.flip(1))[0].flip(1)


class MixedLanguageModel(correct.LanguageModel):
    """Time-first layer, batch-first data."""

    def __init__(self):
        super().__init__(batch_first=False)


class ReshapedTagger(correct.Tagger):
    def forward(self, tokens, lengths):
        states, _ = self.recurrent(self.embedding(tokens).reshape(tokens.shape[1], len(tokens), -1))
        return self.output(states.reshape(len(tokens), tokens.shape[1], -1))


class UnpackedTagger(correct.Tagger):
    def forward(self, tokens, lengths):
        return self.output(self.recurrent(self.embedding(tokens))[0])
