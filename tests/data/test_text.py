import json
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rnn_tutorial.data import (
    PADDING,
    UNKNOWN,
    Vocabulary,
    clean,
    shakespeare,
    strip_accents,
    surnames,
    truncate,
    words,
)
from rnn_tutorial.data.text import is_unspaced


def test_clean_makes_what_looks_the_same_the_same():
    assert clean("  Jose\u0301 \t de\u00a0la  Cruz\n") == "José de la Cruz"
    assert clean("McDonald", lowercase=True) == "mcdonald"
    assert clean("Łódź") == "Łódź", "diacritics stay: they tell languages apart"
    assert clean("Weiß", lowercase=True) == "weiß"
    with pytest.raises(TypeError, match="text must be a str, got bytes"):
        clean(b"bytes")


INVISIBLE = {
    "zero width space": "\u200b",
    "zero width joiner": "\u200d",
    "zero width non-joiner": "\u200c",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "left-to-right mark": "\u200e",
    "right-to-left mark": "\u200f",
    "embedding": "\u202b",
    "isolate": "\u2067",
    "variation selector": "\ufe0f",
    "Hangul filler": "\u3164",
    "zero byte": "\0",
    "bell": "\a",
}


@pytest.mark.parametrize("mark", INVISIBLE.values(), ids=INVISIBLE)
def test_what_cannot_be_seen_is_dropped(mark):
    assert clean(f"{mark}Jos{mark}e\u0301{mark}") == "José"
    assert clean(f"Jose{mark}\u0301") == "José", "letter and accent come together"
    assert clean(mark) == clean(f" {mark} ") == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\ufb01lm o\ufb03ce", "film office"),
        ("\uff26\uff49\uff4c\uff4d\u3000\uff11\uff12", "Film 12"),
        ("ｶﾞ", "ガ"),
        ("don\u2019t \u2018no\u2019 \u201cyes\u201d", "don't 'no' \"yes\""),
        ("don\u00b4t don\u1ffdt", "don't don't"),
        ("❤\ufe0f", "❤"),
        ("\U0001d5e5\U0001d5e1\U0001d5e1", "RNN"),
        ("and so on\u2026", "and so on..."),
        ("\u2f00", "一"),
        ("Ⅳ", "IV"),
        ("\ufef3", "ي"),
    ],
)
def test_look_alikes_are_equal_after_cleaning(one, other):
    assert clean(one) == other
    assert clean(one, lowercase=True) == clean(other, lowercase=True)


def test_what_means_something_else_stays_different():
    for text in ("x²", "½", "e", "é", "Straße", "å", "İ", "?", "؟"):
        assert clean(text) == text


def test_no_text_of_the_package_changes():
    """Evidence was computed on texts in normal form C, cut into runs of letters."""
    for text in [*surnames().texts, *(play.text for play in shakespeare())]:
        for lowercase in (False, True):
            plain = unicodedata.normalize("NFC", text.lower() if lowercase else text)
            plain = " ".join(plain.split())
            assert clean(text, lowercase=lowercase) == plain
            assert words(text, lowercase=lowercase) == re.findall(r"[\w']+|[^\w\s]", plain)


def test_accents_can_be_dropped():
    assert strip_accents("Nov\u00e1k") == strip_accents("Nova\u0301k") == "Novak"
    assert strip_accents("\u0141\u00f3d\u017a") == "\u0141odz", "a stroke is not a mark of its own"


@given(st.text(), st.booleans())
@example("J\u030c", True)
@example("\u1ffd e\u200b\u0301", True)
def test_clean_twice_is_clean_once(text, lowercase):
    once = clean(text, lowercase=lowercase)
    assert clean(once, lowercase=lowercase) == once


def test_vocabulary_is_sorted_after_padding_and_unknown():
    vocabulary = Vocabulary.from_texts(["bab", "c"])
    assert vocabulary.tokens == (PADDING, UNKNOWN, "a", "b", "c")
    assert len(vocabulary) == 5
    assert "b" in vocabulary
    assert "z" not in vocabulary
    assert vocabulary.encode("a!c") == [2, vocabulary.unknown_index, 4]
    assert vocabulary.decode([2, 1, 4, 0, 0]) == "a<unk>c"
    assert Vocabulary.from_texts(["aab", "ab", "c"], min_count=2).tokens[2:] == ("a", "b")
    lower = Vocabulary.from_texts(["AbC"], lowercase=True)
    assert lower.encode("cAB") == lower.encode("CaB") == [4, 2, 3]


@given(st.text(alphabet="abcÄ ", min_size=1), st.integers(1, 12))
@example(" ", 1)
def test_encoding_has_from_one_to_max_length_indices(text, max_length):
    vocabulary = Vocabulary("abcÄ ")
    cleaned = clean(text)
    if cleaned:
        indices = vocabulary.encode(text, max_length=max_length)
        assert vocabulary.decode(indices) == cleaned[:max_length]
        assert 1 <= len(indices) <= max_length
    else:
        with pytest.raises(ValueError, match="at least one character"):
            vocabulary.encode(text)


def test_vocabulary_refuses_bad_arguments():
    with pytest.raises(ValueError, match=r"got more than once: \['a'\]"):
        Vocabulary(["a", "b", "a"])
    with pytest.raises(ValueError, match="at least one character, got none"):
        Vocabulary.from_texts(["", " "])
    with pytest.raises(TypeError, match=r"got the str 'abc'; use \[text\]"):
        Vocabulary.from_texts("abc")
    with pytest.raises(ValueError, match="min_count must be at least 1, got 0"):
        Vocabulary.from_texts(["a"], min_count=0)
    with pytest.raises(ValueError, match="from 0 to 3, got 4"):
        Vocabulary("ab").decode([4])


def test_truncate_keeps_the_beginning():
    assert truncate([1, 2, 3], 2) == [1, 2]
    assert truncate([1, 2, 3], 9) == [1, 2, 3]
    assert truncate([1, 2, 3], None) == [1, 2, 3]
    with pytest.raises(ValueError, match="max_length must be at least 1, got 0"):
        truncate([1], 0)


def test_words_are_runs_of_letters_and_marks_are_tokens():
    assert words("'Tis the king's--\nO, shame!") == [
        "'tis", "the", "king's", "-", "-", "o", ",", "shame", "!"
    ]  # fmt: skip
    assert words("The the", lowercase=False) == ["The", "the"]
    assert words("e\u0301te\u0301") == ["été"]
    assert words(" ") == []
    assert words("don\u2019t") == ["don't"]
    assert words("3.14, 1,000.50 at 10:30.") == ["3.14", ",", "1,000.50", "at", "10:30", "."]
    assert words("👩\u200d💻") == ["👩", "💻"], "no bare joiner"
    assert words("नमस्ते दुनिया") == ["नमस्ते", "दुनिया"], "vowel signs belong to their letter"
    with pytest.raises(TypeError, match="text must be a str, got int"):
        words(3)


def test_languages_without_spaces_are_cut_into_characters():
    assert words("这部电影 很好") == list("这部电影很好")
    assert words("2024年の iPhone") == ["2024", "年", "の", "iphone"]
    assert words("ดีมาก") == ["ดี", "ม", "า", "ก"], "a mark stays with its letter"
    assert words("아주 좋은 영화") == ["아주", "좋은", "영화"], "Korean has spaces"
    assert is_unspaced("très 好")
    assert not is_unspaced("très bon")


def test_a_vocabulary_knows_how_texts_are_cut():
    texts = ["Good film!", "good, GOOD"]
    vocabulary = Vocabulary.from_texts(texts, cut="words", lowercase=True)
    assert vocabulary.tokens[2:] == ("good", "!", ",", "film")
    assert vocabulary.encode("A good film") == [vocabulary.unknown_index, 2, 5]
    assert vocabulary.encode("good good film", max_length=2) == [2, 2]
    assert vocabulary.decode([2, 5, 0]) == "good film"
    kept = Vocabulary.from_texts(texts, cut="words", max_size=1)
    assert kept.tokens[2:] == ("!",), "capitals make three words of good"
    with pytest.raises(ValueError, match="cut must be one of characters, words, got 'tokens'"):
        Vocabulary.from_texts(texts, cut="tokens")
    with pytest.raises(ValueError, match="at least one character, got none"):
        Vocabulary.from_texts([" \u200b"], cut="words")


def test_a_vocabulary_of_tokens_encodes_no_text():
    vocabulary = Vocabulary.from_tokens([words("awful film"), words("great film")])
    with pytest.raises(ValueError, match=r"look_up\(words\(text\)\)"):
        vocabulary.encode("awful film")
    with pytest.raises(ValueError, match="single characters, got 'film'; say cut="):
        Vocabulary(["film"])


@pytest.mark.parametrize(
    "vocabulary",
    [
        Vocabulary.from_texts(["Ab\ud83d 😀"]),
        Vocabulary.from_texts(["A film, a film"], cut="words", lowercase=True),
        Vocabulary.from_tokens([["<unk>", "rare", "<pad>"]]),
    ],
)
def test_a_vocabulary_comes_back_from_its_settings(vocabulary):
    again = Vocabulary(**json.loads(json.dumps(vocabulary.settings)))
    assert again.settings == vocabulary.settings
    assert again.tokens == vocabulary.tokens
    assert Vocabulary(vocabulary.tokens, cut=vocabulary.cut).tokens == vocabulary.tokens
    assert vocabulary.look_up(["<unk>", "never seen"]) == [1, 1]


def test_a_vocabulary_of_tokens_has_the_frequent_ones_first():
    texts = [["c", "b", "b"], ["d", "c", "a"]]
    assert Vocabulary.from_tokens(texts).tokens[2:] == ("b", "c", "a", "d")
    assert Vocabulary.from_tokens(texts, min_count=2).tokens[2:] == ("b", "c")
    assert Vocabulary.from_tokens(texts, max_size=1).tokens[2:] == ("b",)
    vocabulary = Vocabulary.from_tokens(texts, max_size=3)
    assert vocabulary.look_up(["a", "b", "d"]) == [4, 2, vocabulary.unknown_index]
    assert vocabulary.look_up([]) == []


def test_a_vocabulary_of_tokens_refuses_bad_arguments():
    with pytest.raises(TypeError, match="sequences of tokens, got the str 'ab'"):
        Vocabulary.from_tokens(["ab"])
    with pytest.raises(ValueError, match="at least one token"):
        Vocabulary.from_tokens([[]])
    with pytest.raises(ValueError, match="max_size must be at least 1, got 0"):
        Vocabulary.from_tokens([["a"]], max_size=0)
    with pytest.raises(TypeError, match="several str, got the str 'ab'"):
        Vocabulary(["a"]).look_up("ab")
