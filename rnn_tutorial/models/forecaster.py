"""A model of what a series does next."""

import math

from torch import Tensor, nn

from rnn_tutorial import _arguments
from rnn_tutorial.networks import layer_class


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
        network that outputs zero is persistence.
    engine : {"rnn_tutorial", "torch"}
        Whose recurrent layers to use, as for `RecurrentClassifier`.

    Raises
    ------
    TypeError, ValueError
        If `cell` or `engine` is not one of those, a size is not an integer or below 1, or
        `residual` is not a bool.
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
        layer = layer_class(cell, engine)
        sizes = {"input_size": input_size, "hidden_size": hidden_size, "num_layers": num_layers}
        sizes |= {"horizon": horizon, "quantiles": 1 if quantiles is None else quantiles}
        _arguments.positive_integers(**sizes)
        self.residual = _arguments.boolean("residual", residual)
        self.shape = (horizon,) if quantiles is None else (horizon, quantiles)
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
