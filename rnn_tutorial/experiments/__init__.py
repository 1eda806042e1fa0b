"""Long results as evidence: experiments over seeds, written to tables that the chapters read.

``python -m rnn_tutorial.experiments --list`` shows them, ``python -m rnn_tutorial.experiments
NAME`` repeats one and rewrites its tables in ``rnn_tutorial/experiments/results``.
"""

from rnn_tutorial.experiments.registry import EXPERIMENTS, Experiment
from rnn_tutorial.experiments.runner import load, run

__all__ = ["EXPERIMENTS", "Experiment", "load", "run"]
