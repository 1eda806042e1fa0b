"""One training loop, its history, and how classifiers, language models and forecasts are judged."""

from rnn_tutorial.training.evaluation import Evaluation, evaluate, predict
from rnn_tutorial.training.fresh import train_fresh
from rnn_tutorial.training.history import Epoch, History
from rnn_tutorial.training.language import bits_of, train_on_streams
from rnn_tutorial.training.loop import (
    Batch,
    Step,
    count_parameters,
    evaluation_mode,
    fit,
    measure,
    train,
    train_pass,
    train_step,
)
from rnn_tutorial.training.objectives import (
    ACCURACY,
    CLASSIFICATION,
    MACRO_RECALL,
    Loss,
    Metric,
    Objective,
    sequence_cross_entropy,
    squared_error,
)
