"""The character models: what is committed, what is measured, and the start of a training again."""

import pytest
import torch

from rnn_tutorial import data
from rnn_tutorial.experiments.names import surname_lstm
from rnn_tutorial.experiments.texts import character_checkpoints, character_samples
from rnn_tutorial.experiments.texts import character_model as characters
from rnn_tutorial.training import bits_of


def test_the_text_is_that_of_the_book():
    texts = characters.load()
    assert (len(texts.train), len(texts.test), len(texts.vocabulary)) == (746_026, 82_898, 67)
    assert texts.vocabulary.unknown_index not in texts.test, "no symbol is new in the test text"
    train, _ = data.tragedies()
    assert texts.vocabulary.decode(texts.train[:500]) == train[:500]


def test_texts_are_cut_one_by_one():
    assert data.cut_each(["abcde", "0123456789"], 0.2) == ("abcd\n01234567", "e\n89")
    with pytest.raises(ValueError, match=r"between 0 and 1, got 1\.5"):
        data.cut_each(["ab"], 1.5)


def test_the_committed_models_are_small_and_as_good_as_they_say():
    files = sorted(characters.FOLDER.iterdir())
    assert {f.name for f in files} == {surname_lstm.PATH.name} | {
        f"{name}.{kind}" for name in characters.CHECKPOINTS for kind in ("csv", "safetensors")
    }
    assert sum(file.stat().st_size for file in files) < 1_000_000
    assert (characters.FOLDER / "small.safetensors").stat().st_size <= 180_000
    texts = characters.load()
    for name, setup in characters.CHECKPOINTS.items():
        model, vocabulary, about = characters.load_checkpoint(name)
        assert vocabulary.tokens == texts.vocabulary.tokens
        assert about["setup"] == str(setup)
        assert f"character_checkpoints {name} --threads" in about["command"]
        assert float(about["bits_rounded"]) - float(about["bits"]) < 0.01
        log = characters.load_log(name)
        assert log["updates"].iloc[-1] == setup.updates
        part = bits_of(model, texts.test[:10_001]).mean().item()
        assert abs(part - float(about["bits"])) < 0.15, "a part of the text, not all of it"
    with pytest.raises(ValueError, match="one of large, small, got 'huge'"):
        characters.load_checkpoint("huge")


def test_the_command_writes_a_model_with_its_log(tmp_path, monkeypatch, capsys):
    tiny = characters.Setup("gru", 8, characters.EVERY, 0.01, streams=4, steps=5)
    texts = characters.load()
    cut = characters.Texts(texts.train[:3000], texts.test[:500], texts.vocabulary)
    monkeypatch.setattr(characters, "load", lambda: cut)
    monkeypatch.setattr(characters, "FOLDER", tmp_path / "models")
    monkeypatch.setattr(characters, "CHECKPOINTS", {"tiny": tiny})
    threads = torch.get_num_threads()
    assert character_checkpoints.main(["tiny", "--threads", str(threads)]) == 0
    said = capsys.readouterr().out
    model, vocabulary, about = characters.load_checkpoint("tiny")
    assert f"tiny: bits {about['bits']}" in said
    assert vocabulary.tokens == texts.vocabulary.tokens
    assert bits_of(model, cut.test).mean().item() == pytest.approx(
        float(about["bits_rounded"]), abs=1e-3
    )
    log = characters.load_log("tiny")
    assert log["updates"].tolist() == [characters.EVERY]
    _, bits = characters.train(tiny, cut.train, len(vocabulary), character_checkpoints.SEED)
    assert log["bits"].iloc[0] == pytest.approx(sum(bits) / len(bits), abs=1e-3)
    assert characters.curve(bits) == [{"updates": 50, "bits": pytest.approx(log["bits"].iloc[0])}]


@pytest.mark.evidence
@pytest.mark.parametrize("name", characters.CHECKPOINTS)
def test_the_start_of_the_training_can_be_repeated(name):
    texts, log = characters.load(), characters.load_log(name)
    _, bits = characters.train(
        characters.CHECKPOINTS[name],
        texts.train,
        len(texts.vocabulary),
        character_checkpoints.SEED,
        stop=2 * characters.EVERY,
    )
    again = [row["bits"] for row in characters.curve(bits)]
    assert again == pytest.approx(log["bits"][:2].tolist(), abs=0.05)


def test_speakers_of_one_play_are_told_from_a_mixture():
    casts = character_samples.casts()
    assert casts["HAMLET"] == {"hamlet"}
    assert casts["OTHELLO"] == {"othello"}
    assert len(casts["MESSENGER"] if "MESSENGER" in casts else casts["PAGE"]) >= 1
    text = "\n\nHAMLET\nSo.\n\nHORATIO\nSo?\n\nOTHELLO\nNo.\n\nOTHELLO\nNo!\n\nNOBODY\nI.\n\n"
    share, pairs = character_samples.same_play(text)
    assert (share, pairs) == (0.5, 2)
    assert character_samples.same_play("nobody speaks")[1] == 0
    for play in data.shakespeare():
        if play.folder == "tragedies":
            assert character_samples.same_play(play.text)[0] == 1


def test_measures_of_a_text_by_hand():
    found = character_samples.measures("to be to be to be xq", "or to be to")
    assert found["distinct"] == pytest.approx(3 / 7)
    assert found["words"] == pytest.approx(6 / 7)
    assert found["longest"] == len(" to be to")
    assert found["speakers"] == 0
    assert "same_play" not in found


def test_words_that_stand_in_the_test_text_alone_are_not_known():
    known = character_samples.known_words()
    _, test = data.tragedies()
    assert {"hamlet", "the", "falstaff"} <= known
    new = set(character_samples.words(test)) - known
    assert 100 < len(new) < 3000


@pytest.mark.parametrize("variant", ["Shakespeare", "nucleus .9", "3-gram"])
def test_what_is_written_depends_on_the_seed_alone(variant):
    texts = characters.load()
    once, again, other = (
        list(character_samples.write(variant, seed, texts, 40)) for seed in (0, 0, 1)
    )
    assert once == again != other
    assert len(once) == 40
