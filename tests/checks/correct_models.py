"""Correct models of many kinds, each with a batch, on which no check may raise an alarm."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from rnn_tutorial.models import RecurrentClassifier
from rnn_tutorial.networks import MinGRU, layers

TOKENS, CLASSES, FEATURES = 20, 5, 3


def drawn(seed):
    return torch.Generator().manual_seed(seed)


def ragged(seed, rows=8, low=4, high=12, tokens=TOKENS):
    generator = drawn(seed)
    lengths = torch.randint(low, high + 1, (rows,), generator=generator)
    lengths[0] = high
    sequences = [torch.randint(1, tokens, (int(n),), generator=generator) for n in lengths]
    return pad_sequence(sequences, batch_first=True), lengths


def classes(seed, rows=8, count=CLASSES):
    return torch.arange(rows)[torch.randperm(rows, generator=drawn(seed))] % count


def stream(seed, rows=8, steps=12, tokens=TOKENS):
    text = torch.randint(0, tokens, (rows, steps + 1), generator=drawn(seed))
    return text[:, :-1], text[:, 1:]


class Tagger(nn.Module):
    def __init__(self, bidirectional=True, engine=nn, dropout=0.0):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16, padding_idx=0)
        self.recurrent = engine.LSTM(16, 24, batch_first=True, bidirectional=bidirectional)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(48 if bidirectional else 24, CLASSES)

    def forward(self, tokens, lengths):
        packed = pack_padded_sequence(
            self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False
        )
        states, _ = self.recurrent(packed)
        states, _ = pad_packed_sequence(states, batch_first=True, total_length=tokens.shape[1])
        return self.output(self.dropout(states))


class LanguageModel(nn.Module):
    def __init__(self, cell="LSTM", engine=nn, layers=1, dropout=0.0, batch_first=True, tie=False):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 32)
        self.recurrent = getattr(engine, cell)(
            32, 32, layers, batch_first=batch_first, dropout=dropout
        )
        self.output = nn.Linear(32, TOKENS)
        if tie:
            nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
            self.output.weight = self.embedding.weight

    def forward(self, tokens, state=None):
        states, state = self.recurrent(self.embedding(tokens), state)
        return self.output(states), state


class Forecaster(nn.Module):
    def __init__(self, batch_first=True, horizon=1, engine=nn):
        super().__init__()
        self.recurrent = engine.GRU(FEATURES, 24, batch_first=batch_first)
        self.norm = nn.LayerNorm(24)
        self.output = nn.Linear(24, horizon)
        self.time = 1 if batch_first else 0

    def forward(self, x):
        states, _ = self.recurrent(x)
        return self.output(self.norm(states.select(self.time, -1)))


class Loop(nn.Module):
    """A tanh cell in a loop of Python, without an embedding, with a mask."""

    def __init__(self, normalize=None):
        super().__init__()
        self.cell = nn.RNNCell(FEATURES, 24)
        self.first = nn.Parameter(torch.zeros(24))
        self.normalize = nn.BatchNorm1d(24) if normalize == "batch" else nn.LayerNorm(24)
        self.output = nn.Linear(24, CLASSES)

    def forward(self, x, lengths):
        state = self.first.expand(len(x), -1)
        for step in range(x.shape[1]):
            new = self.cell(x[:, step], state)
            state = torch.where((step < lengths)[:, None], new, state)
        return self.output(self.normalize(state))


class OneHot(nn.Module):
    """One-hot inputs, ReLU and the identity at the start, mean over real steps."""

    def __init__(self):
        super().__init__()
        self.recurrent = nn.RNN(TOKENS, 24, nonlinearity="relu", batch_first=True)
        nn.init.eye_(self.recurrent.weight_hh_l0)
        self.output = nn.Linear(24, CLASSES)

    def forward(self, tokens):
        real = tokens != 0
        x = nn.functional.one_hot(tokens, TOKENS).to(self.output.weight.dtype)
        states, _ = self.recurrent(x)
        mean = (states * real[..., None]).sum(1) / real.sum(1, keepdim=True)
        return self.output(mean)


class Packed(nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent = nn.GRU(FEATURES, 24, 2, bidirectional=True, dropout=0.2)
        self.output = nn.Linear(48, CLASSES)

    def forward(self, packed):
        _, h_n = self.recurrent(packed)
        return self.output(torch.cat([h_n[-2], h_n[-1]], dim=-1))


class MinimalGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent = MinGRU(FEATURES, 24)
        self.output = nn.Linear(24, 1)

    def forward(self, x):
        return self.output(self.recurrent(x.transpose(0, 1))[1])[:, 0]


def _floats(seed, rows=8, steps=12):
    return torch.randn(rows, steps, FEATURES, generator=drawn(seed))


def _packed(seed):
    tokens, lengths = ragged(seed)
    x = _floats(seed, steps=tokens.shape[1])
    return pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)


def _forecast(seed, **options):
    model = Forecaster(**options)
    x = _floats(seed)
    y = x.mean(1)[:, :1] if options.get("horizon", 1) == 1 else x[:, -4:].mean(2)
    return model, (x if options.get("batch_first", True) else x.transpose(0, 1), y), {}


def _classifier(seed, **options):
    model = RecurrentClassifier(TOKENS, CLASSES, embedding_size=16, hidden_size=24, **options)
    return model, (ragged(seed), classes(seed)), {}


def _tagger(seed, **options):
    tokens, lengths = ragged(seed)
    tags = torch.randint(0, CLASSES, tokens.shape, generator=drawn(seed + 1))
    tags[tokens == 0] = -100
    loss = nn.CrossEntropyLoss()
    return (
        Tagger(**options),
        ((tokens, lengths), tags),
        {"loss": lambda answers, tags: loss(answers.flatten(0, 1), tags.flatten())},
    )


def _language_model(seed, **options):
    x, y = stream(seed)
    if not options.get("batch_first", True):
        x, y = x.T, y.T
    named = {} if options.get("batch_first", True) else {"batch_first": False}
    return LanguageModel(**options), (x, y), named


def _loop(seed, normalize):
    tokens, lengths = ragged(seed)
    return Loop(normalize), ((_floats(seed, steps=tokens.shape[1]), lengths), classes(seed)), {}


MODELS = {
    "classifier, our GRU": lambda seed: _classifier(seed),
    "classifier, our tanh RNN": lambda seed: _classifier(seed, cell="rnn"),
    "classifier, torch's LSTM, two directions, two layers": lambda seed: _classifier(
        seed, cell="lstm", engine="torch", bidirectional=True, num_layers=2, dropout=0.2
    ),
    "classifier, concat readout": lambda seed: _classifier(
        seed, bidirectional=True, readout="concat", dropout=0.15, token_dropout=0.1
    ),
    "tagger, two directions": lambda seed: _tagger(seed, dropout=0.3),
    "tagger, one direction, our LSTM": lambda seed: _tagger(
        seed, bidirectional=False, engine=layers
    ),
    "language model, LSTM": lambda seed: _language_model(seed),
    "language model, two of our GRUs": lambda seed: _language_model(
        seed, cell="GRU", engine=layers, layers=2, dropout=0.2
    ),
    "language model, tanh RNN, time first": lambda seed: _language_model(
        seed, cell="RNN", batch_first=False
    ),
    "language model, tied weights": lambda seed: _language_model(seed, tie=True),
    "forecaster, one step": lambda seed: _forecast(seed),
    "forecaster, four steps, time first": lambda seed: _forecast(
        seed, batch_first=False, horizon=4, engine=layers
    ),
    "forecaster, minimal GRU": lambda seed: (
        MinimalGRU(),
        (_floats(seed), _floats(seed).mean((1, 2))),
        {},
    ),
    "classifier, loop over a cell": lambda seed: _loop(seed, "layer"),
    "classifier, loop with BatchNorm": lambda seed: _loop(seed, "batch"),
    "classifier, one-hot, mean, no lengths": lambda seed: (
        OneHot(),
        (ragged(seed)[0], classes(seed)),
        {},
    ),
    "classifier, packed input": lambda seed: (Packed(), (_packed(seed), classes(seed)), {}),
}


def build(name: str, seed: int):
    """Return a model, a batch and the options of its adapter."""
    torch.manual_seed(seed)
    return MODELS[name](seed)
