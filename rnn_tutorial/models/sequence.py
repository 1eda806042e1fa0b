"""A recurrent layer and a linear readout: the model of most experiments."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from rnn_tutorial import _arguments
from rnn_tutorial.data.batching import pad
from rnn_tutorial.data.letters import MAX_LENGTH
from rnn_tutorial.data.text import Vocabulary
from rnn_tutorial.networks import Start, initialization, layer_class, layers
from rnn_tutorial.networks.kinds import State


class SequenceModel(nn.Module):
    """Read a sequence with a recurrent layer, then map its states to outputs.

    The state goes in and comes out, so that a sequence can be read in pieces.

    Parameters
    ----------
    recurrent : Module
        The layer, one of the book's or of torch.nn's, of one direction and time first. It is given
        ready-made, so that it can be initialized in any way.
    output_size : int
        How many numbers are read out of a state.
    every_step : bool
        Whether the readout is of all steps, or of the last one.
    batch_first : bool
        Whether inputs and outputs are (batch, time, ...), or (time, batch, ...) as the layer has
        them.
    """

    def __init__(
        self,
        recurrent: nn.Module,
        output_size: int,
        *,
        every_step: bool = True,
        batch_first: bool = True,
    ):
        super().__init__()
        self.recurrent = recurrent
        self.output = nn.Linear(recurrent.hidden_size, output_size)
        self.every_step = _arguments.boolean("every_step", every_step)
        self.batch_first = _arguments.boolean("batch_first", batch_first)

    @classmethod
    def from_start(
        cls, start: Start, input_size: int, hidden_size: int, output_size: int, **options
    ) -> "SequenceModel":
        """Make a model whose layer begins as asked for; what `start` changes is changed last."""
        model = cls(start.layer(input_size, hidden_size), output_size, **options)
        start.change(model.recurrent)
        return model

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Compute the outputs of every step, or of the last one.

        Parameters
        ----------
        inputs : Tensor, (batch, time, features)
            What is read; (time, batch, features) without `batch_first`.
        state : Tensor or pair of Tensor, each (layers, batch, hidden), optional
            The state to read on from, as returned by an earlier call; zeros by default.

        Returns
        -------
        outputs : Tensor, (batch, time, outputs) or (batch, outputs)
            (time, batch, outputs) without `batch_first`.
        state : Tensor or pair of Tensor
            The state after the last step.
        """
        if self.batch_first:
            inputs = inputs.transpose(0, 1)
        states, state = self.recurrent(inputs, state)  # (time, batch, hidden)
        outputs = self.output(states if self.every_step else states[-1])
        if self.batch_first and self.every_step:
            outputs = outputs.transpose(0, 1)
        return outputs, state


def irnn(input_size: int, hidden_size: int) -> layers.RNN:
    """Return a ReLU layer that starts with the identity, the IRNN."""
    return initialization.identity_(layers.RNN(input_size, hidden_size, nonlinearity="relu"))


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


class NextSymbol(SequenceModel):
    """Read one-hot symbols, time first; return logits of the next symbol, and all states.

    Parameters
    ----------
    num_symbols, hidden_size : int
        Number of different symbols, and of units.
    cell : {"rnn", "gru", "lstm", "logistic"}
        The kind of recurrent layer.
    **options
        What else the layer takes, such as ``nonlinearity``.
    """

    def __init__(self, num_symbols: int, hidden_size: int, cell: str = "rnn", **options):
        kind = Logistic if cell == "logistic" else layer_class(cell)
        super().__init__(kind(num_symbols, hidden_size, **options), num_symbols, batch_first=False)
        self.num_symbols = num_symbols

    def forward(self, symbols: Tensor, state=None):
        """Read symbols (time, batch); return logits, states, last state."""
        hot = nn.functional.one_hot(symbols, self.num_symbols)
        hot = hot.to(self.output.weight)  # in the type of the weights
        states, state = self.recurrent(hot, state)
        return self.output(states), states, state

    @torch.no_grad()
    def predict(self, tokens: Sequence[int], state=None) -> tuple[Tensor, Tensor]:
        """Read tokens from a state on; return log-probabilities of the next, and the new state.

        It is what `rnn_tutorial.models.generation.generate` asks of a model.
        """
        logits, _, state = self(torch.as_tensor(tokens)[:, None], state)
        return logits[-1, 0].log_softmax(-1), state


@torch.no_grad()
def states_of(model: NextSymbol, texts: Sequence[str], vocabulary: Vocabulary) -> np.ndarray:
    """Return the state after each letter of each text, (letters, hidden).

    The network reads symbol 0, which stands before a name, then the name. The rows are those of
    `rnn_tutorial.data.letters.describe`.
    """
    tokens, lengths = pad([[0, *vocabulary.encode(text, max_length=MAX_LENGTH)] for text in texts])
    states = model(tokens.T)[1].transpose(0, 1)[:, 1:]  # (names, letters, hidden)
    real = torch.arange(states.shape[1]) < (lengths - 1)[:, None]
    return states[real].double().numpy()
