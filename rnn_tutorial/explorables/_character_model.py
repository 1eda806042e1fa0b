"""What the explorable of the character model shows in addition to the model itself."""

import numpy as np
import torch

from rnn_tutorial.data.plays import encoded_tragedies
from rnn_tutorial.models import zoo

WEIGHTS = "small.safetensors"
OPENING = """\
HAMLET
To be, or not to be, that is the question:
Whether 'tis nobler in the mind to suffer
The """
# The unit to begin with follows the line best on so many characters of the test text.
SPAN = 20_000


def numbers() -> dict:
    """Return the bits that rounding costs, a text to begin with, and a unit to look at.

    Returns
    -------
    dict
        ``bits`` and ``bits_rounded``: bits per character of the test text, with 32 and with 8 bits
        a weight; ``unit`` and ``correlation``: the unit whose value follows the number of
        characters since the line began most closely, and how closely; ``text``, and after it
        ``next`` and ``probabilities``: the most probable characters.
    """
    model, vocabulary, about = zoo.load("small")
    tokens = encoded_tragedies().test[:SPAN]
    unit, correlation = follows_line(model, tokens, vocabulary.look_up(["\n"])[0])
    logs, _ = model.predict(vocabulary.look_up(list(OPENING)))
    most = logs.argsort(descending=True)[:5]
    return {
        "binary": WEIGHTS,
        "bits": float(about["bits"]),
        "bits_rounded": float(about["bits_rounded"]),
        "unit": unit,
        "correlation": round(correlation, 4),
        "text": OPENING,
        "next": [vocabulary.tokens[i] for i in most],
        "probabilities": logs[most].exp().tolist(),
    }


@torch.no_grad()
def follows_line(model, tokens: torch.Tensor, line_end: int) -> tuple[int, float]:
    """Return the unit that follows the column most closely, and its correlation with it.

    Parameters
    ----------
    model : LanguageModel
        With one recurrent layer.
    tokens : Tensor of int64, (length,)
        A text.
    line_end : int
        The symbol that ends a line.

    Returns
    -------
    unit : int
        The one with the largest correlation in size.
    correlation : float
        Over all places of the text, with the number of characters since the line began.
    """
    states, _ = model.recurrent(model.embedding(tokens[None]))
    place = np.arange(len(tokens))
    begins = np.maximum.accumulate(np.where(tokens.numpy() == line_end, place, 0))
    table = np.column_stack([states[0].double().numpy(), place - begins])
    correlations = np.corrcoef(table, rowvar=False)[-1, :-1]
    unit = int(np.abs(correlations).argmax())
    return unit, float(correlations[unit])
