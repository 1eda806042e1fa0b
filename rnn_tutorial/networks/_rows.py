"""A batch as one matrix of rows, step after step: the form in which all layers run.

First come the rows of all sequences at step 1, then those at step 2, and so on; a list `sizes`
counts the rows of each step. In a padded batch all counts are equal. In a packed one the longest
sequence comes first and the counts fall, so the sequences that take a step are always the first
ones. A packed batch is taken as torch packed it: it is not checked. The states of a layer are one
matrix too, with the initial ones before the rows: the states before each step and those after it
are views of that matrix.
"""

from itertools import pairwise

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnn_tutorial import _arguments


class Form:
    """The form in which a batch came in, its rows, and the way back from rows to that form.

    Parameters
    ----------
    input : Tensor or PackedSequence
        A padded batch, one sequence or a packed batch, as the caller gave it.
    input_size : int
        How many features it must have.
    batch_first : bool
        Whether a padded batch is (batch, time, features).
    like : Tensor
        A tensor of the type and on the device that it must have.

    Attributes
    ----------
    rows : Tensor, (sum of sizes, features)
        The rows of all steps, one below the other.
    sizes : list of int
        How many rows each step has.
    """

    def __init__(self, input, input_size: int, batch_first: bool, like: Tensor):
        self.packed = input if isinstance(input, PackedSequence) else None
        self.single, self.batch_first = False, batch_first
        self.order, self.order_back = None, None
        if self.packed is not None:
            self.rows = _arguments.tensor("input.data", input.data, ("rows", input_size), like)
            self.sizes = input.batch_sizes.tolist()
            self.order, self.order_back = input.sorted_indices, input.unsorted_indices
            return
        if not isinstance(input, Tensor):
            raise TypeError(
                f"input must be a tensor or a PackedSequence, got {type(input).__name__}"
            )
        time = check_sequences("input", input, input_size, batch_first, like)
        self.single = input.dim() == 2
        steps = input.movedim(time, 0)
        self.rows = steps.reshape(-1, input_size)
        self.sizes = [1 if self.single else steps.shape[1]] * len(steps)

    def initial_states(self, hx, shape: tuple[int, int], num_states: int) -> list[Tensor]:
        """Return the initial states, each (shape[0], batch, shape[1]), in the order of the rows.

        `hx` is what the layer was called with: `num_states` tensors in torch's layout, or None.
        """
        count, hidden = shape
        batch = self.sizes[0]
        if hx is None:
            return [self.rows.new_zeros(count, batch, hidden)] * num_states
        wanted = shape if self.single else (count, batch, hidden)
        states = check_states("hx", hx, wanted, num_states == 2, self.rows)
        if self.single:
            return [state.unsqueeze(1) for state in states]
        return _in_order(states, self.order)

    def output(self, rows: Tensor) -> Tensor | PackedSequence:
        """Return rows in the form of the input."""
        if self.packed is not None:
            return PackedSequence(rows, *self.packed[1:])
        if self.single:
            return rows
        steps = rows.view(len(self.sizes), self.sizes[0], rows.shape[1])
        return steps.transpose(0, 1) if self.batch_first else steps

    def final_states(self, states: list[Tensor]) -> Tensor | tuple[Tensor, ...]:
        """Return the last states in the layout of the initial ones."""
        if self.single:
            states = [state.squeeze(1) for state in states]
        states = _in_order(states, self.order_back)
        return states[0] if len(states) == 1 else tuple(states)


def check_sequences(
    name: str, value: object, input_size: int, batch_first: bool, like: Tensor
) -> int:
    """Check one sequence or a padded batch; return which of its dimensions is time."""
    dims = value.dim() if isinstance(value, Tensor) else None
    if dims not in (2, 3, None):
        raise ValueError(
            f"{name} must have shape (time, features), or three dimensions with the batch, "
            f"got {tuple(value.shape)}"
        )
    names = ["time"] if dims == 2 else ["batch", "time"] if batch_first else ["time", "batch"]
    _arguments.tensor(name, value, (*names, input_size), like)
    time = names.index("time")
    if value.shape[time] == 0:
        raise ValueError(f"{name} must have at least one time step, got {tuple(value.shape)}")
    return time


def check_states(name: str, hx: object, shape: tuple, pair: bool, like: Tensor) -> list[Tensor]:
    """Check an initial state, one tensor or a pair of them; return its parts."""
    if pair and (not isinstance(hx, tuple | list) or len(hx) != 2):
        raise TypeError(f"{name} must be a pair (h_0, c_0), got {type(hx).__name__}")
    parts = {f"{name}[0]": hx[0], f"{name}[1]": hx[1]} if pair else {name: hx}
    return [_arguments.tensor(part, state, shape, like) for part, state in parts.items()]


def _in_order(states: list[Tensor], order: Tensor | None) -> list[Tensor]:
    return states if order is None else [state.index_select(1, order) for state in states]


def turn_around(rows: Tensor, sizes: list[int]) -> Tensor:
    """Turn each sequence around. Doing it twice changes nothing.

    Of three sequences abc, de, f the rows are a d f, b e, c with the sizes 3, 2, 1. Turned around
    they are c e f, b d, a: each row comes from the same sequence, from as many steps before its
    end as the row is after its beginning.

    Parameters
    ----------
    rows : Tensor, (sum of sizes, features)
        The rows of all sequences at step 1, then at step 2, and so on.
    sizes : list of int
        How many sequences each step has, never more than the step before it.
    """
    if sizes[0] == sizes[-1]:
        return rows.unflatten(0, (len(sizes), sizes[0])).flip(0).flatten(0, 1)
    counts = torch.tensor(sizes)
    first = counts.cumsum(0) - counts  # the row where each step begins
    step = torch.repeat_interleave(torch.arange(len(sizes)), counts)
    sequence = torch.arange(len(rows)) - first[step]
    length = torch.bincount(sequence)
    order = first[length[sequence] - 1 - step] + sequence
    return rows.index_select(0, order.to(rows.device))


def room_for_states(initial: Tensor, rows: int) -> Tensor:
    """Return a matrix whose first rows are the initial states, with room for `rows` more."""
    states = initial.new_empty(len(initial) + rows, initial.shape[1])
    states[: len(initial)] = initial
    return states


def steps_of(states: Tensor, sizes: list[int]) -> list[tuple[Tensor, Tensor]]:
    """Return for each step the states before it and after it, of the sequences that take it."""
    counts = [sizes[0], *sizes]
    chunks = states.split(counts)
    return [
        (before if rows == rows_now else before[:rows_now], now)
        for (before, now), (rows, rows_now) in zip(pairwise(chunks), pairwise(counts), strict=True)
    ]


def split(sizes: list[int], *matrices: Tensor) -> list[tuple[Tensor, ...]]:
    """Return for each matrix of rows the views that are its steps."""
    return [matrix.split(sizes) for matrix in matrices]


def backward_in_time(*steps):
    """Go through several lists of steps together, from the last step to the first."""
    return zip(*(reversed(views) for views in steps), strict=True)


def last_states(states: Tensor, sizes: list[int]) -> Tensor:
    """Return each sequence's state after its last step; `states` begins with the initial ones."""
    steps = states.split([sizes[0], *sizes])[1:]
    goes_on = [*sizes[1:], 0]
    ended = [now[n:] for now, rows, n in zip(steps, sizes, goes_on, strict=True) if n < rows]
    return torch.cat(ended[::-1]) if ended else states[:0]  # the longest sequence comes first


def with_ended(running: Tensor, final: Tensor, size: int) -> Tensor:
    """Let the gradients of the sequences that end at this step join the running ones.

    Where some join, the result is a copy: what is added to it later leaves `final` as it is.
    """
    rows = running.size(0)
    return running if rows == size else torch.cat([running, final[rows:size]])


def before_each_step(states: Tensor, sizes: list[int]) -> Tensor:
    """Return one row for each row of the inputs: the state before that step."""
    if sizes[0] == sizes[-1]:  # no sequence ends early, so it is all but the last states
        return states[: len(states) - sizes[0]]
    return torch.cat([before for before, _ in steps_of(states, sizes)])
