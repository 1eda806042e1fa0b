"""Long results as evidence: experiments over seeds, stored in tables that the chapters read.

``python -m rnn_tutorial.experiments --list`` shows them, ``python -m rnn_tutorial.experiments
NAME`` repeats one and rewrites its part of the evidence in ``rnn_tutorial/experiments/results``.
"""

from rnn_tutorial.experiments.engine.evidence import load
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.engine.runner import run
from rnn_tutorial.experiments.registry import EXPERIMENTS, reproductions

__all__ = ["EXPERIMENTS", "Experiment", "load", "reproductions", "run"]
