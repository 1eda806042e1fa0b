"""The small models of the chapters."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnn_tutorial import _arguments, layers
from rnn_tutorial.batching import check_lengths, pack
from rnn_tutorial.text import Vocabulary

CELLS = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}
ENGINES = {"rnn_tutorial": layers, "torch": nn}  # both have classes of these names
State = Tensor | tuple[Tensor, Tensor] | None
READOUTS = {"last": 1, "concat": 3}  # how many vectors of hidden size each direction hands on


class RecurrentClassifier(nn.Module):
    """Read a sequence of tokens with a recurrent network, then name its class.

    Embedding, recurrent layers over the packed sequence, a readout, one linear layer. No padding
    is ever read. The readout "last" is the last state of each direction: the forward one's
    after the last token, the backward one's after the first. The readout "concat" puts the mean
    and the maximum of the states over time beside it (concat pooling, [1]_).

    Parameters
    ----------
    vocabulary_size : int
        Number of different tokens, padding and unknown included.
    num_classes : int
        Number C of classes.
    cell : {"gru", "lstm", "rnn"}
        The kind of recurrent layer; "rnn" is the tanh RNN.
    embedding_size : int
        Number D of features of an embedded token.
    hidden_size : int
        Number H of hidden units of each direction.
    num_layers : int
        How many recurrent layers stand on top of each other.
    bidirectional : bool
        Whether a second network reads from the end to the beginning.
    readout : {"last", "concat"}
        What the linear layer sees.
    dropout : float
        Probability of dropping an embedded feature, a feature between layers, or a feature
        of the readout, in training only.
    token_dropout : float
        Probability of reading a token as unknown, in training only. It regularizes, and it
        trains the embedding of the unknown token, which no training text holds.
    padding_index, unknown_index : int
        The token that pads, whose embedding is zero and stays so, and the unknown token.
    engine : {"rnn_tutorial", "torch"}
        Whose recurrent layers to use: the book's, from scratch, or torch.nn's. The weights are
        the same for both, and so are the answers, to rounding.

    Raises
    ------
    TypeError, ValueError
        If `cell`, `readout` or `engine` is none of those, a size is no integer or below 1, an
        index is outside the vocabulary, or a dropout is not in [0, 1).

    References
    ----------
    .. [1] Howard and Ruder, Universal language model fine-tuning for text classification,
       ACL 2018, section 3.3.
    """

    def __init__(
        self,
        vocabulary_size: int,
        num_classes: int,
        *,
        cell: str = "gru",
        embedding_size: int = 64,
        hidden_size: int = 128,
        num_layers: int = 1,
        bidirectional: bool = False,
        readout: str = "last",
        dropout: float = 0.0,
        token_dropout: float = 0.0,
        padding_index: int = Vocabulary.padding_index,
        unknown_index: int = Vocabulary.unknown_index,
        engine: str = "rnn_tutorial",
    ):
        super().__init__()
        for name, choice, choices in (
            ("cell", cell, CELLS),
            ("readout", readout, READOUTS),
            ("engine", engine, ENGINES),
        ):
            _arguments.choice(name, choice, choices)
        sizes = {
            "vocabulary_size": vocabulary_size,
            "num_classes": num_classes,
            "embedding_size": embedding_size,
            "hidden_size": hidden_size,
            "num_layers": num_layers,
        }
        for name, size in sizes.items():
            _arguments.integer(name, size, 1)
        for name, index in (("padding_index", padding_index), ("unknown_index", unknown_index)):
            if _arguments.integer(name, index, 0) >= vocabulary_size:
                raise ValueError(f"{name} must be below {vocabulary_size}, got {index}")
        for name, rate in (("dropout", dropout), ("token_dropout", token_dropout)):
            _arguments.probability(name, rate)
        _arguments.boolean("bidirectional", bidirectional)
        self.readout = readout
        self.token_dropout = token_dropout
        self.padding_index = padding_index
        self.unknown_index = unknown_index
        self.embedding = nn.Embedding(vocabulary_size, embedding_size, padding_index)
        self.dropout = nn.Dropout(dropout)
        self.recurrent = getattr(ENGINES[engine], CELLS[cell])(
            embedding_size,
            hidden_size,
            num_layers=num_layers,
            batch_first=True,
            dropout=dropout if num_layers > 1 else 0.0,
            bidirectional=bidirectional,
        )
        directions = 2 if bidirectional else 1
        self.output = nn.Linear(READOUTS[readout] * directions * hidden_size, num_classes)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Compute the logits of each class.

        Parameters
        ----------
        tokens : Tensor of integers, (batch, time)
            Padded token indices.
        lengths : Tensor of integers, (batch,)
            The true lengths, from 1 to time.

        Returns
        -------
        Tensor, (batch, classes)
            Logits; their softmax is the probability of each class.

        Raises
        ------
        TypeError, ValueError
            If `tokens` is not an integer tensor of rank 2, is empty, holds an index outside the
            vocabulary, or does not fit `lengths`.
        """
        _check_tokens(tokens, self.embedding.num_embeddings)
        lengths = check_lengths(lengths, *tokens.shape)
        if self.training and self.token_dropout:
            dropped = torch.rand(tokens.shape, device=tokens.device) < self.token_dropout
            dropped &= tokens != self.padding_index
            tokens = tokens.masked_fill(dropped, self.unknown_index)
        embedded = self.dropout(self.embedding(tokens))  # (batch, time, features)
        return self.output(self.dropout(self.read(pack(embedded, lengths))))

    def read(self, inputs: PackedSequence) -> Tensor:
        """Run the recurrent layers and return what the readout keeps of their states.

        Parameters
        ----------
        inputs : PackedSequence
            Embedded tokens.

        Returns
        -------
        Tensor, (batch, readout)
            The last states of the top layer, (batch, directions · hidden), then for "concat" the
            means and the maxima over time.
        """
        outputs, state = self.recurrent(inputs)
        # (layers · directions, batch, hidden)
        h_n = state[0] if isinstance(state, tuple) else state
        directions = 2 if self.recurrent.bidirectional else 1
        last = torch.cat(tuple(h_n[-directions:]), dim=-1)
        if self.readout == "last":
            return last
        states, lengths = pad_packed_sequence(outputs, batch_first=True)
        steps = torch.arange(states.shape[1], device=states.device)
        is_padding = (steps >= lengths.to(states.device)[:, None])[..., None]  # (batch, time, 1)
        mean = states.sum(dim=1) / lengths.to(states)[:, None]  # unpacking pads with zeros
        maximum = states.masked_fill(is_padding, -torch.inf).amax(dim=1)
        return torch.cat([last, mean, maximum], dim=-1)


class LanguageModel(nn.Module):
    """Read a text symbol by symbol and foretell the next one at every step.

    One-hot symbols or an embedding, recurrent layers, one linear layer. The state goes in and comes
    out, so that a text can be read in pieces.

    Parameters
    ----------
    vocabulary_size : int
        Number V of different symbols.
    cell : {"lstm", "gru", "rnn"}
        The kind of recurrent layer; "rnn" is the tanh RNN.
    hidden_size : int
        Number H of units of each layer.
    embedding_size : int, optional
        Number of features of an embedded symbol. Without it a symbol is one-hot, which is an
        embedding that the input weights hold.
    num_layers : int
        How many recurrent layers stand on top of each other.
    dropout : float
        Probability of dropping a feature between layers and before the linear layer, in training
        only.
    engine : {"rnn_tutorial", "torch"}
        Whose recurrent layers to use; the weights are the same for both.

    Raises
    ------
    TypeError, ValueError
        If `cell` or `engine` is none of those, a size is no integer or below 1, or `dropout` is not
        in [0, 1).
    """

    def __init__(
        self,
        vocabulary_size: int,
        *,
        cell: str = "lstm",
        hidden_size: int = 128,
        embedding_size: int | None = None,
        num_layers: int = 1,
        dropout: float = 0.0,
        engine: str = "rnn_tutorial",
    ):
        super().__init__()
        _arguments.choice("cell", cell, CELLS)
        _arguments.choice("engine", engine, ENGINES)
        self.vocabulary_size = _arguments.integer("vocabulary_size", vocabulary_size, 1)
        self.cell = cell
        self.embedding = None
        features = vocabulary_size
        if embedding_size is not None:
            features = _arguments.integer("embedding_size", embedding_size, 1)
            self.embedding = nn.Embedding(vocabulary_size, embedding_size)
        self.dropout = nn.Dropout(_arguments.probability("dropout", dropout))
        self.recurrent = getattr(ENGINES[engine], CELLS[cell])(
            features,
            _arguments.integer("hidden_size", hidden_size, 1),
            num_layers=_arguments.integer("num_layers", num_layers, 1),
            batch_first=True,
            dropout=dropout if num_layers > 1 else 0.0,
        )
        self.output = nn.Linear(hidden_size, vocabulary_size)

    def forward(self, tokens: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Compute the logits of the symbol after each one.

        Parameters
        ----------
        tokens : Tensor of integers, (batch, time)
            Symbols.
        state : Tensor or pair of Tensor, each (layers, batch, hidden), optional
            The state to read on from, as it came out; zeros if there is none.

        Returns
        -------
        logits : Tensor, (batch, time, vocabulary)
            Of the next symbol; their softmax is its probability.
        state : Tensor or pair of Tensor
            The state after the last symbol.

        Raises
        ------
        TypeError, ValueError
            If `tokens` is not an integer tensor of rank 2, is empty, or holds an index outside the
            vocabulary.
        """
        _check_tokens(tokens, self.vocabulary_size)
        if self.embedding is None:
            hot = nn.functional.one_hot(tokens.long(), self.vocabulary_size)
            inputs = hot.to(self.output.weight)  # in the type of the weights
        else:
            inputs = self.embedding(tokens)
        states, state = self.recurrent(inputs, state)
        return self.output(self.dropout(states)), state

    @torch.no_grad()
    def predict(self, tokens: Sequence[int], state: State = None) -> tuple[Tensor, State]:
        """Read tokens from a state on; return log-probabilities of the next, and the new state.

        It is what `rnn_tutorial.generation.generate` asks of a model.
        """
        logits, state = self(torch.as_tensor(tokens)[None], state)
        return logits[0, -1].log_softmax(-1), state


def _check_tokens(tokens: Tensor, vocabulary_size: int) -> None:
    if not isinstance(tokens, Tensor) or tokens.dtype not in (torch.int64, torch.int32):
        got = tokens.dtype if isinstance(tokens, Tensor) else type(tokens).__name__
        raise TypeError(f"tokens must be a tensor of int64 or int32, got {got}")
    if tokens.dim() != 2:
        raise ValueError(f"tokens must have shape (batch, time), got {tuple(tokens.shape)}")
    if tokens.numel() == 0:
        raise ValueError(f"tokens must not be empty, got shape {tuple(tokens.shape)}")
    low, high = int(tokens.min()), int(tokens.max())
    if low < 0 or high >= vocabulary_size:
        raise ValueError(
            f"tokens must be indices from 0 to {vocabulary_size - 1}, "
            f"got values from {low} to {high}"
        )


class Forecaster(nn.Module):
    """Read a window of a series with a recurrent network, then forecast what comes next.

    Recurrent layers, and one linear layer on the last state of the top layer.

    Parameters
    ----------
    input_size : int
        Number D of features; the first is the one that is forecast.
    cell : {"gru", "lstm", "rnn"}
        The kind of recurrent layer; "rnn" is the tanh RNN.
    hidden_size : int
        Number H of hidden units.
    num_layers : int
        How many recurrent layers stand on top of each other.
    horizon : int
        How many of the next values are forecast at once.
    quantiles : int, optional
        How many quantiles of each value are forecast; by default one number, without that axis.
    residual : bool
        Whether the network forecasts the difference from the last value that it read. Then a
        network that says nothing is persistence.
    engine : {"rnn_tutorial", "torch"}
        Whose recurrent layers to use, as for `RecurrentClassifier`.

    Raises
    ------
    TypeError, ValueError
        If `cell` or `engine` is none of those, a size is no integer or below 1, or `residual` is
        no bool.
    """

    def __init__(
        self,
        input_size: int = 1,
        *,
        cell: str = "gru",
        hidden_size: int = 8,
        num_layers: int = 1,
        horizon: int = 1,
        quantiles: int | None = None,
        residual: bool = True,
        engine: str = "rnn_tutorial",
    ):
        super().__init__()
        _arguments.choice("cell", cell, CELLS)
        _arguments.choice("engine", engine, ENGINES)
        sizes = {"input_size": input_size, "hidden_size": hidden_size, "num_layers": num_layers}
        sizes |= {"horizon": horizon, "quantiles": 1 if quantiles is None else quantiles}
        for name, size in sizes.items():
            _arguments.integer(name, size, 1)
        self.residual = _arguments.boolean("residual", residual)
        self.shape = (horizon,) if quantiles is None else (horizon, quantiles)
        layer = getattr(ENGINES[engine], CELLS[cell])
        self.recurrent = layer(input_size, hidden_size, num_layers, batch_first=True)
        self.output = nn.Linear(hidden_size, math.prod(self.shape))

    def forward(self, inputs: Tensor) -> Tensor:
        """Forecast what follows each window.

        Parameters
        ----------
        inputs : Tensor, (batch, time, features)
            The windows, all of one length.

        Returns
        -------
        Tensor, (batch, horizon) or (batch, horizon, quantiles)
            The forecasts.

        Raises
        ------
        TypeError, ValueError
            If `inputs` has another shape or type.
        """
        like = self.output.weight
        _arguments.tensor("inputs", inputs, ("batch", "time", self.recurrent.input_size), like)
        states, _ = self.recurrent(inputs)  # (batch, time, hidden)
        forecasts = self.output(states[:, -1]).view(-1, *self.shape)
        if not self.residual:
            return forecasts
        last = inputs[:, -1, 0]
        return forecasts + last.view(-1, *(1 for _ in self.shape))
