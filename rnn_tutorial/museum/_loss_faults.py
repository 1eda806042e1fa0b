"""The third room: losses that are handed, or asked for, the wrong thing."""

import math

import torch
from torch import nn
from torch.nn import functional

from rnn_tutorial.data.batching import pad
from rnn_tutorial.museum import toys
from rnn_tutorial.museum._exhibit import Exhibit
from rnn_tutorial.museum._reading_faults import EndOfName, name_reader
from rnn_tutorial.training import sequence_cross_entropy


class SoftmaxTwice(EndOfName):
    """Return probabilities to a loss that takes logits."""

    def forward(self, tokens, lengths):
        return super().forward(tokens, lengths).softmax(-1)


def _last_losses(model, version, seed):
    losses = toys.train_names(model, seed, epochs=8)
    return sum(losses[-24:]) / 24


SOFTMAX_TWICE = Exhibit(
    name="softmax_twice",
    title="Softmax before the loss",
    source="Lightning-Universe/lightning-bolts #654, pytorch/examples #721",
    misconception="M-softmax-twice",
    check="logits",
    unit="training loss after eight epochs; 0.74 is the floor of the broken one",
    code={"broken": SoftmaxTwice.forward, "repaired": EndOfName.forward},
    build=name_reader(broken=SoftmaxTwice, repaired=EndOfName),
    measure=_last_losses,
)


class NameModel(nn.Module):
    """A language model of names: at each step the scores of the next letter."""

    def __init__(self, tokens: int):
        super().__init__()
        self.embedding = nn.Embedding(tokens, toys.HIDDEN, padding_idx=0)
        self.recurrent = nn.GRU(toys.HIDDEN, toys.HIDDEN, batch_first=True)
        self.output = nn.Linear(toys.HIDDEN, tokens)

    def forward(self, tokens, lengths):
        states, _ = self.recurrent(self.embedding(tokens))
        return self.output(states)


def padding_scored(logits, targets):
    """Take the mean over all steps, padding included."""
    logits, targets = logits.flatten(0, 1), targets.flatten()
    return functional.cross_entropy(logits, targets)


def padding_ignored(logits, targets):
    """Take the mean over the steps that have a target."""
    logits, targets = logits.flatten(0, 1), targets.flatten()
    return functional.cross_entropy(logits, targets, ignore_index=0)


PADDING_LOSSES = {"broken": padding_scored, "repaired": padding_ignored}


def _next_in_names(texts):
    (x, lengths), (y, _) = pad([t[:-1] for t in texts]), pad([t[1:] for t in texts])
    return (x, lengths), y


def _padding_loss(version, seed):
    texts, _ = toys.names(seed).train
    texts = [text for text in texts if len(text) > 2][:8]
    batch = _next_in_names(texts)
    return NameModel(toys.names(seed).tokens), batch, {"loss": PADDING_LOSSES[version]}


def _reported_perplexity(model, version, seed):
    loss = PADDING_LOSSES[version]
    texts, _ = toys.names(seed).train
    texts = [text for text in texts if len(text) > 2]
    batches = [_next_in_names(texts[start : start + 25]) for start in range(0, len(texts), 25)]
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(3):
        for inputs, targets in batches:
            optimizer.zero_grad()
            loss(model(*inputs), targets).backward()
            optimizer.step()
    texts = [text for text in toys.names(seed).test[0] if len(text) > 2]
    with torch.no_grad():
        inputs, targets = _next_in_names(texts)
        return math.exp(loss(model(*inputs), targets))


PADDING_SCORED = Exhibit(
    name="padding_scored",
    title="Padding in the perplexity",
    source="neulab/xnmt #229",
    misconception="M-padding-loss",
    check="scored",
    unit="perplexity that is reported",
    code={"broken": padding_scored, "repaired": padding_ignored},
    build=_padding_loss,
    measure=_reported_perplexity,
)


class LetterModel(nn.Module):
    """A language model of Elman's letters."""

    def __init__(self):
        super().__init__()
        tokens = len(toys.ALPHABET)
        self.embedding = nn.Embedding(tokens, 16)
        self.recurrent = nn.GRU(16, 16, batch_first=True)
        self.output = nn.Linear(16, tokens)

    def forward(self, tokens, state=None):
        states, state = self.recurrent(self.embedding(tokens), state)
        return self.output(states), state


def same_letters(text):
    """Cut inputs and targets that are the same letters."""
    return text[:, :-1], text[:, :-1]


def later_letters(text):
    """Cut inputs, and targets one letter later."""
    return text[:, :-1], text[:, 1:]


CUTS = {"broken": same_letters, "repaired": later_letters}


def _shifted(version, seed):
    return LetterModel(), CUTS[version](toys.letters(seed, 8, 17)), {}


def _vowels_predicted(model, version, seed):
    base = 1000 * seed
    toys.train_steps(
        model,
        lambda step: CUTS[version](toys.letters(base + step, 8, 17)),
        lambda answers, targets: sequence_cross_entropy(answers[0], targets),
        100,
    )
    x, y = toys.next_letters(base + 999, rows=32, steps=60)
    vowels = torch.tensor([letter in "aiu" for letter in toys.ALPHABET])[y]
    vowels[:, :2] = False
    with torch.no_grad():
        return float((model(x)[0].argmax(-1) == y)[vowels].double().mean())


UNSHIFTED = Exhibit(
    name="unshifted",
    title="Targets that are the inputs",
    source="huggingface/transformers #3711",
    misconception="M-off-by-one",
    check="shift",
    unit="share of vowels predicted; all of them can be",
    code={"broken": same_letters, "repaired": later_letters},
    build=_shifted,
    measure=_vowels_predicted,
)

ROOM = (SOFTMAX_TWICE, PADDING_SCORED, UNSHIFTED)
