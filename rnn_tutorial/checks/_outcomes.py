"""How a check reports what it found: it returns evidence, or raises one of these."""

from torch import Tensor, nn


class SkipError(Exception):
    """The check cannot be made; the message says why."""


class FaultError(Exception):
    """The check found a fault: its id and the evidence."""

    def __init__(self, misconception: str, evidence: str):
        super().__init__(evidence)
        self.misconception = misconception


def number(value: float) -> str:
    """Write a number with two significant digits."""
    return f"{value:.2g}"


def trainable(module: nn.Module) -> dict[str, Tensor]:
    """Return the parameters that are trained, by name; skip the check if there is none."""
    trained = {name: p for name, p in module.named_parameters() if p.requires_grad}
    if not trained:
        raise SkipError("the model has no weights to train")
    return trained
