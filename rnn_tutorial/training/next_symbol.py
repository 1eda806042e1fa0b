"""The small networks of chapter 3, which predict the next letter: how they are trained."""

import torch
from torch import Tensor

from rnn_tutorial import tasks
from rnn_tutorial.data.batching import Batches
from rnn_tutorial.data.labeled import Split, split
from rnn_tutorial.data.letters import MAX_LENGTH
from rnn_tutorial.data.name_lists import surnames
from rnn_tutorial.data.streams import streams_of
from rnn_tutorial.data.text import Vocabulary
from rnn_tutorial.models import NextSymbol
from rnn_tutorial.tasks import only_where
from rnn_tutorial.training.loop import train
from rnn_tutorial.training.objectives import Loss, sequence_cross_entropy

LETTERS = "bdgaiu"
STREAMS = 20  # a long text is cut into this many, which are read side by side
CHUNK = 15  # steps between two updates, and the reach of the gradient


def encode(text: str) -> Tensor:
    """Turn a text of Elman's letters into numbers, (time,)."""
    return torch.tensor([LETTERS.index(letter) for letter in text])


def train_letters(
    seed: int, *, hidden_size: int = 8, passes: int = 80, loss: Loss = sequence_cross_entropy
) -> tuple[NextSymbol, torch.Generator]:
    """Train a tanh network on 1000 syllables by truncated backpropagation, the state carried.

    `seed` draws the weights and the text. The generator that comes back draws fresh text.
    """
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    model = NextSymbol(len(LETTERS), hidden_size).double()  # the same on every processor
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    inputs, targets = streams_of(encode(tasks.letters(1000, generator=generator)[1]), STREAMS)
    chunks = [
        ((chunk,), wanted)
        for chunk, wanted in zip(inputs.split(CHUNK), targets.split(CHUNK), strict=True)
    ]
    steps = passes * len(chunks)
    train(model, chunks, steps, optimizer=optimizer, loss_function=loss, carry=True)
    return model, generator


def surname_parts() -> tuple[Split, Vocabulary]:
    """Return the split of chapter 9 and the vocabulary of its training names, in lower case."""
    parts = split(surnames(), seed=0)
    return parts, Vocabulary.from_texts(parts.train.texts, lowercase=True)


def train_surnames(
    seed: int, parts: Split, vocabulary: Vocabulary, *, epochs: int = 3, **options
) -> NextSymbol:
    """Train a network of 64 units to continue surnames, letter by letter.

    Symbol 0 stands before the first letter and is to be predicted after the last.
    """
    torch.manual_seed(seed)
    model = NextSymbol(len(vocabulary), 64, **options)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    encoded = [vocabulary.encode(text, max_length=MAX_LENGTH) for text in parts.train.texts]
    names = Batches(encoded, parts.train.labels, 64, generator=torch.Generator().manual_seed(seed))
    batches = (surname_batch(*padded) for _ in range(epochs) for padded, _ in names)
    train(
        model, batches, epochs * len(names),
        optimizer=optimizer, loss_function=sequence_cross_entropy, max_norm=1.0,
    )  # fmt: skip
    return model


def surname_batch(tokens: Tensor, lengths: Tensor) -> tuple[tuple[Tensor], Tensor]:
    """Turn padded names (batch, time) into inputs and targets, (time, batch).

    The targets are the letters and then the end, symbol 0; after it nothing is asked for.
    """
    boundary = torch.zeros(len(tokens), 1, dtype=tokens.dtype)
    inputs = torch.cat([boundary, tokens], dim=1).T
    targets = torch.cat([tokens, boundary], dim=1).T
    real = torch.arange(len(inputs))[:, None] <= lengths  # one step more than letters: the end
    return (inputs,), only_where(targets, real)
