"""How much of the past a state holds: capacity of linear and tanh networks, recall of symbols."""

import torch
from torch import Tensor, nn

from rnn_tutorial import initialization, layers
from rnn_tutorial.experiments.experiment import Experiment
from rnn_tutorial.models import CELLS
from rnn_tutorial.probing import memory_curve, recall_curve

SEEDS = (20, 21, 22, 23, 24)
UNITS = 32
STEPS = 4000
RADII = (0.1, 0.5, 0.9, 1.0, 1.2, 1.5)
SYMBOLS = 4  # two bits each
TRAINED_DELAYS = 12  # the networks are trained to name the symbols 0 to 12 steps back
LONGEST = 30


def linear_states(weight: Tensor, column: Tensor, signal: Tensor) -> Tensor:
    """Return the states (time, hidden) of h' = W h + w u, without an activation function."""
    state, states = torch.zeros_like(column), []
    for number in signal:
        state = weight @ state + column * number
        states.append(state)
    return torch.stack(states)


@torch.no_grad()
def tanh_states(radius: float, scale: float, signal: Tensor, generator: torch.Generator) -> Tensor:
    """Return the states (time, hidden) of an untrained tanh network without biases."""
    layer = layers.RNN(1, UNITS, bias=False, dtype=signal.dtype)
    initialization.spectral_radius_(layer, radius, generator=generator)
    layer.weight_ih_l0.uniform_(-scale, scale, generator=generator)
    return layer(signal[:, None, None])[0][:, 0]


def scan(seed: int) -> dict[str, list[dict]]:
    """Measure memory capacities of untrained networks, by spectral radius and size of input."""
    generator = torch.Generator().manual_seed(seed)
    signal = 2 * torch.rand(STEPS, generator=generator, dtype=torch.float64) - 1
    rows = []
    for radius in RADII:
        if radius < 1:  # a linear network beyond that grows without a bound
            square = torch.randn(UNITS, UNITS, generator=generator, dtype=torch.float64)
            rotation = radius * torch.linalg.qr(square)[0]
            column = torch.randn(UNITS, generator=generator, dtype=torch.float64)
            rows.append(("linear, orthogonal", radius, linear_states(rotation, column, signal)))
        for scale in (0.1, 1.0):
            states = tanh_states(radius, scale, signal, generator)
            rows.append((f"tanh, inputs times {scale:g}", radius, states))
    capacities = [
        {
            "network": network,
            "radius": radius,
            "capacity": round(float(memory_curve(states.numpy(), signal.numpy(), 80).sum()), 6),
        }
        for network, radius, states in rows
    ]
    largest = {
        f"largest_{kind}": max(r["capacity"] for r in capacities if r["network"].startswith(kind))
        for kind in ("linear", "tanh")
    }
    return {"": [largest], "scan": capacities}


def train_recall(layer: nn.Module, generator: torch.Generator, updates: int = 400) -> float:
    """Train a layer to hold what a linear map needs to name the last symbols; return the loss."""
    names = nn.Linear(UNITS, SYMBOLS * (TRAINED_DELAYS + 1))
    optimizer = torch.optim.Adam([*layer.parameters(), *names.parameters()], lr=0.005)
    steps = 40
    for _ in range(updates):
        drawn = torch.randint(SYMBOLS, (steps, 32), generator=generator)  # (time, batch)
        states = layer(one_hot(drawn))[0][TRAINED_DELAYS:]
        logits = names(states).unflatten(-1, (TRAINED_DELAYS + 1, SYMBOLS))
        wanted = torch.stack(
            [drawn[TRAINED_DELAYS - k : steps - k] for k in range(TRAINED_DELAYS + 1)], dim=-1
        )
        loss = nn.functional.cross_entropy(logits.flatten(0, 2), wanted.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(layer.parameters(), 1.0)
        optimizer.step()
    return loss.item()


def one_hot(symbols: Tensor) -> Tensor:
    """Turn symbols (time, batch) into one-hot vectors (time, batch, symbols)."""
    return nn.functional.one_hot(symbols, SYMBOLS).to(torch.get_default_dtype())


@torch.no_grad()
def recall(layer: nn.Module, symbols: Tensor):
    """Return the table of `recall_curve` for a long sequence of symbols, (time,)."""
    states = layer(one_hot(symbols[:, None]))[0][:, 0]
    return recall_curve(states.double().numpy(), symbols.numpy(), LONGEST)


def run(variant: str, seed: int) -> dict[str, list[dict]]:
    """Measure what can be read out of states, of untrained networks or before and after training.

    Returns
    -------
    dict
        Of "untrained": ``""``, the largest capacities, and ``"scan"``, all of them. Of a cell:
        ``""``, bits that a linear readout finds of the last 31 symbols, and ``"recall"``, its
        accuracy by delay.
    """
    if variant == "untrained":
        return scan(seed)
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    layer = getattr(layers, CELLS[variant])(SYMBOLS, UNITS)
    symbols = torch.randint(SYMBOLS, (STEPS, 1), generator=generator)[:, 0]
    tables = {"untrained": recall(layer, symbols)}
    loss = train_recall(layer, generator)
    tables["trained"] = recall(layer, symbols)
    bits = {f"bits_{name}": round(table["bits"].sum(), 6) for name, table in tables.items()}
    rows = [
        {"network": name, "delay": int(row.delay), "accuracy": round(row.accuracy, 6)}
        for name, table in tables.items()
        for row in table.itertuples()
    ]
    return {"": [{**bits, "loss": round(loss, 6)}], "recall": rows}


EXPERIMENT = Experiment(
    "state_capacity",
    "Memory capacity of untrained networks, and recall of symbols before and after training",
    run,
    ("untrained", *CELLS),
    SEEDS,
    headline="bits_trained",
)
