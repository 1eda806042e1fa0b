"""What it costs to read the last column of a padded batch, on validation names."""

from dataclasses import replace

import torch
from torch import Tensor

from rnn_tutorial.data import name_lists
from rnn_tutorial.data.batching import Batches, pad
from rnn_tutorial.data.labeled import LabeledTexts, split
from rnn_tutorial.data.letters import MAX_LENGTH
from rnn_tutorial.data.text import Vocabulary
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.names import surnames
from rnn_tutorial.models import RecurrentClassifier


class LastColumnClassifier(RecurrentClassifier):
    """The mistake: read the last column of a padded batch, after the end of shorter names."""

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Compute logits (batch, classes) from tokens (batch, time); ignore the lengths."""
        states, _ = self.recurrent(self.embedding(tokens))  # (batch, time, hidden)
        return self.output(states[:, -1])


_LAST_STEP = surnames.Setup(
    cell="rnn",
    bidirectional=False,
    readout="last",
    dropout=0.0,
    token_dropout=0.0,
    epochs=5,
    bucket=False,
)
VARIANTS = {
    "last_step": _LAST_STEP,
    "last_column": replace(_LAST_STEP, model=LastColumnClassifier),
}


def run(setup: surnames.Setup, seed: int) -> dict[str, list[dict]]:
    """Train one model on split 0 and return what `padding_damage` measures of it."""
    parts = split(name_lists.surnames(), seed=0)
    model, vocabulary, _ = surnames.train(setup, parts, seed)
    return {"": [padding_damage(model, parts.validation, vocabulary)]}


@torch.no_grad()
def padding_damage(model, data: LabeledTexts, vocabulary: Vocabulary) -> dict[str, float]:
    """Measure how much a model's answers depend on the padding after each name.

    Returns
    -------
    dict
        ``alone``, ``in_batch`` and ``padded``: accuracy with no padding, in batches of 64, and
        padded to 20. ``changed``: the share of answers that differ between the first
        and the last.
    """
    model.eval()
    labels = torch.tensor(data.labels)
    alone = _answers(model, Batches.from_texts(data, vocabulary, 1, MAX_LENGTH))
    in_batch = _answers(model, Batches.from_texts(data, vocabulary, 64, MAX_LENGTH))
    encoded = [vocabulary.encode(text, max_length=MAX_LENGTH) for text in data.texts]
    tokens, lengths = pad([*encoded, [vocabulary.unknown_index] * MAX_LENGTH])
    padded = model(tokens, lengths).argmax(-1)[:-1]
    found = {
        "alone": alone == labels,
        "in_batch": in_batch == labels,
        "padded": padded == labels,
        "changed": alone != padded,
    }
    return {name: which.double().mean().item() for name, which in found.items()}


def _answers(model, batches: Batches) -> Tensor:
    return torch.cat([model(*inputs).argmax(-1) for inputs, _ in batches])


EXPERIMENT = Experiment(
    "surname_padding",
    "What reading the last column of a padded batch costs",
    run,
    VARIANTS,
    surnames.SEEDS,
    headline="in_batch",
)
