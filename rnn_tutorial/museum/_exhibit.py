"""What an exhibit is."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from rnn_tutorial import _arguments
from rnn_tutorial.checks import Report, diagnose

VERSIONS = ("broken", "repaired")


def either(broken: type, repaired: type, draw: Callable[[int], tuple], **options) -> Callable:
    """Return a function that builds one of two models, with a batch drawn from the seed."""
    models = {"broken": broken, "repaired": repaired}
    return lambda version, seed: (models[version](), draw(seed), options)


@dataclass(frozen=True)
class Exhibit:
    """A real bug as a small running program, beside its repair.

    Parameters
    ----------
    name : str
        What tests and tables call it.
    title : str
        What it is, in a few words.
    source : str
        The thread or the tutorial it comes from.
    misconception : str
        The id of the mistake in `rnn_tutorial.checks.misconceptions.MISCONCEPTIONS`.
    check : str
        The check of `rnn_tutorial.checks.CHECKS` that finds it, or "overlap"; empty if none can.
    unit : str
        What the symptom measures.
    code : dict
        For each version the class or function that holds the fault or its repair.
    build : callable
        Takes a version and a seed; returns a model, a batch and the options of `diagnose`.
    measure : callable
        Takes the model, its version and a seed; returns the symptom, a number.
    """

    name: str
    title: str
    source: str
    misconception: str
    check: str
    unit: str
    code: dict[str, object]
    build: Callable[[str, int], tuple]
    measure: Callable[[nn.Module, str, int], float]

    def make(self, version: str, seed: int) -> tuple:
        """Return a model, a batch and the options of `diagnose`, drawn from a seed."""
        _arguments.choice("version", version, VERSIONS)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return self.build(version, seed)

    def symptom(self, version: str, seed: int) -> float:
        """Measure the symptom, or what takes its place after the repair."""
        model, _, _ = self.make(version, seed)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return float(self.measure(model, version, seed))

    def diagnose(self, version: str, seed: int) -> Report:
        """Run the checks on one version."""
        model, batch, options = self.make(version, seed)
        return diagnose(model, batch, **options)

    def source_of(self, version: str) -> str:
        """Return the lines that hold the fault or its repair, as they are in the package."""
        _arguments.choice("version", version, VERSIONS)
        lines = inspect.getsource(self.code[version]).rstrip()
        return inspect.cleandoc("\n" + lines) if lines.startswith(" ") else lines
