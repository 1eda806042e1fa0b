"""What a gradient costs, counted rather than timed: multiplications, and numbers that are kept.

A clock measures the machine too; a count is the same everywhere. These functions count the
multiplications in matrix products, which outgrow all others as the number of units grows, and the
numbers that autograd keeps between the forward and the backward pass.
"""

from collections import Counter
from collections.abc import Callable, Iterable

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from rnn_tutorial import _arguments


def multiplications(function: Callable[[], object]) -> int:
    """Count the multiplications of all matrix products that a function computes.

    Parameters
    ----------
    function : callable
        Without arguments. Backward passes in it count too; products inside torch's own recurrent
        layers do not, since they cannot be seen one by one.

    Returns
    -------
    int
        A product of matrices (n, k) and (k, m) has n · k · m.
    """
    with _Products() as counter:
        function()
    return counter.total


# the in-place products, which torch's table lacks
_IN_PLACE = {torch.ops.aten.addmm_: torch.ops.aten.addmm}


class _Products(TorchDispatchMode):
    """Add up what torch's own table of operations says of each product; it counts additions too."""

    def __init__(self):
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        packet = _IN_PLACE.get(func._overloadpacket, func._overloadpacket)
        if packet in flop_registry:
            self.total += flop_registry[packet](*args, **(kwargs or {}), out_val=result) // 2
        return result


def saved_numbers(function: Callable[[], object], free: Iterable[Tensor] = ()) -> int:
    """Count the most numbers that autograd holds for backward passes while a function runs.

    Parameters
    ----------
    function : callable
        Without arguments; what it computes is recorded.
    free : iterable of Tensor
        Tensors that exist anyway and do not count, such as parameters and inputs.

    Returns
    -------
    int
        The largest number held at a time. A piece of memory counts once, however many tensors
        share it, and until the last graph that needs it is gone.
    """
    ledger = _Ledger({_memory(tensor) for tensor in free})
    with torch.autograd.graph.saved_tensors_hooks(
        lambda tensor: _Kept(tensor, ledger), lambda kept: kept.tensor
    ):
        function()
    return ledger.peak


class _Ledger:
    """Which memory is held, how often, and how much at most."""

    def __init__(self, free: set[int]):
        self.free, self.holders, self.held, self.peak = free, Counter(), 0, 0

    def change(self, tensor: Tensor, by: int) -> None:
        key = _memory(tensor)
        if key in self.free:
            return
        before = self.holders[key]
        self.holders[key] += by
        size = tensor.untyped_storage().nbytes() // tensor.element_size()
        self.held += size * ((self.holders[key] > 0) - (before > 0))
        self.peak = max(self.peak, self.held)


class _Kept:
    """A tensor that a graph holds; it goes when the graph does."""

    def __init__(self, tensor: Tensor, ledger: _Ledger):
        self.tensor, self.ledger = tensor, ledger
        ledger.change(tensor, +1)

    def __del__(self):
        self.ledger.change(self.tensor, -1)


def rtrl_numbers(features: int, hidden: int, batch_size: int = 1) -> int:
    """Return the size of the influence that real-time recurrent learning carries.

    Parameters
    ----------
    features, hidden, batch_size : int
        Sizes D, H and B of a tanh RNN.

    Returns
    -------
    int
        B · H · H (D + H + 1): one number for each sequence, unit and weight, whatever the length.
    """
    _arguments.positive_integers(features=features, hidden=hidden, batch_size=batch_size)
    return batch_size * hidden * hidden * (features + hidden + 1)


def _memory(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()
