"""What the gates of an LSTM or a GRU do, step by step."""

import torch
from torch import Tensor, nn

from rnn_tutorial.networks.cells import affine
from rnn_tutorial.networks.kinds import State, cell_of, check_run


@torch.no_grad()
def trace(layer: nn.Module, inputs: Tensor, h0: State | None = None) -> dict[str, Tensor]:
    """Record gates, candidate and state of each step.

    Parameters
    ----------
    layer : Module
        An LSTM or GRU with one layer and one direction, ours or torch's.
    inputs : Tensor, (time, features) or (time, batch, features)
        The sequences; (batch, time, features) if the layer is ``batch_first``. Sequences are read
        to the end of the tensor, so behind the end of a padded one nothing means anything.
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
    if cell_of(layer) == "rnn":
        raise TypeError(f"layer must have gates, got {layer!r}")
    if layer.num_layers > 1:
        raise ValueError(f"layer must have one layer, got num_layers={layer.num_layers}")
    outputs, _ = layer(inputs, h0)
    h, x = outputs.movedim(time, 0), inputs.movedim(time, 0)  # (time, ..., hidden)
    start = h0[0] if isinstance(h0, tuple | list) else h0
    start = torch.zeros_like(h[:1]) if start is None else start.reshape(h[:1].shape)
    before = torch.cat([start, h[:-1]])  # the state before each step
    weight_ih, weight_hh, *biases = layer.all_weights[0]
    bias_ih, bias_hh = biases or (None, None)
    from_x = affine(x, weight_ih, bias_ih)
    if cell_of(layer) == "lstm":
        i, f, g, o = (from_x + affine(before, weight_hh, bias_hh)).chunk(4, dim=-1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c, cells = torch.zeros_like(h[0]) if h0 is None else h0[1].reshape(h[0].shape), []
        for kept, added in zip(f, i * g, strict=True):
            c = kept * c + added
            cells.append(c)
        return {"i": i, "f": f, "g": g, "o": o, "c": torch.stack(cells), "h": h}
    size = layer.hidden_size
    w_n = weight_hh[2 * size :]
    b_n = None if bias_hh is None else bias_hh[2 * size :]
    b_gates = None if bias_hh is None else bias_hh[: 2 * size]
    of_gates = from_x[..., : 2 * size] + affine(before, weight_hh[: 2 * size], b_gates)
    r, z = of_gates.sigmoid().chunk(2, dim=-1)
    if getattr(layer, "reset_after", True):
        recurrent = r * affine(before, w_n, b_n)
    else:
        recurrent = affine(r * before, w_n, b_n)
    return {"r": r, "z": z, "n": (from_x[..., 2 * size :] + recurrent).tanh(), "h": h}
