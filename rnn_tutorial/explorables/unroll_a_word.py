"""The network of chapter 3 that the reader steps through a word."""

from torch import Tensor, nn

from rnn_tutorial.training import next_symbol

SEED = 10
TEXT = "baguuudii"


def numbers(model: nn.Module | None = None) -> dict:
    """Return all weights of the network and a word to begin with.

    Parameters
    ----------
    model : NextSymbol, optional
        The network after `next_symbol.train_letters`; it is trained if missing.

    Returns
    -------
    dict
        ``letters`` and ``text``; ``weights`` of the recurrent layer and ``output``, each an array
        as torch has it; ``probabilities`` of the next letter after the text.
    """
    if model is None:
        model, _ = next_symbol.train_letters(SEED)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    layer = {name: _listed(getattr(model.recurrent, f"{name}_l0")) for name in names}
    output = {name: _listed(getattr(model.output, name)) for name in ("weight", "bias")}
    logs, _ = model.predict(next_symbol.encode(TEXT))
    return {
        "letters": next_symbol.LETTERS,
        "text": TEXT,
        "weights": layer,
        "output": output,
        "probabilities": logs.exp().tolist(),
    }


def _listed(weight: Tensor) -> list:
    return weight.detach().tolist()
