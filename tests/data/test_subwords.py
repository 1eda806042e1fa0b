from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_tutorial.data import END, Subwords, learn_merges, merge, pieces

PAPER = {"low": 5, "lower": 2, "newest": 6, "widest": 3}


def from_the_definition(counts, merges):
    texts, learned = {word: pieces(word) for word in counts}, []
    while len(learned) < merges:
        pairs = Counter()
        for word, symbols in texts.items():
            for pair in pairwise(symbols):
                pairs[pair] += counts[word]
        if not pairs:
            break
        learned.append(min(pairs, key=lambda pair: (-pairs[pair], pair)))
        texts = {word: merge(symbols, learned[-1]) for word, symbols in texts.items()}
    return learned


def test_the_words_of_the_paper():
    learned = learn_merges(PAPER, 4)
    assert learned == [("e", "s"), ("es", "t·"), ("l", "o"), ("e", "w")]
    assert Subwords(learned).cut("lowest") == ("lo", "w", "est·")


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=6), st.integers(1, 4), min_size=1),
    st.integers(0, 12),
)
def test_updating_only_what_changes_learns_the_same(counts, merges):
    assert learn_merges(counts, merges) == from_the_definition(counts, merges)


@given(st.text("abcdeé'", min_size=1), st.integers(0, 20))
def test_no_letter_is_lost(word, merges):
    cut = Subwords(learn_merges({"abba": 3, "cabbed": 2, "deed": 2}, merges)).cut(word)
    assert "".join(cut) == word + END


def test_training_words_are_cut_as_they_were_merged():
    learned = learn_merges(PAPER, 100)
    subwords = Subwords(learned)
    assert [subwords.cut(word) for word in PAPER] == [
        ("low·",),
        ("lower·",),
        ("newest·",),
        ("widest·",),
    ]
    assert len(learned) < 100, "it ends where every word is one piece"
    assert subwords.cut_all(["low", "x"]) == ["low·", "x·"]


def test_a_merge_goes_from_left_to_right():
    assert merge("aaa", ("a", "a")) == ("aa", "a")
    assert merge("abab", ("a", "b")) == ("ab", "ab")
    assert merge("b", ("a", "b")) == ("b",)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="word must hold at least one character"):
        pieces("")
    with pytest.raises(ValueError, match="at least one word"):
        learn_merges({}, 3)
    with pytest.raises(ValueError, match="merges must be at least 0, got -1"):
        learn_merges(PAPER, -1)
