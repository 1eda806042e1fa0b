"""The layers from scratch against torch.nn: outputs, states, gradients, options and errors."""

import copy
import pickle
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence

import rnn_tutorial
from rnn_tutorial import layers

KINDS = ("RNN", "LSTM", "GRU")
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


@settings(max_examples=400)
@given(CONFIGURATIONS)
def test_every_configuration_equals_torch(configuration):
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


def reference_gru(layer, x, h):
    """One GRU layer that resets before the product, from the paper's formulas, recorded."""
    w_ir, w_iz, w_in = layer.weight_ih_l0.chunk(3)
    w_hr, w_hz, w_hn = layer.weight_hh_l0.chunk(3)
    zeros = torch.zeros(3 * layer.hidden_size, dtype=x.dtype)
    b_ir, b_iz, b_in = (layer.bias_ih_l0 if layer.bias else zeros).chunk(3)
    b_hr, b_hz, b_hn = (layer.bias_hh_l0 if layer.bias else zeros).chunk(3)
    outputs = []
    for step in x:
        r = torch.sigmoid(step @ w_ir.T + b_ir + h @ w_hr.T + b_hr)
        z = torch.sigmoid(step @ w_iz.T + b_iz + h @ w_hz.T + b_hz)
        n = torch.tanh(step @ w_in.T + b_in + (r * h) @ w_hn.T + b_hn)
        h = z * h + (1 - z) * n
        outputs.append(h)
    return torch.stack(outputs), h


@settings(max_examples=100)
@given(st.tuples(*[st.integers(1, 6)] * 4), st.booleans(), st.booleans(), st.integers(0, 2**20))
def test_the_gru_that_resets_before_equals_a_recorded_reference(sizes, bias, packed, seed):
    time_steps, batch, features, hidden = sizes
    torch.manual_seed(seed)
    layer = layers.GRU(features, hidden, bias=bias, reset_after=False, dtype=torch.float64)
    sequences = [
        torch.randn(time_steps - i if packed and i < time_steps else time_steps, features).double()
        for i in range(batch)
    ]
    initial = torch.randn(1, batch, hidden).double()
    leaves = [leaf.requires_grad_() for leaf in [initial, *sequences]]
    by = [*layer.parameters(), *leaves]
    weights = [torch.randn(len(s), hidden).double() for s in sequences]

    inputs = pack_sequence(sequences, enforce_sorted=False) if packed else torch.stack(sequences, 1)
    output, h_n = layer(inputs, initial)
    if packed:
        padded, _ = nn.utils.rnn.pad_packed_sequence(output)
        per_sequence = [padded[: len(s), i] for i, s in enumerate(sequences)]
    else:
        per_sequence = list(output.unbind(1))
    expected = [reference_gru(layer, s, initial[0, i]) for i, s in enumerate(sequences)]

    def loss(outputs, states):
        return sum((o * w).sum() for o, w in zip(outputs, weights, strict=True)) + states.sum()

    ours = torch.autograd.grad(loss(per_sequence, h_n), by)
    recorded = torch.autograd.grad(
        loss([o for o, _ in expected], torch.stack([h for _, h in expected])), by
    )
    for got, (want, _) in zip(per_sequence, expected, strict=True):
        torch.testing.assert_close(got, want, rtol=0, atol=ATOL)
    for got, want in zip(ours, recorded, strict=True):
        torch.testing.assert_close(got, want, rtol=0, atol=ATOL)


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
def test_the_package_exports_the_layers(kind):
    assert getattr(rnn_tutorial, kind) is getattr(layers, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_prints_copies_and_pickles_like_a_module(kind):
    layer = getattr(layers, kind)(3, 4, num_layers=2, batch_first=True, dropout=0.25)
    assert repr(layer) == repr(getattr(nn, kind)(3, 4, 2, batch_first=True, dropout=0.25))
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
def test_dropout_of_a_single_layer_is_warned_about(kind):
    with pytest.warns(UserWarning, match="dropout acts between layers.*got dropout=0.5"):
        getattr(layers, kind)(3, 4, dropout=0.5)


@pytest.mark.parametrize("kind", KINDS)
def test_the_warning_about_dropout_names_the_line_of_the_caller(kind):
    with pytest.warns(UserWarning, match="dropout acts") as caught:
        getattr(layers, kind)(3, 4, dropout=0.5)
    assert caught[0].filename == __file__


def test_a_layer_shows_where_its_reset_gate_acts():
    assert repr(layers.GRU(3, 4, reset_after=False)) == "GRU(3, 4, reset_after=False)"


def test_the_common_part_is_no_layer():
    with pytest.raises(TypeError, match="use RNN, LSTM or GRU"):
        layers.Recurrent(3, 4)


@pytest.mark.parametrize("kind", KINDS)
def test_complex_weights_are_refused(kind):
    layer = getattr(layers, kind)(3, 4)
    with pytest.warns(UserWarning, match="Complex modules are a new feature"):
        layer.to(torch.complex64)
    with pytest.raises(TypeError, match="must hold floating-point numbers, got torch"):
        layer(X3.to(torch.complex64))


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


@pytest.mark.parametrize("kind", KINDS)
def test_layers_move_between_devices(kind):
    layer = getattr(layers, kind)(3, 4, device="meta")
    output, _ = layer(torch.randn(5, 2, 3, device="meta"))
    assert output.device.type == "meta"
    assert output.shape == (5, 2, 4)


CONSTRUCTOR = {
    "input_size": [
        0,
        -3,
        2.5,
        "3",
        None,
        True,
        float("nan"),
        [3],
        torch.ones(2),
        2**62,
        10**30,
        torch.tensor(3),
        torch.tensor(True),
    ],
    "hidden_size": [0, -1, 4.0, "4", None, False, float("inf")],
    "num_layers": [0, -2, 1.5, None, "two", True],
    "bias": [1, None, "yes", 0.5, np.bool_(True)],
    "batch_first": [1, None, "no"],
    "bidirectional": [2, None, "both"],
    "dropout": [
        -0.1,
        1.1,
        float("nan"),
        float("inf"),
        "0.5",
        None,
        True,
        [0.5],
        b"0.5",
        np.bool_(True),
        10**400,
    ],
    "proj_size": [2, -1, 1.0, None],
    "dtype": [torch.int64, torch.complex64, "float32", float, torch.float8_e4m3fn],
    "device": ["foo", "cuda:99", 99, 1.5],
}
OWN = {
    "RNN": {"nonlinearity": ["sigmoid", "TANH", None, 3, torch.tanh, "softplus", "tanh_"]},
    "LSTM": {},
    "GRU": {"reset_after": [1, None, "after", 0]},
}
BAD_OPTIONS = [
    (kind, name, value)
    for kind in KINDS
    for name, values in (CONSTRUCTOR | OWN[kind]).items()
    for value in values
]


@pytest.mark.parametrize(("kind", "name", "value"), BAD_OPTIONS)
def test_impossible_options_are_named(kind, name, value):
    with pytest.raises((TypeError, ValueError), match=name) as caught:
        getattr(layers, kind)(**{"input_size": 3, "hidden_size": 4} | {name: value})
    if not isinstance(value, torch.Tensor | list | float):
        assert "got" in str(caught.value)


def packed(data, sizes):
    return PackedSequence(data, torch.tensor(sizes))


X3, X2 = torch.randn(5, 2, 3), torch.randn(5, 3)
ROWS = torch.randn(6, 3)
EMPTY = torch.tensor([], dtype=torch.int64)
NESTED = torch.nested.nested_tensor([torch.randn(2, 3), torch.randn(4, 3)], layout=torch.jagged)
SORTED = PackedSequence(
    ROWS, torch.tensor([3, 2, 1]), torch.tensor([1, 2, 0]), torch.tensor([2, 0, 1])
)
BAD_INPUTS = [
    (None, TypeError, "input must be a tensor or a PackedSequence, got NoneType"),
    ([[1.0, 2.0, 3.0]], TypeError, "input must be a tensor or a PackedSequence, got list"),
    (np.zeros((5, 2, 3), dtype=np.float32), TypeError, "got ndarray"),
    ("text", TypeError, "got str"),
    (torch.randn(3), ValueError, r"input must have shape .* got \(3,\)"),
    (torch.tensor(1.0), ValueError, r"input must have shape .* got \(\)"),
    (torch.randn(1, 5, 2, 3), ValueError, r"input must have shape .* got \(1, 5, 2, 3\)"),
    (torch.randn(5, 2, 4), ValueError, r"input must have shape \(time, batch, 3\), got \(5, 2, 4"),
    (torch.randn(5, 2, 0), ValueError, r"input must have shape \(time, batch, 3\), got \(5, 2, 0"),
    (torch.randn(5, 2), ValueError, r"input must have shape \(time, 3\), got \(5, 2\)"),
    (torch.randn(0, 2, 3), ValueError, r"input must have at least one time step, got \(0, 2, 3\)"),
    (torch.randn(0, 3), ValueError, r"input must have at least one time step, got \(0, 3\)"),
    (X3.double(), TypeError, "input must be of the weights' type torch.float32, got torch.float64"),
    (X3.half(), TypeError, "got torch.float16"),
    (X3.long(), TypeError, "input must be of the weights' type torch.float32, got torch.int64"),
    (X3 > 0, TypeError, "got torch.bool"),
    (X3.to(torch.complex64), TypeError, "got torch.complex64"),
    (X3.to("meta"), ValueError, "input must be on the weights' device cpu, got meta"),
    (X3.to_sparse(), ValueError, "input must be a dense tensor"),
    (packed(torch.randn(6, 4), [3, 2, 1]), ValueError, r"input.data must have shape \(rows, 3\)"),
    (packed(torch.randn(6), [3, 2, 1]), ValueError, r"input.data must have shape \(rows, 3\)"),
    (packed(ROWS.double(), [3, 2, 1]), TypeError, "input.data must be of the weights' type"),
    (packed(ROWS, [1, 2, 3]), ValueError, r"input.batch_sizes must .* got \[1, 2, 3\]"),
    (packed(ROWS, [3, 2]), ValueError, "add up to the number of rows, 6, got"),
    (packed(ROWS, [3, 2, 2]), ValueError, "add up to the number of rows, 6, got"),
    (packed(ROWS, [3, 3, 0]), ValueError, "input.batch_sizes must be positive"),
    (packed(ROWS, [4, 3, -1]), ValueError, "input.batch_sizes must be positive"),
    (packed(ROWS, [[3, 2, 1]]), ValueError, "input.batch_sizes must be a vector"),
    (packed(ROWS, 6), ValueError, "input.batch_sizes must be a vector"),
    (packed(ROWS[:0], []), TypeError, "input.batch_sizes must be of type torch.int64"),
    (PackedSequence(ROWS[:0], EMPTY), ValueError, r"input.batch_sizes must be positive.* got \[\]"),
    (NESTED, ValueError, "input must be a dense tensor, got a nested one"),
    (SORTED._replace(unsorted_indices=SORTED.sorted_indices), ValueError, "must undo"),
    (SORTED._replace(sorted_indices=None), ValueError, "must undo"),
    (SORTED._replace(unsorted_indices=None), ValueError, "must undo"),
    (
        SORTED._replace(sorted_indices=SORTED.sorted_indices.float()),
        TypeError,
        "input.sorted_indices must be a tensor of int64 or int32, got torch.float32",
    ),
    (
        SORTED._replace(unsorted_indices=[2, 0, 1]),
        TypeError,
        "input.unsorted_indices must be a tensor of int64 or int32, got list",
    ),
    (
        SORTED._replace(sorted_indices=torch.tensor(0)),
        ValueError,
        "input.sorted_indices must put the numbers 0 to 2 in an order",
    ),
    (SORTED._replace(batch_sizes=[3, 2, 1]), TypeError, "input.batch_sizes must be a tensor"),
    (packed(ROWS, [3.0, 2.0, 1.0]), TypeError, "input.batch_sizes must be of type torch.int64"),
    (
        PackedSequence(
            ROWS, torch.tensor([3, 2, 1]), torch.tensor([0, 1, 1]), torch.tensor([0, 1, 2])
        ),
        ValueError,
        "input.sorted_indices must put the numbers 0 to 2 in an order",
    ),
    (
        PackedSequence(ROWS, torch.tensor([3, 2, 1]), torch.tensor([0, 1, 2]), torch.tensor([1])),
        ValueError,
        "input.unsorted_indices must put the numbers 0 to 2 in an order",
    ),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("value", "error", "message"), BAD_INPUTS)
def test_inputs_that_do_not_fit_are_named(kind, value, error, message):
    with pytest.raises(error, match=message):
        getattr(layers, kind)(3, 4)(value)


H3, H2 = torch.randn(2, 2, 4), torch.randn(2, 4)
PACKED = pack_padded_sequence(X3, torch.tensor([5, 3]))
BAD_STATES = [
    (X3, torch.randn(1, 2, 4), ValueError, r"must have shape \(2, 2, 4\), got \(1, 2, 4\)"),
    (X3, torch.randn(2, 5, 4), ValueError, r"must have shape \(2, 2, 4\), got \(2, 5, 4\)"),
    (X3, torch.randn(2, 2, 3), ValueError, r"must have shape \(2, 2, 4\), got \(2, 2, 3\)"),
    (X3, torch.randn(2, 4), ValueError, r"must have shape \(2, 2, 4\), got \(2, 4\)"),
    (X3, torch.randn(2, 1, 4), ValueError, r"must have shape \(2, 2, 4\), got \(2, 1, 4\)"),
    (X2, torch.randn(2, 1, 4), ValueError, r"must have shape \(2, 4\), got \(2, 1, 4\)"),
    (X2, torch.randn(4), ValueError, r"must have shape \(2, 4\), got \(4,\)"),
    (PACKED, torch.randn(2, 5, 4), ValueError, r"must have shape \(2, 2, 4\), got \(2, 5, 4\)"),
    (PACKED, torch.randn(2, 4), ValueError, r"must have shape \(2, 2, 4\), got \(2, 4\)"),
    (X3, H3.double(), TypeError, "must be of the weights' type torch.float32, got torch.float64"),
    (X3, H3.long(), TypeError, "must be of the weights' type torch.float32, got torch.int64"),
    (X3, H3.to("meta"), ValueError, "must be on the weights' device cpu, got meta"),
    (X3, "zeros", TypeError, "must be a"),
    (X3, 0, TypeError, "must be a"),
    (X3, H3.tolist(), TypeError, "must be a"),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("inputs", "state", "error", "message"), BAD_STATES)
def test_states_that_do_not_fit_are_named(kind, inputs, state, error, message):
    layer = getattr(layers, kind)(3, 4, num_layers=2)
    good = H2 if isinstance(inputs, torch.Tensor) and inputs.dim() == 2 else H3
    if kind != "LSTM":
        with pytest.raises(error, match=f"hx {message}"):
            layer(inputs, state)
    else:
        with pytest.raises(error, match=rf"hx\[0\] {message}"):
            layer(inputs, (state, good))
        with pytest.raises(error, match=rf"hx\[1\] {message}"):
            layer(inputs, (good, state))


def test_a_state_of_another_kind_of_layer_is_named():
    with pytest.raises(TypeError, match="hx must be a tensor, got tuple"):
        layers.GRU(3, 4, 2)(X3, (H3, H3))
    for state in (H3, (H3,), (H3, H3, H3), {"h": H3, "c": H3}, None):
        if state is not None:
            with pytest.raises(TypeError, match=r"hx must be a pair \(h_0, c_0\)"):
                layers.LSTM(3, 4, 2)(X3, state)


def test_there_are_hundreds_of_malformed_calls():
    assert len(BAD_OPTIONS) + len(KINDS) * (len(BAD_INPUTS) + len(BAD_STATES)) > 250
