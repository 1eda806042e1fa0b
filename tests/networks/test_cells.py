"""One step of each cell equals torch's own step, and the formulas on the page about notation."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnn_tutorial.networks import gru_step, lstm_step, rnn_step

SIZES = st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 5), st.integers(0, 999))
ATOL = 1e-12
BLOCKS = {rnn_step: 1, lstm_step: 4, gru_step: 3}


def arguments(blocks, sizes, bias=True, batched=True):
    batch, features, hidden, seed = sizes
    draw = torch.Generator().manual_seed(seed)
    shapes = [(batch, features), (batch, hidden), (blocks * hidden, features)]
    shapes += [(blocks * hidden, hidden), (blocks * hidden,), (blocks * hidden,)]
    if not batched:
        shapes[:2] = [(features,), (hidden,)]
    made = [torch.randn(shape, generator=draw, dtype=torch.float64) for shape in shapes]
    return made if bias else made[:4]


@given(SIZES)
def test_the_tanh_cell_is_torchs(sizes):
    made = arguments(1, sizes)
    torch.testing.assert_close(rnn_step(*made), torch.rnn_tanh_cell(*made), rtol=0, atol=ATOL)
    torch.testing.assert_close(
        rnn_step(*made, nonlinearity="relu"), torch.rnn_relu_cell(*made), rtol=0, atol=ATOL
    )


@given(SIZES)
def test_the_lstm_is_torchs(sizes):
    x, h, *weights = arguments(4, sizes)
    c = h.flip(0) * 2
    for ours, theirs in zip(
        lstm_step(x, (h, c), *weights), torch.lstm_cell(x, (h, c), *weights), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=ATOL)


@given(SIZES)
def test_the_gru_is_torchs(sizes):
    made = arguments(3, sizes)
    torch.testing.assert_close(gru_step(*made), torch.gru_cell(*made), rtol=0, atol=ATOL)


@given(SIZES)
def test_the_gru_of_the_published_paper(sizes):
    """Cho et al., EMNLP 2014, equations 5 to 8, in NumPy, one unit at a time."""
    x, h, w_ih, w_hh, b_ih, b_hh = (t.numpy() for t in arguments(3, sizes, batched=False))
    H = len(h)

    def sigma(value):
        return 1 / (1 + np.exp(-value))

    r = np.array([sigma(w_ih[j] @ x + w_hh[j] @ h + b_ih[j] + b_hh[j]) for j in range(H)])
    z = np.array(
        [sigma(w_ih[H + j] @ x + w_hh[H + j] @ h + b_ih[H + j] + b_hh[H + j]) for j in range(H)]
    )
    expected = []
    for j in range(H):
        row = 2 * H + j
        candidate = np.tanh(w_ih[row] @ x + b_ih[row] + w_hh[row] @ (r * h) + b_hh[row])
        expected.append(z[j] * h[j] + (1 - z[j]) * candidate)
    made = arguments(3, sizes, batched=False)
    torch.testing.assert_close(
        gru_step(*made, reset_after=False), torch.tensor(expected), rtol=0, atol=ATOL
    )


@pytest.mark.parametrize("step", BLOCKS)
@pytest.mark.parametrize("batched", [True, False])
def test_missing_biases_are_zero_and_a_batch_is_optional(step, batched):
    x, h, w_ih, w_hh = arguments(BLOCKS[step], (2, 3, 4, 1), bias=False, batched=batched)
    state = (h, h) if step is lstm_step else h
    zero = torch.zeros(len(w_hh), dtype=torch.float64)
    without, with_zero = step(x, state, w_ih, w_hh), step(x, state, w_ih, w_hh, zero, zero)
    for ours, expected in zip(
        without if step is lstm_step else [without],
        with_zero if step is lstm_step else [with_zero],
        strict=True,
    ):
        torch.testing.assert_close(ours, expected, rtol=0, atol=ATOL)
        assert ours.shape == h.shape


X, H, W_IH, W_HH, B_IH, B_HH = arguments(3, (2, 3, 4, 0))


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"x": X[:, :2]}, ValueError, r"x must have shape \(2, 3\), got \(2, 2\)"),
        ({"x": [1.0, 2.0, 3.0]}, TypeError, "x must be a tensor, got list"),
        ({"h": H[:1]}, ValueError, r"h must have shape \(2, 4\), got \(1, 4\)"),
        ({"weight_ih": W_IH[:8]}, ValueError, r"weight_ih must have shape \(12, features\)"),
        ({"weight_hh": W_HH[:8]}, ValueError, r"weight_hh must have shape \(12, 4\), got \(8, 4\)"),
        ({"weight_ih": W_IH.int()}, TypeError, "weight_ih must hold floating-point numbers"),
        ({"bias_ih": B_IH[:4]}, ValueError, r"bias_ih must have shape \(12,\), got \(4,\)"),
        ({"bias_hh": B_HH.int()}, TypeError, "bias_hh must be of the weights' type"),
        ({"reset_after": 1}, TypeError, r"reset_after must be a bool, got 1 \(int\)"),
    ],
)
def test_what_does_not_fit_is_named(changed, error, message):
    made = {"x": X, "h": H, "weight_ih": W_IH, "weight_hh": W_HH, "bias_ih": B_IH, "bias_hh": B_HH}
    with pytest.raises(error, match=message):
        gru_step(**made | changed)


def test_the_lstm_wants_a_pair_and_the_tanh_cell_a_known_activation():
    x, h, *weights = arguments(4, (2, 3, 4, 0))
    with pytest.raises(TypeError, match=r"state must be a pair \(h, c\), got Tensor"):
        lstm_step(x, h, *weights)
    with pytest.raises(ValueError, match=r"c must have shape \(2, 4\), got \(1, 4\)"):
        lstm_step(x, (h, h[:1]), *weights)
    with pytest.raises(ValueError, match="nonlinearity must be one of tanh, relu, got 'sigmoid'"):
        rnn_step(*arguments(1, (2, 3, 4, 0)), nonlinearity="sigmoid")
