"""Parity, trained on short strings and tested on long ones."""

import torch

from rnn_tutorial import tasks
from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.experiments.engine.published import Published
from rnn_tutorial.models import SequenceModel
from rnn_tutorial.networks import layer_class
from rnn_tutorial.training import Batch, sequence_cross_entropy, train_fresh
from rnn_tutorial.training.fresh import generators
from rnn_tutorial.training.objectives import check_finite

SEEDS = tuple(range(100, 110))
TUNED_ON = (0, 1, 2, 3)
UNITS = 16
BATCH = 64
TRAINED = 20  # the longest string of the training
LENGTHS = (10, 20, 40, 80, 160, 320, 500)
STRINGS = 500  # of each length, in the test
STEPS = 2000


def draw(generator: torch.Generator) -> Batch:
    """Draw strings of lengths up to `TRAINED`."""
    return batch_of(tasks.parity(BATCH, 1, TRAINED, generator=generator))


def batch_of(sequences: tasks.Sequences) -> Batch:
    """Return inputs, and as targets the parity at the last step of each string."""
    classes = sequences.targets[:, None].expand(sequences.counts.shape)
    return (sequences.inputs,), tasks.only_where(classes, sequences.counts)


@torch.no_grad()
def accuracy(model: torch.nn.Module, length: int, generator: torch.Generator) -> float:
    """Return the share of right answers on fresh strings of one length."""
    sequences = tasks.parity(STRINGS, length, length, generator=generator)
    logits = model(sequences.inputs)[0][sequences.counts]
    check_finite(logits)
    return (logits.argmax(1) == sequences.targets).double().mean().item()


def run(cell: str, seed: int) -> dict[str, list[dict]]:
    """Train on strings of up to `TRAINED` bits, then test at each of `LENGTHS`.

    Returns
    -------
    dict
        ``""``: the accuracies at length 20, the longest of the training, and 500. ``"lengths"``:
        at every length.
    """
    training, test = generators(seed)
    model = SequenceModel(layer_class(cell)(1, UNITS), 2)
    train_fresh(
        model, draw, sequence_cross_entropy, generator=training, steps=STEPS, learning_rate=0.01
    )
    by_length = {length: accuracy(model, length, test) for length in LENGTHS}
    return {
        "": [{"at_20": by_length[20], "at_500": by_length[500]}],
        "lengths": [{"length": length, "accuracy": a} for length, a in by_length.items()],
    }


EXPERIMENT = Experiment(
    "parity_length",
    "Parity on strings 25 times as long as in training",
    run,
    by_name(["lstm", "rnn"]),
    SEEDS,
    headline="at_500",
    published=Published(
        changed=("task", "network", "training"),
        reference="deletang2023neural",
        claim=(
            "Recurrent networks that learned a regular language on short strings, parity among "
            "them, go on to long ones."
        ),
        number="RNNs and LSTMs generalize on regular tasks, up to length 500",
        read_from="text",
        brief="RNNs and LSTMs go on to length 500",
        compared={"at_500": "share of right answers at length 500"},
        setup=(
            f"{UNITS} units and a linear readout of the last step; {STEPS} batches of {BATCH} "
            f"strings with 1 to {TRAINED} bits; tested on {STRINGS} strings of each length"
        ),
        deviations=(
            f"training up to length {TRAINED}, in the paper 40",
            "16 units, Adam with a rate of 0.01, and 2000 batches, far fewer than in the paper",
            "Transformers are not tested here",
        ),
        criterion="at length 500 at least 0.99 of the answers are right",
        holds=lambda table: table["at_500"] >= 0.99,
        tuned_on=TUNED_ON,
    ),
)
