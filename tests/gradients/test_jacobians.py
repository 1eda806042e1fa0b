"""The gradient microscope against autograd, and the bound that must always hold."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnn_tutorial.gradients import (
    gradient_norms,
    jacobian_bound,
    jacobian_products,
    singular_values,
    state_jacobians,
)
from rnn_tutorial.networks import gru_step, layers, plain, spectral_radius

ALL = [(room, kind) for room in (layers, nn) for kind in ("RNN", "LSTM", "GRU")]


def make(room, kind, *, batch=2, time_steps=4, seed=0, **options):
    torch.manual_seed(seed)
    layer = getattr(room, kind)(2, 3, dtype=torch.float64, **options)
    shape = [time_steps] if batch is None else [time_steps, batch]
    if layer.batch_first and batch is not None:
        shape.reverse()
    x = torch.randn(*shape, 2, dtype=torch.float64)
    states = layer.num_layers, *([] if batch is None else [batch]), 3
    h = torch.randn(*states, dtype=torch.float64)
    return layer, x, (h, torch.randn(*states, dtype=torch.float64)) if kind == "LSTM" else h


def test_the_jacobian_of_the_tanh_rnn_is_the_formula():
    """J_t = diag(1 - h_t²) W_hh."""
    layer, x, h = make(layers, "RNN", batch=None)
    states = layer(x, h)[0].detach()
    expected = (1 - states**2)[:, :, None] * layer.weight_hh_l0.detach()
    torch.testing.assert_close(state_jacobians(layer, x, h), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("room", "kind"), ALL)
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("batch_first", [True, False])
def test_the_product_is_the_derivative_of_the_last_state_by_the_first(
    room, kind, num_layers, batch_first
):
    """Against autograd through the layer as a whole, cell states and all layers included."""
    layer, x, h = make(room, kind, num_layers=num_layers, batch_first=batch_first)
    parts = list(h) if kind == "LSTM" else [h]
    product = jacobian_products(state_jacobians(layer, x, h))[-1]

    def last(*parts):
        state = layer(x, parts if kind == "LSTM" else parts[0])[1]
        return state if kind == "LSTM" else (state,)

    # one block for each pair of parts: (layers, batch, hidden, layers, batch, hidden)
    blocks = torch.autograd.functional.jacobian(last, tuple(parts))
    for sequence in range(2):
        rows = [
            torch.cat([b[:, sequence, :, :, sequence].reshape(num_layers * 3, -1) for b in row], 1)
            for row in blocks
        ]
        torch.testing.assert_close(product[sequence], torch.cat(rows), rtol=0, atol=1e-12)


def test_the_jacobian_of_a_relu_network():
    """Rows of units that are off are zero, the others are those of W_hh."""
    layer, x, h = make(layers, "RNN", batch=None, nonlinearity="relu")
    on = (layer(x, h)[0].detach() > 0).double()
    assert 0 < on.mean() < 1
    expected = on[:, :, None] * layer.weight_hh_l0.detach()
    torch.testing.assert_close(state_jacobians(layer, x, h), expected, rtol=0, atol=1e-12)


def test_results_are_cut_off_from_the_graph():
    layer, x, h = make(layers, "GRU")
    x, h = x.requires_grad_(), h.requires_grad_()
    assert not state_jacobians(layer, x, h).requires_grad
    assert not gradient_norms(layer, x, lambda o: o.sum(), h).requires_grad
    with torch.no_grad():
        norms = gradient_norms(layer, x, lambda o: o.sum(), h)
    assert (norms > 0).all()


@pytest.mark.parametrize("room", [layers, nn])
def test_dropout_between_layers_is_off(room):
    torch.manual_seed(0)
    layer = room.RNN(2, 3, 2, dropout=0.5, dtype=torch.float64)
    x = torch.randn(4, 2, 2, dtype=torch.float64)
    first = gradient_norms(layer, x, lambda o: o.square().sum())
    torch.testing.assert_close(gradient_norms(layer, x, lambda o: o.square().sum()), first)
    layer.eval()
    torch.testing.assert_close(gradient_norms(layer, x, lambda o: o.square().sum()), first)


def test_a_loss_may_change_its_argument():
    layer, x, h = make(layers, "RNN")
    in_place = gradient_norms(layer, x, lambda o: o.mul_(2).sum(), h)
    torch.testing.assert_close(in_place, gradient_norms(layer, x, lambda o: 2 * o.sum(), h))


def test_the_bound_of_a_float32_matrix_is_computed_in_float64():
    weight = torch.full((1, 1), 1.1)
    exact = float(weight) ** 1000
    assert jacobian_bound(weight, [1000]).item() == pytest.approx(exact, rel=1e-12)


def test_each_index_of_the_products_is_a_lag():
    jacobians = torch.randn(3, 2, 2, dtype=torch.float64)
    first, second, third = jacobians
    expected = torch.stack(
        [torch.eye(2, dtype=torch.float64), third, third @ second, third @ second @ first]
    )
    torch.testing.assert_close(jacobian_products(jacobians), expected)


def test_the_gru_that_resets_before_has_a_jacobian_of_its_own():
    after, x, h = make(layers, "GRU")
    before = layers.GRU(2, 3, reset_after=False, dtype=torch.float64)
    before.load_state_dict(after.state_dict())
    other = state_jacobians(before, x, h)
    assert (state_jacobians(after, x, h) - other).abs().max() > 1e-3
    weights = before.all_weights[0]
    one = torch.autograd.functional.jacobian(
        lambda state: gru_step(x[0, 0], state, *weights, reset_after=False), h[0, 0]
    )
    torch.testing.assert_close(other[0, 0], one, rtol=0, atol=1e-12)


def test_a_single_sequence_and_a_missing_state():
    layer, x, _ = make(layers, "LSTM", batch=None)
    zeros = torch.zeros(1, 3, dtype=torch.float64)
    jacobians = state_jacobians(layer, x)
    assert jacobians.shape == (4, 6, 6)
    assert torch.equal(jacobians, state_jacobians(layer, x, (zeros, zeros)))
    batched = state_jacobians(layer, x[:, None])
    torch.testing.assert_close(batched[:, 0], jacobians)


def recorded_states(layer, kind, x, h):
    """Run a layer with recorded steps; return outputs and the state after each step as leaves."""
    parts = [p.clone() for p in (h if kind == "LSTM" else (h,))]
    visited, outputs = [], []
    for below in x:
        flat = torch.cat([state for part in parts for state in part], dim=1)
        flat = flat.requires_grad_() if not visited else flat
        flat.retain_grad()
        visited.append(flat)
        parts, after = flat.unflatten(1, (-1, layer.num_layers, 3)).unbind(1), []
        for index, weights in enumerate(layer.all_weights):
            after.append(plain.step(layer, below, [part[:, index] for part in parts], weights))
            below = after[-1][0]
        parts = list(zip(*after, strict=True))
        outputs.append(below)
    flat = torch.cat([state for part in parts for state in part], dim=1)
    flat.retain_grad()
    # the last output must be read through the state that is watched
    outputs[-1] = flat[:, 3 * (layer.num_layers - 1) : 3 * layer.num_layers]
    return torch.stack(outputs), [*visited, flat]


@pytest.mark.parametrize(("room", "kind"), ALL)
@pytest.mark.parametrize("num_layers", [1, 2])
def test_gradient_norms_are_those_of_a_recorded_run(room, kind, num_layers):
    layer, x, h = make(room, kind, num_layers=num_layers)
    weights = torch.randn(4, 2, 3, dtype=torch.float64)

    def loss(outputs):
        return (outputs.sin() * weights).sum()

    got = gradient_norms(layer, x, loss, h)
    outputs, visited = recorded_states(layer, kind, x, h)
    # an output before the last is part of the next state, so its own way counts there
    (outputs.sin() * weights).sum().backward()
    direct = torch.autograd.grad(loss(leaf := outputs.detach().requires_grad_()), leaf)[0]
    top = slice(3 * (num_layers - 1), 3 * num_layers)
    for t, state in enumerate(visited):
        gradient = state.grad.clone()
        if 0 < t < 4:
            gradient[:, top] += direct[t - 1]
        torch.testing.assert_close(got[t], gradient.norm(dim=1), rtol=0, atol=1e-10)


def test_gradient_norms_leave_the_layer_alone_and_follow_batch_first():
    layer, x, h = make(layers, "GRU", batch_first=True)
    norms = gradient_norms(layer, x, lambda outputs: outputs[:, -1].sum(), h)
    assert norms.shape == (5, 2)
    assert norms[-1].tolist() == pytest.approx([3**0.5] * 2)
    assert all(p.grad is None for p in layer.parameters())


@given(
    st.floats(0.1, 5.0), st.sampled_from(["tanh", "relu"]), st.integers(1, 6), st.integers(0, 999)
)
def test_the_bound_always_holds(scale, nonlinearity, hidden, seed):
    torch.manual_seed(seed)
    layer = layers.RNN(2, hidden, nonlinearity=nonlinearity, dtype=torch.float64)
    with torch.no_grad():
        layer.weight_hh_l0.mul_(scale * hidden**0.5)
    jacobians = state_jacobians(layer, torch.randn(20, 2, dtype=torch.float64))
    norms = singular_values(jacobian_products(jacobians))[:, 0]
    bound = jacobian_bound(layer.weight_hh_l0, range(21))
    assert (norms <= bound * (1 + 1e-9)).all()


def test_the_bound_is_reached_by_a_linear_network_and_scaled_by_the_slope():
    weight = torch.diag(torch.tensor([0.5, 2.0]))
    assert jacobian_bound(weight, [0, 1, 3]).tolist() == pytest.approx([1.0, 2.0, 8.0])
    assert jacobian_bound(weight, [2], slope=0.25).tolist() == pytest.approx([0.25])


def test_the_spectral_radius_is_not_the_spectral_norm():
    """A matrix that is not normal stretches before it shrinks."""
    matrix = torch.tensor([[0.5, 5.0], [0.0, 0.5]], dtype=torch.float64)
    assert spectral_radius(matrix) == pytest.approx(0.5, abs=1e-6)
    assert singular_values(matrix)[0].item() > 5
    rotation = torch.tensor([[0.0, -0.9], [0.9, 0.0]])
    assert spectral_radius(rotation) == pytest.approx(0.9)


LAYER, X, H = make(layers, "RNN")
LSTM, _, HC = make(layers, "LSTM")


def of_weights(outputs):
    return LAYER.weight_hh_l0.sum()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: state_jacobians(nn.Linear(2, 3), X), TypeError, "layer must be .* got Linear"),
        (
            lambda: state_jacobians(layers.RNN(2, 3, bidirectional=True), X),
            ValueError,
            "layer must have one direction",
        ),
        (lambda: state_jacobians(nn.LSTM(2, 3, proj_size=1), X), ValueError, "proj_size=1"),
        (lambda: state_jacobians(LAYER, X[:0]), ValueError, "at least one time step"),
        (lambda: state_jacobians(LAYER, X, H[0]), ValueError, r"h0 must have shape \(1, 2, 3\)"),
        (lambda: state_jacobians(LSTM, X, H), TypeError, r"h0 must be a pair \(h_0, c_0\)"),
        (lambda: jacobian_products(X[..., :1]), ValueError, "jacobians must be square"),
        (lambda: jacobian_products([X]), TypeError, "jacobians must be a tensor, got list"),
        (lambda: singular_values(torch.ones(2, 3)), ValueError, "matrices must be square"),
        (lambda: gradient_norms(LAYER, X, lambda o: o), ValueError, "must return a tensor of one"),
        (
            lambda: gradient_norms(LAYER, X, lambda o: o.detach().sum()),
            ValueError,
            "must depend on the outputs, got a constant",
        ),
        (lambda: state_jacobians(LSTM, X, (H, H[:, :1])), ValueError, r"h0\[1\] must have shape"),
        (lambda: spectral_radius(torch.eye(3) * float("nan")), ValueError, "matrix must be finite"),
        (lambda: singular_values(torch.eye(3).half()), ValueError, "float32 or float64"),
        (lambda: jacobian_bound(torch.randn(2, 3, 3), [1, 2]), ValueError, "must be one matrix"),
        (lambda: gradient_norms(LAYER, X, of_weights), ValueError, "got a loss of other tensors"),
        (lambda: jacobian_bound(torch.eye(2), None), TypeError, "lags must be integers"),
        (lambda: jacobian_bound(torch.eye(2), [-1]), ValueError, "lags must be integers"),
        (lambda: jacobian_bound(torch.eye(2), [True]), ValueError, "lags must be integers"),
        (lambda: jacobian_bound(torch.eye(2), [1], slope=0), ValueError, "slope must be positive"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
