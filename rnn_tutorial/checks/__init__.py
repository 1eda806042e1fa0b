"""Checks for your own recurrent model: `diagnose` tries its behavior and says what is wrong.

No check reads a model's code, names or classes. Each changes something that must matter, or must
not, and looks at the answers, the gradient or the loss: padding after a sequence, its neighbors in
the batch, its future, the random state, a weight. A difference between answers counts if it is more
than fifty times the rounding error measured on the same model.
"""

from rnn_tutorial.checks._adapter import KINDS, Adapter
from rnn_tutorial.checks._diagnosis import CHECKS, diagnose
from rnn_tutorial.checks._report import Report, Result
from rnn_tutorial.checks.misconceptions import MISCONCEPTIONS, Misconception

__all__ = [
    "CHECKS",
    "KINDS",
    "MISCONCEPTIONS",
    "Adapter",
    "Misconception",
    "Report",
    "Result",
    "diagnose",
]
