"""Hidden tests of `final_states`."""

import torch
from checking import call_alone, close, expect
from drawing import normal
from torch import nn

from grading._shared import draw_lengths


def _layer(kind, features, hidden, layers, bidirectional):
    layer = kind(features, hidden, layers, batch_first=True, bidirectional=bidirectional).double()
    with torch.no_grad():
        for offset, weight in enumerate(layer.parameters()):
            weight.copy_(0.7 * normal(*weight.shape, offset=50 + offset))
    return layer


def _states(env, kinds, layers, directions):
    sizes = [(5, 7, 3, 4), (3, 3, 3, 3), (1, 4, 2, 5)]
    for offset, (batch, time, features, hidden) in enumerate(sizes):
        for kind in kinds:
            layer = _layer(kind, features, hidden, layers, directions == 2)
            x, lengths = normal(batch, time, features, offset=offset), draw_lengths(batch, time)
            wanted = []
            for row, length in zip(x, lengths.tolist(), strict=True):
                h = layer(row[None, :length])[1]
                h = h[0] if isinstance(h, tuple) else h
                wanted.append(h[-directions:, 0].flatten())
            for row, length in enumerate(lengths):
                x[row, length:] = 1000.0  # what nobody may read
            found = call_alone(env, "final_states", layer, x.clone(), lengths.clone())
            text = (
                f"A state of an nn.{kind.__name__} (layers: {layers}, directions: {directions}) "
                "is not the one after its row, or rows are in another order."
            )
            close(found, torch.stack(wanted), text)
            expect(found.requires_grad, "No gradient flows through the states.")


def states_one_direction(env):
    """One direction, one layer and two."""
    for layers in (1, 2):
        _states(env, (nn.RNN, nn.GRU), layers, 1)


def states_two_directions(env):
    """Two directions, one layer and three."""
    for layers in (1, 3):
        _states(env, (nn.RNN, nn.GRU), layers, 2)


def states_lstm(env):
    """The hidden state of an LSTM, not its cell."""
    for layers, directions in ((1, 1), (2, 2)):
        _states(env, (nn.LSTM,), layers, directions)
