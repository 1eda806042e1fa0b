"""The layers from scratch against torch.nn: outputs, states, gradients, options and errors."""

import warnings

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from rnn_tutorial.networks import layers, unroll

ATOL = 1e-10

CONFIGURATIONS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["RNN", "ReLU", "LSTM", "GRU"]),
        "input_size": st.integers(1, 5),
        "hidden_size": st.integers(1, 6),
        "num_layers": st.integers(1, 3),
        "bias": st.booleans(),
        "batch_first": st.booleans(),
        "bidirectional": st.booleans(),
        "dropout": st.sampled_from([0.0, 0.0, 0.4, 1.0]),
        "training": st.booleans(),
        "form": st.sampled_from(["padded", "packed", "packed in order", "single"]),
        "given_state": st.booleans(),
        "lengths": st.lists(st.integers(1, 7), min_size=1, max_size=5),
        "seed": st.integers(0, 2**20),
    }
)


def build(room, *, kind, num_layers, dropout, training=True, dtype=torch.float64, **options):
    """Build a layer of `layers` or of torch.nn, silently also where dropout does nothing."""
    if kind == "ReLU":
        kind, options["nonlinearity"] = "RNN", "relu"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = getattr(room, kind)(num_layers=num_layers, dropout=dropout, **options)
    return made.to(dtype).train(training)


def make_inputs(layer, form, lengths, given_state):
    """Return the leaves to differentiate by, and a function that makes the arguments from them."""
    two = layer.num_layers * (2 if layer.bidirectional else 1)
    batch = [] if form == "single" else [len(lengths)]
    leaves = [torch.randn(two, *batch, layer.hidden_size) for _ in range(2)]
    if not isinstance(layer, layers.LSTM):
        leaves = leaves[:1]
    if form.startswith("packed"):
        ordered = sorted(lengths, reverse=True) if form.endswith("order") else lengths
        inputs = [torch.randn(length, layer.input_size) for length in ordered]
    elif form == "single":
        inputs = [torch.randn(lengths[0], layer.input_size)]
    else:
        time_and_batch = [len(lengths), lengths[0]]
        if not layer.batch_first:
            time_and_batch.reverse()
        inputs = [torch.randn(*time_and_batch, layer.input_size)]
    leaves = [leaf.double().requires_grad_() for leaf in (leaves if given_state else []) + inputs]

    def arguments():
        states, made = (leaves[: -len(inputs)], leaves[-len(inputs) :])
        if form.startswith("packed"):
            made = pack_sequence(made, enforce_sorted=form.endswith("order"))
        else:
            (made,) = made
        if not given_state:
            return (made,)
        return made, (tuple(states) if len(states) == 2 else states[0])

    return leaves, arguments


def everything(layer, leaves, arguments):
    """Return outputs, last states and the gradients of a loss that reads all of them."""
    torch.manual_seed(7)  # the same dropout
    output, state = layer(*arguments())
    results = [output.data if isinstance(output, PackedSequence) else output]
    results += state if isinstance(state, tuple) else [state]
    weights = [torch.randn(r.shape, generator=torch.Generator().manual_seed(8)) for r in results]
    loss = sum((r * w.to(r)).sum() for r, w in zip(results, weights, strict=True))
    by = [*layer.parameters(), *leaves]
    gradients = torch.autograd.grad(loss, by, allow_unused=True, materialize_grads=True)
    return [*results, *gradients], output


def check_equals_torch(configuration):
    """Outputs, last states, and the gradients of weights, inputs and initial states, to 1e-10."""
    options = dict(configuration)
    form, lengths, given_state, seed = (
        options.pop(name) for name in ("form", "lengths", "given_state", "seed")
    )
    torch.manual_seed(seed)
    ours = build(layers, **options)
    theirs = build(nn, **options)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    leaves, arguments = make_inputs(ours, form, lengths, given_state)
    our_results, our_output = everything(ours, leaves, arguments)
    their_results, their_output = everything(theirs, leaves, arguments)
    for got, want in zip(our_results, their_results, strict=True):
        torch.testing.assert_close(got, want, rtol=0, atol=ATOL)
    if isinstance(their_output, PackedSequence):
        for got, want in zip(our_output[1:], their_output[1:], strict=True):
            assert (got is None and want is None) or torch.equal(got, want)


@settings(max_examples=100)
@given(CONFIGURATIONS)
def test_every_configuration_equals_torch(configuration):
    check_equals_torch(configuration)


@pytest.mark.slow
@settings(max_examples=1000)
@given(CONFIGURATIONS)
def test_a_thousand_configurations_equal_torch(configuration):
    check_equals_torch(configuration)


def test_a_packed_gru_that_resets_before_reads_each_sequence_as_if_alone():
    """Against the loop over the cell, one sequence after the other; torch has no such layer."""
    torch.manual_seed(0)
    layer = layers.GRU(2, 3, reset_after=False, dtype=torch.float64)
    sequences = [torch.randn(length, 2).double() for length in (3, 5, 1)]
    initial = torch.randn(1, 3, 3).double()
    output, h_n = layer(pack_sequence(sequences, enforce_sorted=False), initial)
    padded, _ = nn.utils.rnn.pad_packed_sequence(output)
    by = list(layer.parameters())
    gradients = torch.autograd.grad(padded.sin().sum(), by)
    alone = [unroll(layer, s[:, None], initial[:, i : i + 1]) for i, s in enumerate(sequences)]
    for i, (states, last) in enumerate(alone):
        torch.testing.assert_close(padded[: len(states), i], states[:, 0], rtol=0, atol=ATOL)
        torch.testing.assert_close(h_n[:, i], last[:, 0], rtol=0, atol=ATOL)
    recorded = torch.autograd.grad(sum(states.sin().sum() for states, _ in alone), by)
    torch.testing.assert_close(gradients, recorded, rtol=0, atol=ATOL)


SPECIAL = [float("nan"), float("inf"), -float("inf"), 1e200, -1e200, 1e-200, 0.0, 50.0, -50.0]


@pytest.mark.parametrize("kind", ["RNN", "ReLU", "LSTM", "GRU"])
@pytest.mark.parametrize("where", ["inputs", "state", "gradient"])
@pytest.mark.parametrize("value", SPECIAL)
def test_special_values_go_where_they_go_in_torch(kind, where, value):
    """An exploded gradient is infinite in torch; it must not turn into NaN here."""
    options = {"kind": kind, "num_layers": 1, "dropout": 0.0}
    torch.manual_seed(0)
    ours = build(layers, **options, input_size=2, hidden_size=3)
    theirs = build(nn, **options, input_size=2, hidden_size=3)
    theirs.load_state_dict(ours.state_dict())
    x, h = torch.randn(4, 2, 2).double(), torch.randn(1, 2, 3).double()
    upstream = torch.randn(4, 2, 3).double()
    {"inputs": x, "state": h, "gradient": upstream}[where].view(-1)[1] = value
    results = []
    for layer in (ours, theirs):
        leaf = x.clone().requires_grad_()
        output, _ = layer(leaf, (h, h) if kind == "LSTM" else h)
        output.backward(upstream)
        results.append([output, leaf.grad, *(p.grad for p in layer.parameters())])
    for got, want in zip(*results, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-9, atol=1e-10, equal_nan=True)


def test_an_exploding_gradient_is_infinite_and_not_nan():
    layer = layers.RNN(1, 1, bias=False)
    with torch.no_grad():
        layer.weight_ih_l0.fill_(1.0)
        layer.weight_hh_l0.fill_(10.0)
    x = torch.zeros(60, 1, 1, requires_grad=True)
    layer(x)[0][-1].sum().backward()
    assert x.grad[0].item() == float("inf")
    assert not x.grad.isnan().any()
