"""The four cells in PyTorch: three layers, and a loop for the one that torch.nn does not have."""

import torch
from problem import HIDDEN, store
from torch import nn

LAYERS = {"tanh": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


# begin recurrence
def layer(cell, inputs, weight_ih, weight_hh, bias_ih, bias_hh):
    """Run torch.nn's layer over (time, batch, features)."""
    module = LAYERS[cell](inputs.shape[2], HIDDEN, dtype=inputs.dtype)
    weights = (weight_ih, weight_hh, bias_ih, bias_hh)
    names = (name for name, _ in module.named_parameters())
    named = dict(zip(names, weights, strict=True))
    return torch.func.functional_call(module, named, inputs)[0]


def gru_before(inputs, weight_ih, weight_hh, bias_ih, bias_hh):
    """Run the GRU of the paper: a loop that autograd records."""
    h, outputs = inputs.new_zeros(inputs.shape[1], HIDDEN), []
    w_r, w_z, w_n = weight_hh.chunk(3)
    for x in inputs:
        from_x = x @ weight_ih.T + bias_ih + bias_hh
        from_r, from_z, from_n = from_x.chunk(3, dim=1)
        r = torch.sigmoid(from_r + h @ w_r.T)
        z = torch.sigmoid(from_z + h @ w_z.T)
        n = torch.tanh(from_n + (r * h) @ w_n.T)
        h = (1 - z) * n + z * h
        outputs.append(h)
    return torch.stack(outputs)


# end recurrence


def run(cell, problem):
    """Return outputs and gradients of one cell."""
    inputs, *weights, from_above = (torch.tensor(a, requires_grad=True) for a in problem.values())
    outputs = (
        gru_before(inputs, *weights) if cell == "gru_before" else layer(cell, inputs, *weights)
    )
    d_inputs, d_weight_hh = torch.autograd.grad((outputs * from_above).sum(), (inputs, weights[1]))
    return {
        "outputs": outputs.detach().numpy(),
        "d_inputs": d_inputs.numpy(),
        "d_weight_hh": d_weight_hh.numpy(),
    }


if __name__ == "__main__":
    store("PyTorch", torch.__version__, run)
