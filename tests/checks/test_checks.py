"""`diagnose`: no alarm on correct models, the bug of broken ones, and no side effects."""

import copy
import os
import random
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from rnn_tutorial.checks import CHECKS, Adapter, Report, Result, diagnose
from tests.checks import broken_models, broken_modules, correct_models

SEEDS = [pytest.param(0), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", correct_models.MODELS)
def test_no_alarm_on_a_correct_model(name, seed):
    model, batch, options = correct_models.build(name, seed)
    report = diagnose(model, batch, **options)
    report.assert_ok()
    unexpected = [r for r in report.not_applicable if "could not be made" in r.evidence]
    assert not unexpected
    assert len(report.passed) >= 8


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", broken_models.MODELS)
def test_the_bug_of_a_broken_model_is_found(name, seed):
    model, batch, options, checks = broken_models.build(name, seed)
    failed = {result.name for result in diagnose(model, batch, **options).failures}
    assert failed & checks


def _snapshot(model):
    return (
        {name: tensor.clone() for name, tensor in model.state_dict().items()},
        {n: None if p.grad is None else p.grad.clone() for n, p in model.named_parameters()},
        {name: module.training for name, module in model.named_modules()},
        {name: p.requires_grad for name, p in model.named_parameters()},
        torch.get_rng_state(),
        np.random.get_state()[1].copy(),  # noqa: NPY002
        random.getstate(),
    )


def _same(one, two):
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(_same(one[key], two[key]) for key in one)
    if isinstance(one, torch.Tensor):
        return torch.equal(one, two)
    return np.array_equal(one, two) if isinstance(one, np.ndarray) else one == two


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    "name", ["classifier, loop with BatchNorm", "language model, two of our GRUs"]
)
def test_all_is_left_as_it_was(name, training):
    model, batch, options = correct_models.build(name, 0)
    model.train(training)
    next(model.children()).eval()
    loss = model(*batch[0]) if isinstance(batch[0], tuple) else model(batch[0])[0]
    loss.sum().backward()
    next(model.parameters()).requires_grad_(False)
    inputs = copy.deepcopy(batch)
    before = _snapshot(model)
    with torch.no_grad():
        diagnose(model, batch, **options)
        assert not torch.is_grad_enabled()
    assert all(_same(one, two) for one, two in zip(before, _snapshot(model), strict=True))
    for one, two in zip(batch, inputs, strict=True):
        pairs = zip(one, two, strict=True) if isinstance(one, tuple) else [(one, two)]
        assert all(torch.equal(a, b) for a, b in pairs)


def test_a_stored_state_stays_with_its_graph():
    class Stores(correct_models.LanguageModel):
        state = None

        def forward(self, tokens):
            answers, self.state = super().forward(tokens, None)
            return answers

    torch.manual_seed(0)
    model, batch = Stores(), correct_models.stream(0)
    model(batch[0])
    before = model.state
    diagnose(model, batch)
    assert model.state is before
    assert model.state[0].grad_fn is not None


def test_the_same_model_gets_the_same_report():
    model, batch, options = correct_models.build("tagger, two directions", 0)
    assert str(diagnose(model, batch, **options)) == str(diagnose(model, batch, **options))


def test_an_error_is_a_finding():
    class Breaks(nn.Module):
        def forward(self, tokens):
            raise AttributeError("no attribute 'num_layers'")

    report = diagnose(Breaks(), correct_models.stream(0))
    assert report["runs"].verdict == "fail"
    assert "AttributeError: no attribute 'num_layers'" in report["runs"].evidence
    assert {result.verdict for result in report.results[1:]} == {"not applicable"}
    assert not report.ok


def test_an_adapter_says_how_a_model_is_called():
    class ByKeyword(correct_models.LanguageModel):
        def forward(self, *, ids, past):
            return {"scores": super().forward(ids, past)}

    def forward(model, inputs, lengths, state):
        return model(ids=inputs, past=state)["scores"]

    torch.manual_seed(0)
    model, batch = ByKeyword(), correct_models.stream(0)
    assert not diagnose(model, batch).ok
    report = diagnose(model, batch, Adapter(kind="language_model", forward=forward))
    report.assert_ok()
    assert report["chunks"].verdict == "pass"
    assert report["causality"].verdict == "pass"


def test_a_stateful_model_passes_if_the_adapter_starts_it_anew():
    class Stateful(correct_models.LanguageModel):
        state = None

        def forward(self, tokens):
            answers, state = super().forward(tokens, self.state)
            self.state = tuple(part.detach() for part in state)
            return answers

    def forward(model, inputs, lengths, state):
        model.state = None
        return model(inputs)

    torch.manual_seed(0)
    model, batch = Stateful(), correct_models.stream(0)
    assert "M-state-kept" in diagnose(model, batch).misconceptions
    diagnose(model, batch, forward=forward).assert_ok()


def test_the_kind_is_seen_in_the_targets():
    for name, check, verdict in (
        ("language model, LSTM", "causality", "pass"),
        ("tagger, one direction, our LSTM", "causality", "not applicable"),
        ("forecaster, one step", "start", "not applicable"),
        ("classifier, our GRU", "start", "pass"),
    ):
        model, batch, options = correct_models.build(name, 0)
        assert diagnose(model, batch, **options)[check].verdict == verdict, name


def test_a_trained_model_raises_no_alarm():
    model, ((tokens, lengths), labels), _ = correct_models.build("classifier, our GRU", 0)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(tokens, lengths), labels).backward()
        optimizer.step()
    report = diagnose(model, ((tokens, lengths), labels))
    report.assert_ok()
    assert "trained" in report["start"].evidence


def test_zeros_at_the_start_hide_nothing():
    for make, ok in ((broken_modules.MeanOverPadding, False), (None, True)):
        torch.manual_seed(0)
        model = make() if make else correct_models.build("classifier, our GRU", 0)[0]
        nn.init.zeros_(model.output.weight)
        nn.init.zeros_(model.output.bias)
        report = diagnose(model, (correct_models.ragged(0), correct_models.classes(0)))
        assert report.ok is ok
        assert report["padding"].verdict == ("pass" if ok else "fail")


def test_overlap_is_found_in_texts_tokens_and_windows():
    model, batch, options = correct_models.build("classifier, our GRU", 0)

    def verdict(train, test):
        return diagnose(model, batch, **options, train=train, test=test)["overlap"].verdict

    assert verdict(["Ek", "Yu"], ["McLean"]) == "pass"
    assert verdict(["Ek", "mclean "], ["McLean"]) == "fail"
    assert verdict([[1, 2, 3]], [[1, 2, 3]]) == "fail"
    series = torch.randn(40)
    windows = list(series.unfold(0, 8, 1))
    assert verdict(windows[:20], windows[22:]) == "fail"
    assert verdict(windows[:20], windows[28:]) == "pass"
    assert verdict([], windows) == "not applicable"


def test_reports_are_shown_in_three_forms():
    model, batch, options, _ = broken_models.build("mean over padding", 0)
    report = diagnose(model, batch, **options)
    assert isinstance(report, Report)
    assert report.names == (*CHECKS, "overlap")
    assert report["padding"].chapter == 9
    assert report["padding"].repair in str(report)
    assert "M-padding-state, chapter 9" in str(report)
    page = report._repr_html_()
    assert "(M-padding-state, chapter 9). Repair: " in page
    assert page.count("<tr>") == len(report.results) + 1
    assert '<th scope="row">padding</th>' in page
    assert "<caption" in page
    table = report._repr_markdown_().splitlines()
    assert len({row.replace("\\|", "").count("|") for row in table}) == 1
    with pytest.raises(AssertionError, match="padding"):
        report.assert_ok()
    with pytest.raises(KeyError, match="no check is named"):
        report["nonsense"]


@pytest.mark.parametrize(
    ("error", "message", "arguments", "options"),
    [
        (TypeError, "model must be", (lambda x: x, None), {}),
        (TypeError, "batch must be", (nn.Identity(), 3), {}),
        (ValueError, "kind must be", (nn.Identity(), None), {"kind": "parser"}),
        (TypeError, "loss must be", (nn.Identity(), None), {"loss": 1}),
        (TypeError, "cannot both", (nn.Identity(), None, Adapter()), {"causal": True}),
        (
            ValueError,
            "lengths must have shape",
            (nn.Identity(), ((torch.ones(3, 4), torch.tensor([1, 2])), None)),
            {"batch_first": True},
        ),
    ],
)
def test_arguments_that_cannot_be_used(error, message, arguments, options):
    with pytest.raises(error, match=message):
        diagnose(*arguments, **options)


def test_a_result_cannot_contradict_itself():
    with pytest.raises(ValueError, match="misconception"):
        Result("rows", "pass", "", "M-leak")
    with pytest.raises(ValueError, match="misconception"):
        Result("rows", "fail", "")
    with pytest.raises(ValueError, match="verdict"):
        Result("rows", "maybe", "")


def test_the_example_runs_with_pytest(tmp_path, root):
    source = root / "rnn_tutorial/checks/example.py"
    shutil.copy(source, tmp_path / "test_example.py")
    broken = source.read_text().replace(
        "return self.output(self.recurrent(packed)[1][-1])",
        "return self.output(self.recurrent(x)[0][:, -1])",
    )
    (tmp_path / "test_broken.py").write_text(broken)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # plugins start slowly
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 failed, 1 passed" in run.stdout, run.stdout + run.stderr
    assert "FAILED test_broken.py" in run.stdout
    assert "M-padding-state" in run.stdout
