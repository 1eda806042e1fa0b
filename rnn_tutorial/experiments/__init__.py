"""Long results as evidence: experiments over seeds, stored in tables that the chapters read.

``python -m rnn_tutorial.experiments --list`` shows them, ``python -m rnn_tutorial.experiments
NAME`` repeats one and rewrites its part of the evidence in ``rnn_tutorial/experiments/results``.
Reading a table does not import the studies, which need scikit-learn; ``registry`` does.
"""

from rnn_tutorial import _extras

_extras.needs("experiments", "joblib", "pandas", "scipy", "sklearn", "tqdm")

from rnn_tutorial.experiments.engine.evidence import load
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.engine.runner import run

__all__ = ["Experiment", "load", "run"]
