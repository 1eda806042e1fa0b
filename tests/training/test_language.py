"""The language model, streams with the state carried, and bits for each symbol."""

import math

import numpy as np
import pytest
import torch

from rnn_tutorial.data import Streams
from rnn_tutorial.models import LanguageModel
from rnn_tutorial.training import bits_of, train_on_streams


def model_of(cell="lstm", **options):
    torch.manual_seed(0)
    return LanguageModel(5, cell=cell, hidden_size=6, **options).double()


TEXT = torch.randint(5, (83,), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("steps", [1, 7, 20, 99])
def test_rows_go_on_from_chunk_to_chunk_and_no_target_is_dropped(steps):
    streams = Streams(TEXT, 4, steps)
    chunks = list(streams)
    assert len(chunks) == len(streams)
    inputs = torch.cat([chunk[0] for chunk in chunks], dim=1)
    targets = torch.cat([chunk[1] for chunk in chunks], dim=1)
    length = (len(TEXT) - 1) // 4
    for row in range(4):  # each row is a piece of the text, without a gap
        start = row * length
        torch.testing.assert_close(inputs[row], TEXT[start : start + length])
        torch.testing.assert_close(targets[row], TEXT[start + 1 : start + length + 1])
    assert targets.numel() == 4 * length > len(TEXT) - 1 - 4
    torch.testing.assert_close(targets[:-1, -1], inputs[1:, 0])  # also where rows and chunks end
    with pytest.raises(ValueError, match="outnumber streams, got 3 and 4"):
        Streams(TEXT[:3], 4, 5)
    with pytest.raises(ValueError, match="steps must be at least 1"):
        Streams(TEXT, 4, 0)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("options", [{}, {"embedding_size": 3}, {"num_layers": 2}])
def test_a_text_in_pieces_is_the_text(cell, options):
    model = model_of(cell, **options)
    whole, last = model(TEXT[None])
    state, pieces = None, []
    for piece in TEXT[None].split(10, dim=1):
        logits, state = model(piece, state)
        pieces.append(logits)
    torch.testing.assert_close(torch.cat(pieces, dim=1), whole)
    torch.testing.assert_close(state, last)
    theirs = model_of(cell, engine="torch", **options)
    theirs.load_state_dict(model.state_dict())
    torch.testing.assert_close(theirs(TEXT[None])[0], whole)
    assert whole.shape == (1, len(TEXT), 5)


def test_bits_are_the_cross_entropy_whatever_the_chunk():
    model = model_of()
    log_probabilities = model(TEXT[None, :-1])[0][0].log_softmax(-1)
    expected = [-log_probabilities[t, TEXT[t + 1]].item() / math.log(2) for t in range(82)]
    for chunk in (1, 9, 1000):
        np.testing.assert_allclose(bits_of(model, TEXT, chunk=chunk), expected, rtol=1e-10)
    assert not np.allclose(bits_of(model, TEXT, chunk=9, carry=False), expected, rtol=1e-4)
    with pytest.raises(ValueError, match="at least 2, got 1"):
        bits_of(model, TEXT[:1])


def test_bits_are_measured_without_dropout():
    model = model_of(dropout=0.5)
    torch.testing.assert_close(bits_of(model, TEXT), bits_of(model, TEXT), rtol=0, atol=0)
    assert model.training
    assert not torch.equal(model(TEXT[None])[0], model(TEXT[None])[0])


def test_training_carries_the_state_and_resets_it_after_a_pass():
    """Bits before each update are those of a loop that is written out."""
    found = {}
    for engine in ("rnn_tutorial", "torch"):
        model = model_of(engine=engine)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        streams, seen = Streams(TEXT, 2, 16), {}  # three chunks a pass, the last of nine steps
        found[engine] = train_on_streams(
            model, streams, 5, optimizer=optimizer, report=seen.__setitem__
        )
        assert seen == dict(enumerate(found[engine], start=1))
    np.testing.assert_allclose(found["torch"], found["rnn_tutorial"], rtol=1e-10)
    model = model_of()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    rows = TEXT[:82].view(2, 41), TEXT[1:83].view(2, 41)
    expected, state = [], None
    for start in (0, 16, 32, 0, 16):
        state = None if start == 0 else tuple(part.detach() for part in state)
        x, y = (part[:, start : start + 16] for part in rows)
        logits, state = model(x, state)
        loss = torch.nn.functional.cross_entropy(logits.transpose(1, 2), y)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        expected.append(loss.item() / math.log(2))
    np.testing.assert_allclose(found["rnn_tutorial"], expected, rtol=1e-10)


def test_training_learns_a_text_that_repeats_itself():
    text = torch.tensor([0, 1, 2, 1, 3, 4] * 60)
    model = model_of()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    scheduler = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=3)
    bits = train_on_streams(
        model, Streams(text, 4, 15), 150, optimizer=optimizer, scheduler=scheduler
    )
    assert bits[0] > 2
    assert bits_of(model, text)[10:].mean() < 0.1
    assert scheduler.last_epoch == 150


def test_training_stops_at_what_is_not_finite():
    model = model_of()
    with torch.no_grad():
        model.output.bias[0] = math.nan
    before = [parameter.clone() for parameter in model.parameters()]
    optimizer = torch.optim.Adam(model.parameters())
    with pytest.raises(FloatingPointError, match="pass 1, batch 1: the loss is nan"):
        train_on_streams(model, Streams(TEXT, 2, 16), 5, optimizer=optimizer)
    torch.testing.assert_close(before, list(model.parameters()), equal_nan=True)


@pytest.mark.parametrize(
    ("options", "error", "problem"),
    [
        ({"cell": "elman"}, ValueError, "cell must be one of"),
        ({"hidden_size": 0}, ValueError, "hidden_size"),
        ({"num_layers": 1.5}, TypeError, "num_layers"),
        ({"dropout": 1.0}, ValueError, "dropout"),
    ],
)
def test_impossible_models_are_refused(options, error, problem):
    with pytest.raises(error, match=problem):
        LanguageModel(5, **options)


@pytest.mark.parametrize(
    ("tokens", "error", "problem"),
    [
        (torch.zeros(2, 3), TypeError, "int64 or int32, got torch.float32"),
        (TEXT, ValueError, r"\(batch, time\), got \(83,\)"),
        (TEXT[None, :0], ValueError, "not be empty"),
        (torch.tensor([[5]]), ValueError, "from 0 to 4, got values from 5 to 5"),
    ],
)
def test_impossible_tokens_are_refused(tokens, error, problem):
    with pytest.raises(error, match=problem):
        model_of()(tokens)
