"""How a check reports what it found: it returns evidence, or raises one of these."""


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
