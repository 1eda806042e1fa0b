"""A thousand odd rows of a reader's own file: read, split, trained on, saved, loaded, asked."""

import csv
import random

import numpy as np
import pytest
import torch
from torch import nn

from rnn_tutorial.data import Batches, Vocabulary, read_texts, split
from rnn_tutorial.models import RecurrentClassifier
from rnn_tutorial.models.checkpoint import load_classifier, save_classifier
from rnn_tutorial.training import MACRO_RECALL, Objective, evaluate, fit, predict

ODD = [
    "Jose\u0301 de\u0301ja\u0300 vu", "这部电影很好看", "とても良い映画です",
    "👩\u200d👩\u200d👧 ❤\ufe0f 🇩🇪 👍🏽", "\u200fفيلم رائع\u200f", "\ufeffBOM first",
    "tab\tand\nbreak", "long " * 1000, "3.14 of 1,000",
    "\uff26\uff49\uff4c\uff4d", "ﬁne oﬃce", "İstanbul \u0131I",
    "don\u2019t", "zero\u200bwidth", "soft\u00adhyphen", '"quoted", with comma', "नमस्ते दुनिया",
    "ดีมาก",
    "a\u0301\u0302\u0303\u0304", "x² ½ ™", "\U000e0001tag", "bell\a", "NULL", "nan", "<pad> <unk>",
    "=1+1", "-", "…", "A", " ", "\u200b", "", "e\u0301" * 300,
]  # fmt: skip


def odd_rows():
    """Return rows of three classes of very different sizes; the words tell the class."""
    draws = random.Random(0)
    said = {
        "positive": ["great", "fine"],
        "negative": ["awful", "dull"],
        "neutral": ["so-so", "ok"],
    }
    rows = []
    for number in range(1000):
        label = draws.choices(list(said), [88, 9, 3])[0]
        odd = ODD[number % len(ODD)]
        text = f"{odd} {draws.choice(said[label])} {number}" if number % 5 else odd
        rows.append([text, label if number % 41 else draws.choice(["", " ", label.upper()])])
    return [*rows, ["same text", "positive"], ["Same  text", "negative"]]


@pytest.mark.parametrize("cut", ["characters", "words"])
def test_a_thousand_odd_rows_are_learned_kept_and_asked(tmp_path, cut):
    rows = odd_rows()
    with (tmp_path / "own.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text", "label"], *rows])
    data = read_texts(tmp_path / "own.csv", quiet=True)
    assert 900 < len(data) < len(rows)
    data = data.without(*(name for name in data.classes if name.isupper()))
    parts = split(data)
    assert sum(map(len, parts)) + sum(map(len, parts.dropped)) == len(data)

    vocabulary = Vocabulary.from_texts(parts.train.texts, cut=cut, lowercase=True)
    torch.manual_seed(0)
    model = RecurrentClassifier(len(vocabulary), len(data.classes), hidden_size=16, engine="torch")
    batches = Batches.from_texts(
        parts.train, vocabulary, 32, 60, generator=torch.Generator().manual_seed(0)
    )
    counts = torch.tensor([parts.train.counts()[name] for name in data.classes])
    weights = torch.where(counts > 0, counts.sum() / (3 * counts), 0.0)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    history = fit(
        model, batches, Batches.from_texts(parts.validation, vocabulary, 256, 60), epochs=2,
        optimizer=optimizer, objective=Objective(nn.CrossEntropyLoss(weights), MACRO_RECALL),
        scheduler=torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, "max"), progress=False,
    )  # fmt: skip
    assert len(history) == 2
    test = Batches.from_texts(parts.test, vocabulary, 256, 60)
    judged = evaluate(model, test, data.classes)
    assert 0 < judged.macro_recall <= 1

    save_classifier(tmp_path / "own.safetensors", model, vocabulary, data.classes, max_length=60)
    kept = load_classifier(tmp_path / "own.safetensors")
    answers = predict(
        kept.model, parts.test.texts, kept.vocabulary, kept.classes, max_length=kept.max_length
    )
    assert np.array_equal(answers.to_numpy().argmax(1), judged.predictions)
    new = [text for text in ODD if text.strip(" \u200b")]
    odd = predict(kept.model, new, kept.vocabulary, kept.classes, max_length=kept.max_length)
    np.testing.assert_allclose(odd.sum(axis=1), 1, rtol=1e-5)
    assert np.isfinite(odd.to_numpy()).all()
