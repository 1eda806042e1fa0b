"""The trained models that come with the package: small, and as good as they say."""

import pytest
import torch

from rnn_tutorial import data
from rnn_tutorial.data import Batches
from rnn_tutorial.experiments.texts import character_model as characters
from rnn_tutorial.models import zoo
from rnn_tutorial.training import bits_of, measure


def test_the_files_are_small_and_all_that_there_are():
    files = sorted(zoo.WEIGHTS.iterdir())
    logs = [f"{name}.csv" for name in characters.CHECKPOINTS]
    assert sorted([*logs, *(f"{name}.safetensors" for name in zoo.MODELS)]) == [
        file.name for file in files
    ]
    assert sum(file.stat().st_size for file in files) < 1_000_000
    assert (zoo.WEIGHTS / "small.safetensors").stat().st_size <= 180_000


@pytest.mark.parametrize(("name", "setup"), characters.CHECKPOINTS.items())
def test_a_character_model_is_as_good_as_it_says(name, setup):
    texts = data.encoded_tragedies()
    model, vocabulary, about = zoo.load(name)
    assert not model.training
    assert vocabulary.tokens == texts.vocabulary.tokens
    assert about["setup"] == str(setup)
    assert f"character_checkpoints {name} --threads" in about["command"]
    assert float(about["bits_rounded"]) - float(about["bits"]) < 0.01
    assert zoo.log(name)["updates"].iloc[-1] == setup.updates
    part = bits_of(model, texts.test[:10_001]).mean().item()
    assert abs(part - float(about["bits"])) < 0.15, "a part of the text, not all of it"


def test_rounding_costs_the_classifier_nearly_nothing():
    model, vocabulary, about = zoo.load("surname_lstm")
    parts = data.split(data.surnames(), seed=0)
    assert about["classes"].split(",") == list(parts.test.classes)
    _, accuracy = measure(model, Batches.from_texts(parts.test, vocabulary, 256, 20))
    assert accuracy == pytest.approx(float(about["accuracy"]), abs=0.003)


def test_a_model_does_not_depend_on_the_default_type():
    torch.set_default_dtype(torch.float64)
    try:
        assert zoo.load("surname_lstm")[0].output.weight.dtype == torch.float32
    finally:
        torch.set_default_dtype(torch.float32)


def test_another_name_is_refused():
    with pytest.raises(ValueError, match="one of large, small, surname_lstm, got 'huge'"):
        zoo.load("huge")
