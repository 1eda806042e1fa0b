"""Pascanu's conditions: what the largest singular value of W_hh says about a gradient."""

from dataclasses import dataclass

import torch
from torch import Tensor

from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.engine.published import Published
from rnn_tutorial.gradients import jacobians
from rnn_tutorial.networks.initialization import spectral_radius

SEEDS = tuple(range(10, 20))
TUNED_ON = (0, 1, 2, 3)
HIDDEN = 50
LAGS = 100
VANISHED, EXPLODED = 1e-4, 1e3


@dataclass(frozen=True)
class Setup:
    """An activation with its steepest slope, how W_hh is scaled, and how strong the input is."""

    activation: str = "tanh"
    largest: str = "singular value"
    value: float = 0.9
    input_deviation: float = 0.1
    explodes: bool = False


VARIANTS = {
    "tanh, σ_max 0.9": Setup(),
    "logistic, σ_max 3.6": Setup("logistic", value=3.6),
    "tanh, σ_max 1.5": Setup(value=1.5),
    "tanh, ρ 1.5, strong input": Setup(largest="eigenvalue", value=1.5, input_deviation=5.0),
    "tanh, σ_max 4": Setup(value=4.0, explodes=True),
}
STEEPEST = {"tanh": 1.0, "logistic": 0.25}


def draw_weight(setup: Setup, generator: torch.Generator) -> Tensor:
    """Draw W_hh from N(0, 1) and scale it to its largest singular value or absolute eigenvalue."""
    weight = torch.randn(HIDDEN, HIDDEN, generator=generator, dtype=torch.float64)
    if setup.largest == "eigenvalue":
        return weight * (setup.value / spectral_radius(weight))
    return weight * (setup.value / torch.linalg.matrix_norm(weight, ord=2))


def step_jacobians(setup: Setup, weight: Tensor, generator: torch.Generator) -> Tensor:
    """Run h_t = f(W_hh h_{t-1} + noise) from zero, return ∂h_t/∂h_{t-1}, (LAGS, hidden, hidden)."""
    h = weight.new_zeros(HIDDEN)
    steps = []
    for _ in range(LAGS):
        noise = torch.randn(HIDDEN, generator=generator, dtype=weight.dtype)
        a = weight @ h + setup.input_deviation * noise
        if setup.activation == "tanh":
            h = torch.tanh(a)
            slope = 1 - h.square()
        else:
            h = torch.sigmoid(a)
            slope = h * (1 - h)
        steps.append(slope[:, None] * weight)
    return torch.stack(steps)


def run(setup: Setup, seed: int) -> dict[str, list[dict]]:
    """Measure the spectral norm of ∂h_T/∂h_{T-k} for each lag k, untrained, in float64.

    Returns
    -------
    dict
        ``""``: σ_max and ρ of W_hh, the norm at lag 100, and the largest ratio of a norm to its
        bound (γ σ_max)^k over lags from 1 on. ``"norms"``: norm and bound by lag.
    """
    generator = torch.Generator().manual_seed(seed)
    weight = draw_weight(setup, generator)
    products = jacobians.jacobian_products(step_jacobians(setup, weight, generator))
    norms = torch.linalg.matrix_norm(products, ord=2)
    lags = torch.arange(LAGS + 1)
    bounds = jacobians.jacobian_bound(weight, lags, slope=STEEPEST[setup.activation])
    summary = {
        "sigma_max": torch.linalg.matrix_norm(weight, ord=2).item(),
        "rho": spectral_radius(weight),
        "log10_norm_at_100": norms[-1].log10().item(),
        "largest_ratio_to_bound": (norms / bounds)[1:].max().item(),
    }
    return {
        "": [{name: round(value, 6) for name, value in summary.items()}],
        "norms": [
            {"lag": lag, "norm": float(f"{norm:.4g}"), "bound": float(f"{bound:.4g}")}
            for lag, norm, bound in zip(lags.tolist(), norms.tolist(), bounds.tolist(), strict=True)
            if lag % 5 == 0
        ],
    }


def _holds(table):
    explodes = table["variant"].map({name: setup.explodes for name, setup in VARIANTS.items()})
    norm = 10.0 ** table["log10_norm_at_100"]
    return (table["largest_ratio_to_bound"] <= 1 + 1e-6) & (
        (explodes & (norm > EXPLODED)) | (~explodes & (norm < VANISHED))
    )


EXPERIMENT = Experiment(
    "jacobian_bound",
    "σ_max below 1/γ makes a gradient vanish; above it anything can happen",
    run,
    VARIANTS,
    SEEDS,
    headline="log10_norm_at_100",
    decimals=None,
    published=Published(
        changed=(),
        reference="pascanu2013difficulty",
        claim=(
            "If the largest singular value of the recurrent weights is below 1/γ, where γ is "
            "the steepest slope of the activation, the gradient vanishes. To explode it needs one "
            "above 1/γ, and that does not suffice."
        ),
        number="γ is 1 for tanh and 1/4 for the logistic function",
        read_from="proof",
        brief="vanishes below 1/γ, may explode above",
        compared={"log10_norm_at_100": "common logarithm of the norm at lag 100"},
        setup=(
            "the product of 100 Jacobians of an untrained network with 50 units and noise as "
            "input, in float64: two networks below 1/γ, three above"
        ),
        deviations=(
            "the paper proves the condition, we measure examples on each side of it",
            "the activation acts on the sum of state and input, in the paper on the state alone",
        ),
        criterion=(
            "at no lag k is the spectral norm above (γ σ_max)^k; at lag 100 it is below 0.0001 in "
            "the first four networks, two of which are above 1/γ, and above 1000 in the last"
        ),
        holds=_holds,
        tuned_on=TUNED_ON,
    ),
)
