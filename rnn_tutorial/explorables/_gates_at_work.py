"""What the explorable of gates shows in addition to the trained LSTM itself."""

import torch

from rnn_tutorial.data.batching import Batches
from rnn_tutorial.data.labeled import split
from rnn_tutorial.data.letters import MAX_LENGTH
from rnn_tutorial.data.name_lists import surnames
from rnn_tutorial.models import zoo
from rnn_tutorial.states import gates
from rnn_tutorial.training.loop import measure

WEIGHTS = "surname_lstm.safetensors"
NAME = "Hanáková"
SHIFTS = range(-8, 9, 2)


def numbers() -> dict:
    """Return a name to begin with, and what the forget bias does to it and to all test names.

    Returns
    -------
    dict
        ``text`` and ``classes``; ``unit``, the one whose forget gate moves most over the text;
        ``dial``: for each number that is added to every forget bias, the
        ``accuracy`` on the test names, and the mean ``forget`` gate over the text and all units.
    """
    _, vocabulary, about = zoo.load("surname_lstm")
    test = split(surnames(), seed=0).test
    batches = Batches.from_texts(test, vocabulary, 256, MAX_LENGTH)
    name = torch.tensor([vocabulary.encode(NAME)])
    original = shifted(0)
    opened = gates.trace(original.recurrent, original.embedding(name))["f"][:, 0]
    dial = []
    for shift in SHIFTS:
        model = shifted(shift)
        forget = gates.trace(model.recurrent, model.embedding(name))["f"].mean().item()
        _, accuracy = measure(shifted(shift, torch.float64), batches)  # alike on all processors
        dial.append({"shift": shift, "accuracy": round(accuracy, 4), "forget": forget})
    return {
        "binary": WEIGHTS,
        "text": NAME,
        "classes": about["classes"].split(","),
        "unit": int((opened.amax(0) - opened.amin(0)).argmax()),
        "dial": dial,
    }


def shifted(shift: float, dtype: torch.dtype = torch.float32) -> torch.nn.Module:
    """Return the trained LSTM with a number added to all of its forget biases."""
    model, _, _ = zoo.load("surname_lstm")
    model.to(dtype)
    with torch.no_grad():
        model.recurrent.bias_ih_l0.chunk(4)[1].add_(shift)
    return model
