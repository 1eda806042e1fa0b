"""Sound models of strangers' kinds, none of which may be accused: forms that are in public code.

Each entry returns a model, a batch and options of `diagnose`, as its author might write them.
"""

from dataclasses import dataclass
from types import SimpleNamespace

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812
from torch.nn.utils.rnn import (
    PackedSequence,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
)
from torch.utils.data import DataLoader, TensorDataset

from tests.checks.correct_models import (
    CLASSES,
    FEATURES,
    TOKENS,
    LanguageModel,
    _floats,
    classes,
    drawn,
    ragged,
    stream,
)
from tests.checks.unusual_models import Attention, Reader


def steps_of(lengths, width):
    return torch.arange(width) < lengths[:, None]


# Language models and taggers


class FlatLanguageModel(LanguageModel):
    """(batch * time, tokens), as in the tutorials that flatten before the decoder."""

    def forward(self, tokens, state=None):
        answers, state = super().forward(tokens, state)
        return answers.reshape(-1, TOKENS), state


class FlatNormalized(LanguageModel):
    """Time first, flat, and log-probabilities."""

    def __init__(self):
        super().__init__(batch_first=False)

    def forward(self, tokens):
        return super().forward(tokens)[0].view(-1, TOKENS).log_softmax(-1)


class FlatTagger(nn.Module):
    def __init__(self, narrow=False):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16, padding_idx=0)
        self.recurrent = nn.LSTM(16, 12, batch_first=True, bidirectional=True)
        self.output = nn.Linear(24, CLASSES)
        self.narrow = narrow

    def states(self, tokens, lengths):
        packed = pack_padded_sequence(
            self.embedding(tokens), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        return pad_packed_sequence(self.recurrent(packed)[0], batch_first=True)[0]

    def forward(self, tokens, lengths):
        answers = self.output(self.states(tokens, lengths))
        return answers if self.narrow else answers.view(-1, CLASSES)


class RaggedTagger(FlatTagger):
    """The real steps of all sentences, one after the other."""

    def forward(self, tokens, lengths):
        states = self.states(tokens, lengths)
        return self.output(states[steps_of(lengths, states.shape[1])])


class PackedTagger(FlatTagger):
    """Packed sequences in, packed sequences out."""

    def forward(self, packed):
        x = PackedSequence(self.embedding(packed.data), *packed[1:])
        states, _ = self.recurrent(x)
        return PackedSequence(self.output(states.data), *states[1:])


class ListTagger(FlatTagger):
    """A list of sentences of any length in, a list out."""

    def forward(self, sentences):
        x = pack_sequence([self.embedding(s) for s in sentences], enforce_sorted=False)
        states, lengths = pad_packed_sequence(self.recurrent(x)[0], batch_first=True)
        return [self.output(row[:n]) for row, n in zip(states, lengths, strict=True)]


class Crf(nn.Module):
    """Emissions, and transitions that only the loss uses."""

    def __init__(self):
        super().__init__()
        self.tagger = FlatTagger(narrow=True)
        self.transitions = nn.Parameter(0.1 * torch.randn(CLASSES, CLASSES))

    def forward(self, tokens, lengths):
        return self.tagger(tokens, lengths)

    def loss(self, emissions, tags, lengths):
        emissions, tags = emissions[:, : int(lengths.max())], tags[:, : int(lengths.max())]
        real = steps_of(lengths, tags.shape[1])
        tags = tags.clamp(min=0)
        picked = emissions.gather(-1, tags[..., None])[..., 0]
        moves = self.transitions[tags[:, :-1], tags[:, 1:]]
        score = (picked * real).sum(1) + (moves * real[:, 1:]).sum(1)
        total = emissions[:, 0]
        for t in range(1, tags.shape[1]):
            new = (total[:, :, None] + self.transitions).logsumexp(1) + emissions[:, t]
            total = torch.where(real[:, t, None], new, total)
        return (total.logsumexp(-1) - score).mean()


class ChannelTagger(FlatTagger):
    """(batch, classes, time), as cross_entropy takes it."""

    def forward(self, tokens):
        return self.output(self.recurrent(self.embedding(tokens))[0]).transpose(1, 2)


class WithTargets(LanguageModel):
    """Returns the logits and, if it is given targets, the loss."""

    def forward(self, tokens, targets=None):
        logits, _ = super().forward(tokens)
        loss = None if targets is None else F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return logits, loss


class NeedsState(LanguageModel):
    """The state has to be given, as the models with `init_hidden` want it."""

    def forward(self, tokens, hidden):
        h, c = hidden
        return super().forward(tokens, (h, c))

    def init_hidden(self, rows):
        return torch.zeros(1, rows, 32), torch.zeros(1, rows, 32)


class Carries(LanguageModel):
    """Keeps its state over batches until it is told to forget it."""

    state = None

    def forward(self, tokens):
        answers, state = super().forward(tokens, self.state)
        self.state = tuple(part.detach() for part in state)
        return answers


class Locked(nn.Module):
    """One mask of dropout for all steps."""

    def __init__(self, p=0.3):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        mask = x.new_empty(len(x), 1, x.shape[-1]).bernoulli_(1 - self.p) / (1 - self.p)
        return x * mask


class Dropped(nn.Module):
    """Dropout of the recurrent weights, of whole words, and variational in between."""

    def __init__(self, rate=0.3):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 24)
        self.locked = Locked()
        self.input, self.hidden = nn.Linear(24, 96), nn.Linear(24, 96)
        self.rate = rate
        self.output = nn.Linear(24, TOKENS)
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        self.output.weight = self.embedding.weight

    def forward(self, tokens, state=None):
        x = self.locked(self.embedding(tokens))
        h, c = state or (x.new_zeros(len(x), 24), x.new_zeros(len(x), 24))
        weight = F.dropout(self.hidden.weight, self.rate, self.training)
        states = []
        for x_t in x.unbind(1):
            i, f, g, o = (self.input(x_t) + F.linear(h, weight, self.hidden.bias)).chunk(4, -1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            states.append(h)
        return self.output(torch.stack(states, 1)), (h, c)


class Zoneout(nn.Module):
    """Units that keep their value: at random in training, in the mean in evaluation."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16)
        self.cell = nn.GRUCell(16, 24)
        self.output = nn.Linear(24, TOKENS)

    def forward(self, tokens):
        h = self.embedding.weight.new_zeros(len(tokens), 24)
        states = []
        for x_t in self.embedding(tokens).unbind(1):
            new = self.cell(x_t, h)
            if self.training:
                h = torch.where(torch.rand_like(h) < 0.2, h, new)
            else:
                h = 0.2 * h + 0.8 * new
            states.append(h)
        return self.output(torch.stack(states, 1))


# Classifiers


class Learned(nn.Module):
    """A learned first state, two layers of cells, tuples of tuples as state."""

    def __init__(self):
        super().__init__()
        self.first = nn.Parameter(0.1 * torch.randn(2, 2, 24))
        self.cells = nn.ModuleList([nn.LSTMCell(FEATURES, 24), nn.LSTMCell(24, 24)])
        self.output = nn.Linear(24, CLASSES)

    def forward(self, x, state=None):
        rows = len(x)
        if state is None:
            state = tuple(tuple(part.expand(rows, -1) for part in layer) for layer in self.first)
        for x_t in x.unbind(1):
            new = []
            for cell, layer in zip(self.cells, state, strict=True):
                layer = cell(x_t, layer)
                x_t = layer[0]
                new.append(layer)
            state = tuple(new)
        return self.output(x_t), state


class Pooled(Reader):
    """Both directions, masked mean and masked maximum."""

    def __init__(self):
        super().__init__()
        self.recurrent = nn.GRU(16, 12, batch_first=True, bidirectional=True)
        self.output = nn.Linear(48, CLASSES)

    def forward(self, tokens, lengths):
        states, _ = self.states(self.embedding(tokens), lengths)
        states, _ = pad_packed_sequence(states, batch_first=True, total_length=tokens.shape[1])
        real = steps_of(lengths, tokens.shape[1])[..., None]
        mean = (states * real).sum(1) / lengths[:, None]
        top = states.masked_fill(~real, -torch.inf).amax(1)
        return self.output(torch.cat([mean, top], -1))


class Masked(nn.Module):
    """Named inputs with an attention mask; an object with logits comes out."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16, padding_idx=0)
        self.recurrent = nn.LSTM(16, 24, batch_first=True)
        self.output = nn.Linear(24, CLASSES)

    def forward(self, input_ids=None, attention_mask=None, labels=None):
        states, _ = self.recurrent(self.embedding(input_ids))
        last = states[torch.arange(len(states)), attention_mask.sum(1) - 1]
        logits = self.output(last)
        loss = None if labels is None else F.cross_entropy(logits, labels)
        return SimpleNamespace(loss=loss, logits=logits, hidden_states=states)


@dataclass
class Scores:
    loss: torch.Tensor | None
    scores: torch.Tensor
    weights: torch.Tensor


class KeyMask(nn.Module):
    """A mask of padding, attention over the states, and a data class that comes out."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16, padding_idx=0)
        self.recurrent = nn.GRU(16, 24, batch_first=True)
        self.query = nn.Parameter(0.3 * torch.randn(1, 1, 24))
        self.attention = nn.MultiheadAttention(24, 2, batch_first=True)
        self.output = nn.Linear(24, CLASSES)

    def forward(self, tokens, padding):
        states, _ = self.recurrent(self.embedding(tokens))
        query = self.query.expand(len(tokens), -1, -1)
        read, weights = self.attention(query, states, states, key_padding_mask=padding)
        return Scores(None, self.output(read[:, 0]), weights)


class LeftPadded(nn.Module):
    """Padding in front, as Keras has it: the last state is that of the last word."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16, padding_idx=0)
        self.cell = nn.GRUCell(16, 24)
        self.output = nn.Linear(24, CLASSES)

    def forward(self, tokens, lengths=None):
        h = self.output.weight.new_zeros(len(tokens), 24)
        for tokens_t in tokens.unbind(1):
            new = self.cell(self.embedding(tokens_t), h)
            h = torch.where((tokens_t != 0)[:, None], new, h)
        return self.output(h)


class CharWords(nn.Module):
    """Characters of each word through a convolution, then the words: inputs (batch, time, 6)."""

    def __init__(self):
        super().__init__()
        self.characters = nn.Embedding(TOKENS, 8, padding_idx=0)
        self.convolution = nn.Conv1d(8, 16, 3, padding=1)
        self.recurrent = nn.LSTM(16, 24, batch_first=True)
        self.output = nn.Linear(24, CLASSES)

    def forward(self, x):
        rows, steps, width = x.shape
        letters = self.characters(x.reshape(-1, width)).transpose(1, 2)
        words = torch.tanh(self.convolution(letters)).amax(-1).view(rows, steps, -1)
        return self.output(self.recurrent(words)[0])


class Heads(nn.Module):
    """Several tasks at once, in a dictionary or as a tuple."""

    def __init__(self, as_tuple=False):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16)
        self.recurrent = nn.GRU(16, 24, batch_first=True)
        self.topic = nn.Sequential(nn.Dropout(0.2), nn.Linear(24, CLASSES))
        self.mood = nn.Sequential(nn.Dropout(0.2), nn.Linear(24, 2))
        self.as_tuple = as_tuple

    def forward(self, tokens):
        h = self.recurrent(self.embedding(tokens))[1][-1]
        both = {"topic": self.topic(h), "mood": self.mood(h)}
        return tuple(both.values()) if self.as_tuple else both


class Clipped(Reader):
    """The embedding keeps its vectors short by itself."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16, padding_idx=0, max_norm=1.0)


class FrozenWords(Reader):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(torch.randn(TOKENS, 16), freeze=True)


class Taken(nn.Module):
    """The entry of a tuple, for nn.Sequential."""

    def __init__(self, *path):
        super().__init__()
        self.path = path

    def forward(self, x):
        for place in self.path:
            x = x[place]
        return x


class IndRNN(nn.Module):
    """Each unit sees its own past only; ReLU."""

    def __init__(self):
        super().__init__()
        self.input = nn.Linear(FEATURES, 32)
        self.own = nn.Parameter(torch.rand(32))
        self.output = nn.Linear(32, CLASSES)

    def forward(self, x):
        h = x.new_zeros(len(x), 32)
        for x_t in x.unbind(1):
            h = torch.relu(self.input(x_t) + self.own * h)
        return self.output(h)


class QuasiRNN(nn.Module):
    """Gates from a masked convolution; the state is only mixed."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16)
        self.gates = nn.Conv1d(16, 72, 2)
        self.output = nn.Linear(24, TOKENS)

    def forward(self, tokens):
        x = F.pad(self.embedding(tokens).transpose(1, 2), (1, 0))
        z, f, o = self.gates(x).chunk(3, 1)
        z, f, o = z.tanh(), f.sigmoid(), o.sigmoid()
        c, states = torch.zeros_like(z[..., 0]), []
        for t in range(z.shape[-1]):
            c = f[..., t] * c + (1 - f[..., t]) * z[..., t]
            states.append(o[..., t] * c)
        return self.output(torch.stack(states, 1))


class ConvLSTM(nn.Module):
    """Frames (batch, time, 1, 6, 6), a convolution in place of the matrix products."""

    def __init__(self):
        super().__init__()
        self.gates = nn.Conv2d(1 + 4, 16, 3, padding=1)
        self.output = nn.Linear(4, CLASSES)

    def forward(self, x):
        rows, _, _, height, width = x.shape
        h = c = x.new_zeros(rows, 4, height, width)
        for x_t in x.unbind(1):
            i, f, g, o = self.gates(torch.cat([x_t, h], 1)).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        return self.output(h.mean((2, 3)))


class NormLSTM(nn.Module):
    """Layer normalization inside an LSTM cell."""

    def __init__(self):
        super().__init__()
        self.gates = nn.Linear(FEATURES + 24, 96)
        self.norm, self.cell_norm = nn.LayerNorm(96), nn.LayerNorm(24)
        self.output = nn.Linear(24, CLASSES)

    def forward(self, x):
        h = c = x.new_zeros(len(x), 24)
        for x_t in x.unbind(1):
            i, f, g, o = self.norm(self.gates(torch.cat([x_t, h], 1))).chunk(4, 1)
            c = torch.sigmoid(f + 1) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(self.cell_norm(c))
        return self.output(h)


class Hierarchy(nn.Module):
    """A document of sentences of words: (batch, sentences, words)."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16, padding_idx=0)
        self.words = nn.GRU(16, 16, batch_first=True)
        self.sentences = nn.GRU(16, 24, batch_first=True)
        self.output = nn.Linear(24, CLASSES)

    def forward(self, documents):
        rows, steps, width = documents.shape
        h = self.words(self.embedding(documents.reshape(-1, width)))[1][-1]
        return self.output(self.sentences(h.view(rows, steps, -1))[1][-1])


class Adversary(Reader):
    """Weight normalization and a scale that starts at zero."""

    def __init__(self):
        super().__init__()
        self.recurrent = nn.GRU(16, 24, batch_first=True)
        nn.utils.parametrizations.weight_norm(self.recurrent, "weight_hh_l0")
        self.inner = nn.Linear(24, 24)
        self.scale = nn.Parameter(torch.zeros(1))

    def forward(self, tokens, lengths):
        h = self.states(self.embedding(tokens), lengths)[1][-1]
        return self.output(h + self.scale * torch.tanh(self.inner(h)))


# Two inputs


class Siamese(Reader):
    """Two sentences with their lengths through one network."""

    def __init__(self):
        super().__init__()
        self.output = nn.Sequential(nn.Linear(96, 24), nn.Tanh(), nn.Linear(24, 2))

    def forward(self, one, its, other, theirs):
        a = self.states(self.embedding(one), its)[1][-1]
        b = self.states(self.embedding(other), theirs)[1][-1]
        return self.output(torch.cat([a, b, (a - b).abs(), a * b], -1))


class Similarity(Reader):
    """exp(-|a - b|), a number between 0 and 1."""

    def __init__(self):
        super().__init__()
        self.output = nn.Identity()

    def forward(self, one, its, other, theirs):
        a = self.states(self.embedding(one), its)[1][-1]
        b = self.states(self.embedding(other), theirs)[1][-1]
        return torch.exp(-(a - b).abs().sum(-1))


class Profile(Reader):
    """A sequence and a vector for each row."""

    def __init__(self):
        super().__init__()
        self.start = nn.Linear(4, 24)

    def forward(self, tokens, profile):
        h_0 = torch.tanh(self.start(profile))[None]
        return self.output(self.recurrent(self.embedding(tokens), h_0)[1][-1])


class Missing(nn.Module):
    """GRU-D: values, masks of what was observed, and the time since."""

    def __init__(self):
        super().__init__()
        self.decay, self.fade = nn.Linear(FEATURES, 24), nn.Linear(FEATURES, FEATURES)
        self.cell = nn.GRUCell(2 * FEATURES, 24)
        self.output = nn.Linear(24, 2)

    def forward(self, x, mask, delta):
        h, last = x.new_zeros(len(x), 24), x.new_zeros(len(x), FEATURES)
        for x_t, m_t, d_t in zip(x.unbind(1), mask.unbind(1), delta.unbind(1), strict=True):
            last = torch.where(m_t > 0, x_t, last)
            seen = m_t * x_t + (1 - m_t) * torch.exp(-F.relu(self.fade(d_t))) * last
            h = self.cell(torch.cat([seen, m_t], -1), h * torch.exp(-F.relu(self.decay(d_t))))
        return self.output(h)


class Timed(nn.Module):
    """Events and the time since the last one, with lengths."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16, padding_idx=0)
        self.recurrent = nn.GRU(17, 24, batch_first=True)
        self.output = nn.Linear(24, CLASSES)

    def forward(self, events, lengths, since):
        x = torch.cat([self.embedding(events), since[..., None]], -1)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return self.output(self.recurrent(packed)[1][-1])


class Translator(nn.Module):
    """An encoder, attention, and a decoder that is fed the right last word."""

    def __init__(self):
        super().__init__()
        self.source, self.target = nn.Embedding(TOKENS, 16), nn.Embedding(TOKENS, 16)
        self.encoder = nn.GRU(16, 24, batch_first=True)
        self.decoder = nn.GRU(16, 24, batch_first=True)
        self.output = nn.Linear(48, TOKENS)

    def forward(self, source, target):
        read, h = self.encoder(self.source(source))
        states, _ = self.decoder(self.target(target), h)
        weights = (states @ read.transpose(1, 2)).masked_fill((source == 0)[:, None], -1e9)
        return self.output(torch.cat([states, weights.softmax(-1) @ read], -1))


class Writer(Translator):
    """Greedy: it writes six words by itself."""

    def forward(self, source):
        read, h = self.encoder(self.source(source))
        word, answers = torch.ones(len(source), 1, dtype=torch.long), []
        for _ in range(6):
            states, h = self.decoder(self.target(word), h)
            weights = (states @ read.transpose(1, 2)).softmax(-1)
            answers.append(self.output(torch.cat([states, weights @ read], -1)))
            word = answers[-1].argmax(-1)
        return torch.cat(answers, 1)


class ShiftsItself(Translator):
    """Gets its targets and moves them by a step, a zero in front."""

    def forward(self, source, target):
        start = torch.zeros_like(target[:, :1])
        return super().forward(source, torch.cat([start, target[:, :-1]], 1))


class Recognizer(nn.Module):
    """A convolution with a stride in front, CTC behind: answers (time / 2, batch, symbols)."""

    def __init__(self):
        super().__init__()
        self.front = nn.Conv1d(FEATURES, 16, 3, stride=2)
        self.recurrent = nn.GRU(16, 24, batch_first=True, bidirectional=True)
        self.output = nn.Linear(48, CLASSES)

    def forward(self, x):
        x = torch.relu(self.front(x.transpose(1, 2))).transpose(1, 2)
        return self.output(self.recurrent(x)[0]).log_softmax(-1).transpose(0, 1)


def ctc(answers, targets):
    symbols, lengths = targets
    widths = torch.full((len(symbols),), len(answers))
    return F.ctc_loss(answers, symbols, widths, lengths)


# Numbers


class Gaussian(nn.Module):
    """Mean and logarithm of the variance, as a pair or beside each other."""

    def __init__(self, pair):
        super().__init__()
        self.recurrent = nn.LSTM(FEATURES, 24, batch_first=True)
        self.output = nn.Linear(24, 2)
        self.pair = pair

    def forward(self, x):
        both = self.output(self.recurrent(x)[0][:, -1])
        return (both[:, 0], both[:, 1]) if self.pair else both


class Mixture(nn.Module):
    """A mixture density of three Gaussians for each step."""

    def __init__(self):
        super().__init__()
        self.recurrent = nn.LSTM(1, 24, batch_first=True)
        self.shares, self.means, self.scales = (nn.Linear(24, 3) for _ in range(3))

    def forward(self, x, state=None):
        h, state = self.recurrent(x, state)
        return self.shares(h).log_softmax(-1), self.means(h), self.scales(h).exp(), state


def mixture_loss(output, y):
    shares, means, scales = output[:3]
    return -(shares + torch.distributions.Normal(means, scales).log_prob(y)).logsumexp(-1).mean()


class Coral(Reader):
    """Ordinal: one weight vector, and a threshold for each of the CLASSES - 1 steps."""

    def __init__(self):
        super().__init__(1)
        self.thresholds = nn.Parameter(torch.linspace(1, -1, CLASSES - 1))

    def forward(self, tokens, lengths):
        return super().forward(tokens, lengths) + self.thresholds


def coral_loss(answers, targets):
    levels = (targets[:, None] > torch.arange(CLASSES - 1)).to(answers.dtype)
    return F.binary_cross_entropy_with_logits(answers, levels)


class Autoencoder(nn.Module):
    """Reads the series into a vector, and writes it out again."""

    def __init__(self, tokens=False):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, FEATURES) if tokens else nn.Identity()
        self.encoder = nn.LSTM(FEATURES, 32, batch_first=True)
        self.decoder = nn.LSTM(32, 32, batch_first=True)
        self.output = nn.Linear(32, TOKENS if tokens else FEATURES)

    def forward(self, x):
        code = self.encoder(self.embedding(x))[1][0][-1]
        return self.output(self.decoder(code[:, None].expand(-1, x.shape[1], -1))[0])


class Counts(nn.Module):
    """The logarithm of a rate, for Poisson's likelihood; two layers, time first."""

    def __init__(self):
        super().__init__()
        self.recurrent = nn.GRU(FEATURES, 24, 2, dropout=0.1)
        self.output = nn.Linear(24, 1)

    def forward(self, x):
        return self.output(self.recurrent(x)[0][-1]).squeeze(-1)


class Differences(nn.Module):
    """Forecasts the change and adds the last value."""

    def __init__(self):
        super().__init__()
        self.recurrent = nn.GRU(1, 24, batch_first=True)
        self.output = nn.Linear(24, 1)

    def forward(self, x):
        return x + self.output(self.recurrent(x)[0])


class Tree(Reader):
    """A hierarchical softmax: the states come out, the loss has weights of its own."""

    def __init__(self):
        super().__init__()
        self.softmax = nn.AdaptiveLogSoftmaxWithLoss(24, TOKENS, [6, 12])
        self.output = nn.Identity()

    def forward(self, tokens):
        return self.recurrent(self.embedding(tokens))[0]

    def loss(self, states, targets):
        return self.softmax(states.flatten(0, 1), targets.flatten()).loss


# Found by trying: forms on which an earlier version of the checks raised an alarm


class Pointer(Reader):
    """A score for each place of the sequence, minus infinity for padding: outputs grow with it."""

    def __init__(self):
        super().__init__()
        self.output = nn.Identity()

    def forward(self, tokens, lengths):
        states, _ = self.recurrent(self.embedding(tokens))
        real = steps_of(lengths, tokens.shape[1])
        return (states @ states.transpose(1, 2)).masked_fill(~real[:, None], -torch.inf)


class Variational(Autoencoder):
    """Draws its code in training; returns the series, and what the code is drawn from."""

    def __init__(self):
        super().__init__()
        self.mean, self.spread = nn.Linear(32, 32), nn.Linear(32, 32)

    def forward(self, x):
        h = self.encoder(x)[1][0][-1]
        mean, spread = self.mean(h), self.spread(h)
        code = mean + torch.randn_like(mean) * (spread / 2).exp() if self.training else mean
        return self.output(self.decoder(code[:, None].expand(-1, x.shape[1], -1))[0]), mean, spread


def evidence_bound(output, x):
    mean, spread = output[1:]
    return F.mse_loss(output[0], x) - 1e-3 * (1 + spread - mean**2 - spread.exp()).mean()


class Deep(Reader):
    """Four layers with strong dropout, which learn slowly."""

    def __init__(self):
        super().__init__()
        self.recurrent = nn.LSTM(16, 24, 4, batch_first=True, dropout=0.5)

    def forward(self, tokens):
        return self.output(self.recurrent(self.embedding(tokens))[0][:, -1])


class ThreeParts(LanguageModel):
    """Returns h and c one by one, and takes them so."""

    def forward(self, tokens, h=None, c=None):
        answers, (h, c) = super().forward(tokens, None if h is None else (h, c))
        return answers, h, c


class WeightsBeside(Attention):
    """Returns the weights of its attention, and takes a bias of the same form."""

    def forward(self, tokens, bias=None):
        states, _ = self.recurrent(self.embedding(tokens))
        scores = self.score(states)[..., 0]
        weights = (scores if bias is None else scores + bias).softmax(1)
        return self.output((weights[..., None] * states).sum(1)), weights


class ProbableInUse(Reader):
    """Logits in training, probabilities in evaluation mode."""

    def forward(self, tokens, lengths):
        logits = super().forward(tokens, lengths)
        return logits if self.training else logits.softmax(-1)


class StepByStep(Zoneout):
    """A list with a tensor for each step."""

    def forward(self, tokens):
        return list(super().forward(tokens).unbind(1))


def summed_over_steps(answers, targets):
    pairs = enumerate(answers)
    return sum(F.cross_entropy(step, targets[:, t]) for t, step in pairs) / len(answers)


class Values(Learned):
    """Values of actions, with a state."""

    def __init__(self):
        super().__init__()
        self.recurrent = nn.LSTM(FEATURES, 24, batch_first=True)
        del self.first, self.cells

    def forward(self, x, state=None):
        states, state = self.recurrent(x, state)
        return self.output(states), state


def temporal_difference(values, targets):
    actions, returns = targets
    return F.smooth_l1_loss(values.gather(-1, actions[..., None])[..., 0], returns)


class Reservoir(nn.Module):
    """An echo state network: only the readout has weights."""

    def __init__(self):
        super().__init__()
        matrix = torch.randn(60, 60)
        self.register_buffer("inner", 0.9 * matrix / torch.linalg.eigvals(matrix).abs().max())
        self.register_buffer("input", 0.5 * torch.randn(FEATURES, 60))
        self.output = nn.Linear(60, 1)

    def forward(self, x):
        h = x.new_zeros(len(x), 60)
        for x_t in x.unbind(1):
            h = 0.7 * h + 0.3 * torch.tanh(x_t @ self.input + h @ self.inner)
        return self.output(h)


class FirstState(Reader):
    """The first state comes with the batch, (layers, batch, hidden)."""

    def forward(self, tokens, h_0):
        return self.output(self.recurrent(self.embedding(tokens), h_0)[1][-1])


class StridedFront(Reader):
    """A convolution in front that leaves a step over at some widths."""

    def __init__(self):
        super().__init__()
        self.front = nn.Conv1d(16, 16, 3, stride=2)

    def forward(self, tokens):
        x = torch.relu(self.front(self.embedding(tokens).transpose(1, 2))).transpose(1, 2)
        return self.output(self.recurrent(x)[1][-1])


# The batches


def _tags(seed, missing=-100):
    tokens, lengths = ragged(seed)
    tags = torch.randint(1, CLASSES, tokens.shape, generator=drawn(seed + 1))
    return tokens, lengths, tags.masked_fill(tokens == 0, missing)


def flat_loss(answers, tags):
    return F.cross_entropy(answers.reshape(-1, CLASSES), tags.reshape(-1))


def narrow_loss(answers, tags):
    return F.cross_entropy(answers.transpose(1, 2), tags[:, : answers.shape[1]])


def _flat_language_model(seed):
    x, y = stream(seed)
    return FlatLanguageModel(), (x, y.reshape(-1)), {"loss": nn.CrossEntropyLoss()}


def _flat_unreduced(seed):
    x, y = stream(seed)
    return (
        FlatLanguageModel(),
        (x, y.contiguous()),
        {"loss": lambda answers, targets: F.cross_entropy(answers, targets.view(-1))},
    )


def _flat_normalized(seed):
    x, y = stream(seed)
    options = {"batch_first": False, "loss": nn.NLLLoss()}
    return FlatNormalized(), (x.T.contiguous(), y.T.reshape(-1)), options


def _flat_tagger(seed):
    tokens, lengths, tags = _tags(seed)
    return FlatTagger(), ((tokens, lengths), tags), {"loss": flat_loss}


def _narrow_tagger(seed):
    tokens, lengths, tags = _tags(seed)
    return FlatTagger(narrow=True), (tokens, lengths, tags), {"loss": narrow_loss}


def _ragged_tagger(seed):
    tokens, lengths, tags = _tags(seed)
    loss = {"loss": lambda answers, tags: F.cross_entropy(answers, tags[tags != -100])}
    return RaggedTagger(), ((tokens, lengths), tags), loss


def _packed_tagger(seed):
    tokens, lengths, tags = _tags(seed)
    packed = pack_padded_sequence(tokens, lengths, batch_first=True, enforce_sorted=False)

    def loss(answers, tags):
        padded, _ = pad_packed_sequence(answers, batch_first=True, total_length=tags.shape[1])
        return flat_loss(padded, tags)

    return PackedTagger(), (packed, tags), {"loss": loss}


def _list_tagger(seed):
    tokens, lengths, tags = _tags(seed)
    sentences = [row[:n] for row, n in zip(tokens, lengths, strict=True)]

    def loss(answers, tags):
        return F.cross_entropy(torch.cat(answers), tags[tags != -100])

    return ListTagger(), (sentences, tags), {"loss": loss}


def _crf(seed):
    tokens, lengths, tags = _tags(seed)
    model = Crf()
    return model, ((tokens, lengths), tags), {"loss": model.loss}


def _channels(seed):
    x, _ = stream(seed)
    tags = torch.randint(0, CLASSES, x.shape, generator=drawn(seed))
    return ChannelTagger(), (x, tags), {"loss": nn.CrossEntropyLoss()}


def _padding_is_a_class(seed):
    tokens, lengths, tags = _tags(seed, missing=0)
    loss = nn.CrossEntropyLoss(ignore_index=0)
    return (
        FlatTagger(),
        ((tokens, lengths), tags),
        {"loss": lambda answers, tags: loss(answers, tags.reshape(-1))},
    )


def _needs_state(seed):
    def forward(model, tokens, lengths, state):
        return model(tokens, model.init_hidden(len(tokens)) if state is None else state)

    return NeedsState(), stream(seed), {"forward": forward}


def _carries(seed):
    def forward(model, tokens, lengths, state):
        model.state = None
        return model(tokens)

    return Carries(), stream(seed), {"forward": forward}


def _no_hint(seed):
    return NeedsState(), stream(seed), {}


def _word_dropout(seed):
    x, y = stream(seed)
    lost = torch.rand(x.shape, generator=drawn(seed)) < 0.12
    return LanguageModel("GRU"), (x.masked_fill(lost, 1), y), {}


def _masked(seed):
    tokens, _ = ragged(seed)
    mask = (tokens != 0).long()
    batch = {"input_ids": tokens, "attention_mask": mask, "labels": classes(seed)}
    return Masked(), batch, {"loss": nn.CrossEntropyLoss()}


def _masked_pair(seed):
    model, batch, _ = _masked(seed)
    labels = batch.pop("labels")
    return model, (batch, labels), {"loss": F.cross_entropy}


def _key_mask(seed):
    tokens, _ = ragged(seed)
    return (
        KeyMask(),
        ((tokens, tokens == 0), classes(seed)),
        {"answers": lambda output: output.scores, "loss": F.cross_entropy},
    )


def _left(seed):
    tokens, lengths = ragged(seed)
    turned = torch.stack(
        [row.roll(tokens.shape[1] - int(n)) for row, n in zip(tokens, lengths, strict=True)]
    )
    return LeftPadded(), ((turned, lengths), classes(seed)), {"loss": F.cross_entropy}


def _left_untold(seed):
    model, ((tokens, _), labels), options = _left(seed)
    return model, (tokens, labels), options


def _characters(seed):
    x = torch.randint(1, TOKENS, (8, 10, 6), generator=drawn(seed))
    tags = torch.randint(0, CLASSES, (8, 10), generator=drawn(seed + 1))
    return CharWords(), (x, tags), {"loss": flat_loss}


def _heads(seed, as_tuple=False):
    x, _ = stream(seed)
    first = "topic" if not as_tuple else 0

    def loss(output, targets):
        second = "mood" if not as_tuple else 1
        return F.cross_entropy(output[first], targets[first]) + F.cross_entropy(
            output[second], targets[second]
        )

    topic, mood = classes(seed), classes(seed, count=2)
    targets = (topic, mood) if as_tuple else {"topic": topic, "mood": mood}
    return Heads(as_tuple), (x, targets), {"loss": loss}


def _one_head(seed):
    def forward(model, tokens, lengths, state):
        return model(tokens)["topic"]

    return Heads(), (stream(seed)[0], classes(seed)), {"forward": forward, "loss": F.cross_entropy}


def _reads(make, **options):
    return lambda seed: (make(), (ragged(seed), classes(seed)), options)


def _reads_floats(make, **options):
    return lambda seed: (make(), (_floats(seed), classes(seed)), options)


def _swapped(seed):
    tokens, lengths = ragged(seed)
    return Reader(), (tokens, classes(seed), lengths), {"loss": F.cross_entropy}


def _loader(seed):
    tokens, lengths = ragged(seed, rows=24)
    data = TensorDataset(tokens, lengths, classes(seed, rows=24))
    return Reader(), DataLoader(data, batch_size=8, shuffle=True), {"loss": F.cross_entropy}


def _soft(seed):
    shares = (2 * torch.randn(8, CLASSES, generator=drawn(seed))).softmax(-1)
    return Reader(), (ragged(seed), shares), {"loss": nn.CrossEntropyLoss()}


def _weighted(seed):
    weight = torch.linspace(0.2, 3.0, CLASSES)
    return Reader(), (ragged(seed), classes(seed)), {"loss": nn.CrossEntropyLoss(weight=weight)}


def focal(answers, targets):
    right = F.cross_entropy(answers, targets, reduction="none")
    return ((1 - (-right).exp()) ** 2 * right).mean()


def one_against_all(answers, targets):
    asked = F.one_hot(targets, CLASSES).to(answers.dtype)
    return F.binary_cross_entropy_with_logits(answers, asked)


class Probabilities(Reader):
    def forward(self, tokens, lengths):
        return super().forward(tokens, lengths).softmax(-1)


def log_loss(answers, targets):
    return F.nll_loss(answers.clamp_min(1e-9).log(), targets)


def _double(seed):
    return Learned().double(), (_floats(seed).double(), classes(seed)), {}


def _frames(seed):
    return ConvLSTM(), (torch.randn(8, 7, 1, 6, 6, generator=drawn(seed)), classes(seed)), {}


def _documents(seed):
    documents = torch.randint(1, TOKENS, (8, 6, 5), generator=drawn(seed))
    return Hierarchy(), (documents, classes(seed)), {}


def _sequential(seed):
    model = nn.Sequential(
        nn.Embedding(TOKENS, 16), nn.GRU(16, 24, batch_first=True), Taken(1, -1), nn.Linear(24, 5)
    )
    return model, (stream(seed)[0], classes(seed)), {"loss": nn.CrossEntropyLoss()}


def _pairs(seed):
    (one, its), (other, theirs) = ragged(seed), ragged(seed + 9, low=3, high=10)
    return one, its, other, theirs


def _siamese(seed):
    return Siamese(), (_pairs(seed), classes(seed, count=2)), {"loss": nn.CrossEntropyLoss()}


def _similarity(seed):
    same = classes(seed, count=2).float()
    return Similarity(), (_pairs(seed), same), {"loss": nn.MSELoss()}


def _closed_over(seed):
    one, its, other, theirs = _pairs(seed)

    def forward(model, tokens, lengths, state):
        return model(tokens, lengths, other, theirs)

    return Siamese(), ((one, its), classes(seed, count=2)), {"forward": forward}


def _profile(seed):
    profile = torch.randn(8, 4, generator=drawn(seed))
    return Profile(), ((stream(seed)[0], profile), classes(seed)), {"loss": F.cross_entropy}


def _missing(seed):
    mask = (torch.rand(8, 12, FEATURES, generator=drawn(seed)) < 0.7).float()
    since = torch.rand(8, 12, FEATURES, generator=drawn(seed + 1))
    inputs = (_floats(seed) * mask, mask, since)
    return Missing(), (inputs, classes(seed, count=2)), {"loss": nn.CrossEntropyLoss()}


def _timed(seed):
    events, lengths = ragged(seed)
    since = torch.rand(events.shape, generator=drawn(seed)) * (events != 0)
    return Timed(), ((events, lengths, since), classes(seed)), {}


def _translation(seed, width=7):
    source, _ = ragged(seed)
    target = torch.randint(2, TOKENS, (8, width + 1), generator=drawn(seed + 3))
    target[:, 0] = 1
    return source, target


def spread_loss(answers, targets):
    return F.cross_entropy(answers.flatten(0, 1), targets.flatten())


def _translator(seed, width=7):
    source, target = _translation(seed, width)
    batch = (source, target[:, :-1]), target[:, 1:]
    return Translator(), batch, {"loss": spread_loss}


def _shifts_itself(seed):
    source, target = _translation(seed)
    return ShiftsItself(), ((source, target[:, 1:]), target[:, 1:]), {"loss": spread_loss}


def next_loss(answers, targets):
    return spread_loss(answers[:, :-1], targets[:, 1:])


def _loss_shifts(seed):
    x, _ = stream(seed)
    return LanguageModel("GRU"), {"tokens": x, "labels": x.clone()}, {"loss": next_loss}


def _translator_triple(seed):
    source, target = _translation(seed)
    return Translator(), (source, target[:, :-1], target[:, 1:]), {"loss": spread_loss}


def _translator_closed(seed):
    source, target = _translation(seed)

    def forward(model, tokens, lengths, state):
        return model(tokens, target[:, :-1])

    return Translator(), (source, target[:, 1:]), {"forward": forward, "loss": spread_loss}


def _writer(seed):
    source = torch.randint(1, TOKENS, (8, 11), generator=drawn(seed))
    target = torch.randint(1, TOKENS, (8, 6), generator=drawn(seed + 1))
    return Writer(), (source, target), {"loss": spread_loss}


def _speech(seed):
    x = _floats(seed, steps=24)
    symbols = torch.randint(1, CLASSES, (8, 4), generator=drawn(seed))
    lengths = torch.randint(2, 5, (8,), generator=drawn(seed + 1))
    return x, symbols, lengths


def _recognizer(seed):
    x, symbols, lengths = _speech(seed)
    return Recognizer(), (x, (symbols, lengths)), {"loss": ctc}


def _recognizer_closed(seed):
    x, symbols, lengths = _speech(seed)
    widths = torch.full((8,), 11)

    def loss(answers, targets):
        return F.ctc_loss(answers, targets, widths, lengths)

    return Recognizer(), (x, symbols), {"loss": loss}


def _series(seed, steps=16):
    phase = 6 * torch.rand(8, 1, 1, generator=drawn(seed))
    t = torch.arange(steps + 1.0)[None, :, None]
    return torch.sin(0.5 * t + phase)


def _gaussian(seed, pair):
    x = _floats(seed)
    y = x.mean((1, 2))

    def loss(output, y):
        mean, log_variance = output if pair else output.unbind(-1)
        return F.gaussian_nll_loss(mean, y, log_variance.exp())

    return Gaussian(pair), (x, y), {"loss": loss}


def _mixture(seed):
    series = _series(seed)
    return Mixture(), (series[:, :-1], series[:, 1:]), {"loss": mixture_loss}


def _autoencoder(seed):
    x = _floats(seed, steps=8)
    return Autoencoder(), (x, x), {"loss": nn.MSELoss()}


def _word_autoencoder(seed):
    x, _ = stream(seed, steps=8)
    return Autoencoder(tokens=True), (x, x.clone()), {"loss": spread_loss}


def _counts(seed):
    y = torch.randint(0, 9, (8,), generator=drawn(seed)).float()
    x = _floats(seed).transpose(0, 1)
    return Counts(), (x, y), {"loss": nn.PoissonNLLLoss(), "batch_first": False}


def _differences(seed):
    series = _series(seed)
    return Differences(), (series[:, :-1], series[:, 1:]), {"loss": F.mse_loss}


def _horizon(seed):
    class Horizon(nn.Module):
        def __init__(self):
            super().__init__()
            self.recurrent = nn.GRU(FEATURES, 24, batch_first=True)
            self.output = nn.Linear(24, 12)

        def forward(self, x):
            return self.output(self.recurrent(x)[1][-1])

    y = torch.randn(8, 12, generator=drawn(seed + 5))
    return Horizon(), (_floats(seed), y), {"loss": F.l1_loss}


def _tree(seed):
    model, (x, y) = Tree(), stream(seed)
    return model, (x, y), {"loss": model.loss, "kind": "language_model"}


def _pointer(seed):
    tokens, lengths = ragged(seed)
    places = (torch.rand(tokens.shape, generator=drawn(seed)) * lengths[:, None]).long()
    places = places.masked_fill(tokens == 0, -100)
    return Pointer(), ((tokens, lengths), places), {"loss": spread_loss}


def _variational(seed):
    x = _floats(seed, steps=8)
    return Variational(), (x, x), {"loss": evidence_bound}


def _values(seed):
    actions = torch.randint(CLASSES, (8, 12), generator=drawn(seed))
    returns = torch.randn(8, 12, generator=drawn(seed + 1))
    return Values(), (_floats(seed), (actions, returns)), {"loss": temporal_difference}


def _reservoir(seed):
    x = _floats(seed)
    return Reservoir(), (x, x.mean((1, 2))[:, None]), {"loss": nn.MSELoss()}


def _first_state(seed):
    return FirstState(), ((stream(seed)[0], torch.zeros(1, 8, 24)), classes(seed)), {}


def _tokens(make):
    return lambda seed: (make(), (stream(seed)[0], classes(seed)), {"loss": F.cross_entropy})


def _zero_at_an_edge(seed):
    """Real tokens in which a 0 ends one row, as happens by chance."""
    text = torch.randint(1, TOKENS, (8, 13), generator=drawn(seed))
    text[3, 11] = 0
    return LanguageModel(), (text[:, :-1], text[:, 1:]), {}


MODELS = {
    "a zero that ends a row": _zero_at_an_edge,
    "flat language model": _flat_language_model,
    "flat language model, targets as they are": _flat_unreduced,
    "flat language model, time first, log-probabilities": _flat_normalized,
    "flat tagger": _flat_tagger,
    "tagger as wide as its longest": _narrow_tagger,
    "tagger of the real steps": _ragged_tagger,
    "tagger, packed in and out": _packed_tagger,
    "tagger, lists in and out": _list_tagger,
    "CRF": _crf,
    "classes before time": _channels,
    "padding as class 0": _padding_is_a_class,
    "logits and a loss": lambda seed: (WithTargets(), stream(seed), {}),
    "a state that has to be given": _needs_state,
    "a state that is carried": _carries,
    "words dropped in the batch": _word_dropout,
    "dropout of weights": lambda seed: (Dropped(), stream(seed), {}),
    "zoneout": lambda seed: (Zoneout(), stream(seed), {}),
    "learned first state, tuples of tuples": _reads_floats(Learned),
    "double precision": _double,
    "masked mean and maximum": _reads(Pooled, loss=F.cross_entropy),
    "dictionary with labels, object with logits": _masked,
    "dictionary and labels": _masked_pair,
    "mask of padding, answers by a hook": _key_mask,
    "padding in front": _left,
    "padding in front, untold": _left_untold,
    "characters and words": _characters,
    "two heads, a dictionary": _heads,
    "two heads, a tuple": lambda seed: _heads(seed, as_tuple=True),
    "two heads, one shown": _one_head,
    "embedding with max_norm": _reads(Clipped),
    "embedding frozen": _reads(FrozenWords, loss=nn.CrossEntropyLoss(label_smoothing=0.1)),
    "weight normalization, a scale of zero": _reads(Adversary),
    "lengths at the end": _swapped,
    "a DataLoader": _loader,
    "soft labels": _soft,
    "classes weighted": _weighted,
    "a class that does not count": _reads(Reader, loss=nn.CrossEntropyLoss(ignore_index=1)),
    "focal loss": _reads(Reader, loss=focal),
    "one against all": _reads(Reader, loss=one_against_all),
    "probabilities and their logarithm": _reads(Probabilities, loss=log_loss),
    "nn.Sequential": _sequential,
    "IndRNN": _reads_floats(IndRNN),
    "QRNN": lambda seed: (QuasiRNN(), stream(seed), {}),
    "ConvLSTM": _frames,
    "LSTM with layer normalization": _reads_floats(NormLSTM),
    "words and sentences": _documents,
    "pairs of sentences": _siamese,
    "similarity of sentences": _similarity,
    "second sentence held by forward": _closed_over,
    "a vector for each row": _profile,
    "GRU-D": _missing,
    "time since the last event": _timed,
    "translation": _translator,
    "translation, as long as the source": lambda seed: _translator(seed, width=12),
    "translation, shifted inside": _shifts_itself,
    "language model, shifted by the loss": _loss_shifts,
    "translation, three in a batch": _translator_triple,
    "translation, targets held by forward": _translator_closed,
    "translation, written greedily": _writer,
    "CTC": _recognizer,
    "CTC, lengths held by the loss": _recognizer_closed,
    "mean and variance": lambda seed: _gaussian(seed, pair=False),
    "mean and variance, a pair": lambda seed: _gaussian(seed, pair=True),
    "mixture density": _mixture,
    "ordinal": _reads(Coral, loss=coral_loss),
    "autoencoder": _autoencoder,
    "autoencoder of words": _word_autoencoder,
    "counts": _counts,
    "differences": _differences,
    "as many numbers as steps": _horizon,
    "hierarchical softmax": _tree,
    "pointers": _pointer,
    "variational autoencoder": _variational,
    "four layers and dropout": _tokens(Deep),
    "h and c apart": lambda seed: (ThreeParts(), stream(seed), {}),
    "weights of the attention beside": _tokens(WeightsBeside),
    "probabilities in use": _reads(ProbableInUse, loss=nn.CrossEntropyLoss()),
    "a list of steps": lambda seed: (StepByStep(), stream(seed), {"loss": summed_over_steps}),
    "values of actions": _values,
    "echo state network": _reservoir,
    "first state in the batch": _first_state,
    "a step left over": _tokens(StridedFront),
}

UNTOLD = {"a state that has to be given, untold": _no_hint}  # nothing can be said without a hint


def build(name: str, seed: int):
    """Return a model, a batch and the options of its adapter."""
    torch.manual_seed(seed)
    return {**MODELS, **UNTOLD}[name](seed)
