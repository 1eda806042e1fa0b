"""A classifier of sequences."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnn_tutorial import _arguments
from rnn_tutorial.data.batching import check_lengths, check_tokens, pack
from rnn_tutorial.data.text import Vocabulary
from rnn_tutorial.networks import layer_class
from rnn_tutorial.networks.kinds import cell_of

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
        If `cell`, `readout` or `engine` is not one of those, a size is not an integer or below 1,
        an index is outside the vocabulary, or a dropout is not in [0, 1).

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
        recurrent = layer_class(cell, engine)
        self.readout = _arguments.choice("readout", readout, READOUTS)
        _arguments.positive_integers(
            vocabulary_size=vocabulary_size,
            num_classes=num_classes,
            embedding_size=embedding_size,
            hidden_size=hidden_size,
            num_layers=num_layers,
        )
        self.padding_index = _arguments.index("padding_index", padding_index, vocabulary_size)
        self.unknown_index = _arguments.index("unknown_index", unknown_index, vocabulary_size)
        _arguments.probability("dropout", dropout)
        self.token_dropout = _arguments.probability("token_dropout", token_dropout)
        _arguments.boolean("bidirectional", bidirectional)
        self.embedding = nn.Embedding(vocabulary_size, embedding_size, padding_index)
        self.dropout = nn.Dropout(dropout)
        self.recurrent = recurrent(
            embedding_size,
            hidden_size,
            num_layers=num_layers,
            batch_first=True,
            dropout=dropout if num_layers > 1 else 0.0,
            bidirectional=bidirectional,
        )
        directions = 2 if bidirectional else 1
        self.output = nn.Linear(READOUTS[readout] * directions * hidden_size, num_classes)

    @property
    def settings(self) -> dict:
        """The arguments that build this model again, in types that JSON has; see `checkpoint`."""
        layer, cell = self.recurrent, cell_of(self.recurrent)
        return {
            "vocabulary_size": self.embedding.num_embeddings,
            "num_classes": self.output.out_features,
            "cell": cell,
            "embedding_size": self.embedding.embedding_dim,
            "hidden_size": layer.hidden_size,
            "num_layers": layer.num_layers,
            "bidirectional": layer.bidirectional,
            "readout": self.readout,
            "dropout": self.dropout.p,
            "token_dropout": self.token_dropout,
            "padding_index": self.padding_index,
            "unknown_index": self.unknown_index,
            "engine": "torch" if isinstance(layer, layer_class(cell, "torch")) else "rnn_tutorial",
        }

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
        check_tokens(tokens, self.embedding.num_embeddings)
        lengths = check_lengths(lengths, *tokens.shape)
        embedded = self.dropout(self.embedding(self.drop_tokens(tokens)))  # (batch, time, features)
        return self.output(self.dropout(self.read(pack(embedded, lengths))))

    def drop_tokens(self, tokens: Tensor) -> Tensor:
        """In training, make some tokens (batch, time) unknown, and leave padding as it is."""
        if not (self.training and self.token_dropout):
            return tokens
        dropped = torch.rand(tokens.shape, device=tokens.device) < self.token_dropout
        return tokens.masked_fill(dropped & (tokens != self.padding_index), self.unknown_index)

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
