"""By how much a step stretches a gradient, what of that is W_hh and what the slope."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from rnn_tutorial.experiments.classics import temporal_order
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.gradients import jacobians
from rnn_tutorial.models import SequenceModel, irnn
from rnn_tutorial.networks import initialization, layers
from rnn_tutorial.networks.initialization import spectral_radius
from rnn_tutorial.training import measure, train_fresh
from rnn_tutorial.training.fresh import generators

SEEDS = tuple(range(100, 105))
# Temporal order, so short that a tanh RNN with torch's own initialization learns it.
TIME_STEPS, UNITS, BATCH = 20, 50, 20
STEPS, LEARNING_RATE, SOLVED = 600, 0.005, 0.05
TESTS, TEST_BATCH, PROBES = 5, 200, 16


def nothing(layer: nn.Module) -> nn.Module:
    """Leave a layer as it is."""
    return layer


@dataclass(frozen=True)
class Start:
    """How a network begins: what makes its layer, and what is then done to the layer."""

    layer: Callable[..., nn.Module] = layers.RNN
    change: Callable[[nn.Module], nn.Module] = nothing


def with_bias(bias: float) -> Start:
    """Return the start of an LSTM with a forget bias."""
    return Start(layers.LSTM, partial(initialization.forget_bias_, value=bias))


STARTS = {
    "0.01 randn": Start(change=initialization.small_),
    "torch's default": Start(),
    "ρ 0.9": Start(change=partial(initialization.spectral_radius_, radius=0.9)),
    "ρ 1.5": Start(change=partial(initialization.spectral_radius_, radius=1.5)),
    "orthogonal": Start(change=initialization.orthogonal_),
    "identity, ReLU": Start(irnn),
}

# Untrained networks, larger, on noise.
LAGS, HIDDEN, FEATURES = 200, 128, 32
NETWORKS = {
    "tanh RNN": Start(),
    "tanh RNN, orthogonal": Start(change=initialization.orthogonal_),
    "GRU": Start(layers.GRU),
    "LSTM": Start(layers.LSTM),
    "LSTM, forget bias 1": with_bias(1.0),
    "LSTM, forget bias 3": with_bias(3.0),
}


def build(
    start: Start, input_size: int = 6, output_size: int = 4, *, every_step: bool = False
) -> SequenceModel:
    """Return a network with 50 units that begins as asked for, by default for temporal order."""
    model = SequenceModel(start.layer(input_size, UNITS), output_size, every_step=every_step)
    start.change(model.recurrent)
    return model


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
        that of the Jacobian over T steps, the geometric mean over sequences. ``by_slope``: the
        second over the first.
    """
    doubled = layers.RNN(
        layer.input_size, layer.hidden_size, nonlinearity=layer.nonlinearity, dtype=torch.float64
    )
    doubled.load_state_dict(layer.state_dict())
    weight, steps = doubled.weight_hh_l0.detach(), len(inputs)
    product = jacobians.jacobian_products(jacobians.state_jacobians(doubled, inputs.double()))[-1]
    norms = torch.linalg.matrix_norm(product, ord=2)
    by_step = (norms.log().mean() / steps).exp().item()
    power = torch.linalg.matrix_power(weight, steps)
    by_weight = torch.linalg.matrix_norm(power, ord=2).item() ** (1 / steps)
    return {
        "sigma_max": jacobians.singular_values(weight)[0].item(),
        "rho": spectral_radius(weight),
        "by_weight": by_weight,
        "by_slope": by_step / by_weight,
        "by_step": by_step,
    }


def run(start: Start, seed: int) -> dict[str, list[dict]]:
    """Measure the stretch of a step on 16 sequences, train, and measure again.

    Returns
    -------
    dict
        ``""``: the share of right answers on a test, the steps of training, and the stretch of a
        step after them. ``"stretch"``: what `stretch` returns, before and after.
    """
    training, test = generators(seed)
    model = build(start)
    (probes,), _ = temporal_order.draw(PROBES, TIME_STEPS)(test)
    probes = probes.transpose(0, 1)  # (time, batch, features)
    found = [{"stage": "before", **stretch(model.recurrent, probes)}]
    records = train_fresh(
        model,
        temporal_order.draw(BATCH, TIME_STEPS),
        nn.functional.cross_entropy,
        generator=training,
        steps=STEPS,
        learning_rate=LEARNING_RATE,
        stop_below=SOLVED,
    )
    found.append({"stage": "after", **stretch(model.recurrent, probes)})
    judged = temporal_order.draw(TEST_BATCH, TIME_STEPS)
    _, accuracy = measure(model, [judged(test) for _ in range(TESTS)])
    summary = {
        "accuracy": accuracy,
        "steps": records[-1]["step"],
        "by_step": found[1]["by_step"],
    }
    return {"": [summary], "stretch": found}


def build_large(start: Start) -> nn.Module:
    """Return an untrained layer with 128 units in float64."""
    return start.change(start.layer(FEATURES, HIDDEN, dtype=torch.float64))


def run_large(start: Start, seed: int) -> dict[str, list[dict]]:
    """Measure the spectral norm of ∂h_T/∂h_{T-k} of an untrained network on noise from N(0, 1).

    Returns
    -------
    dict
        ``""``: the common logarithm of the norm at lags 50, 100 and 200; for an LSTM the state is
        (h, c). ``"norms"``: the same for every tenth lag.
    """
    _, noise = generators(seed)
    layer = build_large(start)
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
)
CELLS = Experiment(
    "cell_jacobians",
    "How far a gradient reaches in untrained tanh RNNs, GRUs and LSTMs",
    run_large,
    NETWORKS,
    SEEDS,
    headline="log10_norm_at_100",
)
