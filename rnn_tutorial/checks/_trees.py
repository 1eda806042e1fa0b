"""Tensors in nested tuples, lists and dictionaries, as batches and outputs hold them."""

from collections.abc import Callable, Iterator, Mapping

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence


def mapped(function: Callable, tree):
    """Return the same form with `function` of each leaf."""
    if isinstance(tree, Mapping):
        return {key: mapped(function, value) for key, value in tree.items()}
    if isinstance(tree, tuple | list) and not isinstance(tree, PackedSequence):
        parts = [mapped(function, value) for value in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return function(tree)


def leaves(tree) -> Iterator:
    """Go through whatever is no tuple, list or dictionary."""
    if isinstance(tree, Mapping):
        tree = list(tree.values())
    if isinstance(tree, tuple | list) and not isinstance(tree, PackedSequence):
        for value in tree:
            yield from leaves(value)
    else:
        yield tree


def tensors(tree) -> Iterator[Tensor]:
    """Go through all tensors, those that an object of the reader's own holds too."""
    for leaf in leaves(tree):
        if isinstance(leaf, PackedSequence):
            yield leaf.data
        elif isinstance(leaf, Tensor):
            yield leaf
        elif hasattr(leaf, "__dict__"):
            yield from (value for value in leaves(vars(leaf)) if isinstance(value, Tensor))
