"""The fourth room: training loops and data."""

import math

import torch
from torch import nn
from torch.nn import functional

from rnn_tutorial.museum import toys
from rnn_tutorial.museum._exhibit import Exhibit, either
from rnn_tutorial.museum._loss_faults import LetterModel
from rnn_tutorial.training import sequence_cross_entropy


class KeepsGraph(LetterModel):
    """Store the state between calls, with the graph that made it."""

    state = None

    def forward(self, tokens):
        x = self.embedding(tokens)
        states, self.state = self.recurrent(x, self.state)
        return self.output(states)


class ReturnsState(LetterModel):
    """Return the state and take it; the training loop detaches it."""


def _chunks_trained(model, version, seed):
    """Train on 16 chunks of one stream with the state carried; count those before an error."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    text, state = toys.letters(seed, 8, 16 * 8 + 1), None
    for done in range(16):
        x, y = (text[:, 8 * done + shift : 8 * done + 8 + shift] for shift in (0, 1))
        answers = model(x) if version == "broken" else model(x, state)
        if version == "repaired":
            answers, state = answers[0], answers[1].detach()
        optimizer.zero_grad()
        try:
            sequence_cross_entropy(answers, y).backward()
        except RuntimeError:
            return done
        optimizer.step()
    return 16


KEEPS_GRAPH = Exhibit(
    name="keeps_graph",
    title="A state that is stored with its graph",
    source="MorvanZhou/PyTorch-Tutorial #57",
    misconception="M-missing-detach",
    check="step",
    unit="chunks trained before an error, of 16",
    code={"broken": KeepsGraph, "repaired": LetterModel.forward},
    build=either(KeepsGraph, ReturnsState, toys.next_letters),
    measure=_chunks_trained,
)


def never_zeroed(model, batch, optimizer):
    """Take a training step without emptying the gradient."""
    x, y = batch
    sequence_cross_entropy(model(x)[0], y).backward()
    optimizer.step()


def zeroed(model, batch, optimizer):
    """Take a training step."""
    x, y = batch
    optimizer.zero_grad()
    sequence_cross_entropy(model(x)[0], y).backward()
    optimizer.step()


LOOPS = {"broken": never_zeroed, "repaired": zeroed}


def _loop(version, seed):
    return LetterModel(), toys.next_letters(seed), {"train_step": LOOPS[version]}


def _worse_than_guessing(model, version, seed):
    """Train with gradient descent; return in how many of the last 50 steps guessing is better.

    The loss itself explodes to a size that depends on how the processor rounds.
    """
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    worse = 0
    for step in range(200):
        LOOPS[version](model, toys.next_letters(1000 * seed + step), optimizer)
        if step >= 150:
            with torch.no_grad():
                x, y = toys.next_letters(1000 * seed + 500 + step, rows=32, steps=60)
                loss = sequence_cross_entropy(model(x)[0][:, 3:], y[:, 3:]).item()
            worse += not loss <= math.log(len(toys.ALPHABET))  # not a number is worse too
    return worse / 50


NEVER_ZEROED = Exhibit(
    name="never_zeroed",
    title="Gradients that are never emptied",
    source="pytorch/examples #1424, udacity/deep-learning-v2-pytorch #160",
    misconception="M-gradients-add-up",
    check="step",
    unit="share of the last 50 of 200 steps with a loss worse than guessing",
    code={"broken": never_zeroed, "repaired": zeroed},
    build=_loop,
    measure=_worse_than_guessing,
)

COINS, COPIES = 160, 4


class CoinReader(nn.Module):
    """A classifier of strings with two classes."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10, toys.HIDDEN)
        self.recurrent = nn.GRU(toys.HIDDEN, toys.HIDDEN, batch_first=True)
        self.output = nn.Linear(toys.HIDDEN, 2)

    def forward(self, tokens):
        _, h_n = self.recurrent(self.embedding(tokens))
        return self.output(h_n[-1])


def copy_then_split(strings, order):
    """Make copies, shuffle, split: three quarters for training."""
    copied = strings.repeat(COPIES)[order]
    cut = len(copied) * 3 // 4
    return copied[:cut], copied[cut:]


def split_then_copy(strings, order):
    """Split, then make copies of the training part."""
    strings = strings[order[order < len(strings)]]
    cut = len(strings) * 3 // 4
    return strings[:cut].repeat(COPIES), strings[cut:]


SPLITS = {"broken": copy_then_split, "repaired": split_then_copy}


def _coins(version, seed):
    """Draw strings whose class is a coin toss; return them, and the rows of both parts."""
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(10, (COINS, 8), generator=generator)
    labels = torch.randint(2, (COINS,), generator=generator)
    order = torch.randperm(COINS * COPIES, generator=generator)
    return tokens, labels, *SPLITS[version](torch.arange(COINS), order)


def _leaked(version, seed):
    tokens, labels, train, test = _coins(version, seed)
    options = {"train": list(tokens[train]), "test": list(tokens[test])}
    first = torch.unique(train)[:8]
    return CoinReader(), (tokens[first], labels[first]), options


def _coins_predicted(model, version, seed):
    tokens, labels, train, test = _coins(version, seed)
    generator = torch.Generator().manual_seed(seed)

    def draw(step):
        rows = train[torch.randint(len(train), (32,), generator=generator)]
        return tokens[rows], labels[rows]

    toys.train_steps(model, draw, functional.cross_entropy, 200)
    with torch.no_grad():
        return float((model(tokens[test]).argmax(-1) == labels[test]).double().mean())


LEAKED_COPIES = Exhibit(
    name="leaked_copies",
    title="Copies made before the split",
    source="MicrosoftDocs/ml-basics #55",
    misconception="M-leak",
    check="overlap",
    unit="test accuracy at predicting the toss of a coin",
    code={"broken": copy_then_split, "repaired": split_then_copy},
    build=_leaked,
    measure=_coins_predicted,
)

CHUNK = 2


def shuffled_chunks(chunks, generator):
    """Return the chunks of an epoch in random order."""
    order = torch.randperm(len(chunks), generator=generator)
    return [chunks[i] for i in order]


def chunks_in_order(chunks, generator):
    """Return the chunks of an epoch in the order of the text."""
    return chunks


ORDERS = {"broken": shuffled_chunks, "repaired": chunks_in_order}


def _bits_with_state(model, version, seed):
    """Train on short chunks with the state carried; return bits a letter on a text in order."""
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    text = toys.letters(seed, 16, 120 * CHUNK + 1)
    starts = list(range(0, 120 * CHUNK, CHUNK))
    for _ in range(2):
        state = None
        for start in ORDERS[version](starts, generator):
            x, y = (text[:, start + shift : start + shift + CHUNK] for shift in (0, 1))
            answers, state = model(x, state)
            state = state.detach()
            optimizer.zero_grad()
            sequence_cross_entropy(answers, y).backward()
            optimizer.step()
    with torch.no_grad():
        x, y = toys.next_letters(1000 + seed, rows=32, steps=100)
        return sequence_cross_entropy(model(x)[0][:, 3:], y[:, 3:]).item() / math.log(2)


SHUFFLED_CHUNKS = Exhibit(
    name="shuffled_chunks",
    title="Chunks in random order, the state carried",
    source="tensorflow/tensorflow #40067",
    misconception="M-chunk-order",
    check="",
    unit="bits a letter; 0.53 can be reached",
    code={"broken": shuffled_chunks, "repaired": chunks_in_order},
    build=either(LetterModel, LetterModel, toys.next_letters),
    measure=_bits_with_state,
)

ROOM = (KEEPS_GRAPH, NEVER_ZEROED, LEAKED_COPIES, SHUFFLED_CHUNKS)
