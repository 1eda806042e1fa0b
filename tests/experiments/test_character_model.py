"""The character models: what is measured, and the start of a training again."""

import pytest
import torch

from rnn_tutorial import data
from rnn_tutorial.experiments.texts import character_checkpoints, character_samples
from rnn_tutorial.experiments.texts import character_model as characters
from rnn_tutorial.models import checkpoint, zoo
from rnn_tutorial.training import bits_of


def test_the_command_writes_a_model_with_its_log(tmp_path, monkeypatch, capsys):
    tiny = characters.Setup("gru", 8, characters.EVERY, 0.01, streams=4, steps=5)
    texts = data.encoded_tragedies()
    cut = texts._replace(train=texts.train[:3000], test=texts.test[:500])
    monkeypatch.setattr(character_checkpoints, "encoded_tragedies", lambda: cut)
    monkeypatch.setattr(zoo, "WEIGHTS", tmp_path)
    monkeypatch.setattr(characters, "CHECKPOINTS", {"tiny": tiny})
    threads = torch.get_num_threads()
    assert character_checkpoints.main(["tiny", "--threads", str(threads)]) == 0
    said = capsys.readouterr().out
    model, vocabulary, about = checkpoint.load(tmp_path / "tiny.safetensors")
    assert f"tiny: bits {about['bits']}" in said
    assert vocabulary.tokens == texts.vocabulary.tokens
    assert bits_of(model, cut.test).mean().item() == pytest.approx(
        float(about["bits_rounded"]), abs=1e-3
    )
    log = zoo.log("tiny", tmp_path)
    assert log["updates"].tolist() == [characters.EVERY]
    _, bits = characters.train(tiny, cut.train, len(vocabulary), character_checkpoints.SEED)
    assert log["bits"].iloc[0] == pytest.approx(sum(bits) / len(bits), abs=1e-3)
    assert characters.curve(bits) == [{"updates": 50, "bits": pytest.approx(log["bits"].iloc[0])}]


@pytest.mark.evidence
@pytest.mark.parametrize("name", characters.CHECKPOINTS)
def test_the_start_of_the_training_can_be_repeated(name):
    texts, log = data.encoded_tragedies(), zoo.log(name)
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
    casts = data.casts()
    assert casts["HAMLET"] == {"hamlet"}
    assert casts["OTHELLO"] == {"othello"}
    assert max(map(len, casts.values())) > 1, "a servant, a messenger"
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
    new = set(data.words(test)) - known
    assert 100 < len(new) < 3000


@pytest.mark.parametrize("variant", ["Shakespeare", "nucleus .9", "3-gram"])
def test_what_is_written_depends_on_the_seed_alone(variant):
    write = character_samples.VARIANTS[variant]
    once, again, other = (
        write(data.encoded_tragedies(), 40, torch.Generator().manual_seed(seed))
        for seed in (0, 0, 1)
    )
    assert once == again != other
    assert len(once) == 40
