"""The small tasks on which the exhibits run, and the loops that train them."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnn_tutorial.data.batching import pad
from rnn_tutorial.data.labeled import deduplicate
from rnn_tutorial.data.name_lists import SURNAME_LOCALES, surnames
from rnn_tutorial.data.text import Vocabulary

LISTS = ("Finnish", "Irish", "Polish", "Zulu")
TRAIN, TEST = 150, 75  # names of each list
HIDDEN = 32


class Names(NamedTuple):
    """Encoded surnames of four lists and their labels, in random order."""

    train: tuple[list[list[int]], Tensor]
    test: tuple[list[list[int]], Tensor]
    tokens: int


@cache
def names(seed: int) -> Names:
    """Draw names from four of the book's lists, none of them in both parts."""
    data = _four_lists()
    generator = torch.Generator().manual_seed(seed)
    train, test = [], []
    for label in range(len(LISTS)):
        of_list = [text for text, its in data if its == label]
        order = torch.randperm(len(of_list), generator=generator)[: TRAIN + TEST].tolist()
        train += [(of_list[index], label) for index in order[:TRAIN]]
        test += [(of_list[index], label) for index in order[TRAIN:]]
    vocabulary = Vocabulary.from_texts([text for text, _ in train], lowercase=True)

    def part(items):
        items = [items[index] for index in torch.randperm(len(items), generator=generator).tolist()]
        texts = [vocabulary.encode(text, max_length=20) for text, _ in items]
        return texts, torch.tensor([label for _, label in items])

    return Names(part(train), part(test), len(vocabulary))


@cache
def _four_lists() -> list[tuple[str, int]]:
    others = [name for name in SURNAME_LOCALES if name not in LISTS]
    data = deduplicate(surnames().without(*others))
    return [
        (text, LISTS.index(data.classes[label]))
        for text, label in zip(data.texts, data.labels, strict=True)
    ]


def name_batch(seed: int, count: int = 8):
    """Return a small padded batch of names, the lengths, and the labels."""
    texts, labels = names(seed).train
    return pad(texts[:count]), labels[:count]


def train_names(model: nn.Module, seed: int, epochs: int = 4) -> list[float]:
    """Train on batches of 25 names with Adam; return the losses."""
    texts, labels = names(seed).train
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    losses = []
    for _ in range(epochs):
        for rows in torch.randperm(len(texts), generator=generator).split(25):
            optimizer.zero_grad()
            logits = model(*pad([texts[row] for row in rows.tolist()]))
            value = functional.cross_entropy(logits, labels[rows])
            value.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            losses.append(value.item())
    return losses


@torch.no_grad()
def answers_to_test(model: nn.Module, seed: int, size: int = 25) -> Tensor:
    """Return the answers to the test names, in batches of `size`."""
    model.eval()
    texts, _ = names(seed).test
    batches = [texts[start : start + size] for start in range(0, len(texts), size)]
    return torch.cat([model(*pad(batch)).argmax(-1) for batch in batches])


def accuracy(model: nn.Module, seed: int, size: int = 25) -> float:
    """Return the share of test names whose list is named correctly."""
    return float((answers_to_test(model, seed, size) == names(seed).test[1]).double().mean())


SYLLABLES = ("ba", "dii", "guuu")
ALPHABET = "badigu"


def letters(seed: int, rows: int, steps: int) -> Tensor:
    """Draw streams of Elman's syllables as indices, (rows, steps)."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randint(len(SYLLABLES), (rows, steps), generator=generator)
    streams = ["".join(SYLLABLES[i] for i in row)[:steps] for row in drawn.tolist()]
    return torch.tensor([[ALPHABET.index(letter) for letter in stream] for stream in streams])


def next_letters(seed: int, rows: int = 8, steps: int = 16) -> tuple[Tensor, Tensor]:
    """Return letters and the letters that follow them, (rows, steps) each."""
    text = letters(seed, rows, steps + 1)
    return text[:, :-1], text[:, 1:]


def first_symbol(seed: int, rows: int = 32, steps: int = 10) -> tuple[Tensor, Tensor]:
    """Draw four symbols, (rows, steps); the class is the first of them, (rows,)."""
    tokens = torch.randint(4, (rows, steps), generator=torch.Generator().manual_seed(seed))
    return tokens, tokens[:, 0]


def train_steps(
    model: nn.Module,
    draw: Callable[[int], tuple[Tensor, Tensor]],
    loss: Callable[[Tensor, Tensor], Tensor],
    steps: int,
    rate: float = 0.01,
) -> list[float]:
    """Train with Adam on a new batch at each step; return the losses."""
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    losses = []
    for step in range(steps):
        x, y = draw(step)
        optimizer.zero_grad()
        value = loss(model(x), y)
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(value.item())
    return losses


def learned_accuracy(
    model: nn.Module, draw: Callable[..., tuple[Tensor, Tensor]], seed: int, steps: int, **options
) -> float:
    """Train with `train_steps` to name the class; return the accuracy on 500 other rows."""
    base = 1000 * seed
    train_steps(model, lambda step: draw(base + step), functional.cross_entropy, steps, **options)
    x, y = draw(base + 999, rows=500)
    with torch.no_grad():
        return float((model(x).argmax(-1) == y).double().mean())


def readings(seed: int, rows: int = 32, steps: int = 13) -> Tensor:
    """Draw series, (rows, steps), in which a step keeps .9 of the one before.

    Their mean is 0 and their spread 1; 81 % of a step's variance can be predicted.
    """
    noise = torch.randn(rows, steps, generator=torch.Generator().manual_seed(seed))
    series = [noise[:, 0]]
    for fresh in noise[:, 1:].unbind(1):
        series.append(0.9 * series[-1] + 0.19**0.5 * fresh)
    return torch.stack(series, dim=1)


def explained(
    model: nn.Module,
    draw: Callable[..., tuple[Tensor, Tensor]],
    loss: Callable[[Tensor, Tensor], Tensor],
    seed: int,
    steps: int = 250,
) -> float:
    """Train a forecaster; return the share of the variance that it explains on 500 other rows.

    Parameters
    ----------
    model : Module
    draw : callable
        Takes a seed and, if given, a number of rows; returns windows and targets.
    loss : callable
    seed, steps : int
    """
    base = 1000 * seed
    train_steps(model, lambda step: draw(base + step), loss, steps)
    x, y = draw(base + 999, rows=500)
    with torch.no_grad():
        errors = model(x)[:, 0] - y
    return float(1 - errors.square().mean() / y.var())
