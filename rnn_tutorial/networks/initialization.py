"""Initial weights for recurrent layers, set in place, for our layers and for torch.nn's alike.

As in torch.nn.init, each name ends in an underscore, the layer is changed in place and returned,
and `generator` draws whatever is random; if it is missing, torch's own does. Every function sets
all layers and directions. The gated cells have several blocks in W_hh, and each block is treated
as a matrix of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from rnn_tutorial import _arguments
from rnn_tutorial.networks import layers
from rnn_tutorial.networks.kinds import CELLS, cell_of, check_recurrent


def spectral_radius(matrix: Tensor) -> float:
    """Return the largest absolute value of an eigenvalue of a matrix (S, S)."""
    _arguments.square("matrix", matrix, at_least=2)
    if matrix.dim() > 2:
        raise ValueError(f"matrix must be a square matrix, got shape {tuple(matrix.shape)}")
    return torch.linalg.eigvals(_arguments.finite("matrix", matrix.detach())).abs().max().item()


def spectral_radius_(
    layer: nn.Module, radius: float, *, generator: torch.Generator | None = None
) -> nn.Module:
    """Draw W_hh from a normal distribution and scale it to a given spectral radius.

    The spectral radius, the largest absolute value of an eigenvalue, governs how powers of W_hh
    grow or fade in the long run; before that a matrix that is not normal can grow all the same.

    Parameters
    ----------
    layer : Module
        An RNN, LSTM or GRU, ours or torch's.
    radius : float
        The spectral radius to reach; above 0.
    generator : torch.Generator, optional
        Draws the matrix.

    Returns
    -------
    Module
        The layer.

    Raises
    ------
    TypeError, ValueError
        If the layer is not recurrent, or `radius` is not a positive number.
    """
    radius = _arguments.positive("radius", radius)
    with torch.no_grad():
        for block in _recurrent_blocks(layer, radius=radius):
            block.normal_(generator=generator)
            block *= radius / spectral_radius(block)
    return layer


def orthogonal_(
    layer: nn.Module, gain: float = 1.0, *, generator: torch.Generator | None = None
) -> nn.Module:
    """Set W_hh to `gain` times a random orthogonal matrix, whose singular values are all 1 [1]_.

    Parameters
    ----------
    layer, generator
        See `spectral_radius_`.
    gain : float
        The size of every singular value; above 0.

    Returns
    -------
    Module
        The layer.

    References
    ----------
    .. [1] Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in
       deep linear neural networks, ICLR 2014.
    """
    gain = _arguments.positive("gain", gain)
    with torch.no_grad():
        for block in _recurrent_blocks(layer, gain=gain):
            nn.init.orthogonal_(block, gain, generator=generator)
    return layer


def small_(
    layer: nn.Module, std: float = 0.01, *, generator: torch.Generator | None = None
) -> nn.Module:
    """Draw all weights from N(0, std²) and set the biases to 0, as from-scratch code often does.

    Parameters
    ----------
    layer, generator
        See `spectral_radius_`.
    std : float
        The standard deviation of the weights; above 0.

    Returns
    -------
    Module
        The layer.
    """
    std = _arguments.positive("std", std)
    check_recurrent(layer)
    _check_parameters(layer, std=std)
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            if name.startswith("bias"):
                parameter.zero_()
            else:
                parameter.normal_(std=std, generator=generator)
    return layer


def identity_(
    layer: nn.Module, scale: float = 1.0, *, generator: torch.Generator | None = None
) -> nn.Module:
    """Initialize a ReLU network as an IRNN: W_hh is the identity, all else is nearly zero [1]_.

    The biases are 0 and the input weights are drawn from N(0, 0.001²), so that without an input
    the network keeps its state.

    Parameters
    ----------
    layer : Module
        An RNN with ``nonlinearity="relu"``, ours or torch's.
    scale : float
        W_hh is this number times the identity; below 1 the network forgets.
    generator : torch.Generator, optional
        Draws the input weights.

    Returns
    -------
    Module
        The layer.

    Raises
    ------
    TypeError, ValueError
        If the layer is not a ReLU network, or `scale` is not a positive number.

    References
    ----------
    .. [1] Le, Jaitly and Hinton, A simple way to initialize recurrent networks of rectified linear
       units, arXiv:1504.00941, 2015.
    """
    scale = _arguments.positive("scale", scale)
    if cell_of(layer) != "rnn" or layer.nonlinearity != "relu":
        raise TypeError(f'layer must be an RNN with nonlinearity="relu", got {layer!r}')
    _check_parameters(layer, scale=scale)
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            if name.startswith("weight_hh"):
                nn.init.eye_(parameter).mul_(scale)
            elif name.startswith("weight_ih"):
                parameter.normal_(std=0.001, generator=generator)
            else:
                parameter.zero_()
    return layer


def forget_bias_(layer: nn.Module, value: float = 1.0) -> nn.Module:
    """Set the bias of an LSTM's forget gates, so that it begins by remembering [1]_.

    The cell adds two bias vectors. This sets the forget gate's part of ``bias_ih`` to `value` and
    that of ``bias_hh`` to 0, so their sum is `value`; setting both is a common mistake.

    Parameters
    ----------
    layer : Module
        An LSTM with biases, ours or torch's.
    value : float
        The bias; at 1 the gates begin near σ(1) = 0.73 if the weights are small.

    Returns
    -------
    Module
        The layer.

    Raises
    ------
    TypeError, ValueError
        If the layer is not an LSTM, has no biases, or `value` is not finite.

    References
    ----------
    .. [1] Gers, Schmidhuber and Cummins, Learning to forget, Neural Computation 12, 2000;
       Jozefowicz, Zaremba and Sutskever, An empirical exploration of recurrent network
       architectures, ICML 2015.
    """
    value = _arguments.real("value", value)
    with torch.no_grad():
        for blocks_ih, blocks_hh in _bias_blocks(layer, ("lstm",), value=value):
            blocks_ih[1].fill_(value)
            blocks_hh[1].zero_()
    return layer


def chrono_(
    layer: nn.Module, max_time: float, *, generator: torch.Generator | None = None
) -> nn.Module:
    """Give the units of an LSTM or GRU timescales from 2 to `max_time` steps [1]_.

    A gate that keeps a share 1 - 1/T of the state forgets within about T steps, and its bias is
    then log(T - 1). For each unit, T - 1 is drawn from U(1, max_time - 1). In an LSTM the forget
    gate's bias becomes log(T - 1) and the input gate's the negative of it; in a GRU the update
    gate's, which keeps the state where it is near 1. Of the two bias vectors the first gets the
    value and the second 0. The weights stay as they are.

    Parameters
    ----------
    layer : Module
        An LSTM or GRU with biases, ours or torch's.
    max_time : float
        The longest timescale in steps, above 2.
    generator : torch.Generator, optional
        Draws the timescales.

    Returns
    -------
    Module
        The layer.

    Raises
    ------
    TypeError, ValueError
        If the layer is not one of those or has no biases, or `max_time` is not above 2.

    References
    ----------
    .. [1] Tallec and Ollivier, Can recurrent neural networks warp time?, ICLR 2018.
    """
    max_time = _arguments.real("max_time", max_time)
    if max_time <= 2:
        raise ValueError(f"max_time must be above 2, got {max_time}")
    with torch.no_grad():
        for blocks_ih, blocks_hh in _bias_blocks(layer, ("lstm", "gru"), max_time=max_time):
            keep = torch.empty_like(blocks_ih[1]).uniform_(1, max_time - 1, generator=generator)
            keep.log_()
            blocks_ih[1].copy_(keep)  # the forget gate, or the update gate
            blocks_hh[1].zero_()
            if cell_of(layer) == "lstm":
                blocks_ih[0].copy_(-keep)  # the input gate
                blocks_hh[0].zero_()
    return layer


def _unchanged(layer: nn.Module) -> nn.Module:
    return layer


@dataclass(frozen=True)
class Start:
    """How a network begins: what makes its layer, and what is then done to the layer.

    Parameters
    ----------
    layer : callable
        Takes the numbers of features and of units, and options such as ``dtype``.
    change : callable
        Takes the layer, changes it in place and returns it, as the functions of this module do.
    """

    layer: Callable[..., nn.Module] = layers.RNN
    change: Callable[[nn.Module], nn.Module] = _unchanged

    def make(self, input_size: int, hidden_size: int, **options) -> nn.Module:
        """Return an untrained layer."""
        return self.change(self.layer(input_size, hidden_size, **options))


def with_forget_bias(value: float) -> Start:
    """Return the start of an LSTM with a forget bias."""
    return Start(layers.LSTM, partial(forget_bias_, value=value))


def _check_parameters(layer: nn.Module, **numbers: float) -> None:
    """Refuse parameters that cannot be set, and numbers too large for their type."""
    if nn.utils.parametrize.is_parametrized(layer):
        raise ValueError("layer must hold its weights itself, got a parametrized layer")
    weight = layer.weight_hh_l0
    if weight.dtype not in (torch.float32, torch.float64) or weight.device.type == "meta":
        raise TypeError(
            "layer must have parameters of float32 or float64 on a device with memory, "
            f"got {weight.dtype} on {weight.device}"
        )
    for name, number in numbers.items():
        if abs(number) > torch.finfo(weight.dtype).max:
            raise ValueError(f"{name} must fit into {weight.dtype}, got {number}")


def _recurrent_blocks(layer: nn.Module, **numbers: float) -> list[Tensor]:
    """Return the square blocks of W_hh of all layers and directions."""
    check_recurrent(layer)
    _check_parameters(layer, **numbers)
    return [block for weights in layer.all_weights for block in weights[1].split(layer.hidden_size)]


def _bias_blocks(
    layer: nn.Module, cells: tuple[str, ...], **numbers: float
) -> list[tuple[tuple[Tensor, ...], ...]]:
    """Return the blocks of the two bias vectors of each layer and direction, for these cells."""
    if cell_of(layer) not in cells:
        wanted = " or ".join(CELLS[cell] for cell in cells)
        raise TypeError(f"layer must be an {wanted}, got {type(layer).__name__}")
    if not layer.bias:
        raise ValueError("layer must have biases, got bias=False")
    _check_parameters(layer, **numbers)
    return [
        tuple(bias.split(layer.hidden_size) for bias in weights[2:4])
        for weights in layer.all_weights
    ]
