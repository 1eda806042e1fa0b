"""A classifier of one's own in one file: it comes back exactly, or is refused with a reason."""

import json

import pandas as pd
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from rnn_tutorial.data import Vocabulary
from rnn_tutorial.models import RecurrentClassifier, checkpoint
from rnn_tutorial.models.checkpoint import load_classifier, save_classifier
from rnn_tutorial.training import predict

TEXTS = ["A fine film", "é 好 \ud83d", "no"]
CLASSES = ("negative", "très positive")


def vocabulary_of(cut="characters"):
    return Vocabulary.from_texts(TEXTS, cut=cut, lowercase=True)


def model_of(vocabulary, classes=2, **options):
    torch.manual_seed(0)
    options = {"hidden_size": 5, "embedding_size": 3} | options
    return RecurrentClassifier(len(vocabulary), classes, **options)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"cell": "lstm", "engine": "torch", "num_layers": 2, "dropout": 0.2},
        {"cell": "rnn", "bidirectional": True, "readout": "concat", "token_dropout": 0.1},
        {"padding_index": 3, "unknown_index": 2},
    ],
)
@pytest.mark.parametrize("cut", ["characters", "words"])
def test_a_classifier_comes_back_exactly(tmp_path, options, cut):
    vocabulary = vocabulary_of(cut)
    model, path = model_of(vocabulary, **options), tmp_path / "mine.safetensors"
    save_classifier(path, model, vocabulary, CLASSES, max_length=7)
    assert model.training
    kept = load_classifier(path)
    assert not kept.model.training
    assert kept.model.settings == model.settings
    assert kept.vocabulary.settings == vocabulary.settings
    assert (kept.classes, kept.max_length) == (CLASSES, 7)
    assert kept.versions["torch"] == torch.__version__
    pd.testing.assert_frame_equal(
        predict(kept.model, TEXTS, kept.vocabulary, kept.classes, max_length=kept.max_length),
        predict(model, TEXTS, vocabulary, CLASSES, max_length=7),
        check_exact=True,
    )
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    save_classifier(path, kept.model.double(), kept.vocabulary, kept.classes)
    again = load_classifier(path)
    assert again.model.output.weight.dtype == torch.float64
    assert again.max_length is None


class Mean(nn.Module):
    """A stranger's model, with tied weights and a parameter called scale."""

    def __init__(self, size, classes=2):
        super().__init__()
        self.embedding = nn.Embedding(size, 4)
        self.tied = nn.Embedding(size, 4)
        self.tied.weight = self.embedding.weight
        self.output = nn.Linear(4, classes)
        self.output.scale = nn.Parameter(torch.ones(1))

    def forward(self, tokens, lengths):
        mean = self.embedding(tokens).sum(1) / lengths[:, None]
        return self.output(mean) * self.output.scale


def test_any_module_comes_back_if_it_is_built_again(tmp_path):
    vocabulary, path = vocabulary_of(), tmp_path / "mine"
    torch.manual_seed(0)
    model = Mean(len(vocabulary))
    save_classifier(path, model, vocabulary, CLASSES)
    with pytest.raises(ValueError, match="has the weights of a Mean: build it as for training"):
        load_classifier(path)
    kept = load_classifier(path, Mean(len(vocabulary)))
    assert predict(kept.model, TEXTS, kept.vocabulary, kept.classes).equals(
        predict(model, TEXTS, vocabulary, CLASSES)
    )
    other = Mean(len(vocabulary), 3)
    before = other.embedding.weight.clone()
    with pytest.raises(
        ValueError, match=r"output\.bias has shape \(2,\) and not \(3,\); 2 weights"
    ):
        load_classifier(path, other)
    assert torch.equal(other.embedding.weight, before)
    with pytest.raises(ValueError, match="; 8 weights differ"):
        load_classifier(path, model_of(vocabulary))


def test_what_does_not_fit_together_is_not_saved(tmp_path):
    vocabulary, path = vocabulary_of(), tmp_path / "mine"
    model = model_of(vocabulary)
    larger = Vocabulary("abcdefghijklmnopqrstuvwxyz")
    for arguments, message in [
        ((model, larger, CLASSES), "must read the 28 tokens of the vocabulary"),
        ((model, Vocabulary("ab"), CLASSES), r"hold the \d+ tokens of the model, got 4"),
        ((model, vocabulary, ("a", "b", "c")), r"logits of shape \(1, 3\), got \(1, 2\)"),
        ((nn.GRU(3, 3), vocabulary, CLASSES), "must read the"),
    ]:
        with pytest.raises(ValueError, match=message):
            save_classifier(path, *arguments)
    with pytest.raises(ValueError, match="max_length must be at least 1, got 0"):
        save_classifier(path, model, vocabulary, CLASSES, max_length=0)
    with pytest.raises(ValueError, match="in a folder that exists"):
        save_classifier(tmp_path / "missing" / "mine", model, vocabulary, CLASSES)
    with pytest.raises(TypeError, match="a Module and a Vocabulary, got GRU and dict"):
        save_classifier(path, nn.GRU(3, 3), {}, CLASSES)
    with pytest.raises(TypeError, match="classes must be several str"):
        save_classifier(path, model, vocabulary, (0, 1))
    model.output.bias.data[0] = torch.nan
    with pytest.raises(ValueError, match=r"finite weights, got NaN or infinity in output\.bias"):
        save_classifier(path, model, vocabulary, CLASSES)
    assert list(tmp_path.iterdir()) == []


def changed(path, change):
    """Write the file again with another description."""
    with safe_open(path, framework="pt") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        described = json.loads(file.metadata()["classifier"])
    change(described)
    save_file(weights, path, metadata={"classifier": json.dumps(described)})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(format=2), "is of a later version, rnn_tutorial .*; update"),
        (lambda d: d.pop("classes"), "holds no classifier"),
        (lambda d: d.pop("format"), "holds no classifier"),
        (lambda d: d["vocabulary"].update(size=3), "holds no classifier"),
        (lambda d: d["settings"].update(cell="gnu"), "cell must be one of"),
        (
            lambda d: d["settings"].update(hidden_size=6),
            "model must fit mine, where .*weights differ",
        ),
        (lambda d: d["classes"].append("third"), r"logits of shape \(1, 3\)"),
        (lambda d: d["vocabulary"]["tokens"].pop(), r"hold the \d+ tokens of the model"),
        (lambda d: d["vocabulary"]["tokens"].append("a"), "more than once"),
        (lambda d: d["vocabulary"].update(cut="syllables"), "cut must be one of"),
    ],
)
def test_a_file_whose_parts_do_not_fit_is_refused(tmp_path, change, message):
    path = tmp_path / "mine"
    save_classifier(path, model_of(vocabulary_of()), vocabulary_of(), CLASSES)
    changed(path, change)
    with pytest.raises(ValueError, match=message):
        load_classifier(path)


def test_other_files_are_refused(tmp_path):
    path, vocabulary = tmp_path / "mine", vocabulary_of()
    with pytest.raises(
        FileNotFoundError, match=r"there is no file .*mine in .*; give its whole path"
    ):
        load_classifier(path)
    with pytest.raises(ValueError, match="path must be a file of this module"):
        load_classifier(tmp_path)
    save_classifier(path, model_of(vocabulary), vocabulary, CLASSES)
    whole = path.read_bytes()
    for content in (b"", whole[:-1], whole[:50], b"text,label\n" * 9):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="path must be a file of this module, got mine"):
            load_classifier(path)
    torch.save(model_of(vocabulary).state_dict(), path)
    with pytest.raises(ValueError, match="path must be a file of this module, got mine"):
        load_classifier(path)
    save_file({"weight": torch.ones(2)}, path)
    with pytest.raises(ValueError, match="mine holds no classifier; save_classifier writes one"):
        load_classifier(path)
    checkpoint.write(path, model_of(vocabulary).state_dict(), {"cell": "gru"})
    with pytest.raises(ValueError, match="mine holds no classifier"):
        load_classifier(path)
