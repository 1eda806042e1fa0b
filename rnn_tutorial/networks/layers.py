"""Recurrent layers from scratch: the namesakes of torch.nn's, with gradients derived by hand.

`RNN`, `LSTM` and `GRU` have the constructor, the call, the parameters, the layout of states and the
shapes of ``torch.nn.RNN``, ``torch.nn.LSTM`` and ``torch.nn.GRU``. Each loads the other's
``state_dict``, and with the same seed both draw the same initial weights. Outputs, states and
gradients agree to rounding.

One mechanism, `Recurrent.forward`, runs all three:

1. A padded batch, a packed one or a single sequence becomes one matrix of rows, step after step,
   and a list that counts the rows of each step (`rnn_tutorial.networks._rows.Form`).
2. Each layer and direction is one call of the cell's `torch.autograd.Function`. The backward
   direction is the forward one over sequences that are turned around.
3. The rows of the last layer go back into the form that came in.
"""

from rnn_tutorial import _arguments
from rnn_tutorial.networks.functions import GRUFunction, LSTMFunction, RNNFunction
from rnn_tutorial.networks.recurrent import Recurrent

__all__ = ["GRU", "LSTM", "RNN", "Recurrent"]


class RNN(Recurrent):
    """Elman's recurrent layer, h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh) [1]_.

    Parameters
    ----------
    nonlinearity : {"tanh", "relu"}
        The activation; in the constructor it comes fourth, after `num_layers`, as in torch.
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype
        See `Recurrent`.

    References
    ----------
    .. [1] Elman, Finding structure in time, Cognitive Science 14, 1990.
    """

    function = RNNFunction
    blocks = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        *args,
        **kwargs,
    ):
        self.nonlinearity = _arguments.choice("nonlinearity", nonlinearity, ("tanh", "relu"))
        super().__init__(input_size, hidden_size, num_layers, *args, **kwargs)

    def _options(self) -> tuple:
        return (self.nonlinearity,)


class LSTM(Recurrent):
    """The LSTM with a forget gate [1]_, whose state is a pair (h, c); see `Recurrent`.

    The weights hold four blocks of rows: input gate, forget gate, candidate, output gate. The
    forget gate's bias is the sum of two vectors;
    `rnn_tutorial.networks.initialization.forget_bias_` sets it.

    References
    ----------
    .. [1] Gers, Schmidhuber and Cummins, Learning to forget, Neural Computation 12, 2000.
    """

    function = LSTMFunction
    blocks = 4
    num_states = 2


class GRU(Recurrent):
    """The gated recurrent unit [1]_; see `Recurrent`.

    The weights hold three blocks of rows: reset gate, update gate, candidate.

    Parameters
    ----------
    reset_after : bool
        Whether the reset gate acts after the matrix product, as in torch and in the first version
        of the paper on arXiv, or before it, as in the published paper [1]_. The parameters have
        the same names and shapes, but another meaning.
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype
        See `Recurrent`.

    References
    ----------
    .. [1] Cho et al., Learning phrase representations using RNN encoder-decoder for statistical
       machine translation, EMNLP 2014.
    """

    function = GRUFunction
    blocks = 3

    def __init__(self, *args, reset_after: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        self.reset_after = _arguments.boolean("reset_after", reset_after)

    def _options(self) -> tuple:
        return (self.reset_after,)
