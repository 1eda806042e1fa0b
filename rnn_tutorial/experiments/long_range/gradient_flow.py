"""By how much a step stretches a gradient, what of that is W_hh and what the slope."""

from functools import partial

import torch
from torch import Tensor, nn

from rnn_tutorial import tasks
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.engine.tuning import Search
from rnn_tutorial.gradients import jacobians
from rnn_tutorial.models import SequenceModel, irnn
from rnn_tutorial.networks import (
    Start,
    initialization,
    layers,
    spectral_radius,
    with_forget_bias,
)
from rnn_tutorial.training import Batch, measure, train_fresh
from rnn_tutorial.training.fresh import generators

SEEDS = tuple(range(200, 205))
SEARCH = Search("steps", (900, 901, 902), smaller_is_better=True)
# Temporal order, so short that a tanh RNN with torch's own initialization learns it.
TIME_STEPS, UNITS, BATCH = 20, 50, 20
STEPS, SOLVED = 600, 0.05
TESTS, TEST_BATCH, PROBES = 5, 200, 16


STARTS = {
    "0.01 randn": Start(change=initialization.small_),
    "torch's default": Start(),
    "ρ 0.9": Start(change=partial(initialization.spectral_radius_, radius=0.9)),
    "ρ 1.5": Start(change=partial(initialization.spectral_radius_, radius=1.5)),
    "orthogonal": Start(change=initialization.orthogonal_),
    "identity, ReLU": Start(irnn),
}

# Untrained networks, larger, on noise.
CELL_SEEDS = tuple(range(100, 105))
LAGS, HIDDEN, FEATURES = 200, 128, 32
NETWORKS = {
    "tanh RNN": Start(),
    "tanh RNN, orthogonal": Start(change=initialization.orthogonal_),
    "GRU": Start(layers.GRU),
    "LSTM": Start(layers.LSTM),
    "LSTM, forget bias 1": with_forget_bias(1.0),
    "LSTM, forget bias 3": with_forget_bias(3.0),
}


def stretch(layer: nn.Module, inputs: Tensor) -> dict[str, float]:
    """Measure by how much a step stretches a gradient, from the last state back to the first.

    Parameters
    ----------
    layer : Module
        A simple recurrent layer.
    inputs : Tensor, (time, batch, features)
        The sequences.

    Returns
    -------
    dict
        ``sigma_max`` and ``rho`` of W_hh. ``by_weight``: the T-th root of the spectral norm of
        W_hh^T, which is what a step would do if the slope were 1. ``by_step``: the T-th root of
        that of the Jacobian over T steps, the median over sequences: of a ReLU network it can be
        0 for one of them. ``by_slope``: the second over the first.
    """
    doubled = layers.RNN(
        layer.input_size, layer.hidden_size, nonlinearity=layer.nonlinearity, dtype=torch.float64
    )
    doubled.load_state_dict(layer.state_dict())
    weight, steps = doubled.weight_hh_l0.detach(), len(inputs)
    product = jacobians.jacobian_products(jacobians.state_jacobians(doubled, inputs.double()))[-1]
    norms = torch.linalg.matrix_norm(product, ord=2)
    by_step = norms.quantile(0.5).item() ** (1 / steps)
    power = torch.linalg.matrix_power(weight, steps)
    by_weight = torch.linalg.matrix_norm(power, ord=2).item() ** (1 / steps)
    return {
        "sigma_max": jacobians.singular_values(weight)[0].item(),
        "rho": spectral_radius(weight),
        "by_weight": by_weight,
        "by_slope": by_step / by_weight,
        "by_step": by_step,
    }


def draw(generator: torch.Generator, size: int = BATCH) -> Batch:
    """Draw a batch of sequences."""
    return tasks.temporal_order(size, TIME_STEPS, generator=generator).batch


def run(start: Start, seed: int, rate: float) -> dict[str, list[dict]]:
    """Measure the stretch of a step on 16 sequences, train, and measure again.

    Returns
    -------
    dict
        ``""``: the share of right answers on a test, the steps of training, and the stretch of a
        step after them. ``"stretch"``: what `stretch` returns, before and after.
    """
    training, test = generators(seed)
    model = SequenceModel.from_start(start, 6, UNITS, 4, every_step=False)
    probes = tasks.temporal_order(PROBES, TIME_STEPS, generator=test).inputs
    probes = probes.transpose(0, 1)  # (time, batch, features)
    found = [{"stage": "before", **stretch(model.recurrent, probes)}]
    records = train_fresh(
        model,
        draw,
        nn.functional.cross_entropy,
        generator=training,
        steps=STEPS,
        learning_rate=rate,
        stop_below=SOLVED,
    )
    found.append({"stage": "after", **stretch(model.recurrent, probes)})
    _, accuracy = measure(model, [draw(test, TEST_BATCH) for _ in range(TESTS)])
    summary = {
        "accuracy": accuracy,
        "steps": records[-1]["step"],
        "by_step": found[1]["by_step"],
    }
    return {"": [summary], "stretch": found}


def run_large(start: Start, seed: int) -> dict[str, list[dict]]:
    """Measure the spectral norm of ∂h_T/∂h_{T-k} of an untrained network on noise from N(0, 1).

    Returns
    -------
    dict
        ``""``: the common logarithm of the norm at lags 50, 100 and 200; for an LSTM the state is
        (h, c). ``"norms"``: the same for every tenth lag.
    """
    _, noise = generators(seed)
    layer = start.make(FEATURES, HIDDEN, dtype=torch.float64)
    inputs = torch.randn(LAGS, FEATURES, generator=noise, dtype=torch.float64)
    products = jacobians.jacobian_products(jacobians.state_jacobians(layer, inputs))
    norms = torch.linalg.matrix_norm(products, ord=2).log10()
    summary = {f"log10_norm_at_{lag}": round(norms[lag].item(), 4) for lag in (50, 100, 200)}
    rows = [{"lag": k, "log10_norm": round(norms[k].item(), 4)} for k in range(0, LAGS + 1, 10)]
    return {"": [summary], "norms": rows}


FLOW = Experiment(
    "gradient_flow",
    "What W_hh and what the slope does to a gradient, before and after training",
    run,
    STARTS,
    SEEDS,
    headline="by_step",
    search=SEARCH,
)
CELLS = Experiment(
    "cell_jacobians",
    "How far a gradient reaches in untrained tanh RNNs, GRUs and LSTMs",
    run_large,
    NETWORKS,
    CELL_SEEDS,
    headline="log10_norm_at_100",
)
