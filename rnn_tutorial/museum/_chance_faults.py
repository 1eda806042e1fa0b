"""Models that are random where they must not be, or not random where they should be."""

import warnings

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_tutorial.museum import toys
from rnn_tutorial.museum._exhibit import Exhibit
from rnn_tutorial.museum._reading_faults import EndOfName, name_reader


class RandomStart(EndOfName):
    """Draw the initial state anew at each call."""

    def forward(self, tokens, lengths):
        x = self.embedding(tokens)
        packed = pack_padded_sequence(
            x,
            lengths,
            batch_first=True,
            enforce_sorted=False,
        )
        h_0 = torch.randn(1, len(tokens), self.recurrent.hidden_size)
        _, h_n = self.recurrent(packed, h_0)
        return self.output(h_n[-1])


def _changed_when_asked_again(model, version, seed):
    toys.train_names(model, seed)
    first, second = (toys.answers_to_test(model, seed) for _ in range(2))
    return float((first != second).double().mean())


RANDOM_START = Exhibit(
    name="random_start",
    title="A random initial state",
    source="schmidt-ju/crat-pred #8",
    misconception="M-random-answer",
    check="repeatable",
    unit="share of answers that change when asked again",
    code={"broken": RandomStart, "repaired": EndOfName},
    build=name_reader(broken=RandomStart, repaired=EndOfName),
    measure=_changed_when_asked_again,
)


class LoneDropout(EndOfName):
    """Ask a recurrent layer that stands alone for dropout."""

    def __init__(self, tokens: int):
        super().__init__(tokens)
        size = toys.HIDDEN
        self.recurrent = nn.GRU(
            size,
            size,
            batch_first=True,
            dropout=0.5,
        )


class DropoutAfter(EndOfName):
    """Put a layer of dropout after it."""

    def __init__(self, tokens: int):
        super().__init__(tokens)
        size = toys.HIDDEN
        self.recurrent = nn.GRU(size, size, batch_first=True)
        self.output = nn.Sequential(nn.Dropout(0.5), self.output)


def _dropout(version, seed):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of this
        return name_reader(broken=LoneDropout, repaired=DropoutAfter)(version, seed)


def _random_in_training(model, version, seed):
    (tokens, lengths), _ = toys.name_batch(seed)
    model.train()
    with torch.no_grad():
        first, second = (model(tokens, lengths) for _ in range(2))
    return float((first != second).double().mean())


LONE_DROPOUT = Exhibit(
    name="lone_dropout",
    title="Dropout between layers, and one layer",
    source="allenai/allennlp #2768, pyro-ppl/pyro #1415",
    misconception="M-dropout-alone",
    check="dropout",
    unit="share of logits that dropout changes in training",
    code={"broken": LoneDropout, "repaired": DropoutAfter},
    build=_dropout,
    measure=_random_in_training,
)


ROOM = (RANDOM_START, LONE_DROPOUT)
