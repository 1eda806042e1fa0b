"""A text from a source whose entropy is known: what students train on, and what the grader holds.

Real texts are public, so a model could have read the held-out part. This source follows from the
secret seed. It writes eight letters and three marks. A mark sets the *mode*, which stays until
another mark comes; the mode and the last symbol decide with which probability each symbol comes
next. So whoever has read a mark knows the mode for certain, however long ago it was, and the
probabilities of all symbols exactly: the entropy rate is a sum, and no model can stay below it
unless it saw what it was to predict.
"""

import json
import math
import random
import runpy
from pathlib import Path

LETTERS, MARKS, MODES = 8, 3, 3
MARK = 0.03  # the probability that the next symbol is a mark
STUDENTS, HELD_OUT = 60_000, 6_000  # symbols


class Source:
    """The source of one seed."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.symbols = self.random.sample("abcdefghijklmnopqrstuvwxyz", LETTERS + MARKS)
        shares = [0.5, 0.22, 0.12, 0.06, 0.04, 0.03, 0.02, 0.01]
        size = LETTERS + MARKS
        self.table = [[[0.0] * size for _ in range(size)] for _ in range(MODES)]
        for last in range(size):
            orders = [self.random.sample(shares, LETTERS) for _ in range(MODES)]
            for mode in range(MODES):
                others = [LETTERS + mark for mark in range(MARKS) if mark != mode]
                row = self.table[mode][last]
                row[:LETTERS] = [(1 - MARK) * share for share in orders[mode]]
                for mark in others:
                    row[mark] = MARK / len(others)

    def entropy_rate(self) -> float:
        """Return the bits that a symbol costs whoever knows mode and last symbol."""
        states = [(mode, last) for mode in range(MODES) for last in range(LETTERS + MARKS)]
        weight = dict.fromkeys(states, 1 / len(states))
        for _ in range(2000):  # the chain forgets its start by about MARK a step
            new = dict.fromkeys(states, 0.0)
            for (mode, last), mass in weight.items():
                for symbol, share in enumerate(self.table[mode][last]):
                    new[self._after(mode, symbol), symbol] += mass * share
            weight = new
        return sum(
            -mass * share * math.log2(share)
            for (mode, last), mass in weight.items()
            for share in self.table[mode][last]
            if share
        )

    def text(self, length: int) -> tuple[str, list[float]]:
        """Draw a text that begins with a mark; return it, and the true bits of each symbol.

        The first symbol is given: its bits are 0.
        """
        mode = self.random.randrange(MODES)
        last = LETTERS + mode
        text, bits = [self.symbols[last]], [0.0]
        while len(text) < length:
            row = self.table[mode][last]
            last = self.random.choices(range(len(row)), row)[0]
            mode = self._after(mode, last)
            text.append(self.symbols[last])
            bits.append(-math.log2(row[last]))
        return "".join(text), bits

    @staticmethod
    def _after(mode: int, symbol: int) -> int:
        return symbol - LETTERS if symbol >= LETTERS else mode


def write(student: Path, grader: Path, private: Path) -> None:
    """Write text.txt for students, and held_out.json (text, true bits, rate) for the grader."""
    source = Source(runpy.run_path(str(private / "secret.py"))["SEED"])
    known, _ = source.text(STUDENTS)
    text, bits = source.text(HELD_OUT)
    (student / "text.txt").write_text(known)
    held_out = {"text": text, "bits": bits, "rate": source.entropy_rate()}
    (grader / "held_out.json").write_text(json.dumps(held_out))
