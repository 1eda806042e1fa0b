"""A trained network in one file, exactly or in 8 bits a weight, which a web page can read.

The file has the format safetensors; that library writes and reads it. Its metadata say how to build
the network again. Unlike a pickle, the file holds no code to be run.

`save_classifier` keeps a classifier of your own with all that it takes to ask it: weights as they
are, vocabulary, how texts are cut, classes, longest text, versions. `save` writes a character model
for a page: a matrix ``NAME`` is stored as int8 with one float32 for each row, ``NAME.scale``, and
the weight is their product; vectors, which are the biases, stay float32.
"""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

import rnn_tutorial
from rnn_tutorial import _arguments
from rnn_tutorial._extras import needs
from rnn_tutorial.data.text import Vocabulary
from rnn_tutorial.models import LanguageModel, RecurrentClassifier

needs("data", "safetensors")
from safetensors import SafetensorError, safe_open  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

FORMAT = 1  # of the description of a classifier, in the metadata of its file
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


class SavedClassifier(NamedTuple):
    """A classifier that comes from a file, with what it takes to ask it.

    Attributes
    ----------
    model : Module
        In evaluation mode.
    vocabulary : Vocabulary
        Its tokens, and how texts are cut into them.
    classes : tuple of str
        The class names; the position is the label.
    max_length : int or None
        After how many tokens texts are cut off.
    versions : dict of str to str
        Of the package, torch and Python that wrote the file.
    """

    model: nn.Module
    vocabulary: Vocabulary
    classes: tuple[str, ...]
    max_length: int | None
    versions: dict[str, str]


def save_classifier(
    path: str | Path,
    model: nn.Module,
    vocabulary: Vocabulary,
    classes: Sequence[str],
    *,
    max_length: int | None = None,
) -> None:
    """Write a classifier with all that it takes to ask it, its weights as they are.

    Parameters
    ----------
    path : path
        The file, such as ``reviews.safetensors``; it is replaced if it exists, and never half
        written.
    model : Module
        Called with tokens (batch, time) and lengths (batch,); returns logits (batch, classes). One
        that is no `RecurrentClassifier` has to be built again by whoever loads it.
    vocabulary : Vocabulary
        The one the model was trained with.
    classes : sequence of str
        The class names; the position is the label.
    max_length : int, optional
        After how many tokens texts are cut off.

    Raises
    ------
    ValueError
        If the model cannot read the vocabulary or answers with another number of classes, a weight
        is not finite, the folder is missing, or `max_length` is below 1.
    TypeError
        If `model` is no module, `vocabulary` is no Vocabulary, or a class is no str.
    """
    path = Path(path)
    if not isinstance(model, nn.Module) or not isinstance(vocabulary, Vocabulary):
        raise TypeError(
            f"model and vocabulary must be a Module and a Vocabulary, got {type(model).__name__} "
            f"and {type(vocabulary).__name__}"
        )
    if isinstance(classes, str) or not all(isinstance(name, str) for name in classes):
        raise TypeError(f"classes must be several str, got {classes!r}")
    if max_length is not None:
        max_length = _arguments.integer("max_length", max_length, 1)
    if not path.parent.is_dir():
        raise ValueError(f"path must be in a folder that exists, got {path}")
    _check_fits(model, vocabulary, classes)
    described = {
        "format": FORMAT,
        "model": type(model).__name__,
        "settings": model.settings if type(model) is RecurrentClassifier else None,
        "vocabulary": vocabulary.settings,
        "classes": list(classes),
        "max_length": max_length,
        "versions": {
            "rnn_tutorial": rnn_tutorial.__version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
    }
    # weights that are tied are stored once for each name
    weights = {name: weight.cpu().clone() for name, weight in model.state_dict().items()}
    partial = path.with_name(path.name + ".partial")
    save_file(weights, partial, metadata={"classifier": json.dumps(described)})
    os.replace(partial, path)


def load_classifier(path: str | Path, model: nn.Module | None = None) -> SavedClassifier:
    """Read a classifier that `save_classifier` has written, and check it.

    Parameters
    ----------
    path : path
        The file.
    model : Module, optional
        Built as it was for training, if it is no `RecurrentClassifier`; it gets the weights.

    Returns
    -------
    SavedClassifier
        Ask it with ``predict(kept.model, texts, kept.vocabulary, kept.classes,
        max_length=kept.max_length)`` of `rnn_tutorial.training`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is cut short, was not written by `save_classifier`, is of a later version, or
        does not fit `model`, or if its parts do not fit together.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path} in {Path.cwd()}; give its whole path")
    weights, about = read(path)
    try:
        described = json.loads(about["classifier"])
        if described["format"] > FORMAT:
            raise ValueError(
                f"{path.name} is of a later version, rnn_tutorial "
                f"{described['versions']['rnn_tutorial']}; update the package"
            )
        vocabulary = Vocabulary(**described["vocabulary"])
        classes, settings = tuple(described["classes"]), described["settings"]
        max_length, versions = described["max_length"], described["versions"]
        if model is None and settings is not None:
            model = RecurrentClassifier(**settings)
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path.name} holds no classifier; save_classifier writes one") from error
    if model is None:
        raise ValueError(
            f"{path.name} has the weights of a {described['model']}: build it as for training and "
            f"say model="
        )
    _load_weights(path, model, weights)
    _check_fits(model, vocabulary, classes)
    return SavedClassifier(model.eval(), vocabulary, classes, max_length, versions)


def _load_weights(path, model, weights):
    own = {name: tuple(weight.shape) for name, weight in model.state_dict().items()}
    there = {name: tuple(weight.shape) for name, weight in weights.items()}
    different = sorted(name for name in own | there if own.get(name) != there.get(name))
    if different:
        name = different[0]
        raise ValueError(
            f"model must fit {path.name}, where {name} has shape {there.get(name, 'none')} and not "
            f"{own.get(name, 'none')}; {len(different)} weights differ"
        )
    types = {weight.dtype for weight in weights.values() if weight.is_floating_point()}
    if len(types) == 1:
        model.to(types.pop())
    model.load_state_dict(weights)


@torch.no_grad()
def _check_fits(model, vocabulary, classes):
    """Let a model read each token of the vocabulary once, and look at what it answers."""
    for name, weight in model.state_dict().items():
        if not torch.isfinite(weight).all():
            raise ValueError(f"model must have finite weights, got NaN or infinity in {name}")
    was_training = model.training
    model.eval()
    try:
        logits = model(torch.arange(len(vocabulary))[None], torch.tensor([len(vocabulary)]))
    except Exception as error:
        raise ValueError(
            f"model must read the {len(vocabulary)} tokens of the vocabulary, as "
            f"model(tokens, lengths), got {type(error).__name__}: {error}"
        ) from error
    finally:
        model.train(was_training)
    if not isinstance(logits, Tensor) or logits.shape != (1, len(classes)):
        got = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise ValueError(f"model must return logits of shape (1, {len(classes)}), got {got}")
    if isinstance(model, RecurrentClassifier) and model.embedding.num_embeddings != len(vocabulary):
        raise ValueError(
            f"vocabulary must hold the {model.embedding.num_embeddings} tokens of the model, got "
            f"{len(vocabulary)}"
        )


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
    """Read the weights and the metadata of a file of this module.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    weights : dict of str to Tensor
        The weights for ``load_state_dict``; those of 8 bits in float32.
    about : dict of str to str
        The metadata.

    Raises
    ------
    ValueError
        If the file is cut short, or was not written by this module.
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
            if not _is_scale(name, tensors)
        }
    except (SafetensorError, KeyError, OSError) as error:
        raise ValueError(f"path must be a file of this module, got {Path(path).name}") from error
    return weights, about or {}


def _is_scale(name, tensors):
    matrix = tensors.get(name.removesuffix(".scale"))
    return name.endswith(".scale") and matrix is not None and matrix.dtype == torch.int8
