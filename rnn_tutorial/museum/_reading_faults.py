"""The first room: models that do not read what they should."""

from functools import partial

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_tutorial.data.batching import pad
from rnn_tutorial.museum import toys
from rnn_tutorial.museum._exhibit import Exhibit, either


class EndOfName(nn.Module):
    """A classifier that reads the state at the end of each name."""

    def __init__(self, tokens: int, classes: int = len(toys.LISTS)):
        super().__init__()
        size = toys.HIDDEN
        self.embedding = nn.Embedding(tokens, size, padding_idx=0)
        self.recurrent = nn.RNN(size, size, batch_first=True)
        self.output = nn.Linear(size, classes)

    def forward(self, tokens, lengths):
        x = self.embedding(tokens)
        packed = pack_padded_sequence(
            x,
            lengths,
            batch_first=True,
            enforce_sorted=False,
        )
        _, h_n = self.recurrent(packed)
        return self.output(h_n[-1])


class BlogClassifier(EndOfName):
    """The blog's classifier: unset attributes, and the last column."""

    def forward(self, tokens, lengths):
        batch = len(tokens)
        h_0 = torch.zeros(self.num_layers, batch, self.hidden_dim)
        outputs, _ = self.recurrent(self.embedding(tokens), h_0)
        return self.output(outputs[:, -1])


class LastColumn(EndOfName):
    """Read the last column of a padded batch."""

    def forward(self, tokens, lengths):
        outputs, _ = self.recurrent(self.embedding(tokens))
        return self.output(outputs[:, -1])


class BatchAsTime(EndOfName):
    """Hand (batch, time, features) to a layer that is time first."""

    def __init__(self, tokens: int):
        super().__init__(tokens)
        self.recurrent = nn.RNN(toys.HIDDEN, toys.HIDDEN)

    def forward(self, tokens, lengths):
        outputs, _ = self.recurrent(self.embedding(tokens))
        ends = lengths - 1
        return self.output(outputs[torch.arange(len(tokens)), ends])


class LastOfBoth(nn.Module):
    """Read the last column of a layer that goes in both directions."""

    def __init__(self, symbols: int = 4):
        super().__init__()
        self.embedding = nn.Embedding(symbols, 16)
        self.recurrent = nn.RNN(
            16,
            16,
            batch_first=True,
            bidirectional=True,
        )
        self.output = nn.Linear(32, symbols)

    def forward(self, tokens):
        outputs, _ = self.recurrent(self.embedding(tokens))
        return self.output(outputs[:, -1])


class EndOfBoth(LastOfBoth):
    """Read each direction where it ends."""

    def forward(self, tokens):
        _, h_n = self.recurrent(self.embedding(tokens))
        return self.output(torch.cat([h_n[-2], h_n[-1]], dim=-1))


def name_reader(**models):
    """Return a function that builds one of several classifiers of names, with a batch."""

    def build(version, seed):
        return models[version](toys.names(seed).tokens), toys.name_batch(seed), {}

    return build


def _batches_answered(model, version, seed):
    texts, _ = toys.names(seed).test
    for done in range(12):
        try:
            model(*pad(texts[25 * done : 25 * done + 25]))
        except AttributeError:
            return done
    return 12


FIRST_BATCH = Exhibit(
    name="first_batch",
    title="Two attributes that nobody set",
    source="the blog post from which this book grew",
    misconception="M-first-batch",
    check="runs",
    unit="batches answered, of 12",
    code={"broken": BlogClassifier, "repaired": EndOfName},
    build=name_reader(broken=BlogClassifier, repaired=EndOfName),
    measure=_batches_answered,
)


def _found_alone(model, version, seed):
    toys.train_names(model, seed)
    return toys.accuracy(model, seed, size=1)


LAST_COLUMN = Exhibit(
    name="last_column",
    title="The last column of a padded batch",
    source="the same blog post; pytorch/pytorch #517, speechbrain/speechbrain #501",
    misconception="M-padding-state",
    check="padding",
    unit="accuracy on names that stand alone",
    code={"broken": LastColumn, "repaired": EndOfName},
    build=name_reader(broken=LastColumn, repaired=EndOfName),
    measure=_found_alone,
)


def _changed_by_company(model, version, seed):
    toys.train_names(model, seed)
    texts, _ = toys.names(seed).test
    answers = toys.answers_to_test(model, seed)
    order = torch.randperm(len(texts), generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        batches = [pad([texts[row] for row in rows.tolist()]) for rows in order.split(25)]
        shuffled = torch.cat([model(*batch).argmax(-1) for batch in batches])
    return float((answers[order] != shuffled).double().mean())


BATCH_AS_TIME = Exhibit(
    name="batch_as_time",
    title="Batch and time swapped",
    source="HHTseng/video-classification #42",
    misconception="M-batch-time",
    check="rows",
    unit="share of answers that change with the company",
    code={"broken": BatchAsTime, "repaired": EndOfName},
    build=name_reader(broken=BatchAsTime, repaired=EndOfName),
    measure=_changed_by_company,
)


def _first_symbol_found(model, version, seed):
    return toys.learned_accuracy(model, partial(toys.first_symbol, steps=25), seed, 60)


LAST_OF_BOTH = Exhibit(
    name="last_of_both",
    title="The last column of two directions",
    source="yunjey/pytorch-tutorial #149, pytorch/pytorch #3587",
    misconception="M-bidirectional-last",
    check="weights",
    unit="accuracy at naming the first of 25 symbols",
    code={"broken": LastOfBoth, "repaired": EndOfBoth},
    build=either(LastOfBoth, EndOfBoth, partial(toys.first_symbol, rows=8, steps=12)),
    measure=_first_symbol_found,
)

ROOM = (FIRST_BATCH, LAST_COLUMN, BATCH_AS_TIME, LAST_OF_BOTH)
