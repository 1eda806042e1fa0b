"""8-bit weights: how far off they may be, the file that comes back, files that are refused."""

import json

import pytest
import torch

from rnn_tutorial.data import Vocabulary
from rnn_tutorial.models import LanguageModel, checkpoint

VOCABULARY = Vocabulary("ab c\n\u2014")


def model_of(cell="gru", **options):
    torch.manual_seed(0)
    return LanguageModel(len(VOCABULARY), cell=cell, hidden_size=7, **options)


def test_no_weight_is_off_by_more_than_half_a_step():
    torch.manual_seed(0)
    weight = torch.randn(20, 30) * torch.logspace(-4, 4, 20)[:, None]
    weight[3] = 0
    integers, scale = checkpoint.quantize(weight)
    assert integers.dtype == torch.int8
    assert (integers.abs().amax(1)[weight.abs().amax(1) > 0] == 127).all()
    error = (integers * scale[:, None] - weight).abs()
    assert (error <= 0.5001 * scale[:, None]).all()
    assert (integers[3] == 0).all()
    again, same = checkpoint.quantize(integers * scale[:, None])
    torch.testing.assert_close(again, integers)
    torch.testing.assert_close(same, scale)


@pytest.mark.parametrize("weight", [torch.zeros(3), torch.tensor([[float("nan")]])])
def test_only_finite_matrices_are_rounded(weight):
    with pytest.raises(ValueError, match="weight must be a finite matrix"):
        checkpoint.quantize(weight)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("embedding_size", [None, 3])
@pytest.mark.parametrize("engine", ["rnn_tutorial", "torch"])
def test_a_model_comes_back_rounded(tmp_path, cell, embedding_size, engine):
    model = model_of(cell, embedding_size=embedding_size)
    checkpoint.save(tmp_path / "model", model, VOCABULARY, {"seed": "0"})
    loaded, vocabulary, about = checkpoint.load(tmp_path / "model", engine=engine)
    assert vocabulary.tokens == VOCABULARY.tokens
    assert about["seed"] == "0"
    assert not loaded.training
    for name, weight in model.state_dict().items():
        expected = weight
        if weight.dim() == 2:
            integers, scale = checkpoint.quantize(weight)
            expected = integers * scale[:, None]
        torch.testing.assert_close(loaded.state_dict()[name], expected)
    tokens = torch.tensor([[2, 3, 4]])
    assert (loaded(tokens)[0] - model(tokens)[0]).abs().max() < 0.02
    checkpoint.save(tmp_path / "again", loaded, vocabulary, {"seed": "0"})
    again, _ = checkpoint.read(tmp_path / "again")
    for name, weight in checkpoint.read(tmp_path / "model")[0].items():
        assert again[name].equal(weight)


def test_the_file_can_be_read_without_this_package(tmp_path):
    """As a page in a browser would do it."""
    model = model_of()
    checkpoint.save(tmp_path / "model", model, VOCABULARY)
    content = (tmp_path / "model").read_bytes()
    length = int.from_bytes(content[:8], "little")
    assert length % 8 == 0
    header, body = json.loads(content[8 : 8 + length]), content[8 + length :]
    assert header["__metadata__"] == {"cell": "gru", "hidden_size": "7", "symbols": "ab c\n\u2014"}
    entry = header["recurrent.weight_hh_l0"]
    assert (entry["dtype"], entry["shape"]) == ("I8", [21, 7])
    start, end = entry["data_offsets"]
    first_row = memoryview(body[start:end]).cast("b")[:7].tolist()
    start, _ = header["recurrent.weight_hh_l0.scale"]["data_offsets"]
    (scale,) = memoryview(body[start : start + 4]).cast("f")
    weight = model.recurrent.weight_hh_l0[0].detach()
    torch.testing.assert_close(torch.tensor(first_row) * scale, weight, rtol=0, atol=scale / 2)
    ends = [part["data_offsets"][1] for name, part in header.items() if name != "__metadata__"]
    assert max(ends) == len(body)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: whole[:-1],
        lambda whole: b"Enter HAMLET, reading on a book\n" * 9,
        lambda whole: (8).to_bytes(8, "little") + b"[1]     " + whole,
        lambda whole: whole.replace(b"__metadata__", b"__metadat4__"),
        lambda whole: whole.replace(b'"hidden_size":"7"', b'"hidden_size":"9"'),
        lambda whole: whole.replace(b'"cell":"gru"', b'"cell":"gnu"'),
        lambda whole: whole.replace(b'"I8"', b'"F4"'),
    ],
)
def test_other_files_are_refused(tmp_path, spoil):
    path = tmp_path / "model"
    checkpoint.save(path, model_of(), VOCABULARY)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(ValueError, match=r"path must be|cell must be"):
        checkpoint.load(path)


def test_what_does_not_fit_the_format_is_refused(tmp_path):
    with pytest.raises(ValueError, match="one layer, got 2"):
        checkpoint.save(tmp_path / "model", model_of(num_layers=2), VOCABULARY)
    with pytest.raises(ValueError, match="vocabulary must hold 8 symbols"):
        checkpoint.save(tmp_path / "model", model_of(), Vocabulary("ab"))
    assert list(tmp_path.iterdir()) == []
