"""A small network that predicts the next symbol, and texts to train it on.

What the experiments about hidden states have in common.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rnn_tutorial import tasks
from rnn_tutorial.data.batching import Batches
from rnn_tutorial.data.labeled import Split, split
from rnn_tutorial.data.name_lists import surnames
from rnn_tutorial.data.streams import streams_of
from rnn_tutorial.data.text import Vocabulary
from rnn_tutorial.models import CELLS
from rnn_tutorial.networks import layers
from rnn_tutorial.networks.kinds import detach

LETTERS = "bdgaiu"
STREAMS = 20  # a long text is cut into so many, which are read side by side
CHUNK = 15  # steps between two updates, and the reach of the gradient
MAX_LENGTH = 20


class Logistic(layers.RNN):
    """A recurrent layer with the logistic function in place of tanh, for comparison.

    It goes step by step and leaves the backward pass to autograd.
    """

    def forward(self, x: Tensor, h_0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Read x (time, batch, features); return states and the last one, as `layers.RNN`."""
        h = x.new_zeros(x.shape[1], self.hidden_size) if h_0 is None else h_0[0]
        states = []
        for inputs in x @ self.weight_ih_l0.T + self.bias_ih_l0 + self.bias_hh_l0:
            h = torch.sigmoid(inputs + h @ self.weight_hh_l0.T)
            states.append(h)
        return torch.stack(states), h[None]


class NextSymbol(nn.Module):
    """One-hot symbols, a recurrent layer, a linear layer: logits of the next symbol.

    Parameters
    ----------
    num_symbols, hidden_size : int
        Number of different symbols, and of units.
    cell : {"rnn", "gru", "lstm", "logistic"}
        The kind of recurrent layer.
    **options
        What the layer takes besides, such as ``nonlinearity``.
    """

    def __init__(self, num_symbols: int, hidden_size: int, cell: str = "rnn", **options):
        super().__init__()
        self.num_symbols = num_symbols
        kind = Logistic if cell == "logistic" else getattr(layers, CELLS[cell])
        self.recurrent = kind(num_symbols, hidden_size, **options)
        self.output = nn.Linear(hidden_size, num_symbols)

    def forward(self, symbols: Tensor, state=None):
        """Read symbols (time, batch); return logits, states, last state."""
        hot = nn.functional.one_hot(symbols, self.num_symbols)
        hot = hot.to(self.output.weight)  # in the type of the weights
        states, state = self.recurrent(hot, state)
        return self.output(states), states, state

    @torch.no_grad()
    def predict(self, tokens: Sequence[int], state=None) -> tuple[Tensor, Tensor]:
        """Read tokens from a state on; return log-probabilities of the next, and the new state."""
        logits, _, state = self(torch.as_tensor(tokens)[:, None], state)
        return logits[-1, 0].log_softmax(-1), state


def encode(text: str) -> Tensor:
    """Turn a text of Elman's letters into numbers, (time,)."""
    return torch.tensor([LETTERS.index(letter) for letter in text])


def train_letters(
    seed: int, *, hidden_size: int = 8, passes: int = 80, loss=nn.functional.cross_entropy
) -> tuple[NextSymbol, torch.Generator]:
    """Train a tanh network on 1000 syllables by truncated backpropagation, the state carried.

    `seed` draws the weights and the text. The generator that comes back draws fresh text.
    """
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    model = NextSymbol(len(LETTERS), hidden_size).double()  # the same on every processor
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    inputs, targets = streams_of(encode(tasks.letters(1000, generator=generator)[1]), STREAMS)
    for _ in range(passes):
        state = None
        for chunk, wanted in zip(inputs.split(CHUNK), targets.split(CHUNK), strict=True):
            logits, _, state = model(chunk, state)
            optimizer.zero_grad()
            loss(logits.flatten(0, 1), wanted.flatten()).backward()
            optimizer.step()
            state = detach(state)
    return model, generator


def surname_parts() -> tuple[Split, Vocabulary]:
    """Return the split of chapter 9 and the vocabulary of its training names, in lower case."""
    parts = split(surnames(), seed=0)
    return parts, Vocabulary.from_texts(parts.train.texts, lowercase=True)


def train_surnames(
    seed: int, parts: Split, vocabulary: Vocabulary, *, epochs: int = 3, **options
) -> NextSymbol:
    """Train a network of 64 units to continue surnames, letter by letter.

    Symbol 0 stands before the first letter and is to be foretold after the last.
    """
    torch.manual_seed(seed)
    model = NextSymbol(len(vocabulary), 64, **options)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    encoded = [vocabulary.encode(text, max_length=MAX_LENGTH) for text in parts.train.texts]
    batches = Batches(
        encoded, parts.train.labels, 64, generator=torch.Generator().manual_seed(seed)
    )
    for _ in range(epochs):
        for (tokens, lengths), _ in batches:
            loss = surname_loss(model, tokens, lengths)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    return model


def surname_loss(model: NextSymbol, tokens: Tensor, lengths: Tensor) -> Tensor:
    """Return the mean cross-entropy of a padded batch (batch, time), in nats a symbol."""
    boundary = torch.zeros(len(tokens), 1, dtype=tokens.dtype)
    inputs = torch.cat([boundary, tokens], dim=1).T  # (time, batch)
    targets = torch.cat([tokens, boundary], dim=1).T
    real = torch.arange(len(inputs))[:, None] <= lengths  # one step more than letters: the end
    return nn.functional.cross_entropy(model(inputs)[0][real], targets[real])
