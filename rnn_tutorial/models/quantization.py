"""A trained language model in 8 bits a weight, in one file that a web page can read.

The layout is that of the format safetensors, so its libraries read the file too:

- 8 bytes: the length of the header, little-endian;
- the header in JSON, one entry for each tensor with ``dtype``, ``shape`` and ``data_offsets``
  (first byte and the one behind the last, counted from the end of the header), and
  ``__metadata__``, a mapping of str to str with ``cell``, ``hidden_size``, ``symbols`` and what
  the caller adds. Symbol i of the model is character i - 2 of ``symbols``; 0 is padding and 1
  unknown, and neither is ever written;
- the tensors, row after row.

A matrix ``NAME`` is stored as int8 with one float32 for each row, ``NAME.scale``; the weight is
their product. Vectors, which are the biases, stay float32. There is no code in the file to be run,
as there is in a pickle.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rnn_tutorial.data.text import Vocabulary
from rnn_tutorial.models import LanguageModel

LARGEST = 127  # so that a weight and its negative have the same size in int8
KINDS = {"I8": "<i1", "F32": "<f4"}
LONGEST_HEADER = 1_000_000


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
) -> int:
    """Write a model and its symbols, with 8 bits for each weight of a matrix.

    Parameters
    ----------
    path : path
        The file; it is replaced if it exists.
    model : LanguageModel
        One layer; its sizes are read off its weights again.
    vocabulary : Vocabulary
        Of single characters, as many with padding and unknown as the model has symbols.
    about : mapping of str to str, optional
        What else is to stand in the header, such as the command and the seed.

    Returns
    -------
    int
        The number of bytes written.

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
    return write(path, model.state_dict(), described)


def write(path: str | Path, weights: Mapping[str, Tensor], about: Mapping[str, str]) -> int:
    """Write the weights of any network, with 8 bits for each weight of a matrix.

    Parameters
    ----------
    path : path
        The file; it is replaced if it exists.
    weights : mapping of str to Tensor
        As from ``state_dict``.
    about : mapping of str to str
        What is to stand in the header.

    Returns
    -------
    int
        The number of bytes written.
    """
    header: dict[str, object] = {"__metadata__": dict(about)}
    body = b""
    for name, weight in weights.items():
        parts = {name: weight.float()}
        if weight.dim() == 2:
            integers, scale = quantize(weight)
            parts = {name: integers, f"{name}.scale": scale}
        for key, tensor in parts.items():
            kind = "I8" if tensor.dtype == torch.int8 else "F32"
            data = tensor.numpy().astype(KINDS[kind]).tobytes()
            header[key] = {
                "dtype": kind,
                "shape": list(tensor.shape),
                "data_offsets": [len(body), len(body) + len(data)],
            }
            body += data
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    content = len(text).to_bytes(8, "little") + text + body
    Path(path).write_bytes(content)
    return len(content)


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
        What the header says of it.

    Raises
    ------
    ValueError
        If the file is cut short, or is none that `save` has written.
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
    except (KeyError, TypeError, AttributeError, RuntimeError) as error:
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
        What the header says.

    Raises
    ------
    ValueError
        If the file is cut short, or is none that `write` has written.
    """
    header, body = _split(Path(path))
    try:
        about = header.pop("__metadata__")
        tensors = {name: _tensor(entry, body) for name, entry in header.items()}
        weights = {
            name: tensor.float() * tensors[f"{name}.scale"][:, None]
            if tensor.dtype == torch.int8
            else tensor
            for name, tensor in tensors.items()
            if not name.endswith(".scale")
        }
    except (KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise ValueError(f"path must be a file of this module, got {Path(path).name}") from error
    return weights, about


def _split(path: Path) -> tuple[dict, bytes]:
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    if not 0 < length <= min(LONGEST_HEADER, len(content) - 8):
        raise ValueError(f"path must be a file of this module, got {path.name}")
    try:
        header = json.loads(content[8 : 8 + length])
    except ValueError as error:
        raise ValueError(f"path must be a file of this module, got {path.name}") from error
    if not isinstance(header, dict):
        raise ValueError(f"path must be a file of this module, got {path.name}")
    return header, content[8 + length :]


def _tensor(entry: Mapping, body: bytes) -> Tensor:
    start, end = entry["data_offsets"]
    kind = np.dtype(KINDS[entry["dtype"]])
    if end > len(body) or (end - start) != math.prod(entry["shape"]) * kind.itemsize:
        raise ValueError(f"path must be a whole file, got {len(body)} bytes of {end}")
    array = np.frombuffer(body[start:end], kind).reshape(entry["shape"])
    return torch.from_numpy(array.astype(kind.newbyteorder("=")))
