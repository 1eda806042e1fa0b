"""What the explorable of sampling begins with, and what PyTorch makes of it."""

import math

import torch

from rnn_tutorial.models import generation, zoo

WEIGHTS = "small.safetensors"
# One where the next character is a wide choice, one where it is nearly certain, one in between.
CONTEXTS = {
    "a wide choice": "\n\nHAMLET\nTo be, or not to ",
    "nearly certain": "\n\nHAMLE",
    "in a word": "\n\nHAMLET\nTo be, or not to be, that is the qu",
}
WAYS = {
    "temperature 0.5": {"temperature": 0.5},
    "temperature 1": {},
    "temperature 1.5": {"temperature": 1.5},
    "top-k 5": {"top_k": 5},
    "nucleus 0.9": {"top_p": 0.9},
}


def numbers() -> dict:
    """Return contexts, and what five ways to choose make of each of their distributions.

    Returns
    -------
    dict
        ``contexts``: for each its ``name``, its ``text`` and its ``ways``; for each way the
        ``kept``, how many symbols can be drawn, the ``entropy`` in bits, and the ``largest``
        probability.
    """
    model, vocabulary, _ = zoo.load("small")
    contexts = []
    for name, text in CONTEXTS.items():
        logits, _ = model.predict(vocabulary.look_up(list(text)))
        ways = {way: measures(logits.double(), **options) for way, options in WAYS.items()}
        contexts.append({"name": name, "text": text, "ways": ways})
    return {"binary": WEIGHTS, "contexts": contexts}


def measures(
    logits: torch.Tensor,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> dict[str, float]:
    """Return what a way to choose makes of logits: symbols kept, entropy in bits, largest."""
    logs = generation.temper(logits, temperature)
    if top_k is not None:
        logs = generation.keep_top_k(logs, top_k)
    if top_p is not None:
        logs = generation.keep_nucleus(logs, top_p)
    p = logs.exp()
    return {
        "kept": int((p > 0).sum()),
        "entropy": torch.special.entr(p).sum().item() / math.log(2),
        "largest": p.max().item(),
    }
