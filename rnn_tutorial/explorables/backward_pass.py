"""The hand network, through which the reader of chapter 4 steps forward and back."""

import torch
from torch import Tensor

from rnn_tutorial.gradients import jacobians, truncated_bptt
from rnn_tutorial.networks import layers

W, U, INPUTS, TARGET = 0.5, 1.0, (1.0, 0.0, 0.0), 1.0
RANGES = {"w": (-2.0, 2.0), "target": (-1.0, 1.0)}
EACH = 0.05  # how far apart the settings of a slider are
_INPUTS = torch.tensor(INPUTS, dtype=torch.float64)[:, None]  # (time, features)


def numbers() -> dict:
    """Return the network, everything on its way forward and back, and where most comes back.

    Returns
    -------
    dict
        ``w``, ``u``, ``inputs`` and ``target``, and ``ranges`` of the sliders; ``passes``, the
        numbers of `both_ways`; ``most``: the positive ``w`` of the slider for which ∂h_3/∂h_1 is
        largest, and that ``derivative``.
    """
    settings = [round(EACH * n, 2) for n in range(1, round(RANGES["w"][1] / EACH) + 1)]
    derivatives = {w: _back(_layer(w))[2].item() for w in settings}
    most = max(derivatives, key=derivatives.get)
    return {
        "w": W,
        "u": U,
        "inputs": INPUTS,
        "target": TARGET,
        "ranges": RANGES,
        "passes": both_ways(),
        "most": {"w": most, "derivative": derivatives[most]},
    }


def both_ways(w: float = W, target: float = TARGET) -> dict:
    """Run the hand network forward and back.

    Parameters
    ----------
    w : float
        The recurrent weight.
    target : float
        Where the last state should be: L = ½ (h_3 - target)².

    Returns
    -------
    dict
        ``states`` h_0 to h_3; ``loss``; ``factors``: ∂h_t/∂h_{t-1} for t = 1 to 3; ``gradients``:
        dL/dh_t for t = 1 to 3; ``kept``: dL/dw truncated to the last 1, 2 and 3 steps;
        ``derivative``: ∂h_3/∂h_1.
    """
    layer = _layer(w)
    states = layer(_INPUTS)[0].detach().flatten()

    def loss(outputs: Tensor, steps: slice) -> Tensor:
        """Judge the last state alone."""
        wanted = 0.5 * (outputs[-1] - target).square().sum()
        return wanted if steps.stop == len(INPUTS) else 0 * wanted

    lengths = range(1, len(INPUTS) + 1)
    found = [truncated_bptt(layer, _INPUTS, loss, steps=k, every=1) for k in lengths]
    back = _back(layer)
    return {
        "states": [0.0, *states.tolist()],
        "loss": found[0][0].item(),
        "factors": jacobians.state_jacobians(layer, _INPUTS).flatten().tolist(),
        "gradients": ((states[-1] - target) * back[:-1].flip(0)).tolist(),
        "kept": [gradients["weight_hh_l0"].item() for _, gradients, _ in found],
        "derivative": back[2].item(),
    }


def _layer(w: float) -> layers.RNN:
    """Return the hand network with another recurrent weight."""
    layer = layers.RNN(1, 1, bias=False, dtype=torch.float64)
    weights = torch.tensor([U, w], dtype=torch.float64).reshape(2, 1, 1)
    layer.load_state_dict(dict(zip(("weight_ih_l0", "weight_hh_l0"), weights, strict=True)))
    return layer


def _back(layer: layers.RNN) -> Tensor:
    """Return ∂h_3/∂h_{3-k} at index k, (4,)."""
    return jacobians.jacobian_products(jacobians.state_jacobians(layer, _INPUTS)).flatten()
