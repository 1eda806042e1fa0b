"""The mechanism that runs all recurrent layers; `rnn_tutorial.networks.layers` has the layers."""

import math
import warnings
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn.utils.rnn import PackedSequence

from rnn_tutorial import _arguments
from rnn_tutorial.networks import _rows

DTYPES = (None, torch.float16, torch.bfloat16, torch.float32, torch.float64)


class Recurrent(nn.Module):
    """What `RNN`, `LSTM` and `GRU` have in common: all but the formula of the cell.

    A subclass names the function that runs one layer over time, and says how many blocks of rows
    its weights have and how many vectors its state has.

    Parameters
    ----------
    input_size, hidden_size : int
        Number of features of the input, and of units of each layer and direction.
    num_layers : int
        How many layers stand on top of each other.
    bias : bool
        Whether there are bias vectors, two for each layer and direction.
    batch_first : bool
        Whether a padded batch is (batch, time, features). States keep their layout all the same.
    dropout : float
        Probability of dropping an output between layers, in training only.
    bidirectional : bool
        Whether a second network reads from the end to the beginning.
    proj_size : int
        Stands here because torch's constructor has it, and must be 0.
    device, dtype : optional
        Where the parameters are and of which floating-point type.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or impossible; the message names it.

    Notes
    -----
    What torch.nn has and these layers have not: second derivatives, the transformations of
    torch.func, forward-mode differentiation, and the casts of torch.autocast.
    """

    function: ClassVar[type[Function]]
    blocks: ClassVar[int]
    num_states: ClassVar[int] = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ):
        if type(self) is Recurrent:
            raise TypeError("Recurrent has no formula of its own: use RNN, LSTM or GRU")
        super().__init__()
        self.input_size = _arguments.integer("input_size", input_size, 1)
        self.hidden_size = _arguments.integer("hidden_size", hidden_size, 1)
        self.num_layers = _arguments.integer("num_layers", num_layers, 1)
        self.bias = _arguments.boolean("bias", bias)
        self.batch_first = _arguments.boolean("batch_first", batch_first)
        self.dropout = _arguments.probability("dropout", dropout, one=True)
        self.bidirectional = _arguments.boolean("bidirectional", bidirectional)
        if _arguments.integer("proj_size", proj_size, 0):
            raise ValueError(
                f"proj_size must be 0, got {proj_size}: projected states are not built here; "
                "torch.nn.LSTM has them"
            )
        self.proj_size = 0
        if dtype not in DTYPES:
            raise TypeError(f"dtype must be one of {', '.join(map(str, DTYPES))}, got {dtype!r}")
        if self.dropout and self.num_layers == 1:
            warnings.warn(
                "dropout acts between layers, so with num_layers=1 it does nothing, "
                f"got dropout={dropout}",
                stacklevel=2 if type(self).__init__ is Recurrent.__init__ else 3,
            )
        rows = self.blocks * self.hidden_size
        for index in range(self.num_layers * self.num_directions):
            below = self.input_size if index < self.num_directions else self._output_size
            shapes = {
                "weight_ih": (rows, below),
                "weight_hh": (rows, self.hidden_size),
                "bias_ih": (rows,),
                "bias_hh": (rows,),
            }
            for name in self._names(index):
                shape = shapes[name.partition("_l")[0]]
                self.register_parameter(name, nn.Parameter(_empty(shape, device, dtype)))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters from U(-1/√hidden, 1/√hidden), as torch does."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    @property
    def num_directions(self) -> int:
        """2 for a bidirectional layer, else 1."""
        return 2 if self.bidirectional else 1

    @property
    def _output_size(self) -> int:
        return self.num_directions * self.hidden_size

    def _names(self, index: int) -> list[str]:
        """Return the names of the parameters of one layer and direction."""
        layer, backward = divmod(index, self.num_directions)
        suffix = f"_l{layer}{'_reverse' if backward else ''}"
        kinds = ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if self.bias else [])]
        return [kind + suffix for kind in kinds]

    def _weights(self, index: int) -> list[Tensor | None]:
        """Return the two weights and the two biases of one layer and direction."""
        weights = [getattr(self, name) for name in self._names(index)]
        return weights if self.bias else [*weights, None, None]

    @property
    def all_weights(self) -> list[list[Tensor]]:
        """The parameters of each layer and direction, as torch.nn lists them."""
        indices = range(self.num_layers * self.num_directions)
        return [[getattr(self, name) for name in self._names(index)] for index in indices]

    def flatten_parameters(self) -> None:
        """Do nothing; code that was written for torch.nn may call it."""

    def extra_repr(self) -> str:
        """Show the arguments that are not the default, as torch does, and `reset_after`."""
        defaults = {
            "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0,
            "bidirectional": False, "reset_after": True,
        }  # fmt: skip
        changed = [
            f"{name}={getattr(self, name)}"
            for name, default in defaults.items()
            if getattr(self, name, default) != default
        ]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *changed])

    def forward(self, input: Tensor | PackedSequence, hx=None):
        """Run the layers over time.

        Parameters
        ----------
        input : Tensor or PackedSequence
            A padded batch (time, batch, features), with `batch_first` (batch, time, features); one
            sequence (time, features); or a packed batch.
        hx : Tensor, for the LSTM a pair of Tensors, optional
            Initial states, (layers · directions, batch, hidden) whatever `batch_first` is, or
            (layers · directions, hidden) for one sequence; zeros if missing.

        Returns
        -------
        output : Tensor or PackedSequence
            The states of the last layer in the form of the input, with directions · hidden
            features: the forward direction's, then the backward one's. It shares its memory with
            what the backward pass needs; to change it in place, clone it first.
        h_n : Tensor, for the LSTM a pair of Tensors
            The last states, in the layout of `hx`. The forward direction's last state is that
            after the last step, the backward one's that after the first.

        Raises
        ------
        TypeError
            If an argument is of the wrong kind or has another dtype than the weights.
        ValueError
            If a shape does not fit, there is no time step, or a device is another one.
        """
        weight = _arguments.floating("the layer's weight_ih_l0", self.weight_ih_l0)
        form = _rows.Form(input, self.input_size, self.batch_first, weight)
        rows, sizes = form.rows, form.sizes
        count = self.num_layers * self.num_directions
        initial = form.initial_states(hx, (count, self.hidden_size), self.num_states)
        final = []
        # A turned sequence begins with its last step, so the last state of the second direction is
        # the one after the first step.
        for layer in range(self.num_layers):
            if layer:
                rows = nn.functional.dropout(rows, self.dropout, self.training)
            outputs = []
            for direction in range(self.num_directions):
                index = layer * self.num_directions + direction
                states = [state[index] for state in initial]
                turned = _rows.turn_around(rows, sizes) if direction else rows
                output, *last = self.function.apply(
                    turned, *states, *self._weights(index), sizes, *self._options()
                )
                outputs.append(_rows.turn_around(output, sizes) if direction else output)
                final.append(last)
            rows = torch.cat(outputs, dim=1) if self.bidirectional else outputs[0]
        h_n = [torch.stack(states) for states in zip(*final, strict=True)]
        return form.output(rows), form.final_states(h_n)

    def _options(self) -> tuple:
        """Return what the function takes beyond rows, states, weights and sizes."""
        return ()


def _empty(shape, device, dtype) -> Tensor:
    try:
        return torch.empty(shape, device=device, dtype=dtype)
    except (RuntimeError, AssertionError, TypeError, MemoryError) as error:
        raise ValueError(
            "input_size, hidden_size and device must be such that the parameters can be made, "
            f"got shape {shape} and device {device!r}: {error}"
        ) from error
