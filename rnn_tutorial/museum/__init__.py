"""The museum of broken RNNs: real bugs as small running programs, beside their repairs.

Each `Exhibit` builds its model, measures its symptom and has the source of its fault; the chapter,
the tests and the evidence use the same. The rooms: what a model reads, what its recurrence does,
its loss, and the loop and the data around it.
"""

from rnn_tutorial.museum import _chance, _loops, _losses, _models, _reading, tasks
from rnn_tutorial.museum._exhibit import VERSIONS, Exhibit

ROOMS: dict[str, tuple[Exhibit, ...]] = {
    "reading": _reading.ROOM,
    "model": _models.ROOM + _chance.ROOM,
    "loss": _losses.ROOM,
    "training and data": _loops.ROOM,
}
EXHIBITS: dict[str, Exhibit] = {
    exhibit.name: exhibit for room in ROOMS.values() for exhibit in room
}

__all__ = ["EXHIBITS", "ROOMS", "VERSIONS", "Exhibit", "tasks"]
