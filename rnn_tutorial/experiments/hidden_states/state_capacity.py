"""How much of the past a state holds: capacity of linear and tanh networks, recall of symbols.

The capacity crosses two things that change how much is held: the activation, and whether the
recurrent matrix is a rotation or random. Its seeds, 200 to 204, were not looked at before.
"""

import torch
from torch import Tensor, nn

from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.networks import CELLS, layer_class
from rnn_tutorial.states.memory import linear_states, memory_curve, recall_curve, tanh_states
from rnn_tutorial.training import sequence_cross_entropy, train_step

SEEDS = (20, 21, 22, 23, 24)
CAPACITY_SEEDS = (200, 201, 202, 203, 204)
UNITS = 32
STEPS = 4000
RADII = (0.1, 0.5, 0.9, 1.0, 1.2, 1.5)
# the matrix, and the size of the input weights of a tanh network: it changes no linear one
NETWORKS = {
    f"{name}, {matrix}": (matrix, scale)
    for name, scale in {
        "linear": None,
        "tanh, inputs times 0.1": 0.1,
        "tanh, inputs times 1": 1.0,
    }.items()
    for matrix in ("orthogonal", "random")
}
SYMBOLS = 4  # two bits each
TRAINED_DELAYS = 12  # the networks are trained to name the symbols 0 to 12 steps back
LONGEST = 30


def capacities(setup: tuple[str, float | None], seed: int) -> dict[str, list[dict]]:
    """Measure the memory capacity of an untrained network for each spectral radius.

    With one seed all networks read the same signal through the same draws, so that two networks
    differ in one thing.

    Returns
    -------
    dict
        ``""``: the largest capacity. ``"radii"``: all of them.
    """
    matrix, scale = setup
    generator = torch.Generator().manual_seed(seed)
    signal = 2 * torch.rand(STEPS, generator=generator, dtype=torch.float64) - 1
    rows = []
    for radius in RADII:
        square = torch.randn(UNITS, UNITS, generator=generator, dtype=torch.float64)
        column = 2 * torch.rand(UNITS, generator=generator, dtype=torch.float64) - 1
        if matrix == "orthogonal":
            weight = radius * torch.linalg.qr(square)[0]
        else:
            weight = radius * square / torch.linalg.eigvals(square).abs().max()
        if scale is not None:
            states = tanh_states(weight, scale * column, signal)
        elif radius < 1:
            states = linear_states(weight, column, signal)
        else:  # it does not forget, or grows without a bound
            break
        capacity = float(memory_curve(states.numpy(), signal.numpy(), 80).sum())
        rows.append({"radius": radius, "capacity": capacity})
    return {"": [{"largest": max(row["capacity"] for row in rows)}], "radii": rows}


def train_recall(layer: nn.Module, generator: torch.Generator, updates: int = 400) -> float:
    """Train a layer to hold what a linear map needs to name the last symbols; return the loss."""
    names = nn.Linear(UNITS, SYMBOLS * (TRAINED_DELAYS + 1))
    optimizer = torch.optim.Adam([*layer.parameters(), *names.parameters()], lr=0.005)
    steps, delays = 40, range(TRAINED_DELAYS + 1)

    def loss_of(states, wanted):
        logits = names(states[TRAINED_DELAYS:]).unflatten(-1, (len(delays), SYMBOLS))
        return sequence_cross_entropy(logits, wanted)

    for _ in range(updates):
        drawn = torch.randint(SYMBOLS, (steps, 32), generator=generator)  # (time, batch)
        wanted = torch.stack([drawn[TRAINED_DELAYS - k : steps - k] for k in delays], dim=-1)
        batch = (one_hot(drawn),), wanted
        step = train_step(layer, batch, optimizer, loss_function=loss_of, max_norm=1.0)
    return step.loss


def one_hot(symbols: Tensor) -> Tensor:
    """Turn symbols (time, batch) into one-hot vectors (time, batch, symbols)."""
    return nn.functional.one_hot(symbols, SYMBOLS).to(torch.get_default_dtype())


@torch.no_grad()
def recall(layer: nn.Module, symbols: Tensor):
    """Return the table of `recall_curve` for a long sequence of symbols, (time,)."""
    states = layer(one_hot(symbols[:, None]))[0][:, 0]
    return recall_curve(states.double().numpy(), symbols.numpy(), LONGEST)


def recalls(cell: str, seed: int) -> dict[str, list[dict]]:
    """Measure how many symbols a linear readout names, before and after training.

    Returns
    -------
    dict
        ``""``: bits that a linear readout finds of the last 31 symbols. ``"recall"``: its accuracy
        by delay.
    """
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    layer = layer_class(cell)(SYMBOLS, UNITS)
    symbols = torch.randint(SYMBOLS, (STEPS, 1), generator=generator)[:, 0]
    tables = {"untrained": recall(layer, symbols)}
    loss = train_recall(layer, generator)
    tables["trained"] = recall(layer, symbols)
    bits = {f"bits_{name}": table["bits"].sum() for name, table in tables.items()}
    rows = [
        {"network": name, "delay": int(row.delay), "accuracy": row.accuracy}
        for name, table in tables.items()
        for row in table.itertuples()
    ]
    return {"": [{**bits, "loss": loss}], "recall": rows}


CAPACITY = Experiment(
    "memory_capacity",
    "How many numbers of the past an untrained network of 32 units holds",
    capacities,
    NETWORKS,
    CAPACITY_SEEDS,
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
