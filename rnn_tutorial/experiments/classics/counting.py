"""Counting the words aⁿbⁿ: how far trained LSTMs and GRUs go beyond their training."""

import torch

from rnn_tutorial import tasks
from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.experiments.engine.published import Published
from rnn_tutorial.experiments.engine.tuning import Search
from rnn_tutorial.models import SequenceModel
from rnn_tutorial.networks import initialization, layer_class
from rnn_tutorial.training import Batch, sequence_cross_entropy, train_fresh
from rnn_tutorial.training.fresh import generators
from rnn_tutorial.training.objectives import check_finite

SEEDS = tuple(range(200, 210))
SEARCH = Search("reach", (900, 901, 902))
UNITS = 10
BATCH = 32
TRAINED = 30  # the longest n of the training
LIMIT = 400  # the longest n that is tried
PHASES = ((1500, 1.0), (1000, 0.2))  # batches, and the share of the rate
TRACED = 100  # n of the word whose states are recorded


def draw(generator: torch.Generator) -> Batch:
    """Draw words with n up to `TRAINED`."""
    sequences, _ = tasks.counting(BATCH, 1, TRAINED, generator=generator)
    return batch_of(sequences)


def batch_of(sequences: tasks.Sequences) -> Batch:
    """Return inputs, and as targets the one thing that may come from the first b on."""
    return (sequences.inputs,), tasks.only_where(sequences.targets.argmax(-1), sequences.counts)


def words(low: int, high: int) -> tasks.Sequences:
    """Return aⁿbⁿ for each n of a range, both ends included."""
    every = [tasks.counting(1, n, n, generator=torch.Generator())[0] for n in range(low, high + 1)]
    pad = torch.nn.utils.rnn.pad_sequence
    return tasks.Sequences(
        *(pad([getattr(s, part)[0] for s in every], batch_first=True)
          for part in ("inputs", "targets", "counts")),
        torch.cat([s.lengths for s in every]),
    )  # fmt: skip


@torch.no_grad()
def reach(model: torch.nn.Module, limit: int = LIMIT) -> int:
    """Return the largest n such that every word up to aⁿbⁿ is accepted; 0 if the first is not."""
    (inputs,), targets = batch_of(words(1, limit))
    logits, _ = model(inputs)
    check_finite(logits)
    accepted = ((logits.argmax(-1) == targets) | (targets == tasks.NOTHING)).all(1)
    return int(accepted.long().cumprod(0).sum())


@torch.no_grad()
def trace(model: SequenceModel) -> list[dict]:
    """Record, along one long word, the unit of the state that varies most.

    Of the LSTM the state is the cell state c, of the GRU it is h.
    """
    inputs = words(TRACED, TRACED).inputs[0]
    states, state = [], None
    for x in inputs:
        _, state = model.recurrent(x[None, None], state)
        states.append((state[1] if isinstance(state, tuple) else state)[0, 0])
    states = torch.stack(states)
    unit = int((states.amax(0) - states.amin(0)).argmax())
    return [
        {"step": step, "symbol": "ab"[int(x.argmax())], "unit": unit, "state": round(value, 5)}
        for step, (x, value) in enumerate(zip(inputs, states[:, unit].tolist(), strict=True), 1)
    ]


def run(cell: str, seed: int, rate: float) -> dict[str, list[dict]]:
    """Train on short words, then try every n.

    Returns
    -------
    dict
        ``""``: the reach, and the mean loss of the last hundred batches. ``"states"``: `trace`.
    """
    generator, _ = generators(seed)
    model = SequenceModel(layer_class(cell)(2, UNITS), 3)
    if cell == "lstm":
        initialization.forget_bias_(model.recurrent, 1.0)
    for steps, share in PHASES:
        records = train_fresh(
            model, draw, sequence_cross_entropy,
            generator=generator, steps=steps, learning_rate=share * rate,
        )  # fmt: skip
    main = {"reach": reach(model), "loss": records[-1]["loss"]}
    return {"": [main], "states": trace(model)}


def holds(table):
    """With the same seed the LSTM reaches further than the GRU."""
    reaches = table.pivot(index="seed", columns="variant", values="reach")
    return table["seed"].map(reaches["lstm"] > reaches["gru"])


EXPERIMENT = Experiment(
    "counting",
    "Words of as and bs: a trained LSTM counts further than a GRU, and then fails too",
    run,
    by_name(["lstm", "gru"]),
    SEEDS,
    search=SEARCH,
    headline="reach",
    published=Published(
        changed=("task", "training", "criterion"),
        reference="weiss2018practical",
        claim=(
            "With finite precision, and no more steps than its input has, an LSTM can count and a "
            "GRU cannot; a trained LSTM recognizes longer words aⁿbⁿ than a trained GRU."
        ),
        number="LSTMs count, GRUs do not, without a number",
        read_from="text",
        brief="LSTMs count, GRUs do not",
        compared={"reach": "largest n"},
        setup=(
            f"{UNITS} units and a linear readout; 2500 batches of {BATCH} words with n up to "
            f"{TRAINED}; a word is accepted if all that must come from its first b on, the end "
            f"included, is predicted; all words with n up to {LIMIT}"
        ),
        deviations=(
            f"n up to {TRAINED} in training, in the paper below 100",
            "Adam, with the rate that the same search found for each network, and a fifth of it "
            "for the last 1000 batches",
            "the LSTM's forget gates start with a bias of 1",
            "the network predicts the next symbol",
        ),
        criterion="trained with the same seed, the LSTM reaches further than the GRU",
        holds=holds,
    ),
)
