"""Which experiments there are."""

from rnn_tutorial.experiments import (
    cliff,
    elman,
    exact,
    guessing,
    jacobian_bound,
    surname_baselines,
    surname_padding,
    surname_settings,
    surnames,
    truncation,
)
from rnn_tutorial.experiments.experiment import Experiment

EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        # of the chapters
        surname_settings.EXPERIMENT,
        surname_padding.EXPERIMENT,
        surnames.EXPERIMENT,
        surname_baselines.EXPERIMENT,
        truncation.COSINE,
        truncation.TRAINING,
        # beside a published result, in the order of the page
        elman.LETTERS,
        elman.XOR,
        jacobian_bound.EXPERIMENT,
        cliff.EXPERIMENT,
        guessing.EXPERIMENT,
        exact.STACK,
        exact.PARITY,
    )
}


def reproductions() -> list[Experiment]:
    """Return the experiments that stand beside a published result, in the order of the page."""
    return [experiment for experiment in EXPERIMENTS.values() if experiment.published]
