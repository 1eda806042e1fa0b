"""What truncated backpropagation loses: of a gradient, and of what can be learned with it."""

import torch
from torch import Tensor, nn

from rnn_tutorial import tasks
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.engine.tuning import Search
from rnn_tutorial.gradients.through_time import truncated_bptt
from rnn_tutorial.models import SequenceModel
from rnn_tutorial.networks import Start, initialization, layer_class, with_forget_bias
from rnn_tutorial.training import squared_error, train_step

SEEDS = tuple(range(20, 30))  # seeds 0 to 2 were looked at while sizes and rates were chosen
REACHES = (1, 2, 3, 5, 8, 12, 20, 30, 40, 50)
TIME_STEPS, BATCH, HIDDEN = 50, 64, 32
NETWORKS = {
    "tanh RNN": Start(),
    "orthogonal tanh RNN": Start(change=initialization.orthogonal_),
    "LSTM with forget bias 3": with_forget_bias(3.0),
}
TASKS = ("letters", "adding")

TRAINING_SEEDS = tuple(range(200, 205))
TRAINING_STEPS, LENGTH, EARLY = 1000, 20, 5


def problem(task: str, generator: torch.Generator):
    """Return inputs (time, batch, features) and a step loss of the outputs and a readout.

    In "adding" the answer is asked for at the last step, in "letters" the next letter at each.
    """
    if task == "adding":
        drawn = tasks.adding(BATCH, TIME_STEPS, generator=generator)
        targets = drawn.targets.double()

        def loss(outputs: Tensor, steps: slice, readout: nn.Module) -> Tensor:
            if steps.stop < TIME_STEPS:
                return outputs.new_zeros(())
            return (readout(outputs[-1])[:, 0] - targets).square().mean()

        return drawn.inputs.double().transpose(0, 1), 1, loss
    drawn, _ = tasks.letters(TIME_STEPS * BATCH, generator=generator)
    shape = (BATCH, TIME_STEPS, -1)
    inputs, wanted = (
        part[: TIME_STEPS * BATCH].double().view(shape).transpose(0, 1)
        for part in (drawn.inputs, drawn.targets)
    )

    def loss(outputs: Tensor, steps: slice, readout: nn.Module) -> Tensor:
        return nn.functional.binary_cross_entropy_with_logits(
            readout(outputs), wanted[steps], reduction="sum"
        ) / (BATCH * TIME_STEPS)

    return inputs, wanted.shape[-1], loss


def run_cosine(setup: tuple[str, Start], seed: int) -> dict[str, list[dict]]:
    """Compare the truncated gradient of an untrained network with the full one, reach by reach.

    Each loss is sent back through at most k steps, BPTT(k; 1).

    Returns
    -------
    dict
        ``""``: the cosine at k = 5, and the least of the reaches tried whose cosine is at least
        0.99. ``"reaches"``: by k, the cosine and the ratio of the lengths.
    """
    task, start = setup
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    inputs, answers, loss = problem(task, generator)
    layer = start.make(inputs.shape[-1], HIDDEN, dtype=torch.float64)
    readout = nn.Linear(HIDDEN, answers, dtype=torch.float64)

    def gradient(steps: int) -> Tensor:
        _, found, _ = truncated_bptt(
            layer, inputs, lambda o, s: loss(o, s, readout), steps=steps, every=1
        )
        return torch.cat([part.flatten() for part in found.values()])

    full = gradient(TIME_STEPS)
    rows = []
    for k in REACHES:
        truncated = gradient(k)
        rows.append(
            {
                "k": k,
                "cosine": torch.cosine_similarity(truncated, full, dim=0).item(),
                "length": (truncated.norm() / full.norm()).item(),
            }
        )
    return {
        "": [
            {
                "cosine_at_5": next(row["cosine"] for row in rows if row["k"] == 5),
                "reach_of_99": next(row["k"] for row in rows if row["cosine"] >= 0.99),
            }
        ],
        "reaches": rows,
    }


def draw(batch_size: int, marks: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw the adding problem with both marks among the first `marks` of `LENGTH` steps."""
    drawn = tasks.adding(batch_size, marks, generator=generator)
    rest = torch.zeros(batch_size, LENGTH - marks, 2)
    rest[..., 0] = torch.rand(rest.shape[:2], generator=generator)
    return torch.cat([drawn.inputs, rest], dim=1).transpose(0, 1), drawn.targets


def run_training(setup: tuple[str, int, int], seed: int, rate: float) -> dict[str, list[dict]]:
    """Train a cell on the adding problem; the only loss, at the end, goes back k steps.

    Returns
    -------
    dict
        ``""``: the mean squared error on 4000 fresh sequences. To answer 1 always has 1/6.
    """
    cell, marks, k = setup
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    model = SequenceModel(layer_class(cell)(2, HIDDEN), 1, every_step=False, batch_first=False)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for _ in range(TRAINING_STEPS):
        inputs, targets = draw(BATCH, marks, generator)
        with torch.no_grad():  # the first steps are read, and no gradient goes into them
            state = model(inputs[:-k])[1] if k < LENGTH else None
        batch = (inputs[-k:], state), targets
        train_step(model, batch, optimizer, loss_function=squared_error, max_norm=1.0)
    with torch.no_grad():
        inputs, targets = draw(4000, marks, generator)
        tested = squared_error(model(inputs)[0], targets)
    return {"": [{"squared_error": tested.item()}]}


COSINE = Experiment(
    "truncation_cosine",
    "How much of a gradient is left when it goes back k steps only",
    run_cosine,
    {f"{task}, {name}": (task, start) for task in TASKS for name, start in NETWORKS.items()},
    SEEDS,
    headline="cosine_at_5",
)

TRAINING = Experiment(
    "truncated_training",
    "What can be learned when the gradient goes back k steps only",
    run_training,
    {
        f"{cell}, anywhere, k = {k}": (cell, LENGTH, k)
        for cell in ("rnn", "lstm", "gru")
        for k in (1, LENGTH)
    }
    | {f"gru, early, k = {k}": ("gru", EARLY, k) for k in (15, LENGTH)},
    TRAINING_SEEDS,
    headline="squared_error",
    search=Search("squared_error", (900, 901, 902), smaller_is_better=True),
)
