"""What chapter 4 builds on: recomputation, counted costs, and the network in NumPy."""

import math

import numpy as np
import pytest
import torch

from rnn_tutorial.data import streams_of
from rnn_tutorial.gradients import costs, finite_differences, recomputed_bptt, truncated_bptt
from rnn_tutorial.networks import CharacterRNN, layers, mean_bits


def squares(outputs, steps):
    return outputs.square().sum()


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("every", [1, 4, 13, 20])
def test_recomputation_gives_the_full_gradient(kind, every):
    torch.manual_seed(0)
    layer = getattr(layers, kind)(3, 5, num_layers=2, dtype=torch.float64)
    x = torch.randn(13, 2, 3, dtype=torch.float64)
    full = truncated_bptt(layer, x, squares, steps=13)
    found = recomputed_bptt(layer, x, squares, every=every)
    torch.testing.assert_close(found, full, rtol=1e-10, atol=1e-12)


def test_recomputation_holds_few_states():
    layer, x = layers.RNN(4, 16), torch.randn(100, 1, 4)
    held = costs.saved_numbers(
        lambda: recomputed_bptt(layer, x, squares, every=10), [*layer.parameters(), x]
    )
    assert 10 * 16 <= held <= 14 * 16


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="every must be at least 1"):
        recomputed_bptt(layers.RNN(1, 1), torch.zeros(2, 1, 1), squares, every=0)
    with pytest.raises(ValueError, match="hidden must be at least 1"):
        costs.rtrl_numbers(1, 0)
    with pytest.raises(ValueError, match="text must be of 'ab'"):
        CharacterRNN("ab", 2, 0).encode("c")
    with pytest.raises(ValueError, match="tokens must outnumber streams"):
        streams_of(np.arange(3), 5)


def test_multiplications_are_those_of_the_products():
    a, b = torch.randn(2, 3), torch.randn(3, 5)
    assert costs.multiplications(lambda: a @ b) == 30
    assert costs.multiplications(lambda: torch.zeros(2, 5).addmm_(a, b)) == 30


def test_the_gradient_in_numpy_is_that_of_finite_differences():
    for seed in range(5):
        network, rng = CharacterRNN("abc", 4, seed), np.random.default_rng(seed)
        inputs, targets = rng.integers(0, 3, (2, 6, 2))
        h = rng.normal(size=(2, 4))

        def loss(network=network, inputs=inputs, targets=targets, h=h):
            _, p = network.forward(inputs, h)
            return torch.tensor(math.log(2) * mean_bits(p, targets), dtype=torch.float64)

        found = network.backward(inputs, targets, *network.forward(inputs, h))
        tensors = {n: torch.from_numpy(w) for n, w in network.weights.items()}
        for name, estimate in finite_differences(loss, tensors).items():
            np.testing.assert_allclose(found[name], estimate.numpy(), atol=1e-8)


def test_streams_go_on_and_targets_are_shifted_by_one():
    inputs, targets = streams_of(np.arange(11), 3)
    assert inputs.T.tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert (targets == inputs + 1).all()
