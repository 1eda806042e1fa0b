"""The forget bias as a dial: what it does to the gradient of an untrained LSTM, and to training."""

import torch

from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.long_range import memory_length
from rnn_tutorial.experiments.long_range.gradient_flow import FEATURES, HIDDEN, LAGS
from rnn_tutorial.gradients import jacobians
from rnn_tutorial.networks import Start, layers, with_forget_bias
from rnn_tutorial.states import gates
from rnn_tutorial.training.fresh import generators

SEEDS = tuple(range(100, 105))
BIASES = {
    "torch's default": Start(layers.LSTM),  # two numbers from U(-1/√H, 1/√H), whose sum counts
    "bias 1": with_forget_bias(1.0),
    "bias 2": with_forget_bias(2.0),
    "bias 3": with_forget_bias(3.0),
}
SHOWN = (50, 100, 200)
LENGTHS = (20, 30, 50, 80)


def run(start: Start, seed: int) -> dict[str, list[dict]]:
    """Measure how much of a gradient is left in an untrained LSTM on noise from N(0, 1).

    The network and the noise are those of `gradient_flow.run_large`, so its numbers come back.

    Returns
    -------
    dict
        ``""``: the common logarithm of the spectral norm of ∂(h, c)_T/∂(h, c)_{T-k} at lags 50,
        100 and 200; the mean of the forget gates; how many of the 256 directions keep a thousandth
        or more over 100 steps. ``"norms"``: for every tenth lag that of the whole Jacobian, and
        that of the direct path from c to c alone, which is the largest product of forget gates.
    """
    _, noise = generators(seed)
    layer = start.make(FEATURES, HIDDEN, dtype=torch.float64)
    inputs = torch.randn(LAGS, FEATURES, generator=noise, dtype=torch.float64)
    products = jacobians.jacobian_products(jacobians.state_jacobians(layer, inputs))
    whole = torch.linalg.matrix_norm(products, ord=2).log10()
    forget = gates.trace(layer, inputs)["f"]
    # at index k the product of the last k forget gates, of the unit that keeps most
    direct = forget.flip(0).log10().cumsum(0).amax(1)
    direct = torch.cat([direct.new_zeros(1), direct])
    summary = {f"log10_norm_at_{lag}": round(whole[lag].item(), 4) for lag in SHOWN}
    summary["mean_gate"] = forget.mean().item()
    summary["directions"] = int((jacobians.singular_values(products[100]) > 1e-3).sum())
    rows = [
        {"lag": k, "whole": round(whole[k].item(), 4), "direct": round(direct[k].item(), 4)}
        for k in range(0, LAGS + 1, 10)
    ]
    return {"": [summary], "norms": rows}


DIAL = Experiment(
    "forget_bias",
    "How far a gradient reaches in an untrained LSTM, by the bias of its forget gates",
    run,
    BIASES,
    SEEDS,
    headline="log10_norm_at_100",
)
TRAINING = Experiment(
    "forget_bias_length",
    "Temporal order, longer and longer: an LSTM by the bias of its forget gates",
    memory_length.run_order,  # of which only the network is another one
    memory_length.at_each(BIASES, LENGTHS),
    memory_length.SEEDS,
    search=memory_length.SEARCH,
)
