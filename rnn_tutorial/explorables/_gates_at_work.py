"""What the explorable of gates shows beside the trained LSTM itself."""

import torch

from rnn_tutorial.experiments.gating import cells_compared
from rnn_tutorial.experiments.names import surname_lstm
from rnn_tutorial.states import gates

SHIFTS = range(-8, 9, 2)


def numbers() -> dict:
    """Return a name to begin with, and what the forget bias does to it and to all test names.

    Returns
    -------
    dict
        ``text`` and ``classes``; ``dial``: for each number that is added to every forget bias, the
        ``accuracy`` on the test names, and the mean ``forget`` gate over the text and all units.
    """
    model, vocabulary, classes = surname_lstm.load()
    inputs = model.embedding(torch.tensor([vocabulary.encode(cells_compared.TRACED_NAME)]))
    bias = model.recurrent.bias_ih_l0.detach().chunk(4)[1]
    trained, forget = bias.clone(), []
    for shift in SHIFTS:
        bias.copy_(trained + shift)
        forget.append(gates.trace(model.recurrent, inputs)["f"].mean().item())
    dial = zip(SHIFTS, surname_lstm.accuracies(SHIFTS), forget, strict=True)
    return {
        "binary": surname_lstm.PATH.name,
        "text": cells_compared.TRACED_NAME,
        "classes": list(classes),
        "dial": [{"shift": b, "accuracy": round(a, 4), "forget": f} for b, a, f in dial],
    }
