"""The small models of the chapters."""

from rnn_tutorial.models._classifier import READOUTS, RecurrentClassifier
from rnn_tutorial.models._forecaster import Forecaster
from rnn_tutorial.models._language_model import LanguageModel
from rnn_tutorial.models._parts import CELLS

__all__ = ["CELLS", "READOUTS", "Forecaster", "LanguageModel", "RecurrentClassifier"]
