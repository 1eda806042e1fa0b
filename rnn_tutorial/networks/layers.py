"""Recurrent layers from scratch: the namesakes of torch.nn's, with gradients derived by hand.

`RNN`, `LSTM` and `GRU` have the constructor, the call, the parameters, the layout of states and the
shapes of ``torch.nn.RNN``, ``torch.nn.LSTM`` and ``torch.nn.GRU``. Each loads the other's
``state_dict``, and with the same seed both draw the same initial weights. Outputs, states and
gradients agree to rounding. What they compute is easiest to read in `rnn_tutorial.networks.plain`,
a loop over the cell.

One mechanism, `Recurrent.forward`, runs all three:

1. A padded batch, a packed one or a single sequence becomes one matrix of rows, step after step,
   and a list that counts the rows of each step (`rnn_tutorial.networks._rows.Form`).
2. Each layer and direction is one call of the cell's `torch.autograd.Function`, whose forward and
   backward pass are in `rnn_tutorial.networks.functions`. The backward direction is the forward
   one over sequences that are turned around.
3. The rows of the last layer are returned in the form that came in.
"""

import math
import warnings
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn.utils.rnn import PackedSequence

from rnn_tutorial import _arguments
from rnn_tutorial.networks import _rows
from rnn_tutorial.networks.functions import GRUFunction, LSTMFunction, RNNFunction
from rnn_tutorial.networks.sizes import BLOCKS

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
        Is here because torch's constructor has it, and must be 0.
    device, dtype : optional
        Where the parameters are, and their floating-point type.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or impossible; the message names it.

    Notes
    -----
    What torch.nn's layers do and these do not. Where you need it, use torch.nn's layer, which takes
    the same ``state_dict``.

    - Second derivatives, the transformations of torch.func, forward-mode differentiation.
    - Recording: ``torch.jit.trace``, ``torch.jit.script`` and ``torch.fx`` cannot follow the loops
      over time, ``torch.export`` follows them only with the sizes of the example, and under
      ``torch.no_grad()``. Export torch.nn's layer, as chapter 10b does. ``torch.compile`` works.
    - ``torch.autocast`` changes nothing in them. They compute in the type of their weights, and an
      input of another type is an error: cast it.
    - Outputs share their memory with what the backward pass needs, so with a gradient to come they
      must not be changed in place, as ``nn.ReLU(inplace=True)`` does (torch.nn's LSTM has that
      limit, its RNN and GRU have not): leave out ``inplace=True``, or clone the outputs first.
    - ``isinstance(layer, torch.nn.LSTM)`` is False. Code that looks for torch's class, such as an
      initializer or ``quantize_dynamic``, passes over them without a word;
      `rnn_tutorial.networks.kinds.cell_of` recognizes both.
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
                f"proj_size must be 0, got {proj_size}: only torch.nn.LSTM can project its states"
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
        self._make_parameters(device, dtype)
        self.reset_parameters()

    def _make_parameters(self, device, dtype) -> None:
        """Make the weights and biases of each layer and direction, without values yet."""
        rows = self.blocks * self.hidden_size
        for index in range(self.num_layers * self.num_directions):
            first = index < self.num_directions
            below = self.input_size if first else self.num_directions * self.hidden_size
            shapes = [(rows, below), (rows, self.hidden_size), (rows,), (rows,)]
            # without biases there are two names only
            for name, shape in zip(self._names(index), shapes, strict=False):
                self.register_parameter(name, nn.Parameter(_empty(shape, device, dtype)))

    def reset_parameters(self) -> None:
        """Draw all parameters from U(-1/√hidden, 1/√hidden), as torch does."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    @property
    def num_directions(self) -> int:
        """2 for a bidirectional layer, else 1."""
        return 2 if self.bidirectional else 1

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
        """Do nothing: it is here for code that was written for torch.nn."""

    def extra_repr(self) -> str:
        """Show the arguments that differ from the default, as torch does, and `reset_after`."""
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
            features: the forward direction's, then the backward one's. To change it in place,
            clone it first.
        h_n : Tensor, for the LSTM a pair of Tensors
            The last states, in the layout of `hx`. The forward direction's last state is that
            after the last step, the backward one's that after the first.

        Raises
        ------
        TypeError
            If an argument is of the wrong kind or has another dtype than the weights.
        ValueError
            If a shape does not fit, there is no time step, or a tensor is on another device.
        RuntimeError
            If torch.jit.trace, torch.fx or torch.export records what cannot be recorded.
        """
        self._refuse_recording(input)
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
        """Return what else the function takes after rows, states, weights and sizes."""
        return ()

    def _refuse_recording(self, input) -> None:
        """Refuse what would record this layer as something that cannot run, or only at one size."""
        if torch.jit.is_tracing() or isinstance(input, torch.fx.Proxy):
            recorder = "torch.jit.trace and torch.fx"
        elif _exporting() and (torch.is_grad_enabled() or _has_free_size(input)):
            recorder = "torch.export, with gradients or with a free size,"
        else:
            return
        name = type(self).__name__
        raise RuntimeError(
            f"{recorder} cannot record the loop over time of rnn_tutorial's {name}, got such a "
            f"recording; load its state_dict into torch.nn.{name} and record that layer"
        )


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
    blocks = BLOCKS["rnn"]

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
    blocks = BLOCKS["lstm"]
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
    blocks = BLOCKS["gru"]

    def __init__(self, *args, reset_after: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        self.reset_after = _arguments.boolean("reset_after", reset_after)

    def _options(self) -> tuple:
        return (self.reset_after,)


def _exporting() -> bool:
    """Whether torch.export runs the layer's code; torch before 2.7 cannot tell.

    With ``strict=True`` it reads the code instead, and records a call of the function as one.
    """
    exporting = hasattr(torch.compiler, "is_exporting") and torch.compiler.is_exporting()
    return exporting and not torch.compiler.is_dynamo_compiling()


def _has_free_size(input) -> bool:
    """Whether torch.export holds a size of the input open, as a symbol."""
    return isinstance(input, Tensor) and any(isinstance(n, torch.SymInt) for n in input.shape)


def _empty(shape, device, dtype) -> Tensor:
    try:
        return torch.empty(shape, device=device, dtype=dtype)
    except (RuntimeError, AssertionError, TypeError, MemoryError) as error:
        raise ValueError(
            "input_size, hidden_size and device must allow the parameters to be made, "
            f"got shape {shape} and device {device!r}: {error}"
        ) from error
