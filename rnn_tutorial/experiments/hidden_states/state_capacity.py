"""How much of the past a state holds: capacity of linear and tanh networks, recall of symbols."""

import torch
from torch import Tensor, nn

from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.models import CELLS
from rnn_tutorial.networks import initialization, layers
from rnn_tutorial.states.memory import memory_curve, recall_curve

SEEDS = (20, 21, 22, 23, 24)
UNITS = 32
STEPS = 4000
RADII = (0.1, 0.5, 0.9, 1.0, 1.2, 1.5)
LINEAR = "linear, orthogonal"
TANH = {"tanh, inputs times 0.1": 0.1, "tanh, inputs times 1": 1.0}  # size of the input weights
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


def capacities(variant: str, seed: int) -> dict[str, list[dict]]:
    """Measure the memory capacity of an untrained network for each spectral radius.

    Returns
    -------
    dict
        ``""``: the largest capacity. ``"radii"``: all of them.
    """
    generator = torch.Generator().manual_seed(seed)
    signal = 2 * torch.rand(STEPS, generator=generator, dtype=torch.float64) - 1
    rows = []
    for radius in RADII:
        if variant == LINEAR:
            if radius >= 1:  # it does not forget, or grows without a bound
                break
            square = torch.randn(UNITS, UNITS, generator=generator, dtype=torch.float64)
            rotation = radius * torch.linalg.qr(square)[0]
            column = torch.randn(UNITS, generator=generator, dtype=torch.float64)
            states = linear_states(rotation, column, signal)
        else:
            states = tanh_states(radius, TANH[variant], signal, generator)
        capacity = float(memory_curve(states.numpy(), signal.numpy(), 80).sum())
        rows.append({"radius": radius, "capacity": round(capacity, 6)})
    return {"": [{"largest": max(row["capacity"] for row in rows)}], "radii": rows}


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


def recalls(variant: str, seed: int) -> dict[str, list[dict]]:
    """Measure how many symbols a linear readout names, before and after training.

    Returns
    -------
    dict
        ``""``: bits that a linear readout finds of the last 31 symbols. ``"recall"``: its accuracy
        by delay.
    """
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


CAPACITY = Experiment(
    "memory_capacity",
    "How many numbers of the past an untrained network of 32 units holds",
    capacities,
    by_name([LINEAR, *TANH]),
    SEEDS,
    headline="largest",
)
RECALL = Experiment(
    "symbol_recall",
    "How many symbols of the past can be read from a state, before and after training",
    recalls,
    by_name(CELLS),
    SEEDS,
    headline="bits_trained",
)
