"""The museum of broken RNNs: real bugs as small running programs, beside their repairs.

Each `Exhibit` builds its model, measures its symptom and holds the source of its fault; the
chapter, the tests and the evidence all use it. The rooms: what a model reads, what its recurrence
does, its loss, the loop and the data around it, and forecasts of numbers.
"""

from rnn_tutorial.museum import (
    _chance_faults,
    _loop_faults,
    _loss_faults,
    _model_faults,
    _number_faults,
    _reading_faults,
    toys,
)
from rnn_tutorial.museum._exhibit import VERSIONS, Exhibit

ROOMS: dict[str, tuple[Exhibit, ...]] = {
    "reading": _reading_faults.ROOM,
    "model": _model_faults.ROOM + _chance_faults.ROOM,
    "loss": _loss_faults.ROOM,
    "training and data": _loop_faults.ROOM,
    "numbers": _number_faults.ROOM,
}
EXHIBITS: dict[str, Exhibit] = {
    exhibit.name: exhibit for room in ROOMS.values() for exhibit in room
}

__all__ = ["EXHIBITS", "ROOMS", "VERSIONS", "Exhibit", "toys"]
