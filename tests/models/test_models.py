import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tutorial.data import pack, pad
from rnn_tutorial.models import READOUTS, RecurrentClassifier
from rnn_tutorial.networks import CELLS

VOCABULARY, CLASSES = 9, 3
NAMES = st.lists(
    st.lists(st.integers(1, VOCABULARY - 1), min_size=1, max_size=8), min_size=1, max_size=6
)
OPTIONS = st.fixed_dictionaries(
    {
        "cell": st.sampled_from(sorted(CELLS)),
        "readout": st.sampled_from(sorted(READOUTS)),
        "bidirectional": st.booleans(),
        "num_layers": st.integers(1, 2),
    }
)


def classifier(**options):
    torch.manual_seed(0)
    sizes = {"embedding_size": 4, "hidden_size": 5}
    return RecurrentClassifier(VOCABULARY, CLASSES, **sizes | options).double().eval()


@given(OPTIONS, NAMES)
def test_padding_and_company_change_nothing(options, names):
    """A name's logits are those of the name alone, however wide the batch around it is."""
    model = classifier(**options)
    tokens, lengths = pad(names)
    wider = torch.nn.functional.pad(tokens, (0, 3))
    logits = model(tokens, lengths)
    assert logits.shape == (len(names), CLASSES)
    torch.testing.assert_close(model(wider, lengths), logits)
    for name, row in zip(names, logits, strict=True):
        torch.testing.assert_close(model(*pad([name]))[0], row)


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_the_readout_is_what_the_docstring_says(cell):
    """Step by step over one sequence, in both directions, without packing."""
    model = classifier(cell=cell, bidirectional=True, readout="concat")
    tokens = torch.tensor([[3, 1, 4, 1, 5]])
    states, _ = model.recurrent(model.embedding(tokens))  # (1, time, 2 · hidden)
    forward, backward = states[0].split(5, dim=-1)
    expected = torch.cat([forward[-1], backward[0], states[0].mean(0), states[0].amax(0)])
    torch.testing.assert_close(
        model(tokens, torch.tensor([5]))[0], model.output(expected), rtol=0, atol=1e-12
    )


@given(OPTIONS)
def test_no_gradient_reaches_the_padding(options):
    model = classifier(**options)
    tokens, lengths = pad([[2, 3, 4], [5]])
    embedded = model.embedding(tokens).detach().requires_grad_()
    model.output(model.read(pack(embedded, lengths))).sum().backward()
    assert (embedded.grad[1, 1:] == 0).all()
    assert (embedded.grad[0].abs().sum(-1) > 0).all()


@settings(max_examples=40)
@given(OPTIONS, NAMES)
def test_both_engines_give_the_same_answers_and_gradients(options, names):
    ours, theirs = classifier(**options), classifier(**options, engine="torch")
    assert type(ours.recurrent).__module__ == "rnn_tutorial.networks.layers"
    assert type(theirs.recurrent).__module__ == "torch.nn.modules.rnn"
    for name, value in ours.state_dict().items():  # the same seed drew the same weights
        assert torch.equal(theirs.state_dict()[name], value)
    results = []
    for model in (ours, theirs):
        logits = model(*pad(names))
        logits.logsumexp(-1).sum().backward()
        results.append([logits, *(p.grad for p in model.parameters())])
    for got, want in zip(*results, strict=True):
        torch.testing.assert_close(got, want, rtol=0, atol=1e-10)


def test_dropout_acts_in_training_only():
    model = classifier(dropout=0.5, token_dropout=0.5)
    batch = pad([[2, 3, 4, 5, 6], [7, 8]])
    assert torch.equal(model(*batch), model(*batch))
    model.train()
    assert not torch.equal(model(*batch), model(*batch))


def test_token_dropout_trains_the_unknown_token_and_leaves_the_padding():
    model = classifier(token_dropout=0.5).train()
    for _ in range(20):
        model(*pad([[2, 3, 4, 5], [7]])).logsumexp(-1).sum().backward()
    assert model.embedding.weight.grad[model.unknown_index].abs().sum() > 0
    assert model.embedding.weight.grad[model.padding_index].abs().sum() == 0


def test_batches_of_int32_and_of_one_are_read():
    model = classifier()
    tokens, lengths = pad([[2, 3]])
    torch.testing.assert_close(model(tokens.int(), lengths.int()), model(tokens, lengths))


TOKENS, LENGTHS = pad([[2, 3], [4]])


@pytest.mark.parametrize(
    ("tokens", "lengths", "error", "message"),
    [
        (TOKENS[0], LENGTHS, ValueError, r"shape \(batch, time\), got \(2,\)"),
        (TOKENS.float(), LENGTHS, TypeError, "int64 or int32, got torch.float32"),
        (TOKENS + VOCABULARY, LENGTHS, ValueError, "indices from 0 to 8, got values from 9 to 13"),
        (TOKENS, torch.tensor([2, 3]), ValueError, r"from 1 to 2, got \[2, 3\]"),
        (TOKENS, None, TypeError, "tensor of integers, got NoneType"),
    ],
)
def test_malformed_batches_are_refused(tokens, lengths, error, message):
    with pytest.raises(error, match=message):
        classifier()(tokens, lengths)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cell": "transformer"}, "cell must be one of rnn, gru, lstm, got 'transformer'"),
        ({"engine": "jax"}, "engine must be one of rnn_tutorial, torch, got 'jax'"),
        ({"padding_index": VOCABULARY}, "padding_index must be below 9, got 9"),
        ({"hidden_size": 0}, "hidden_size must be at least 1, got 0"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1, got 1.0"),
    ],
)
def test_impossible_models_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        classifier(**options)
    with pytest.raises(ValueError, match="num_classes must be at least 1, got 0"):
        RecurrentClassifier(5, 0)


def test_a_size_is_an_integer_also_one_of_numpy():
    assert classifier(hidden_size=np.int64(3)).output.in_features == 3
    with pytest.raises(TypeError, match=r"num_layers must be an integer, got True"):
        classifier(num_layers=True)
