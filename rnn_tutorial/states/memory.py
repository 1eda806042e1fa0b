"""How far back a hidden state remembers: what linear readouts find of earlier inputs.

The curves take states that are already computed, as arrays or tensors (time, hidden), and know
nothing of the network that they come from. Readouts are fitted to the first half of a sequence and
judged on the second.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from rnn_tutorial import _arguments
from rnn_tutorial._extras import needs


@torch.no_grad()
def linear_states(weight: Tensor, column: Tensor, signal: Tensor) -> Tensor:
    """Return the states (time, hidden) of h' = W h + w u, without an activation function."""
    state, states = torch.zeros_like(column), []
    for number in signal:
        state = weight @ state + column * number
        states.append(state)
    return torch.stack(states)


@torch.no_grad()
def tanh_states(weight: Tensor, column: Tensor, signal: Tensor) -> Tensor:
    """Return the states (time, hidden) of h' = tanh(W h + w u), a tanh network without biases."""
    state, states = torch.zeros_like(column), []
    for number in signal:
        state = torch.tanh(weight @ state + column * number)
        states.append(state)
    return torch.stack(states)


def memory_curve(
    states: np.ndarray, signal: Sequence[float], max_delay: int, *, washout: int = 100
) -> np.ndarray:
    """Measure how much of the signal k steps back a linear readout finds in the state, for all k.

    Parameters
    ----------
    states : array, (time, hidden)
        The state after each step of one long sequence.
    signal : sequence of float, (time,)
        What the network read at each step; independent from step to step.
    max_delay : int
        The largest k; the first is 0.
    washout : int
        How many states to leave out at the beginning, at least `max_delay`.

    Returns
    -------
    ndarray, (max_delay + 1,)
        The squared correlation of the signal k steps ago with what least squares reads, fitted to
        the first half and measured in the second. Its sum is the memory capacity. For signals
        that are independent from step to step it is at most the number of units [1]_.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit, a number is not finite, or the sequence is too short.

    References
    ----------
    .. [1] Jaeger, Short term memory in echo state networks, GMD Report 152, 2001.
    """
    states, signal = _arguments.states_with("signal", states, signal)
    read, wanted, half = _delayed(states, signal, max_delay, washout)
    if signal.dtype.kind not in "biuf" or not np.isfinite(signal).all() or signal.std() == 0:
        raise ValueError("signal must hold finite numbers that are not all the same")
    answers = _least_squares(read[:half], wanted[:half], read[half:])
    return np.array(
        [
            0.0 if a.std() < 1e-12 else np.corrcoef(a, w)[0, 1] ** 2
            for a, w in zip(answers.T, wanted[half:].T, strict=True)
        ]
    )


def recall_curve(states: np.ndarray, symbols: Sequence[int], max_delay: int, *, washout: int = 100):
    """Measure how well a linear readout names the symbol k steps back, for k = 0, 1, ...

    Parameters
    ----------
    states, max_delay, washout
        See `memory_curve`.
    symbols : sequence of int, (time,)
        What the network read at each step.

    Returns
    -------
    DataFrame
        For each ``delay`` the ``accuracy`` of least squares on one-hot targets, fitted to the first
        half and measured in the second, and the mutual information between symbol and answer
        in ``bits``: the state holds at least that much.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit, a number is not finite, or the sequence is too short.
    """
    needs("data", "pandas", "sklearn")

    import pandas as pd
    from sklearn.metrics import mutual_info_score

    states, symbols = _arguments.states_with("symbols", states, symbols)
    read, wanted, half = _delayed(states, symbols, max_delay, washout)
    kinds = np.unique(symbols)
    rows = []
    for delay, column in enumerate(wanted.T):
        hot = (column[:half, None] == kinds).astype(float)
        answers = kinds[_least_squares(read[:half], hot, read[half:]).argmax(axis=1)]
        rows.append(
            {
                "delay": delay,
                "accuracy": float((answers == column[half:]).mean()),
                "bits": float(mutual_info_score(column[half:], answers) / np.log(2)),
            }
        )
    return pd.DataFrame(rows)


def _delayed(states, values, max_delay, washout):
    """Return states, the values 0 to `max_delay` steps before each, and where the test starts."""
    max_delay = _arguments.integer("max_delay", max_delay, 0)
    washout = _arguments.integer("washout", washout, max_delay)
    if len(states) < washout + 4 * states.shape[1]:
        raise ValueError(
            f"states must be at least {washout + 4 * states.shape[1]} for this washout and number "
            f"of units, got {len(states)}"
        )
    delayed = [values[washout - delay : len(values) - delay] for delay in range(max_delay + 1)]
    return states[washout:], np.stack(delayed, axis=1), (len(states) - washout) // 2


def _least_squares(fit, wanted, read):
    """Fit an affine map, and apply it to other rows."""
    mean = fit.mean(axis=0)
    weights = np.linalg.lstsq(fit - mean, wanted - wanted.mean(axis=0), rcond=None)[0]
    return (read - mean) @ weights + wanted.mean(axis=0)
