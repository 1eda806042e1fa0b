"""A linear recurrence, step by step and all steps at once, and a cell whose gates allow that.

The recurrence is h_t = a_t ⊙ h_{t-1} + b_t, where neither a_t nor b_t depends on the state. One
step is a map h → a h + b, and two steps in a row are again such a map: first (a, b), then (a', b')
is (a' a, a' b + b'). Composing maps is associative, so it does not matter how they are grouped,
and all prefixes can be composed in about log2 T rounds, each of which works on all steps at once.
That is a parallel scan.
"""

import torch
from torch import Tensor, nn

from rnn_tutorial import _arguments


def linear_loop(a: Tensor, b: Tensor, h0: Tensor | None = None) -> Tensor:
    """Compute h_t = a_t ⊙ h_{t-1} + b_t one step after the other.

    Parameters
    ----------
    a, b : Tensor, (time, ...)
        Factors and summands of each step, of the same shape.
    h0 : Tensor, (...), optional
        The state before the first step; zeros if missing.

    Returns
    -------
    Tensor, (time, ...)
        The state after each step.

    Raises
    ------
    TypeError, ValueError
        If the arguments are not floating-point tensors or their shapes do not fit.
    """
    h, states = _check(a, b, h0), []
    for a_t, b_t in zip(a, b, strict=True):
        h = a_t * h + b_t
        states.append(h)
    return torch.stack(states)


def linear_scan(a: Tensor, b: Tensor, h0: Tensor | None = None) -> Tensor:
    """Compute the same as `linear_loop` in `rounds` rounds, each over all steps at once [1]_.

    After round k, step t holds the composition of the last 2^k steps up to t, or of all of them
    if there are fewer. The next round composes it with that of step t - 2^k. Gradients flow
    through it.

    Parameters
    ----------
    a, b, h0
        See `linear_loop`.

    Returns
    -------
    Tensor, (time, ...)
        The state after each step, equal to that of the loop to rounding.

    Raises
    ------
    TypeError, ValueError
        As `linear_loop`.

    References
    ----------
    .. [1] Hillis and Steele, Data parallel algorithms, Communications of the ACM 29, 1986.
    """
    h0 = _check(a, b, h0)
    first = a[0] * h0 + b[0]  # the one step whose state before is known
    b = torch.cat([first[None], b[1:]])
    shift = 1
    while shift < len(a):
        earlier_a, earlier_b = a[:-shift], b[:-shift]
        b = torch.cat([b[:shift], a[shift:] * earlier_b + b[shift:]])
        a = torch.cat([a[:shift], a[shift:] * earlier_a])
        shift *= 2
    return b


def rounds(time_steps: int) -> int:
    """Return how many rounds `linear_scan` needs for T steps: log2 T, rounded up."""
    return (_arguments.integer("time_steps", time_steps, 1) - 1).bit_length()


class MinGRU(nn.Module):
    """A GRU whose gate and candidate see only the input, so that it can be scanned [1]_.

    z_t = σ(W_z x_t + b_z), n_t = W_n x_t + b_n and h_t = z_t ⊙ h_{t-1} + (1 - z_t) ⊙ n_t. As in
    this book's GRU, z near 1 keeps; the paper's z is 1 minus ours.

    Parameters
    ----------
    input_size, hidden_size : int
        Features of a step, and units.

    References
    ----------
    .. [1] Feng et al., Were RNNs all we needed?, arXiv:2410.01201, 2024.
    """

    def __init__(self, input_size: int, hidden_size: int):
        super().__init__()
        self.hidden_size = _arguments.integer("hidden_size", hidden_size, 1)
        self.from_input = nn.Linear(
            _arguments.integer("input_size", input_size, 1), 2 * hidden_size
        )

    def forward(self, inputs: Tensor, h0: Tensor | None = None, *, parallel: bool = True):
        """Run over time.

        Parameters
        ----------
        inputs : Tensor, (time, ..., features)
            The sequences.
        h0 : Tensor, (..., hidden), optional
            The state before the first step; zeros if missing.
        parallel : bool
            Whether to scan, or to go step by step.

        Returns
        -------
        outputs : Tensor, (time, ..., hidden)
            The state after each step.
        h_n : Tensor, (..., hidden)
            The last one.
        """
        z, n = self.from_input(inputs).chunk(2, dim=-1)
        z = z.sigmoid()
        states = (linear_scan if parallel else linear_loop)(z, (1 - z) * n, h0)
        return states, states[-1]


def _check(a: Tensor, b: Tensor, h0: Tensor | None) -> Tensor:
    """Check the arguments; return the initial state."""
    if _arguments.floating("a", a).dim() == 0 or len(a) == 0:
        raise ValueError(f"a must have at least one time step, got shape {tuple(a.shape)}")
    _arguments.tensor("b", b, tuple(a.shape), a)
    if h0 is None:
        return torch.zeros_like(a[0])
    _arguments.tensor("h0", h0, tuple(a.shape[1:]), a)
    return h0
