"""The genre of a speech: what is trained on which split, and what is measured."""

from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
import torch

from rnn_tutorial import data
from rnn_tutorial.data import speech
from rnn_tutorial.experiments.texts import speech_genre


def test_scores_by_speech_and_by_play():
    chances = [[0.9, 0.05, 0.05], [0.4, 0.5, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]]
    labels, plays = np.array([0, 0, 1, 2]), np.array(["a", "a", "b", "c"])
    measured = speech_genre.scores(np.log(chances), labels, plays)
    assert measured == pytest.approx({"accuracy": 3 / 4, "macro_recall": 5 / 6, "plays_right": 1})


@pytest.mark.parametrize("model", ["mean", "gru"])
def test_a_network_learns_words_that_give_the_genre_away(model, monkeypatch):
    monkeypatch.setattr(speech_genre, "MIN_COUNT", 1)
    monkeypatch.setattr(speech_genre, "BATCH_SIZE", 8)
    keys = ("laugh", "crown", "die")
    labels = np.arange(60) % 3
    texts = [["so", keys[label], "so", "on"][: 3 + label % 2] for label in labels]
    parts = [np.arange(36), np.arange(36, 48), np.arange(48, 60)]
    network, vocabulary, history = speech_genre.train_network(model, texts, labels, parts, 3)
    test = [texts[i] for i in parts[2]]
    found = speech_genre.answer(network, vocabulary, test)
    np.testing.assert_allclose(np.exp(found).sum(1), 1, atol=1e-6)
    assert (found.argmax(1) == labels[parts[2]]).all()
    alone = speech_genre.answer(network, vocabulary, test[:1])
    np.testing.assert_allclose(alone[0], found[0], atol=1e-5, err_msg="padding is read")
    assert len(history) == speech_genre.EPOCHS
    assert len(vocabulary) == 2 + 5


def test_the_mean_of_embeddings_knows_no_order_and_no_padding():
    torch.manual_seed(0)
    network = speech_genre.MeanClassifier(
        9, 3, embedding_size=4, hidden_size=2, token_dropout=0.5, dropout=0.0
    ).eval()
    lengths = torch.tensor([3])
    one = network(torch.tensor([[3, 4, 5]]), lengths)
    torch.testing.assert_close(network(torch.tensor([[5, 3, 4]]), lengths), one)
    torch.testing.assert_close(network(torch.tensor([[5, 3, 4, 0, 0]]), lengths), one)
    network.train()  # tokens are dropped, in training only
    drawn = torch.stack([network(torch.tensor([[3, 4, 5]]), lengths) for _ in range(5)])
    assert drawn.std(0).max() > 0


class Recorded:
    """Stand for TF-IDF: note what is fitted and what is asked; the stronger, the better."""

    made: ClassVar[list] = []

    def __init__(self, strength):
        self.strength, self.fitted, self.asked = strength, None, []
        self.made.append(self)

    def fit(self, texts, labels):
        self.fitted = {" ".join(text) for text in texts}, len(labels)

    def score(self, texts, labels):
        self.asked.append({" ".join(text) for text in texts})
        return self.strength

    def predict_log_proba(self, texts):
        self.asked.append({" ".join(text) for text in texts})
        return np.tile([0.0, -1.0, -2.0], (len(texts), 1))


@pytest.mark.parametrize("how", speech_genre.SPLITS)
def test_strength_is_chosen_on_validation_and_the_test_is_asked_once(
    few_speeches, how, monkeypatch
):
    monkeypatch.setattr(speech_genre, "speeches", lambda: few_speeches)
    monkeypatch.setattr(speech_genre, "tfidf", Recorded)
    monkeypatch.setattr(Recorded, "made", [])
    (row,) = speech_genre.EXPERIMENT.measure(f"tfidf, {how}", 10)[""]
    parts = speech_genre.SPLITS[how](few_speeches, 10)
    texts = [{" ".join(data.words(few_speeches.data.texts[i])) for i in part} for part in parts]
    best = max(Recorded.made, key=lambda pipeline: pipeline.strength)
    for pipeline in Recorded.made:
        assert pipeline.fitted == (texts[0], len(parts[0]))
        assert pipeline.asked == [texts[1], texts[2]][: 1 + (pipeline is best)]
    assert len(Recorded.made) > 2
    assert row["accuracy"] == round(np.mean(np.array(few_speeches.data.labels)[parts[2]] == 0), 6)
    assert row["validation_accuracy"] == best.strength
    assert [row[name] for name in ("train", "validation", "test")] == [*map(len, parts)]


def test_the_majority_is_that_of_the_training_speeches(few_speeches, monkeypatch):
    monkeypatch.setattr(speech_genre, "speeches", lambda: few_speeches)
    monkeypatch.setattr(speech, "TEST_PLAYS", (3, 2, 2))  # so that no two genres tie
    (row,) = speech_genre.EXPERIMENT.measure("majority, by play", 10)[""]
    train, _, test = data.split_by_play(few_speeches, 10)
    labels = np.array(few_speeches.data.labels)
    most = np.bincount(labels[train]).argmax()
    assert row["accuracy"] == round((labels[test] == most).mean(), 6)
    assert row["macro_recall"] == round(1 / 3, 6)


@pytest.mark.parametrize(("variant", "length"), [("gru, first 5", 5), ("mean, by play", 40)])
def test_a_network_is_trained_and_asked_at_the_same_length(
    few_speeches, variant, length, monkeypatch
):
    used = []

    def train(model, texts, labels, parts, seed, *, max_length):
        used.append((model, seed, max_length))
        epochs = [SimpleNamespace(validation_score=a) for a in (0.1, 0.7, 0.3)]
        return torch.nn.Linear(2, 3), ["a", "b"], SimpleNamespace(best=1, epochs=epochs)

    def answer(network, vocabulary, texts, max_length):
        used.append((len(texts), max_length))
        return np.zeros((len(texts), 3))

    monkeypatch.setattr(speech_genre, "speeches", lambda: few_speeches)
    monkeypatch.setattr(speech_genre, "train_network", train)
    monkeypatch.setattr(speech_genre, "answer", answer)
    (row,) = speech_genre.EXPERIMENT.measure(variant, 10)[""]
    assert used == [(variant.split(",")[0], 10, length), (row["test"], length)]
    assert (row["best_epoch"], row["validation_accuracy"]) == (2, 0.7)
    assert (row["vocabulary"], row["parameters"]) == (2, 9)


def test_a_network_sees_no_word_of_the_test_and_is_judged_on_validation(monkeypatch):
    judged = []

    def fit(network, batches, validation, **options):
        judged.append((len(batches.sequences), validation.sequences, validation.labels.tolist()))

    monkeypatch.setattr(speech_genre, "MIN_COUNT", 1)
    monkeypatch.setattr(speech_genre, "fit", fit)
    texts = [["a", "b"]] * 6 + [["c", "a"]] * 3 + [["d", "d"]] * 3
    parts = [np.arange(6), np.arange(6, 9), np.arange(9, 12)]
    labels = np.array([0, 1, 2] * 2 + [2, 2, 1] + [0] * 3)
    _, vocabulary, _ = speech_genre.train_network("mean", texts, labels, parts, 0)
    assert vocabulary.tokens[2:] == ("a", "b")
    assert judged == [(6, [[1, 2]] * 3, [2, 2, 1])]
