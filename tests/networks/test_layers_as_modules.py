"""The layers as torch modules: parameters, copies, types, devices, graphs, warnings."""

import copy
import pickle

import pytest
import torch
from torch import nn

from rnn_tutorial.networks import layers
from rnn_tutorial.networks.kinds import cell_of

KINDS = ("RNN", "LSTM", "GRU")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}, {"bias": False}])
def test_the_parameters_are_torchs(kind, options):
    """Names, order, shapes; strict loading both ways; the same draws from the same seed."""
    torch.manual_seed(3)
    ours = getattr(layers, kind)(3, 4, **options)
    torch.manual_seed(3)
    theirs = getattr(nn, kind)(3, 4, **options)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for name, value in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], value)
    torch.manual_seed(4)
    ours.reset_parameters()
    theirs.load_state_dict(ours.state_dict(), strict=True)
    other = getattr(layers, kind)(3, 4, **options)
    other.load_state_dict(theirs.state_dict(), strict=True)
    assert all(
        torch.equal(p, q) for p, q in zip(ours.parameters(), other.parameters(), strict=True)
    )
    for row, expected in zip(ours.all_weights, theirs.all_weights, strict=True):
        assert [w.shape for w in row] == [w.shape for w in expected]


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_prints_copies_and_pickles_like_a_module(kind):
    layer = getattr(layers, kind)(3, 4, num_layers=2, batch_first=True, dropout=0.25)
    assert repr(layer) == repr(getattr(nn, kind)(3, 4, 2, batch_first=True, dropout=0.25))
    assert repr(layers.GRU(3, 4, reset_after=False)) == "GRU(3, 4, reset_after=False)"
    layer.eval()
    x = torch.randn(2, 5, 3)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(twin(x)[0], layer(x)[0])
    layer.flatten_parameters()


def test_the_order_of_positional_arguments_is_torchs():
    for room in (layers, nn):
        rnn = room.RNN(3, 4, 2, "relu", False, True, 0.5, True)
        assert (rnn.nonlinearity, rnn.bias, rnn.batch_first) == ("relu", False, True)
        assert (rnn.num_layers, rnn.dropout, rnn.bidirectional) == (2, 0.5, True)
        for kind in ("LSTM", "GRU"):
            layer = getattr(room, kind)(3, 4, 2, False, True, 0.5, True)
            assert (layer.bias, layer.batch_first, layer.bidirectional) == (False, True, True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_other_types_of_numbers_run(kind, dtype):
    layer = getattr(layers, kind)(3, 4, dtype=dtype)
    theirs = getattr(nn, kind)(3, 4, dtype=dtype)
    theirs.load_state_dict(layer.state_dict())
    x = torch.randn(6, 2, 3, dtype=dtype)
    outputs, _ = layer(x)
    outputs.sum().backward()
    assert outputs.dtype == layer.weight_hh_l0.grad.dtype == dtype
    tolerance = 1e-6 if dtype == torch.float32 else 0.05
    torch.testing.assert_close(outputs, theirs(x)[0], rtol=0, atol=tolerance)


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_batch_is_a_batch(kind):
    layer = getattr(layers, kind)(3, 4, num_layers=2, bidirectional=True)
    x = torch.randn(5, 0, 3, requires_grad=True)
    output, state = layer(x)
    assert output.shape == (5, 0, 8)
    assert (state[0] if kind == "LSTM" else state).shape == (4, 0, 4)
    output.sum().backward()
    assert x.grad.shape == x.shape
    assert all((p.grad == 0).all() for p in layer.parameters())


@pytest.mark.parametrize("kind", KINDS)
def test_arguments_are_left_as_they_were(kind):
    layer = getattr(layers, kind)(3, 4, num_layers=2, bidirectional=True)
    x, h = torch.randn(5, 2, 3), torch.randn(4, 2, 4)
    hx = (h, h.clone()) if kind == "LSTM" else h
    before = x.clone(), h.clone()
    output, _ = layer(x, hx)
    upstream = torch.randn_like(output)
    kept = upstream.clone()
    output.backward(upstream)
    assert torch.equal(x, before[0])
    assert torch.equal(h, before[1])
    assert torch.equal(upstream, kept)


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradients_of_the_two_biases_are_two_tensors(kind):
    """Clipping changes gradients in place, so a shared one would be scaled twice."""
    layer = getattr(layers, kind)(3, 4)
    layer(torch.randn(5, 2, 3))[0].sum().backward()
    assert layer.bias_ih_l0.grad.data_ptr() != layer.bias_hh_l0.grad.data_ptr()


@pytest.mark.parametrize("kind", KINDS)
def test_a_graph_can_be_walked_twice_and_gradients_add_up(kind):
    layer = getattr(layers, kind)(3, 4, dtype=torch.float64)
    output, _ = layer(torch.randn(5, 2, 3, dtype=torch.float64))
    output.sum().backward(retain_graph=True)
    once = layer.weight_hh_l0.grad.clone()
    output.sum().backward()
    torch.testing.assert_close(layer.weight_hh_l0.grad, 2 * once)


@pytest.mark.parametrize("kind", KINDS)
def test_frozen_weights_and_inputs_without_gradient(kind):
    layer = getattr(layers, kind)(3, 4)
    layer.requires_grad_(False)
    layer.bias_hh_l0.requires_grad_(True)
    layer(torch.randn(5, 2, 3))[0].sum().backward()
    assert layer.bias_hh_l0.grad.abs().sum() > 0
    assert layer.weight_hh_l0.grad is None
    with torch.inference_mode():
        assert not layer(torch.randn(5, 2, 3))[0].requires_grad


def test_a_parametrized_weight_is_used():
    layer = layers.RNN(3, 4)
    nn.utils.parametrizations.weight_norm(layer, "weight_hh_l0")
    layer(torch.randn(5, 2, 3))[0].sum().backward()
    assert layer.parametrizations.weight_hh_l0.original0.grad.abs().sum() > 0


def test_inputs_need_not_be_contiguous():
    layer = layers.LSTM(3, 4, batch_first=True, bidirectional=True)
    x = torch.randn(3, 5, 2).permute(2, 1, 0)
    torch.testing.assert_close(layer(x)[0], layer(x.contiguous())[0], rtol=0, atol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_of_the_output_in_place_is_refused_by_the_backward_pass(kind):
    output, _ = getattr(layers, kind)(3, 4)(torch.randn(5, 2, 3))
    output.detach().mul_(2)
    with pytest.raises(RuntimeError, match=r"modified inplace|inplace operation"):
        output.sum().backward()


@pytest.mark.parametrize("kind", KINDS)
def test_the_warning_about_dropout_names_the_line_of_the_caller(kind):
    with pytest.warns(UserWarning, match="dropout acts between layers.*got dropout=0.5") as caught:
        getattr(layers, kind)(3, 4, dropout=0.5)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("kind", KINDS)
def test_layers_move_between_devices(kind):
    layer = getattr(layers, kind)(3, 4, device="meta")
    output, _ = layer(torch.randn(5, 2, 3, device="meta"))
    assert output.device.type == "meta"
    assert output.shape == (5, 2, 4)


# of torch.compile itself, which makes an object of the Function
@pytest.mark.filterwarnings("ignore:.*Function.* should not be instantiated:DeprecationWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_can_be_exported_without_gradients_and_compiled(kind):
    """Only at the sizes of the example; for a free one there is torch.nn's layer."""
    layer, x = getattr(layers, kind)(3, 4), torch.randn(5, 2, 3)
    with torch.no_grad():
        exported = torch.export.export(layer, (x,)).module()
        assert torch.equal(exported(x)[0], layer(x)[0])
    compiled = torch.compile(layer, backend="eager", fullgraph=True)
    assert torch.equal(compiled(x)[0], layer(x)[0])


def test_the_layers_are_no_subclasses_of_torchs_and_are_recognized():
    for kind in KINDS:
        layer = getattr(layers, kind)(3, 4)
        assert not isinstance(layer, getattr(nn, kind))
        assert cell_of(layer) == cell_of(getattr(nn, kind)(3, 4)) == kind.lower()
