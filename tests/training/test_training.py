import math
import os
import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss
from torch.optim import lr_scheduler

from rnn_tutorial.training import (
    ACCURACY,
    Epoch,
    History,
    Objective,
    count_parameters,
    measure,
    train,
    train_pass,
    train_step,
)
from tests.training.training_runs import Run


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_cell_learns(cell, seed):
    history = Run(seed, cell=cell).fit()
    first, last = history.epochs[0], history.epochs[-1]
    assert last.train_loss < 0.6 * first.train_loss
    assert history.epochs[history.best].validation_score > 0.9


def test_the_model_ends_with_its_best_weights():
    run = Run()
    history = run.fit()
    best = history.epochs[history.best]
    assert measure(run.model, run.validation) == (best.validation_loss, best.validation_score)
    assert best.validation_score == max(e.validation_score for e in history.epochs)


def test_the_same_seed_gives_the_same_run():
    def result(seed):
        run = Run(seed)
        return run.fit(2), run.weights

    (history, weights), (again, same_weights), (other, _) = map(result, (0, 0, 1))
    assert history == again != other
    assert torch.equal(weights, same_weights)


BAR = """
from rnn_tutorial.training import fit
from tests.training.training_runs import Run

run = Run()
fit(run.model, run.train, run.validation, epochs=1, optimizer=run.optimizer)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("disabled", "shown"), [("", True), ("1", False)])
def test_the_progress_bar_is_shown_also_without_a_terminal(root, disabled, shown):
    environment = os.environ | {"TQDM_DISABLE": disabled}
    command = [sys.executable, "-c", BAR]
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=True
    )
    assert ("validation_accuracy" in done.stderr) == shown


@pytest.mark.parametrize(
    ("loss", "problem"),
    [
        (lambda logits, targets: cross_entropy(logits, targets) * math.nan, "the loss is nan"),
        # the value is finite, its slope is not
        (lambda logits, targets: (logits - logits.detach()).abs().sqrt().sum(), "the norm of the"),
    ],
)
def test_what_is_not_finite_is_named_and_changes_nothing(loss, problem):
    run = Run()
    before = run.weights
    with pytest.raises(FloatingPointError, match=f"epoch 1, batch 1: {problem}"):
        run.fit(1, objective=Objective(loss))
    assert torch.equal(run.weights, before)


def test_a_validation_loss_that_is_not_finite_is_named():
    def loss(logits, targets):
        return cross_entropy(logits, targets) * (1.0 if logits.requires_grad else math.nan)

    with pytest.raises(FloatingPointError, match="epoch 1: the validation loss is nan"):
        Run().fit(1, objective=Objective(loss))


def test_training_switches_dropout_on():
    run = Run()
    run.model.eval()
    modes = []
    run.model.register_forward_pre_hook(lambda module, _: modes.append(module.training))
    run.fit(1)
    assert modes[: len(run.train)] == [True] * len(run.train)
    assert modes[len(run.train) :] == [False] * len(run.validation)


def test_early_stopping_waits_for_its_patience():
    run = Run(epochs=40)
    for group in run.optimizer.param_groups:
        group["lr"] = 0.0
    run.scheduler = None
    history = run.fit(40, patience=3)
    assert len(history) == 4, "nothing changes, so the first epoch is the best"
    assert history.best == 0


def test_clipping_rescales_the_step_to_the_norm():
    weight = nn.Parameter(torch.tensor([[3.0, -4.0]]))
    model = nn.Linear(2, 1, bias=False)
    model.weight = weight
    before = weight.detach().clone()
    inputs, targets = torch.tensor([[30.0, 40.0]]), torch.tensor([0])

    def loss(outputs, _):
        return outputs.sum()

    optimizer = torch.optim.SGD([weight], lr=1.0)
    result = train_step(model, ((inputs,), targets), optimizer, loss_function=loss, max_norm=5.0)
    assert result.gradient_norm == pytest.approx(50.0), "the norm before clipping"
    step = before - weight.detach()
    torch.testing.assert_close(step, torch.tensor([[3.0, 4.0]]), rtol=1e-5, atol=0)
    with pytest.raises(ValueError, match="max_norm must be positive"):
        train_step(model, ((inputs,), targets), optimizer, loss_function=loss, max_norm=-1.0)


def test_history_counts_the_clipped_steps():
    clipped = Run().fit(1, max_norm=1e-3).epochs[0]
    free = Run().fit(1, max_norm=math.inf).epochs[0]
    assert clipped.clipped == 1.0
    assert free.clipped == 0.0
    assert free.gradient_norm > 1e-3


def test_training_averages_weigh_each_example_the_same():
    run = Run()
    run.model.dropout.p = run.model.token_dropout = 0.0
    for group in run.optimizer.param_groups:
        group["lr"] = 0.0
    run.scheduler = None
    run.train.batch_size = 17  # the last batch is smaller
    epoch = run.fit(1).epochs[0]
    loss, accuracy = measure(run.model, run.train)
    assert epoch.train_loss == pytest.approx(loss, rel=1e-5)
    assert epoch.train_score == accuracy


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs must be at least 1, got 0"),
        ({"checkpoint": "missing/folder/run.pt"}, "checkpoint must be in a folder that exists"),
        ({"patience": 0}, "patience must be at least 1, got 0"),
        ({"max_norm": 0.0}, "max_norm must be positive, got 0.0"),
    ],
)
def test_bad_settings_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Run().fit(**options)


def test_the_optimizer_of_another_model_is_refused():
    run = Run()
    run.optimizer = Run().optimizer
    before = run.weights
    with pytest.raises(ValueError, match="optimizer must hold the model's parameters, but lacks"):
        run.fit(1)
    assert torch.equal(run.weights, before)


def test_an_optimizer_that_lacks_a_parameter_is_refused_by_name():
    run = Run()
    run.scheduler = None
    run.model.output = nn.Linear(run.model.output.in_features, 2)
    with pytest.raises(ValueError, match=r"lacks output\.weight, output\.bias; build it after"):
        run.fit(1)
    run.model.output.requires_grad_(False)
    with pytest.raises(
        ValueError, match=r"only, got strangers of shape \(2, 8\), \(2,\)|\(2,\), \(2"
    ):
        run.fit(1)
    run.optimizer = torch.optim.Adam([p for p in run.model.parameters() if p.requires_grad])
    frozen = run.model.output.weight.clone()
    assert len(run.fit(1)) == 1
    assert torch.equal(run.model.output.weight, frozen)


def test_a_loss_may_have_parameters_of_its_own():
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(()))

        def forward(self, logits, targets):
            return cross_entropy(logits * self.scale, targets)

    run, loss = Run(), Scaled()
    run.scheduler = None
    with pytest.raises(ValueError, match=r"lacks loss\.scale"):
        run.fit(1, objective=Objective(loss))
    run.optimizer.add_param_group({"params": [loss.scale]})
    run.fit(1, objective=Objective(loss))
    assert loss.scale != 1


SCHEDULERS = {
    "StepLR": (lambda o: lr_scheduler.StepLR(o, 1, 0.5), None, 3),
    "StepLR by batch": (lambda o: lr_scheduler.StepLR(o, 1, 0.5), "batch", 18),
    "OneCycleLR": (lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=19), None, 18),
    "OneCycleLR by epoch": (lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=4), "epoch", 3),
    "CyclicLR": (lambda o: lr_scheduler.CyclicLR(o, 0, 1, cycle_momentum=False), None, 18),
    "cosine": (lambda o: lr_scheduler.CosineAnnealingLR(o, 3), None, 3),
    "plateau": (lambda o: lr_scheduler.ReduceLROnPlateau(o), None, 3),
}


@pytest.mark.parametrize(("make", "step_scheduler", "steps"), SCHEDULERS.values(), ids=SCHEDULERS)
def test_schedulers_are_stepped_as_torch_says(make, step_scheduler, steps):
    run = Run()
    run.optimizer = torch.optim.Adam(run.model.parameters(), lr=0.03)
    run.scheduler = make(run.optimizer)
    run.fit(3, step_scheduler=step_scheduler)
    assert run.scheduler.last_epoch == steps, "three epochs of six batches"


@pytest.mark.parametrize("mode", ["min", "max"])
def test_a_plateau_is_seen_in_the_validation_loss_or_the_metric(mode):
    run, seen = Run(), []
    run.scheduler = lr_scheduler.ReduceLROnPlateau(run.optimizer, mode)
    step = run.scheduler.step
    run.scheduler.step = lambda value: seen.append(value) or step(value)
    history = run.fit(3)
    of = "validation_loss" if mode == "min" else "validation_score"
    assert seen == [getattr(epoch, of) for epoch in history.epochs]


def test_schedulers_that_cannot_be_stepped_so_are_refused():
    run = Run()
    run.scheduler = Run().scheduler
    with pytest.raises(ValueError, match="scheduler must be of the optimizer that is given"):
        run.fit(1)
    run.scheduler = lr_scheduler.ReduceLROnPlateau(run.optimizer, "max")
    with pytest.raises(ValueError, match="must be 'epoch' for ReduceLROnPlateau, got 'batch'"):
        run.fit(1, step_scheduler="batch")
    with pytest.raises(ValueError, match="scheduler must have mode 'min'"):
        run.fit(1, objective=Objective(cross_entropy))
    with pytest.raises(ValueError, match="step_scheduler must be one of batch, epoch, got 'step'"):
        run.fit(1, step_scheduler="step")


def test_no_batches_are_refused():
    run = Run()
    with pytest.raises(ValueError, match="batches must hold at least one batch, got none"):
        measure(run.model, [])
    run.train = []
    with pytest.raises(ValueError, match="train_batches must hold at least one batch"):
        run.fit(1)


def test_history_is_a_table_and_a_picture():
    history = Run().fit(3)
    frame = history.to_frame()
    assert list(frame.index) == [1, 2, 3]
    assert frame["validation_loss"].tolist() == [e.validation_loss for e in history.epochs]
    loss, accuracy = history.plot()
    drawn = accuracy.get_lines()[1].get_ydata()
    assert list(drawn) == frame["validation_accuracy"].tolist()
    assert loss.get_ylabel().startswith("loss")


def test_the_best_epoch_is_the_first_of_equals():
    epochs = [Epoch(1, 0, 1, accuracy, 1, 0) for accuracy in (0.2, 0.7, 0.7, 0.1)]
    assert History(epochs).best == 1
    with pytest.raises(ValueError, match="at least one epoch"):
        assert History().best


def test_the_objective_says_whether_the_loss_chooses_the_best_epoch():
    epochs = [
        Epoch(1, 0, loss, accuracy, 1, 0) for loss, accuracy in ((3, 0.9), (1, 0.8), (2, 1.0))
    ]
    assert History(epochs).best == 2
    assert History(epochs, Objective(cross_entropy, ACCURACY, best_by_loss=True)).best == 1


def test_count_parameters_leaves_out_what_is_frozen():
    model = nn.Linear(3, 2)
    assert count_parameters(model) == 8
    model.bias.requires_grad_(False)
    assert count_parameters(model) == 6


def options_of(model, rate):
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    return {"optimizer": optimizer, "loss_function": mse_loss}


def scaled():
    """Return a model that carries a state: the sum of what it read, in two calls."""

    class Sums(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(1))

        def forward(self, inputs, state=None):
            state = inputs.sum() * self.weight + (0.0 if state is None else state)
            seen.append(state.item())
            return state, state

    seen = []
    return Sums(), seen


def test_a_state_is_carried_and_cut_off_and_begins_again_at_each_pass():
    batches = [((torch.tensor([float(n)]),), torch.zeros(1)) for n in (1, 2, 3)]
    model, seen = scaled()
    options = options_of(model, 0.0)
    losses = train(model, batches, 5, carry=True, **options)
    assert seen == [1, 3, 6, 1, 3]
    assert losses == [1, 9, 36, 1, 9]
    norms = [step.gradient_norm for step in train_pass(model, batches, carry=True, **options)]
    assert norms == [2 * 1 * 1, 2 * 3 * 2, 2 * 6 * 3], "each batch alone: the graph was cut"
    seen.clear()
    train(model, batches, 3, **options)
    assert seen == [1, 2, 3]


def test_training_for_a_number_of_steps_reports_and_refuses():
    model, _ = scaled()
    options = options_of(model, 0.1)
    batch = ((torch.ones(1),), torch.zeros(1))
    reports = []
    losses = train(
        model, [batch], 3, report=lambda n, step: reports.append((n, step.loss)), **options
    )
    assert reports == list(enumerate(losses, start=1))
    with pytest.raises(ValueError, match="steps must be at least 1, got 0"):
        train(model, [batch], 0, **options)
    with pytest.raises(ValueError, match="batches must hold at least one batch in each pass"):
        train(model, iter([batch]), 2, **options)
    broken = ((torch.tensor([torch.nan]),), torch.zeros(1))
    with pytest.raises(FloatingPointError, match="pass 1, batch 2: the loss is nan"):
        train(model, [batch, broken], 2, **options)
