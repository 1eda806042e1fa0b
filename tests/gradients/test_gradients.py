"""The other ways to a gradient: truncated BPTT, RTRL and finite differences."""

import pytest
import torch
import torch.utils.checkpoint
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnn_tutorial.gradients import finite_differences, recomputed_bptt, rtrl, truncated_bptt
from rnn_tutorial.networks import detach, layers
from tests.gradients.gradient_problems import assert_same, by_autograd, problem

KINDS = ("RNN", "LSTM", "GRU")


def hand_network():
    """One unit, w = 0.5, u = 1, no bias: the network that the book computes by hand."""
    layer = layers.RNN(1, 1, bias=False, dtype=torch.float64)
    with torch.no_grad():
        layer.weight_ih_l0.fill_(1.0)
        layer.weight_hh_l0.fill_(0.5)
    return layer, torch.tensor([[1.0], [0.0], [0.0]], dtype=torch.float64)


def loss_of_the_last_step(outputs, steps):
    return 0.5 * (outputs[-1] - 1).square().sum() if steps.stop == 3 else outputs.new_zeros(())


def test_the_hand_network():
    layer, x = hand_network()
    assert layer(x)[0].flatten().tolist() == pytest.approx([0.7616, 0.3634, 0.1797], abs=1e-4)
    full = truncated_bptt(layer, x, loss_of_the_last_step, steps=3)[1]["weight_hh_l0"].item()
    cut = truncated_bptt(layer, x, loss_of_the_last_step, steps=1, every=1)[1]
    assert full == pytest.approx(-0.551, abs=5e-4)
    assert cut["weight_hh_l0"].item() / full == pytest.approx(0.52, abs=0.005)


@settings(max_examples=40)
@given(
    st.tuples(*[st.integers(1, 4)] * 3),
    st.sampled_from([None, 1, 3]),
    st.booleans(),
    st.booleans(),
    st.integers(0, 10**6),
)
def test_four_ways_to_one_gradient(sizes, batch, bias, batch_first, seed):
    """By hand, by autograd through torch's own layer, forward in time, by finite differences."""
    time_steps, features, hidden = sizes
    torch.manual_seed(seed)
    options = {"bias": bias, "batch_first": batch_first, "dtype": torch.float64}
    ours = layers.RNN(features, hidden, **options)
    theirs = nn.RNN(features, hidden, **options)
    theirs.load_state_dict(ours.state_dict())
    x, h, loss = problem(ours, time_steps, batch, seed)
    value, expected = by_autograd(theirs, x, h, loss)
    assert_same(by_autograd(ours, x, h, loss)[1], expected)
    whole = slice(0, time_steps)
    differences = finite_differences(
        lambda: loss(ours(x, h)[0], whole), dict(ours.named_parameters())
    )
    assert_same(differences, expected, atol=1e-6)
    for layer in (ours, theirs):
        forward_value, forward, state = rtrl(layer, x, loss, hx=h)
        assert_same(forward, expected)
        torch.testing.assert_close(forward_value, value)
        torch.testing.assert_close(state, ours(x, h)[1].detach())
        back_value, back, state = truncated_bptt(layer, x, loss, steps=time_steps, hx=h)
        assert_same(back, expected)
        torch.testing.assert_close(back_value, value)
        torch.testing.assert_close(state, ours(x, h)[1].detach())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize(("steps", "every"), [(1, 1), (2, 2), (4, 4), (4, 2), (3, 1), (6, 3)])
def test_truncation_cuts_where_it_says(kind, batch_first, steps, every):
    """Against one graph in which the state is detached by hand, window by window."""
    length = 7
    layer = getattr(layers, kind)(2, 3, num_layers=2, batch_first=batch_first, dtype=torch.float64)
    x, h, loss = problem(layer, length, 2, 0)
    axis = 1 if batch_first else 0
    value, got, state = truncated_bptt(layer, x, loss, steps=steps, every=every, hx=h)

    expected = {name: torch.zeros_like(p) for name, p in layer.named_parameters()}
    for stop in [*range(every, length, every), length]:
        start = (stop - 1) // every * every
        first = max(0, start + every - steps)
        begin = h
        if first:
            begin = detach(layer(x.narrow(axis, 0, first), h)[1])
        outputs, _ = layer(x.narrow(axis, first, stop - first), begin)
        part = loss(outputs.narrow(axis, start - first, stop - start), slice(start, stop))
        for name, gradient in zip(
            expected, torch.autograd.grad(part, list(layer.parameters())), strict=True
        ):
            expected[name] += gradient
    assert_same(got, expected)
    full_value, full = by_autograd(layer, x, h, loss)
    torch.testing.assert_close(value, full_value)
    assert any((got[name] - full[name]).abs().max() > 1e-3 for name in full)
    last = layer(x, h)[1]
    for part, want in zip(state if kind == "LSTM" else [state], last if kind == "LSTM" else [last],
                          strict=True):  # fmt: skip
        torch.testing.assert_close(part, want.detach())
        assert not part.requires_grad


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_can_be_cut_anywhere_if_the_state_is_carried(kind):
    layer = getattr(layers, kind)(2, 3, dtype=torch.float64)
    x, h, loss = problem(layer, 8, 2, 1)
    whole = truncated_bptt(layer, x, loss, steps=2, hx=h)
    first = truncated_bptt(layer, x[:4], loss, steps=2, hx=h)
    second = truncated_bptt(
        layer, x[4:], lambda o, t: loss(o, slice(t.start + 4, t.stop + 4)), steps=2, hx=first[2]
    )
    torch.testing.assert_close(first[0] + second[0], whole[0])
    assert_same({name: first[1][name] + second[1][name] for name in whole[1]}, whole[1])


def test_gradients_are_returned_and_nothing_is_left_behind():
    layer = layers.RNN(2, 3, dtype=torch.float64)
    x, h, loss = problem(layer, 5, 2, 0)
    before = {name: p.clone() for name, p in layer.named_parameters()}
    truncated_bptt(layer, x, loss, steps=2, hx=h)
    rtrl(layer, x, loss, hx=h)
    finite_differences(lambda: layer(x)[0].sum(), dict(layer.named_parameters()))
    for name, parameter in layer.named_parameters():
        assert parameter.grad is None
        assert torch.equal(parameter, before[name])


@pytest.mark.parametrize("room", [layers, nn])
def test_gradients_are_computed_also_where_recording_is_off(room):
    layer = room.RNN(2, 3, dtype=torch.float64)
    x, h, loss = problem(layer, 5, 2, 0)
    expected = truncated_bptt(layer, x, loss, steps=2, hx=h)[1]
    with torch.no_grad():
        assert_same(truncated_bptt(layer, x, loss, steps=2, hx=h)[1], expected)
        forward = rtrl(layer, x, loss, hx=h)[1]
    assert_same(forward, by_autograd(layer, x, h, loss)[1])
    with torch.inference_mode():
        for call in (
            lambda: truncated_bptt(layer, x, loss, steps=2),
            lambda: recomputed_bptt(layer, x, loss, every=2),
            lambda: rtrl(layer, x, loss),
        ):
            with pytest.raises(RuntimeError, match=r"cannot be computed in torch.inference_mode"):
                call()


@pytest.mark.parametrize("method", ["truncated_bptt", "rtrl"])
def test_the_history_of_the_state_and_the_inputs_is_cut_off(method):
    """A state that was handed on with its graph must not let gradients into the past."""
    layer = layers.RNN(2, 3, dtype=torch.float64)
    x, h, loss = problem(layer, 5, 2, 0)
    x = x.requires_grad_()
    attached = layer(x, h)[1]
    ways = {
        "truncated_bptt": lambda hx: truncated_bptt(layer, x, loss, steps=4, every=2, hx=hx),
        "rtrl": lambda hx: rtrl(layer, x, loss, hx=hx),
    }
    value, gradients, state = ways[method](attached)
    expected = ways[method](attached.detach())
    assert_same(gradients, expected[1])
    assert not value.requires_grad
    assert not state.requires_grad
    assert not any(g.requires_grad for g in gradients.values())


def test_steps_without_a_target_and_frozen_parameters():
    layer = layers.RNN(2, 3, dtype=torch.float64)
    x, h, loss = problem(layer, 5, 2, 0)

    def at_the_end(outputs, steps):
        return loss(outputs[-1:], slice(4, 5)) if steps.stop == 5 else outputs.new_zeros(())

    forward, full = (
        rtrl(layer, x, at_the_end, hx=h)[1],
        truncated_bptt(layer, x, at_the_end, steps=5, hx=h)[1],
    )
    assert_same(forward, full)
    layer.weight_ih_l0.requires_grad_(False)
    partly = truncated_bptt(layer, x, at_the_end, steps=5, hx=h)[1]
    assert_same(partly, {name: full[name] for name in full if name != "weight_ih_l0"})


def test_the_gradients_of_rtrl_do_not_share_memory():
    layer = layers.RNN(2, 3, dtype=torch.float64)
    x, h, loss = problem(layer, 5, 2, 0)
    gradients = rtrl(layer, x, loss, hx=h)[1]
    assert len({g.untyped_storage().data_ptr() for g in gradients.values()}) == len(gradients)


def test_with_dropout_loss_and_state_come_from_one_network():
    layer = layers.RNN(2, 3, num_layers=2, dropout=0.5, dtype=torch.float64)
    x, h, _ = problem(layer, 6, 2, 0)
    seen = []

    def loss(outputs, steps):
        seen.append(outputs.detach())
        return outputs.sum()

    _, _, state = truncated_bptt(layer, x, loss, steps=2, hx=h)
    assert torch.equal(state[-1], seen[-1][-1])


def test_finite_differences_put_a_tensor_back_when_the_function_fails():
    tensor = torch.ones(2, dtype=torch.float64)
    with pytest.raises(ZeroDivisionError):
        finite_differences(lambda: 1 / 0, {"tensor": tensor})
    assert torch.equal(tensor, torch.ones(2, dtype=torch.float64))


RNN, BOTH, LSTM = (
    layers.RNN(2, 3, dtype=torch.float64),
    layers.RNN(2, 3, bidirectional=True, dtype=torch.float64),
    layers.LSTM(2, 3, dtype=torch.float64),
)
X, STATE, LOSS = problem(RNN, 5, 2, 0)
TURNED, SHARED = STATE.transpose(0, 1), X[:1, :1, :1].expand(1, 3, 1)


def at(x, function=lambda: X.sum(), **options):
    return finite_differences(function, {"x": x}, **options)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: truncated_bptt(RNN, X, LOSS, steps=0), ValueError, "steps must be at least 1"),
        (lambda: truncated_bptt(RNN, X, LOSS, steps=4, every=3), ValueError, "every must divide"),
        (lambda: truncated_bptt(BOTH, X, LOSS, steps=2), ValueError, "layer must have one direc"),
        (lambda: truncated_bptt(RNN, X[:0], LOSS, steps=2), ValueError, "at least one time step"),
        (lambda: truncated_bptt(RNN, X, lambda o, t: None, steps=2), ValueError, "must return a t"),
        (lambda: truncated_bptt(LSTM, X, LOSS, steps=2, hx=STATE), TypeError, "hx must be a pair"),
        (lambda: truncated_bptt(nn.LSTM(2, 3, proj_size=1), X, LOSS, steps=2), ValueError, "proj_"),
        (lambda: rtrl(LSTM, X, LOSS), TypeError, r"layer must be a tanh RNN, got LSTM\(2, 3\)"),
        (lambda: rtrl(layers.RNN(2, 3, 2), X, LOSS), ValueError, "must have one layer, got 2"),
        (lambda: rtrl(BOTH, X, LOSS), ValueError, "layer must have one direction"),
        (lambda: rtrl(RNN, X, lambda o, t: 1.0), ValueError, "loss_function must return a tensor"),
        (lambda: rtrl(RNN, X, LOSS, hx=TURNED), ValueError, r"shape \(1, 2, 3\), got \(2, 1, 3\)"),
        (lambda: rtrl(RNN, X[..., :1], LOSS), ValueError, "inputs must have shape"),
        (
            lambda: at(X.float()),
            TypeError,
            r"tensors\['x'\] must be a tensor of float64, got",
        ),
        (lambda: at(X, lambda: X), ValueError, r"must return a tensor of one .* \(5, 2, 2\)"),
        (lambda: at(X, lambda: X.sum() / 0), ValueError, "function must return a finite number"),
        (lambda: at(SHARED), ValueError, "must have memory for each element"),
        (lambda: at(X, step=1e-30), ValueError, "step must be large enough to change"),
        (lambda: finite_differences(lambda: X.sum(), [X]), TypeError, "tensors must be a mapping"),
    ],
)
def test_what_cannot_be_done_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
