import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rnn_tutorial.data import PADDING, UNKNOWN, Vocabulary, clean, strip_accents, truncate, words


def test_clean_makes_what_looks_the_same_the_same():
    assert clean("  Jose\u0301 \t de\u00a0la  Cruz\n") == "José de la Cruz"
    assert clean("McDonald", lowercase=True) == "mcdonald"
    assert clean("Łódź") == "Łódź", "diacritics stay: they tell languages apart"
    assert clean("\ufb01") == "\ufb01", "a ligature is a character of its own"
    assert clean("Weiß", lowercase=True) == "weiß"
    with pytest.raises(TypeError, match="text must be a str, got bytes"):
        clean(b"bytes")


def test_accents_can_be_dropped():
    assert strip_accents("Nov\u00e1k") == strip_accents("Nova\u0301k") == "Novak"
    assert strip_accents("\u0141\u00f3d\u017a") == "\u0141odz", "a stroke is not a mark of its own"


@given(st.text(), st.booleans())
@example("J\u030c", True)
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
    with pytest.raises(TypeError, match="text must be a str, got int"):
        words(3)


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
