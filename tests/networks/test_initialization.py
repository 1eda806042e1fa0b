"""Initial weights: the property that each function promises, for our layers and torch's."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from rnn_tutorial.gradients import singular_values
from rnn_tutorial.networks import (
    Start,
    chrono_,
    forget_bias_,
    identity_,
    layers,
    orthogonal_,
    small_,
    spectral_radius,
    spectral_radius_,
    with_forget_bias,
)
from tests.task_tools import generator

ALL = [(room, kind) for room in (layers, nn) for kind in ("RNN", "LSTM", "GRU")]
BLOCKS = {"RNN": 1, "LSTM": 4, "GRU": 3}
H = 8


def make(room, kind, **options):
    torch.manual_seed(0)
    return getattr(room, kind)(3, H, num_layers=2, bidirectional=True, **options)


def recurrent_blocks(layer, kind):
    return [
        block for weights in layer.all_weights for block in weights[1].detach().chunk(BLOCKS[kind])
    ]


@pytest.mark.parametrize(("room", "kind"), ALL)
@pytest.mark.parametrize("radius", [0.3, 1.0, 1.7])
def test_the_spectral_radius_is_what_was_asked_for(room, kind, radius):
    layer = make(room, kind)
    inputs_before = layer.weight_ih_l1_reverse.clone()
    assert spectral_radius_(layer, radius, generator=generator()) is layer
    blocks = recurrent_blocks(layer, kind)
    assert len(blocks) == 4 * BLOCKS[kind]
    for block in blocks:
        assert spectral_radius(block) == pytest.approx(radius, rel=1e-4)
    assert torch.equal(layer.weight_ih_l1_reverse, inputs_before)
    assert not torch.equal(blocks[0], blocks[1])


@pytest.mark.parametrize(("room", "kind"), ALL)
@pytest.mark.parametrize("gain", [1.0, 0.5])
def test_every_singular_value_of_an_orthogonal_matrix_is_the_gain(room, kind, gain):
    layer = orthogonal_(make(room, kind), gain, generator=generator())
    for block in recurrent_blocks(layer, kind):
        expected = torch.full((H,), gain)
        torch.testing.assert_close(singular_values(block), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("room", "kind"), ALL)
def test_small_weights_have_the_deviation_and_no_bias(room, kind):
    layer = small_(make(room, kind), generator=generator())
    for weight_ih, weight_hh, *biases in layer.all_weights:
        assert weight_ih.std().item() == pytest.approx(0.01, rel=0.4)
        assert weight_hh.std().item() == pytest.approx(0.01, rel=0.4)
        assert not any(bias.any() for bias in biases)


@pytest.mark.parametrize("room", [layers, nn])
def test_an_irnn_keeps_its_state(room):
    layer = identity_(make(room, "RNN", nonlinearity="relu"), generator=generator())
    for w_ih, w_hh, b_ih, b_hh in layer.all_weights:
        assert torch.equal(w_hh, torch.eye(H))
        assert (b_ih == 0).all()
        assert (b_hh == 0).all()
        assert w_ih.std().item() == pytest.approx(0.001, rel=0.4)
    single = identity_(room.RNN(3, H, nonlinearity="relu"))
    h = torch.rand(1, 1, H)
    assert torch.equal(single(torch.zeros(50, 1, 3), h)[1], h)
    faded = identity_(room.RNN(3, H, nonlinearity="relu"), 0.5)
    torch.testing.assert_close(faded(torch.zeros(3, 1, 3), h)[1], h / 8)


@pytest.mark.parametrize("room", [layers, nn])
@pytest.mark.parametrize("value", [1.0, -2.0, 0])
def test_the_forget_gate_gets_its_bias_once(room, value):
    """The sum of both vectors is the value; the other gates keep theirs."""
    layer, before = make(room, "LSTM"), make(room, "LSTM")
    forget_bias_(layer, value)
    for weights, old in zip(layer.all_weights, before.all_weights, strict=True):
        total, old_total = weights[2] + weights[3], old[2] + old[3]
        assert (total[H : 2 * H] == value).all()
        for gate in (0, 2, 3):
            block = slice(gate * H, (gate + 1) * H)
            assert torch.equal(total[block], old_total[block])
        assert torch.equal(weights[1], old[1])


@pytest.mark.parametrize(("room", "kind"), [pair for pair in ALL if pair[1] != "RNN"])
def test_chrono_spreads_the_timescales(room, kind):
    layer, before = make(room, kind), make(room, kind)
    chrono_(layer, 100, generator=generator())
    drawn = []
    for weights, old in zip(layer.all_weights, before.all_weights, strict=True):
        total = (weights[2] + weights[3]).detach()
        kept = total[H : 2 * H]
        drawn.append(kept)
        if kind == "LSTM":
            assert torch.equal(total[:H], -kept)
        else:
            assert torch.equal(total[:H], (old[2] + old[3])[:H])
        for vector in (2, 3):  # in the candidate of a GRU the two do not only add up
            assert torch.equal(weights[vector][2 * H :], old[vector][2 * H :])
    times = torch.cat(drawn).exp() + 1  # T, if the gate keeps a share 1 - 1/T
    assert times.min() >= 2
    assert times.max() <= 100
    assert times.mean().item() == pytest.approx(51, abs=25)
    assert len(set(times.tolist())) == len(times)


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_the_timescales_of_chrono_fill_their_range(kind):
    layer = chrono_(getattr(layers, kind)(1, 2000, dtype=torch.float64), 10, generator=generator())
    times = layer.bias_ih_l0.detach()[2000:4000].exp() + 1
    assert 2 <= times.min().item() < 2.05
    assert 9.95 < times.max().item() <= 10
    assert times.mean().item() == pytest.approx(6, abs=0.2)


def test_the_input_weights_of_an_irnn_are_drawn_as_in_the_paper():
    layers_of = [
        identity_(layers.RNN(300, 300, nonlinearity="relu"), generator=generator()) for _ in "ab"
    ]
    assert layers_of[0].weight_ih_l0.std().item() == pytest.approx(0.001, rel=0.02)
    assert torch.equal(layers_of[0].weight_ih_l0, layers_of[1].weight_ih_l0)


class ReluModel(nn.Module):
    """No recurrent network, though it has a nonlinearity."""

    nonlinearity = "relu"


def weight_normed(layer):
    return nn.utils.parametrizations.weight_norm(layer, "weight_hh_l0")


def test_a_unit_of_a_gru_forgets_within_its_timescale():
    """Without weights and inputs the state fades by 1 - 1/T in each step."""
    layer = layers.GRU(1, 5, dtype=torch.float64)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
    chrono_(layer, 30, generator=generator())
    timescale = layer.bias_ih_l0.detach()[5:10].exp() + 1
    h = torch.ones(1, 1, 5, dtype=torch.float64)
    after = layer(torch.zeros(1, 1, 1, dtype=torch.float64), h)[1]
    torch.testing.assert_close(after[0, 0], 1 - 1 / timescale)


@pytest.mark.parametrize(
    "function",
    [
        lambda layer, g: spectral_radius_(layer, 1.0, generator=g),
        lambda layer, g: orthogonal_(layer, generator=g),
        lambda layer, g: small_(layer, generator=g),
        lambda layer, g: chrono_(layer, 50, generator=g),
    ],
)
def test_the_generator_decides(function):
    def state(seed, elsewhere):
        layer = make(layers, "LSTM")
        torch.manual_seed(elsewhere)
        drawn = function(layer, generator(seed))
        return torch.cat([p.detach().flatten() for p in drawn.parameters()])

    assert torch.equal(state(1, elsewhere=0), state(1, elsewhere=9))
    assert not torch.equal(state(1, elsewhere=0), state(2, elsewhere=0))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: spectral_radius_(nn.Linear(3, 3), 1.0), TypeError, "layer must be .* got Linear"),
        (lambda: spectral_radius_(layers.RNN(3, 4), 0.0), ValueError, "radius must be positive"),
        (lambda: spectral_radius_(layers.RNN(3, 4), math.nan), ValueError, "radius must be fin"),
        (lambda: orthogonal_(nn.LSTM(3, 4, proj_size=2)), ValueError, "proj_size=2"),
        (lambda: identity_(layers.RNN(3, 4)), TypeError, 'nonlinearity="relu", got RNN'),
        (lambda: identity_(ReluModel()), TypeError, 'nonlinearity="relu", got ReluModel'),
        (lambda: orthogonal_(weight_normed(layers.RNN(3, 4))), ValueError, "a parametrized layer"),
        (lambda: orthogonal_(layers.GRU(3, 4, dtype=torch.bfloat16)), TypeError, "got torch.bfl"),
        (lambda: orthogonal_(layers.GRU(3, 4, device="meta")), TypeError, "on meta"),
        (lambda: spectral_radius_(layers.RNN(3, 4), 1e300), ValueError, "radius must fit into"),
        (lambda: orthogonal_(layers.RNN(3, 4), np.bool_(True)), TypeError, "gain must be a number"),
        (lambda: orthogonal_(layers.RNN(3, 4), 10**400), ValueError, "gain must be finite"),
        (lambda: small_(layers.RNN(3, 4), 0), ValueError, "std must be positive, got 0"),
        (lambda: forget_bias_(layers.GRU(3, 4)), TypeError, "layer must be an LSTM, got GRU"),
        (lambda: forget_bias_(layers.LSTM(3, 4, bias=False)), ValueError, "got bias=False"),
        (lambda: chrono_(layers.RNN(3, 4), 9), TypeError, "layer must be an LSTM or GRU, got RNN"),
        (lambda: chrono_(layers.GRU(3, 4), 2), ValueError, "max_time must be above 2, got 2.0"),
    ],
)
def test_what_cannot_be_initialized_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_start_makes_a_layer_and_changes_it():
    plain = Start(layers.GRU).make(2, 4, dtype=torch.float64)
    assert isinstance(plain, layers.GRU)
    assert plain.weight_hh_l0.dtype == torch.float64
    weight = Start(change=orthogonal_).make(2, 4).weight_hh_l0
    torch.testing.assert_close(weight @ weight.T, torch.eye(4), atol=1e-5, rtol=0)
    opened = with_forget_bias(3.0).make(2, 4)
    assert (opened.bias_ih_l0 + opened.bias_hh_l0)[4:8].tolist() == [3.0] * 4
