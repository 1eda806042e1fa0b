"""A recurrent layer as a plain loop over its cell, for our layers and for torch.nn's.

This is what a layer computes, without what makes it fast: take a step, keep the state, go on.
Autograd records the steps, so that their gradients need no derivation. The layers of
`rnn_tutorial.networks.layers` return the same outputs, states and gradients, to rounding, from the
functions of `rnn_tutorial.networks.functions`, whose backward passes are derived by hand.
"""

import torch
from torch import Tensor, nn

from rnn_tutorial.networks.cells import gru_step, lstm_step, rnn_step
from rnn_tutorial.networks.kinds import State, cell_of, check_recurrent


def unroll(layer: nn.Module, inputs: Tensor, hx: State | None = None) -> tuple[Tensor, State]:
    """Run a layer one step after the other.

    Parameters
    ----------
    layer : Module
        An RNN, LSTM or GRU, ours or torch's, with any number of layers and one direction or two.
    inputs : Tensor, (time, batch, features)
        Sequences of one length; time comes first, whatever ``batch_first`` is.
    hx : Tensor, for the LSTM a pair of Tensors, optional
        Initial states, (layers · directions, batch, hidden); zeros if missing.

    Returns
    -------
    output : Tensor, (time, batch, directions · hidden)
        The states of the last layer, the forward direction's first.
    h_n : Tensor, for the LSTM a pair of Tensors
        The last states, in the layout of `hx`.

    Raises
    ------
    TypeError, ValueError
        If `layer` is not a recurrent layer or projects its states, or a shape does not fit.
    """
    check_recurrent(layer)
    pair = cell_of(layer) == "lstm"
    directions = 2 if layer.bidirectional else 1
    if hx is None:
        count = layer.num_layers * directions
        zeros = inputs.new_zeros(count, inputs.shape[1], layer.hidden_size)
        hx = (zeros, zeros) if pair else zeros
    parts = hx if pair else (hx,)
    sequence, last = inputs, []
    for depth in range(layer.num_layers):
        if depth:
            sequence = nn.functional.dropout(sequence, layer.dropout, layer.training)
        outputs = []
        for direction in range(directions):
            index = depth * directions + direction
            state = tuple(part[index] for part in parts)
            # the second direction reads from the end, and what it says is turned around again
            read = sequence.flip(0) if direction else sequence
            states, state = _loop(layer, read, state, layer.all_weights[index])
            outputs.append(states.flip(0) if direction else states)
            last.append(state)
        sequence = torch.cat(outputs, dim=-1)
    h_n = tuple(torch.stack(states) for states in zip(*last, strict=True))
    return sequence, h_n if pair else h_n[0]


def _loop(layer, inputs, state, weights):
    """Run one layer in one direction; return the hidden states (time, ...) and the last state."""
    outputs = []
    for x in inputs:
        state = step(layer, x, state, weights)
        outputs.append(state[0])
    return torch.stack(outputs), state


def step(
    layer: nn.Module, x: Tensor, state: tuple[Tensor, ...], weights: list[Tensor]
) -> tuple[Tensor, ...]:
    """Take one step of the cell of a layer.

    Parameters
    ----------
    layer : Module
        See `unroll`; says which cell it is.
    x : Tensor, (..., features)
        Input of this step.
    state : tuple of Tensor, each (..., hidden)
        State before this step: (h, c) in an LSTM, else (h,).
    weights : list of Tensor
        Those of one layer and direction, one entry of ``layer.all_weights``.

    Returns
    -------
    tuple of Tensor, each (..., hidden)
        State after this step; its first part is what the layer puts out.
    """
    cell = cell_of(layer)
    if cell == "lstm":
        return lstm_step(x, state, *weights)
    if cell == "gru":  # torch's resets after the product, and has no such option
        reset_after = getattr(layer, "reset_after", True)
        return (gru_step(x, *state, *weights, reset_after=reset_after),)
    return (rnn_step(x, *state, *weights, nonlinearity=layer.nonlinearity),)
