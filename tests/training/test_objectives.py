"""Losses and metrics: what counts, and what each answer is worth."""

import math

import pytest
import torch
from torch import nn

from rnn_tutorial.tasks import NOTHING
from rnn_tutorial.training import (
    ACCURACY,
    MACRO_RECALL,
    Evaluation,
    Metric,
    Objective,
    fit,
    measure,
    sequence_cross_entropy,
)
from rnn_tutorial.training.objectives import MeanScore


def test_the_loss_is_the_mean_over_the_steps_that_count():
    logits = torch.zeros(2, 3, 4)
    logits[0, 0, 1] = 50.0
    targets = torch.tensor([[1, NOTHING, NOTHING], [NOTHING, 2, NOTHING]])
    assert sequence_cross_entropy(logits, targets).item() == pytest.approx(math.log(4) / 2)
    logits[0, 1] = torch.tensor([9.0, 0, 0, 0])  # does not count
    assert sequence_cross_entropy(logits, targets).item() == pytest.approx(math.log(4) / 2)


def test_a_right_answer_has_its_highest_output_at_the_target():
    outputs = torch.tensor([[[0.0, 1.0], [2.0, 1.0]]])
    assert ACCURACY.score(outputs, torch.tensor([[1, 1]])).tolist() == [[True, False]]


def test_macro_recall_weighs_classes_and_not_answers():
    outputs = torch.eye(3)[[0, 0, 0, 0, 0, 1, 2]]  # what is said
    targets = torch.tensor([0, 0, 0, 1, NOTHING, 1, 2])
    mean = MeanScore(MACRO_RECALL)
    for part in (slice(4), slice(4, 7)):  # in batches
        mean.add(outputs[part], targets[part])
    assert mean.value == pytest.approx((1 + 1 / 2 + 1) / 3)
    counted = targets != NOTHING
    judged = Evaluation(targets[counted], outputs.argmax(1)[counted], ("a", "b", "c"))
    assert mean.value == pytest.approx(judged.macro_recall)


def test_a_rare_class_chooses_the_epoch_by_macro_recall():
    class Learned(nn.Module):
        """Says the frequent class until the third epoch, then finds the rare one too."""

        def __init__(self):
            super().__init__()
            self.weight, self.epochs = nn.Parameter(torch.zeros(1)), 0

        def forward(self, rows):
            self.epochs += not self.training
            rare = torch.tensor([0.0, 1, 1, 1, 0, 0, 0, 0, 0, 0]) if self.epochs > 2 else 0 * rows
            return torch.stack([torch.full((10,), 0.5), rare], 1) + 0 * self.weight

    batches = [((torch.zeros(10),), torch.tensor([1, 1, *[0] * 8]))]
    best = {}
    for metric in (ACCURACY, MACRO_RECALL):
        model = Learned()
        history = fit(
            model, batches, batches, epochs=3, progress=False,
            optimizer=torch.optim.SGD(model.parameters(), lr=0.1),
            objective=Objective(nn.functional.cross_entropy, metric),
        )  # fmt: skip
        best[metric.name] = history.best
        assert f"validation_{metric.name}" in history.to_frame()
        assert history.plot()[1].get_ylabel() == metric.name.replace("_", " ")
    assert best == {"accuracy": 0, "macro_recall": 2}


def lines(seed):
    """Batches of a straight line; each holds five numbers."""
    generator = torch.Generator().manual_seed(seed)
    inputs = [torch.randn(5, 1, generator=generator) for _ in range(4)]
    return [((x,), 2 * x) for x in inputs]


def fitted(objective):
    torch.manual_seed(0)
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
    batches = lines(0), lines(1)
    return fit(
        model, *batches, epochs=5, optimizer=optimizer, objective=objective, progress=False
    ), measure(model, batches[1], objective)


def test_a_regression_has_no_right_answers():
    history, (loss, score) = fitted(Objective(nn.functional.mse_loss))
    losses = [epoch.validation_loss for epoch in history.epochs]
    assert losses[history.best] == min(losses) == loss
    assert score is None
    assert list(history.to_frame()) == ["train_loss", "validation_loss", "gradient_norm", "clipped"]
    (ax,) = history.plot()
    assert ax.get_ylabel() == "loss"


def test_the_best_epoch_is_the_one_that_the_metric_prefers():
    def distance(outputs, targets):
        return (outputs - targets).abs()

    for higher_is_better, choose in ((False, min), (True, max)):
        metric = Metric("distance", distance, higher_is_better)
        history, (_, score) = fitted(Objective(nn.functional.mse_loss, metric))
        scores = [epoch.validation_score for epoch in history.epochs]
        assert scores[history.best] == choose(scores) == score
        assert "validation_distance" in history.to_frame()
        assert history.plot()[1].get_ylabel() == "distance"
