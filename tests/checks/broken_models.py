"""Broken models as cases: a model, a batch, options, and the checks of which one has to fail."""

import torch
from torch import nn

from tests.checks import broken_modules as broken
from tests.checks import correct_models as correct
from tests.checks.correct_models import classes, ragged, stream


def _read(make, checks, told=True):
    def build(seed):
        tokens, lengths = ragged(seed)
        return make(), ((tokens, lengths) if told else tokens, classes(seed)), {}, checks

    return build


def _float(make, checks):
    def build(seed):
        return make(), (correct._floats(seed), classes(seed)), {}, checks

    return build


def _write(make, checks, **options):
    def build(seed):
        return make(), stream(seed), {"kind": "language_model", **options}, checks

    return build


def _tag(make, checks):
    def build(seed):
        _, batch, _ = correct.MODELS["tagger, two directions"](seed)
        return make(), batch, {}, checks

    return build


def _summed(seed):
    model, batch, _ = correct.MODELS["classifier, our GRU"](seed)
    return model, batch, {"loss": nn.CrossEntropyLoss(reduction="sum")}, {"start"}


def _nll(seed):
    model, batch, _ = correct.MODELS["classifier, our GRU"](seed)
    return model, batch, {"loss": nn.NLLLoss()}, {"logits", "start"}


def _double_shift(seed):
    x, y = stream(seed, steps=13)
    return correct.LanguageModel(), (x[:, :-1], y[:, 1:]), {"kind": "language_model"}, {"shift"}


def _binary(seed):
    tokens, lengths = ragged(seed)
    return broken.Sigmoid(), ((tokens, lengths), classes(seed, count=2)), {}, {"logits"}


def _scored(seed):
    model, batch, _ = correct.MODELS["tagger, two directions"](seed)
    tags = batch[1].clamp(min=0)
    loss = nn.CrossEntropyLoss()
    return (
        model,
        (batch[0], tags),
        {"loss": lambda answers, tags: loss(answers.flatten(0, 1), tags.flatten())},
        {"scored"},
    )


def _windows(seed):
    series = torch.randn(80, generator=torch.Generator().manual_seed(seed))
    windows = list(series.unfold(0, 10, 1))
    model, batch, _ = correct.MODELS["forecaster, one step"](seed)
    return model, batch, {"train": windows[::2], "test": windows[1::2]}, {"overlap"}


def _no_step(seed):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(batch[0])[0].flatten(0, 1), batch[1].flatten())

    return correct.LanguageModel(), stream(seed), {"train_step": step}, {"step"}


MODELS = {
    "mean over padding": _read(broken.MeanOverPadding, {"padding"}),
    "mean by the width of the batch": _read(broken.MaxOverZeros, {"padding"}),
    "backward from the padding": _read(broken.BackwardFromPadding, {"padding"}),
    "attention without a mask": _read(broken.Attention, {"padding"}),
    "reads after the end": _read(broken.LengthIsIndex, {"padding"}),
    "lengths one too short": _read(broken.Understated, {"memory", "padding"}),
    "states by view": _read(broken.StateByView, {"rows"}),
    "sorted and left so": _read(broken.SortsAndForgets, {"rows"}),
    "statistics of the batch": _read(broken.BatchStatistics, {"rows"}),
    "log_softmax over the batch": _read(broken.SoftmaxOverBatch, {"rows"}),
    "squeeze of everything": _read(broken.Squeezed, {"runs"}),
    "state for eight rows": _read(broken.FixedBatch, {"runs"}),
    "dropout in evaluation": _read(broken.DropoutForever, {"repeatable"}),
    "state of the batch before": _read(broken.StoredState, {"repeatable"}),
    "detach at each step": _float(broken.DetachedSteps, {"slope"}),
    "data at each step": _float(lambda: broken.DetachedSteps(data=True), {"slope"}),
    "no state": _float(broken.ForgottenState, {"memory", "weights"}),
    "linear recurrence": _float(broken.NewCells, {"interplay"}),
    "wrong backward": _float(broken.WrongBackward, {"slope"}),
    "first column": _read(broken.FirstColumn, {"memory"}, told=False),
    "dropout that is not called": _read(broken.UnusedDropout, {"dropout"}),
    "sigmoid before the loss": _binary,
    "logits times sixty": _read(broken.Loud, {"start"}),
    "no gradient for the recurrence": _read(broken.Frozen, {"slope"}),
    "half of the state": _write(broken.HalfState, {"chunks"}),
    "state that is ignored": _write(broken.NoState, {"chunks"}),
    "log_softmax over time": _write(broken.TimeNormalized, {"causality"}),
    "reads backward": _write(broken.ReversedReader, {"causality"}),
    "time first, batch first": _write(broken.MixedLanguageModel, {"rows"}),
    "reshape for transpose": _tag(broken.ReshapedTagger, {"rows"}),
    "tagger without packing": _tag(broken.UnpackedTagger, {"padding"}),
    "sum for mean": _summed,
    "negative log-likelihood of logits": _nll,
    "shifted twice": _double_shift,
    "padding with a class": _scored,
    "windows cut before the split": _windows,
    "no step of the optimizer": _no_step,
}


def build(name: str, seed: int):
    """Return a model, a batch, options of `diagnose` and the checks of which one has to fail."""
    torch.manual_seed(seed)
    return MODELS[name](seed)
