"""What the gates of an LSTM or a GRU do at each step of a sequence."""

import torch
from torch import Tensor, nn

from rnn_tutorial.networks.cells import gru_gates, lstm_gates
from rnn_tutorial.networks.kinds import State, cell_of, check_run
from rnn_tutorial.networks.scan import linear_loop


@torch.no_grad()
def trace(layer: nn.Module, inputs: Tensor, h0: State | None = None) -> dict[str, Tensor]:
    """Record the gates, the candidate and the state of each step.

    Parameters
    ----------
    layer : Module
        An LSTM or GRU with one layer and one direction, ours or torch's.
    inputs : Tensor, (time, features) or (time, batch, features)
        The sequences; (batch, time, features) if the layer is ``batch_first``. They are read to
        the end of the tensor: what is recorded after the end of a padded one means nothing.
    h0 : Tensor, for the LSTM a pair of Tensors, optional
        The initial state as the layer takes it; zeros if missing.

    Returns
    -------
    dict of str to Tensor, (time, hidden) or (time, batch, hidden)
        Of an LSTM ``i``, ``f``, ``g``, ``o``, ``c`` and ``h``, of a GRU ``r``, ``z``, ``n`` and
        ``h``; gates lie between 0 and 1. Time comes first, whatever ``batch_first`` is.

    Raises
    ------
    TypeError, ValueError
        If the layer has no gates, several layers or two directions, or the inputs or the state do
        not fit.
    """
    time = check_run(layer, inputs, h0, "h0")
    cell = cell_of(layer)
    if cell == "rnn":
        raise TypeError(f"layer must have gates, got {layer!r}")
    if layer.num_layers > 1:
        raise ValueError(f"layer must have one layer, got num_layers={layer.num_layers}")
    outputs, _ = layer(inputs, h0)
    h, x = outputs.movedim(time, 0), inputs.movedim(time, 0)  # (time, ..., hidden)
    # the state before the first step: h_0, and in an LSTM c_0
    parts = h0 if isinstance(h0, tuple | list) else (h0, h0)
    h_0, c_0 = (torch.zeros_like(h[0]) if s is None else s.reshape(h[0].shape) for s in parts)
    before = torch.cat([h_0[None], h[:-1]])  # the hidden state before each step
    # with the hidden states known, the cell's formula gives the gates of all steps at once
    if cell == "gru":
        reset_after = getattr(layer, "reset_after", True)
        gates = gru_gates(x, before, *layer.all_weights[0], reset_after=reset_after)
        return dict(zip("rzn", gates, strict=True)) | {"h": h}
    i, f, g, o = lstm_gates(x, before, *layer.all_weights[0])
    c = linear_loop(f, i * g, c_0)  # c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    return {"i": i, "f": f, "g": g, "o": o, "c": c, "h": h}
