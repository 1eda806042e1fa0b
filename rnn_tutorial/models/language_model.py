"""A model of the next symbol."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rnn_tutorial import _arguments
from rnn_tutorial.data.batching import check_tokens
from rnn_tutorial.networks import layer_class
from rnn_tutorial.networks.kinds import State


class LanguageModel(nn.Module):
    """Read a text symbol by symbol and predict the next one at every step.

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
        If `cell` or `engine` is not one of those, a size is not an integer or below 1, or `dropout`
        is not in [0, 1).
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
        recurrent = layer_class(cell, engine)
        self.vocabulary_size = _arguments.integer("vocabulary_size", vocabulary_size, 1)
        self.cell = cell
        self.embedding = None
        features = vocabulary_size
        if embedding_size is not None:
            features = _arguments.integer("embedding_size", embedding_size, 1)
            self.embedding = nn.Embedding(vocabulary_size, embedding_size)
        self.dropout = nn.Dropout(_arguments.probability("dropout", dropout))
        self.recurrent = recurrent(
            features,
            _arguments.integer("hidden_size", hidden_size, 1),
            num_layers=_arguments.integer("num_layers", num_layers, 1),
            batch_first=True,
            dropout=dropout if num_layers > 1 else 0.0,
        )
        self.output = nn.Linear(hidden_size, vocabulary_size)

    def forward(self, tokens: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Compute the logits of the symbol after each one.

        Parameters
        ----------
        tokens : Tensor of integers, (batch, time)
            Symbols.
        state : Tensor or pair of Tensor, each (layers, batch, hidden), optional
            The state to read on from, as returned by an earlier call; zeros by default.

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
        check_tokens(tokens, self.vocabulary_size)
        if self.embedding is None:
            hot = nn.functional.one_hot(tokens.long(), self.vocabulary_size)
            inputs = hot.to(self.output.weight)  # in the type of the weights
        else:
            inputs = self.embedding(tokens)
        states, state = self.recurrent(inputs, state)
        return self.output(self.dropout(states)), state

    @torch.no_grad()
    def predict(self, tokens: Sequence[int], state: State | None = None) -> tuple[Tensor, State]:
        """Read tokens from a state on; return log-probabilities of the next, and the new state.

        It is what `rnn_tutorial.models.generation.generate` asks of a model.
        """
        logits, state = self(torch.as_tensor(tokens)[None], state)
        return logits[0, -1].log_softmax(-1), state
