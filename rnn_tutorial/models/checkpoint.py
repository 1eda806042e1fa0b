"""A trained network in 8 bits a weight, in a file that a web page can read.

The file has the format safetensors; that library writes and reads it. A matrix ``NAME`` is stored
as int8 with one float32 for each row, ``NAME.scale``, and the weight is their product. Vectors,
which are the biases, stay float32. The metadata say how to build the network again. Unlike a
pickle, the file holds no code to be run.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from rnn_tutorial._extras import needs
from rnn_tutorial.data.text import Vocabulary
from rnn_tutorial.models import LanguageModel

needs("experiments", "safetensors")
from safetensors import SafetensorError, safe_open  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

LARGEST = 127  # so that a weight and its negative have the same size in int8


def quantize(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Round a matrix to 8 bits, row by row.

    Parameters
    ----------
    weight : Tensor, (rows, columns)
        Finite numbers.

    Returns
    -------
    integers : Tensor of int8, (rows, columns)
        From -127 to 127; the largest of each row in size is one of them.
    scale : Tensor of float32, (rows,)
        What to multiply each row with. No weight is off by more than half of it.

    Raises
    ------
    ValueError
        If `weight` is not a matrix, or holds nan or infinity.
    """
    if weight.dim() != 2 or not torch.isfinite(weight).all():
        raise ValueError(f"weight must be a finite matrix, got shape {tuple(weight.shape)}")
    scale = (weight.abs().amax(dim=1) / LARGEST).float()
    scale = torch.where(scale > 0, scale, 1.0)  # a row of zeros
    return (weight / scale[:, None]).round().clamp(-LARGEST, LARGEST).to(torch.int8), scale


def save(
    path: str | Path,
    model: LanguageModel,
    vocabulary: Vocabulary,
    about: Mapping[str, str] | None = None,
) -> None:
    """Write a model and its symbols, with 8 bits for each weight of a matrix.

    Parameters
    ----------
    path : path
        The file; it is replaced if it exists.
    model : LanguageModel
        With one layer.
    vocabulary : Vocabulary
        Of single characters; with padding and unknown, as many as the model has symbols.
    about : mapping of str to str, optional
        What else to say in the metadata, such as the command and the seed.

    Raises
    ------
    ValueError
        If the model has several layers, or does not fit the vocabulary.
    """
    symbols = "".join(vocabulary.tokens[2:])
    if model.recurrent.num_layers != 1:
        raise ValueError(f"model must have one layer, got {model.recurrent.num_layers}")
    if not len(symbols) + 2 == len(vocabulary) == model.vocabulary_size:
        raise ValueError(
            f"vocabulary must hold {model.vocabulary_size} symbols with padding and unknown, each "
            f"one character, got {len(vocabulary)}"
        )
    described = {
        "cell": model.cell,
        "hidden_size": str(model.recurrent.hidden_size),
        "symbols": symbols,
        **(about or {}),
    }
    write(path, model.state_dict(), described)


def write(path: str | Path, weights: Mapping[str, Tensor], about: Mapping[str, str]) -> None:
    """Write the weights of any network, with 8 bits for each weight of a matrix.

    Parameters
    ----------
    path : path
        The file; it is replaced if it exists.
    weights : mapping of str to Tensor
        As from ``state_dict``.
    about : mapping of str to str
        The metadata.
    """
    tensors = {}
    for name, weight in weights.items():
        if weight.dim() == 2:
            tensors[name], tensors[f"{name}.scale"] = quantize(weight)
        else:
            tensors[name] = weight.float()
    save_file(tensors, path, metadata=dict(about))


def load(
    path: str | Path, *, engine: str = "rnn_tutorial"
) -> tuple[LanguageModel, Vocabulary, dict[str, str]]:
    """Read a model that `save` has written.

    Parameters
    ----------
    path : path
        The file.
    engine : {"rnn_tutorial", "torch"}
        Whose recurrent layer to use.

    Returns
    -------
    model : LanguageModel
        In evaluation mode, with the rounded weights in float32.
    vocabulary : Vocabulary
        Its symbols.
    about : dict of str to str
        The metadata.

    Raises
    ------
    ValueError
        If the file is cut short, or was not written by `save`.
    """
    weights, about = read(path)
    try:
        vocabulary = Vocabulary(about["symbols"])
        embedding = weights.get("embedding.weight")
        model = LanguageModel(
            len(vocabulary),
            cell=about["cell"],
            hidden_size=int(about["hidden_size"]),
            embedding_size=None if embedding is None else embedding.shape[1],
            engine=engine,
        )
        model.load_state_dict(weights)
    except (KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f"path must be a file of this module, got {Path(path).name}") from error
    return model.eval(), vocabulary, about


def read(path: str | Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read what `write` has written.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    weights : dict of str to Tensor
        The rounded weights in float32, for ``load_state_dict``.
    about : dict of str to str
        The metadata.

    Raises
    ------
    ValueError
        If the file is cut short, or was not written by `write`.
    """
    try:
        tensors = load_file(path)
        with safe_open(path, framework="pt") as file:
            about = file.metadata()
        weights = {
            name: tensor.float() * tensors[f"{name}.scale"][:, None]
            if tensor.dtype == torch.int8
            else tensor
            for name, tensor in tensors.items()
            if not name.endswith(".scale")
        }
    except (SafetensorError, KeyError) as error:
        raise ValueError(f"path must be a file of this module, got {Path(path).name}") from error
    return weights, about or {}
