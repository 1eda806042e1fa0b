"""One time step of each recurrent cell, as a formula.

Each step function takes the input of one step and the state before it, and returns the state after
it; of the gated cells, another function returns what the gates say in that step. The weights have
the names, the shapes and the order of gates of ``torch.nn``. These functions are what the book
means by "the tanh cell", "the LSTM" and "the GRU". `rnn_tutorial.networks.plain` repeats them over
a sequence, and `rnn_tutorial.networks.layers` computes the same faster.

Shapes: the input is (..., features), a state is (..., hidden), where ... is a batch or nothing.
With G blocks of rows, 1 for the tanh cell, 4 for the LSTM and 3 for the GRU, ``weight_ih`` is
(G · hidden, features), ``weight_hh`` is (G · hidden, hidden), and each bias is (G · hidden,) or
None for zero. A shape that does not fit raises ValueError; anything but a tensor, TypeError.
"""

import torch
from torch import Tensor

from rnn_tutorial import _arguments
from rnn_tutorial.networks.sizes import BLOCKS


def rnn_step(
    x: Tensor,
    h: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    bias_hh: Tensor | None = None,
    *,
    nonlinearity: str = "tanh",
) -> Tensor:
    """Take one step of Elman's cell, h' = tanh(W_ih x + b_ih + W_hh h + b_hh) [1]_.

    Parameters
    ----------
    x : Tensor, (..., features)
        Input of this step.
    h : Tensor, (..., hidden)
        State before this step.
    weight_ih, weight_hh : Tensor, (hidden, features) and (hidden, hidden)
        Weights.
    bias_ih, bias_hh : Tensor, (hidden,), optional
        Biases; only their sum matters.
    nonlinearity : {"tanh", "relu"}
        What is applied to the sum.

    Returns
    -------
    Tensor, (..., hidden)
        State after this step.

    References
    ----------
    .. [1] Elman, Finding structure in time, Cognitive Science 14, 1990.
    """
    _check("rnn", x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    activation = getattr(torch, _arguments.choice("nonlinearity", nonlinearity, ("tanh", "relu")))
    return activation(affine(x, weight_ih, bias_ih) + affine(h, weight_hh, bias_hh))


def lstm_step(
    x: Tensor,
    state: tuple[Tensor, Tensor],
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    bias_hh: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Take one step of the LSTM with a forget gate [1]_.

    Parameters
    ----------
    x : Tensor, (..., features)
        Input of this step.
    state : (h, c), each (..., hidden)
        Hidden state and cell state before this step.
    weight_ih, weight_hh : Tensor, (4 · hidden, features) and (4 · hidden, hidden)
        Weights, in the order input gate, forget gate, candidate, output gate.
    bias_ih, bias_hh : Tensor, (4 · hidden,), optional
        Biases in the same order; only their sum matters.

    Returns
    -------
    h, c : Tensor, (..., hidden)
        Hidden state and cell state after this step.

    References
    ----------
    .. [1] Gers, Schmidhuber and Cummins, Learning to forget, Neural Computation 12, 2000.
    """
    if not isinstance(state, tuple | list) or len(state) != 2:
        raise TypeError(f"state must be a pair (h, c), got {type(state).__name__}")
    h, c = state
    i, f, g, o = lstm_gates(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    _arguments.tensor("c", c, tuple(h.shape), h)
    c = f * c + i * g
    h = o * torch.tanh(c)
    return h, c


def lstm_gates(
    x: Tensor,
    h: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    bias_hh: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the gates and the candidate of one step of the LSTM.

    Parameters
    ----------
    x, h, weight_ih, weight_hh, bias_ih, bias_hh
        See `lstm_step`; the cell state does not act on them.

    Returns
    -------
    i, f, g, o : Tensor, (..., hidden)
        Input gate, forget gate, candidate and output gate.
    """
    _check("lstm", x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    gates = affine(x, weight_ih, bias_ih) + affine(h, weight_hh, bias_hh)
    i, f, g, o = gates.chunk(4, dim=-1)  # (..., hidden) each
    return torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)


def gru_step(
    x: Tensor,
    h: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    bias_hh: Tensor | None = None,
    *,
    reset_after: bool = True,
) -> Tensor:
    """Take one step of the GRU [1]_.

    Parameters
    ----------
    x : Tensor, (..., features)
        Input of this step.
    h : Tensor, (..., hidden)
        State before this step.
    weight_ih, weight_hh : Tensor, (3 · hidden, features) and (3 · hidden, hidden)
        Weights, in the order reset gate, update gate, candidate.
    bias_ih, bias_hh : Tensor, (3 · hidden,), optional
        Biases in the same order.
    reset_after : bool
        Where the reset gate acts. After the matrix product, on W_hn h + b_hn, as in torch and in
        the first version of the paper on arXiv; or before it, on h, as in the paper that was
        published [1]_. The two are different networks, and weights do not carry over.

    Returns
    -------
    Tensor, (..., hidden)
        State after this step: where the update gate is near 1, the state before it.

    References
    ----------
    .. [1] Cho et al., Learning phrase representations using RNN encoder-decoder for statistical
       machine translation, EMNLP 2014, equations 5 to 8.
    """
    _, z, n = gru_gates(x, h, weight_ih, weight_hh, bias_ih, bias_hh, reset_after=reset_after)
    return (1 - z) * n + z * h


def gru_gates(
    x: Tensor,
    h: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    bias_hh: Tensor | None = None,
    *,
    reset_after: bool = True,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gates and the candidate of one step of the GRU.

    Parameters
    ----------
    x, h, weight_ih, weight_hh, bias_ih, bias_hh, reset_after
        See `gru_step`.

    Returns
    -------
    r, z, n : Tensor, (..., hidden)
        Reset gate, update gate and candidate.
    """
    _check("gru", x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    _arguments.boolean("reset_after", reset_after)
    hidden = h.shape[-1]
    # the rows of the two gates, and those of the candidate
    w_gates, w_n = weight_hh.tensor_split((2 * hidden,))
    b_gates, b_n = (None, None) if bias_hh is None else bias_hh.tensor_split((2 * hidden,))
    from_x, n_from_x = affine(x, weight_ih, bias_ih).tensor_split((2 * hidden,), dim=-1)
    r, z = torch.sigmoid(from_x + affine(h, w_gates, b_gates)).chunk(2, dim=-1)
    if reset_after:
        n = torch.tanh(n_from_x + r * affine(h, w_n, b_n))
    else:
        n = torch.tanh(n_from_x + affine(r * h, w_n, b_n))
    return r, z, n


def affine(rows: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return W x + b for each row x; without a bias W x."""
    product = rows @ weight.T
    return product if bias is None else product + bias


def _check(cell, x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    """Check one step's arguments against the sizes that the weights have."""
    for name, weight in (("weight_ih", weight_ih), ("weight_hh", weight_hh)):
        if _arguments.floating(name, weight).dim() != 2:
            raise ValueError(f"{name} must be a matrix, got shape {tuple(weight.shape)}")
    hidden = weight_hh.shape[1]
    rows = BLOCKS[cell] * hidden
    _arguments.tensor("weight_hh", weight_hh, (rows, hidden), weight_ih)
    _arguments.tensor("weight_ih", weight_ih, (rows, "features"), weight_ih)
    for name, bias in (("bias_ih", bias_ih), ("bias_hh", bias_hh)):
        if bias is not None:
            _arguments.tensor(name, bias, (rows,), weight_ih)
    if not isinstance(x, Tensor):
        raise TypeError(f"x must be a tensor, got {type(x).__name__}")
    batch = tuple(x.shape[:-1])
    _arguments.tensor("x", x, (*batch, weight_ih.shape[1]), weight_ih)
    _arguments.tensor("h", h, (*batch, hidden), weight_ih)
