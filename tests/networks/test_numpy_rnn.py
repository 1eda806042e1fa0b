"""The tanh layer in NumPy against torch's, finite differences, and the character network."""

import numpy as np
import pytest
import torch

from rnn_tutorial.gradients import finite_differences
from rnn_tutorial.networks import numpy_rnn

T, B, D, H = 7, 3, 4, 5


def drawn(seed, *, features=D, dtype=np.float64):
    """Return inputs, h_0, weights, bias and dL/d(states), from N(0, 1/4)."""
    rng = np.random.default_rng(seed)
    shapes = (T, B, features), (B, H), (H, features), (H, H), (H,), (T, B, H)
    return [(0.5 * rng.normal(size=shape)).astype(dtype) for shape in shapes]


@pytest.mark.parametrize("seed", range(3))
def test_states_and_gradients_are_those_of_torch(seed):
    x, h_0, w_ih, w_hh, bias, above = drawn(seed)
    layer = torch.nn.RNN(D, H, dtype=torch.float64)
    weights = (w_ih, w_hh, bias, np.zeros(H))
    named = zip((n for n, _ in layer.named_parameters()), map(torch.tensor, weights), strict=True)
    layer.load_state_dict(dict(named))
    inputs, state = (torch.tensor(a, requires_grad=True) for a in (x, h_0[None]))
    outputs, _ = layer(inputs, state)
    outputs.backward(torch.tensor(above))

    states = numpy_rnn.forward(x, h_0, w_ih, w_hh, bias)
    gradients = numpy_rnn.backward(x, states, above, w_ih, w_hh)
    np.testing.assert_allclose(states[1:], outputs.detach().numpy(), rtol=0, atol=1e-14)
    expected = {
        "inputs": inputs.grad,
        "h_0": state.grad[0],
        "weight_ih": layer.weight_ih_l0.grad,
        "weight_hh": layer.weight_hh_l0.grad,
        "bias": layer.bias_ih_l0.grad,
    }
    assert set(gradients) == set(expected)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(gradient, expected[name].numpy(), rtol=1e-11, atol=1e-13)


def test_gradients_are_those_of_finite_differences():
    x, h_0, w_ih, w_hh, bias, above = drawn(5)
    arrays = {"inputs": x, "h_0": h_0, "weight_ih": w_ih, "weight_hh": w_hh, "bias": bias}

    def loss():
        return torch.tensor((numpy_rnn.forward(x, h_0, w_ih, w_hh, bias)[1:] * above).sum())

    estimated = finite_differences(loss, {n: torch.from_numpy(a) for n, a in arrays.items()})
    states = numpy_rnn.forward(x, h_0, w_ih, w_hh, bias)
    for name, gradient in numpy_rnn.backward(x, states, above, w_ih, w_hh).items():
        np.testing.assert_allclose(gradient, estimated[name].numpy(), rtol=0, atol=1e-8)


def test_one_hot_inputs_make_it_the_character_network():
    network, rng = numpy_rnn.CharacterRNN("abcd", H, 1), np.random.default_rng(1)
    tokens, targets = rng.integers(0, 4, (2, T, B))
    h_0, w = rng.normal(size=(B, H)), network.weights
    states, probabilities = network.forward(tokens, h_0)
    one_hot = np.eye(4)[tokens]
    weights = w["weight_ih"], w["weight_hh"]
    np.testing.assert_allclose(
        numpy_rnn.forward(one_hot, h_0, *weights, w["bias"]), states, rtol=0, atol=1e-14
    )
    above = (probabilities - np.eye(4)[targets]) / targets.size @ w["weight_out"]
    gradients = numpy_rnn.backward(one_hot, states, above, *weights)
    for name, expected in network.backward(tokens, targets, states, probabilities).items():
        if "out" not in name:
            np.testing.assert_allclose(gradients[name], expected, rtol=1e-11, atol=1e-14)


def test_single_precision_stays_single():
    x, h_0, w_ih, w_hh, bias, above = drawn(2, dtype=np.float32)
    states = numpy_rnn.forward(x, h_0, w_ih, w_hh, bias)
    gradients = numpy_rnn.backward(x, states, above, w_ih, w_hh)
    assert {states.dtype, *(g.dtype for g in gradients.values())} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("place", "name"), [(0, "inputs"), (1, "h_0"), (3, "weight_hh"), (4, "bias")]
)
def test_a_shape_that_does_not_fit_is_named(place, name):
    *arguments, above = drawn(0)
    arguments[place] = arguments[place][..., 1:]
    with pytest.raises(ValueError, match=f"^{name} must be of shape"):
        numpy_rnn.forward(*arguments)
    x, h_0, w_ih, w_hh, bias, _ = drawn(0)
    states = numpy_rnn.forward(x, h_0, w_ih, w_hh, bias)
    with pytest.raises(ValueError, match="from_above must be of shape"):
        numpy_rnn.backward(x, states, above[1:], w_ih, w_hh)
