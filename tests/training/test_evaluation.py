import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import classification_report

from rnn_tutorial.data import Batches, Vocabulary, pad, words
from rnn_tutorial.models import RecurrentClassifier
from rnn_tutorial.training import Evaluation, evaluate, measure, predict

CLASSES = ("a", "b", "c")
# 4 of class a (3 right), 2 of class b (1 right), none of class c; c is answered twice
TARGETS = np.array([0, 0, 0, 0, 1, 1])
ANSWERS = np.array([0, 0, 0, 2, 1, 2])


@pytest.fixture
def evaluation():
    return Evaluation(TARGETS, ANSWERS, CLASSES)


def test_metrics_are_those_worked_out_by_hand(evaluation):
    assert evaluation.accuracy == pytest.approx(4 / 6)
    assert evaluation.per_class["recall"].to_dict() == {"a": 0.75, "b": 0.5}
    assert evaluation.per_class["precision"].to_dict() == {"a": 1.0, "b": 1.0}
    assert evaluation.macro_recall == pytest.approx(0.625)
    assert evaluation.macro_precision == 1.0
    assert evaluation.macro_f1 == pytest.approx((6 / 7 + 2 / 3) / 2)
    assert evaluation.confusion.tolist() == [[3, 0, 1], [0, 1, 1], [0, 0, 0]]


@pytest.mark.parametrize("seed", range(5))
def test_metrics_are_scikit_learns(seed):
    random = np.random.default_rng(seed)
    targets, answers = random.integers(0, 3, (2, 50))
    evaluation = Evaluation(targets, answers, CLASSES)
    report = classification_report(
        targets, answers, labels=[0, 1, 2], target_names=CLASSES, output_dict=True, zero_division=0
    )
    assert evaluation.accuracy == pytest.approx(report["accuracy"])
    for name, key in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
        ours = getattr(evaluation, f"macro_{name}")
        assert ours == pytest.approx(report["macro avg"][key])
    assert evaluation.per_class["examples"].sum() == 50


def test_a_class_that_is_never_answered_has_precision_zero():
    evaluation = Evaluation(np.array([0, 1]), np.array([0, 0]), CLASSES)
    assert evaluation.per_class.loc["b"].tolist() == [0, 0, 0, 1]


def test_without_judges_the_other_classes(evaluation):
    rest = evaluation.without("a")
    assert rest.accuracy == 0.5
    assert (rest.targets.tolist(), rest.predictions.tolist()) == ([1, 1], [1, 2])
    with pytest.raises(ValueError, match="one of a, b, c, got 'Klingon'"):
        evaluation.without("Klingon")
    with pytest.raises(ValueError, match="at least one element"):
        evaluation.without("a", "b")


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"got \(6,\) and \(5,\)"):
        Evaluation(TARGETS, ANSWERS[1:], CLASSES)
    with pytest.raises(ValueError, match="at least one element"):
        Evaluation(TARGETS[:0], ANSWERS[:0], CLASSES)
    with pytest.raises(ValueError, match=r"predictions must be labels from 0 to 2, got \[-1, 7\]"):
        Evaluation([0, 1, 2], [0, -1, 7], CLASSES)


class SaysItsMode(torch.nn.Module):
    """Answers class 1 in training mode and class 0 in evaluation mode."""

    def forward(self, tokens, lengths):
        return torch.tensor([[0.0, 1.0, -9] if self.training else [1.0, 0.0, -9]] * len(tokens))


@pytest.mark.parametrize("training", [True, False])
def test_models_are_asked_in_evaluation_mode_which_is_then_restored(training):
    model = SaysItsMode().train(training)
    vocabulary = Vocabulary("xyz")
    batches = Batches([[2]], [0], 1)
    assert evaluate(model, batches, CLASSES).predictions.tolist() == [0]
    assert measure(model, batches)[1] == 1.0
    assert predict(model, ["x"], vocabulary, CLASSES).idxmax(axis=1).tolist() == ["a"]
    assert model.training == training


def test_the_mode_is_restored_after_an_error():
    model = SaysItsMode().train()
    with pytest.raises(ValueError, match="classes must be 3 names, got 2"):
        predict(model, ["x"], Vocabulary("xyz"), ("a", "b"))
    with pytest.raises(TypeError, match="no len"):
        evaluate(model, [((None, None), None)], CLASSES)
    assert model.training


@pytest.fixture
def classifier():
    torch.manual_seed(0)
    vocabulary = Vocabulary("xyz")
    return RecurrentClassifier(len(vocabulary), 3, hidden_size=8, dropout=0.5), vocabulary


def test_evaluate_keeps_the_order_and_the_mode(classifier):
    model, vocabulary = classifier
    texts = ["x", "yz", "zzyx", "y", "xxz"]
    batches = Batches([vocabulary.encode(t) for t in texts], [0, 1, 2, 0, 1], 2, bucket=False)
    evaluation = evaluate(model, batches, CLASSES)
    assert model.training
    assert evaluation.targets.tolist() == [0, 1, 2, 0, 1]
    answers = predict(model, texts, vocabulary, CLASSES).idxmax(axis=1)
    assert [CLASSES[p] for p in evaluation.predictions] == answers.tolist()
    with pytest.raises(ValueError, match="at least one batch"):
        evaluate(model, [], CLASSES)


def test_predict_gives_probabilities_whatever_the_company(classifier):
    model, vocabulary = classifier
    together = predict(model, ["x", "zzyxzzy", "yz"], vocabulary, CLASSES)
    assert together.shape == (3, 3)
    assert list(together.columns) == list(CLASSES)
    np.testing.assert_allclose(together.sum(axis=1), 1, rtol=1e-6)
    alone = predict(model, ["yz"], vocabulary, CLASSES)
    np.testing.assert_allclose(together.loc[["yz"]], alone, rtol=1e-5)
    assert model.training


def test_predict_reads_strange_characters_as_unknown(classifier):
    model, vocabulary = classifier
    frame = predict(model, ["x!z", "x?z", " x\t?z "], vocabulary, CLASSES)
    np.testing.assert_allclose(frame.iloc[0], frame.iloc[1], rtol=1e-6)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(frame.iloc[0], frame.iloc[2], rtol=1e-6)


def test_predict_cuts_into_words_if_the_vocabulary_does():
    texts = ["An awful film!", "a great film"]
    vocabulary = Vocabulary.from_texts(texts, cut="words", lowercase=True)
    torch.manual_seed(0)
    model = RecurrentClassifier(len(vocabulary), 3, hidden_size=8)
    tokens = [vocabulary.look_up(words(text)) for text in texts]
    with torch.no_grad():
        expected = model(*pad(tokens)).softmax(-1)
    np.testing.assert_allclose(predict(model, texts, vocabulary, CLASSES), expected, rtol=1e-6)
    of_tokens = Vocabulary.from_tokens(map(words, texts))
    with pytest.raises(ValueError, match="made from tokens and cannot cut a text"):
        predict(model, texts, of_tokens, CLASSES)


def test_predict_reads_many_texts_in_parts(classifier, monkeypatch):
    model, vocabulary = classifier
    texts = ["x", "yz", "zzyx", "y", "xxz"]
    whole = predict(model, texts, vocabulary, CLASSES)
    monkeypatch.setattr("rnn_tutorial.training.evaluation.AT_ONCE", 2)
    seen = []
    model.register_forward_pre_hook(lambda _, arguments: seen.append(tuple(arguments[0].shape)))
    pd.testing.assert_frame_equal(predict(model, texts, vocabulary, CLASSES), whole)
    assert seen == [(2, 2), (2, 4), (1, 3)]


def test_predict_cuts_off_as_in_training(classifier):
    model, vocabulary = classifier
    frame = predict(model, ["xyz", "xyzzz"], vocabulary, CLASSES, max_length=3)
    np.testing.assert_allclose(frame.iloc[0], frame.iloc[1], rtol=1e-6)


@pytest.mark.parametrize(
    ("texts", "error", "message"),
    [
        ("xyz", TypeError, r"sequence of str, got the str 'xyz'; use \[text\]"),
        ([], ValueError, "at least one text, got none"),
        (["x", " "], ValueError, "at least one character, got ' ' .at position 1"),
    ],
)
def test_predict_refuses_what_it_cannot_read(classifier, texts, error, message):
    model, vocabulary = classifier
    with pytest.raises(error, match=message):
        predict(model, texts, vocabulary, CLASSES)
