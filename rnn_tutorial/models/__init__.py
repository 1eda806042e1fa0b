"""The small models of the chapters, what they write, and how their weights are stored."""

from rnn_tutorial.models.classifier import READOUTS, RecurrentClassifier
from rnn_tutorial.models.forecaster import Forecaster
from rnn_tutorial.models.generation import (
    Predictor,
    distinct,
    draw,
    generate,
    keep_nucleus,
    keep_top_k,
    shared_lengths,
    temper,
)
from rnn_tutorial.models.language_model import LanguageModel
from rnn_tutorial.models.ngrams import KneserNey, WittenBell
from rnn_tutorial.models.sequence import Logistic, NextSymbol, SequenceModel, irnn, states_of
