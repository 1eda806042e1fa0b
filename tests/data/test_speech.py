"""Speeches and their splits: by play, so that no play is in two parts, or by speech."""

import numpy as np
import pytest

from rnn_tutorial import data
from rnn_tutorial.data import speech


def test_each_speech_stands_once_and_is_long_enough():
    loaded = data.speeches()
    assert len(loaded.data) == len(loaded.plays) == len(set(loaded.data.texts)) == 17_801
    assert min(len(text.split()) for text in loaded.data.texts) == speech.SHORTEST
    assert not {"edward-iii", "pericles"} & set(loaded.plays)


@pytest.mark.parametrize("seed", [0, 10, 14])
def test_no_play_is_in_two_parts_and_each_genre_is_in_all(few_speeches, seed):
    parts = data.split_by_play(few_speeches, seed)
    assert sorted(np.concatenate(parts)) == list(range(72))
    plays = [set(few_speeches.plays[part]) for part in parts]
    assert [len(p) for p in plays] == [22, 6, 8]
    assert len(set.union(*plays)) == 36
    labels = np.array(few_speeches.data.labels)
    assert np.bincount(labels[parts[2]]).tolist() == [6, 4, 6]


def test_a_split_by_speech_has_the_same_sizes_and_mixes_plays(few_speeches):
    by_play = data.split_by_play(few_speeches, 10)
    by_speech = data.split_by_speech(few_speeches, 10)
    labels = np.array(few_speeches.data.labels)
    assert sorted(np.concatenate(by_speech)) == list(range(72))
    for one, other in zip(by_play, by_speech, strict=True):
        assert np.bincount(labels[one]).tolist() == np.bincount(labels[other]).tolist()
    assert set(few_speeches.plays[by_speech[0]]) & set(few_speeches.plays[by_speech[2]])
