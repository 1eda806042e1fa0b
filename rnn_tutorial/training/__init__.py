"""One training loop, its history, and how classifiers, language models and forecasts are judged."""

from rnn_tutorial.training.evaluation import Evaluation, evaluate, predict
from rnn_tutorial.training.history import Epoch, History
from rnn_tutorial.training.language import bits_of, train_on_streams
from rnn_tutorial.training.loop import (
    Batch,
    Loss,
    count_parameters,
    evaluation_mode,
    fit,
    measure,
    train_step,
)

__all__ = [
    "Batch",
    "Epoch",
    "Evaluation",
    "History",
    "Loss",
    "bits_of",
    "count_parameters",
    "evaluate",
    "evaluation_mode",
    "fit",
    "measure",
    "predict",
    "train_on_streams",
    "train_step",
]
