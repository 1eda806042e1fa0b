"""By how much a step stretches a gradient, what of that is W_hh and what the slope."""

import torch
from torch import Tensor, nn

from rnn_tutorial.experiments.classics import temporal_order
from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.gradients import jacobians
from rnn_tutorial.models import SequenceModel
from rnn_tutorial.networks import initialization, layers
from rnn_tutorial.networks.initialization import spectral_radius
from rnn_tutorial.training import measure, train_fresh
from rnn_tutorial.training.fresh import generators

SEEDS = tuple(range(100, 105))
# Temporal order, so short that a tanh RNN with torch's own initialization learns it.
TIME_STEPS, UNITS, BATCH = 20, 50, 20
STEPS, LEARNING_RATE, SOLVED = 600, 0.005, 0.05
TESTS, TEST_BATCH, PROBES = 5, 200, 16
STARTS = ("0.01 randn", "torch's default", "ρ 0.9", "ρ 1.5", "orthogonal", "identity, ReLU")

# Untrained networks, larger, on noise.
LAGS, HIDDEN, FEATURES = 200, 128, 32
FORGET_BIASES = {"LSTM": None, "LSTM, forget bias 1": 1.0, "LSTM, forget bias 3": 3.0}
NETWORKS = ("tanh RNN", "tanh RNN, orthogonal", "GRU", *FORGET_BIASES)


def build(start: str) -> SequenceModel:
    """Return a network with 50 units whose weights begin as the name says."""
    if start == "identity, ReLU":
        layer = initialization.identity_(layers.RNN(6, UNITS, nonlinearity="relu"))
    else:
        layer = layers.RNN(6, UNITS)
    model = SequenceModel(layer, 4, every_step=False)
    if start == "0.01 randn":
        small_(model.recurrent)
    elif start == "orthogonal":
        initialization.orthogonal_(model.recurrent)
    elif start.startswith("ρ"):
        initialization.spectral_radius_(model.recurrent, float(start.split()[1]))
    return model


@torch.no_grad()
def small_(layer: nn.Module) -> nn.Module:
    """Draw all weights from N(0, 0.01²) and set the biases to 0, as from-scratch code often does.

    Parameters
    ----------
    layer : Module
        A recurrent layer; changed in place.

    Returns
    -------
    Module
        The layer.
    """
    for name, parameter in layer.named_parameters():
        if name.startswith("bias"):
            parameter.zero_()
        else:
            parameter.normal_(std=0.01)
    return layer


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


def run(variant: str, seed: int) -> dict[str, list[dict]]:
    """Measure the stretch of a step on 16 sequences, train, and measure again.

    Returns
    -------
    dict
        ``""``: the share of right answers on a test, the steps of training, and the stretch of a
        step after them. ``"stretch"``: what `stretch` returns, before and after.
    """
    training, test = generators(seed)
    model = build(variant)
    (probes,), _ = temporal_order.draw(PROBES, TIME_STEPS)(test)
    probes = probes.transpose(0, 1)  # (time, batch, features)
    found = [{"stage": "before", **_rounded(stretch(model.recurrent, probes))}]
    records = train_fresh(
        model,
        temporal_order.draw(BATCH, TIME_STEPS),
        nn.functional.cross_entropy,
        generator=training,
        steps=STEPS,
        learning_rate=LEARNING_RATE,
        stop_below=SOLVED,
    )
    found.append({"stage": "after", **_rounded(stretch(model.recurrent, probes))})
    judged = temporal_order.draw(TEST_BATCH, TIME_STEPS)
    _, accuracy = measure(model, [judged(test) for _ in range(TESTS)])
    summary = {
        "accuracy": round(accuracy, 6),
        "steps": records[-1]["step"],
        "by_step": found[1]["by_step"],
    }
    return {"": [summary], "stretch": found}


def build_large(network: str) -> nn.Module:
    """Return an untrained layer with 128 units in float64."""
    makers = {"tanh": layers.RNN, "GRU": layers.GRU, "LSTM": layers.LSTM}
    layer = makers[network.split()[0].rstrip(",")](FEATURES, HIDDEN, dtype=torch.float64)
    if network.endswith("orthogonal"):
        initialization.orthogonal_(layer)
    if (bias := FORGET_BIASES.get(network)) is not None:
        initialization.forget_bias_(layer, bias)
    return layer


def run_large(variant: str, seed: int) -> dict[str, list[dict]]:
    """Measure the spectral norm of ∂h_T/∂h_{T-k} of an untrained network on noise from N(0, 1).

    Returns
    -------
    dict
        ``""``: the common logarithm of the norm at lags 50, 100 and 200; for an LSTM the state is
        (h, c). ``"norms"``: the same for every tenth lag.
    """
    _, noise = generators(seed)
    layer = build_large(variant)
    inputs = torch.randn(LAGS, FEATURES, generator=noise, dtype=torch.float64)
    products = jacobians.jacobian_products(jacobians.state_jacobians(layer, inputs))
    norms = torch.linalg.matrix_norm(products, ord=2).log10()
    summary = {f"log10_norm_at_{lag}": round(norms[lag].item(), 4) for lag in (50, 100, 200)}
    rows = [{"lag": k, "log10_norm": round(norms[k].item(), 4)} for k in range(0, LAGS + 1, 10)]
    return {"": [summary], "norms": rows}


def _rounded(numbers: dict[str, float]) -> dict[str, float]:
    return {name: round(number, 6) for name, number in numbers.items()}


FLOW = Experiment(
    "gradient_flow",
    "What W_hh and what the slope does to a gradient, before and after training",
    run,
    by_name(STARTS),
    SEEDS,
    headline="by_step",
)
CELLS = Experiment(
    "cell_jacobians",
    "How far a gradient reaches in untrained tanh RNNs, GRUs and LSTMs",
    run_large,
    by_name(NETWORKS),
    SEEDS,
    headline="log10_norm_at_100",
)
