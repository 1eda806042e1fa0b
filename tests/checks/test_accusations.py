"""`diagnose` accuses no sound model of strangers, and of a fault it names the right cause."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812
from torch.nn.utils.rnn import pad_packed_sequence
from torch.utils.data import DataLoader

from rnn_tutorial.checks import CHECKS, MISCONCEPTIONS, diagnose
from tests.checks import broken_modules, correct_models, sound_models
from tests.checks.correct_models import CLASSES, classes, ragged, stream
from tests.checks.sound_models import flat_loss, spread_loss, steps_of
from tests.checks.unusual_models import Attention, Reader

SEEDS = [pytest.param(0), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 3))]
FIXED = {"second sentence held by forward", "translation, targets held by forward"}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", sound_models.MODELS)
def test_a_sound_model_is_not_accused(name, seed):
    model, batch, options = sound_models.build(name, seed)
    report = diagnose(model, batch, **options)
    report.assert_ok()
    assert not [r for r in report.not_applicable if "could not be made" in r.evidence]
    assert len(report.passed) >= 7
    assert (report["runs"].verdict == "pass") is (name not in FIXED)


@pytest.mark.parametrize(
    "loss",
    [
        F.cross_entropy,
        nn.CrossEntropyLoss(),
        F.multi_margin_loss,
        lambda a, t: F.cross_entropy(a, t),
    ],
)
def test_a_loss_with_optional_arguments_gets_answers_and_targets(loss):
    torch.manual_seed(0)
    report = diagnose(Reader(), (ragged(0), classes(0)), loss=loss)
    report.assert_ok()
    assert report["step"].verdict == report["overfit"].verdict == "pass"


@pytest.mark.parametrize("loss", [F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss])
def test_so_does_one_of_numbers(loss):
    torch.manual_seed(0)
    targets = torch.randn(8, 1, generator=correct_models.drawn(0))
    diagnose(Reader(1), (ragged(0), targets), loss=loss).assert_ok()


class MaxOverZeros(Reader):
    """The maximum takes in the zeros that fill up to the longest of the batch."""

    def forward(self, tokens, lengths):
        states, _ = pad_packed_sequence(
            self.states(self.embedding(tokens), lengths)[0], batch_first=True
        )
        return self.output(states.amax(1))


class SoftmaxOverBatch(Attention):
    def weights(self, states, real):
        return self.score(states)[..., 0].masked_fill(~real, -1e9).softmax(0)


class SoftmaxOverOne(Attention):
    def weights(self, states, real):
        return self.score(states).softmax(-1)[..., 0] * real


class MaskTheWrongWay(Attention):
    def weights(self, states, real):
        return super().weights(states, ~real)


class OneOnly(Reader):
    """A softmax over the single number that comes out."""

    def __init__(self):
        super().__init__(1)

    def forward(self, tokens, lengths):
        return super().forward(tokens, lengths).softmax(-1)


class LowerLayer(Reader):
    """Reads the last state of the first layer, and not of the second."""

    def __init__(self):
        super().__init__()
        self.recurrent = nn.GRU(16, 24, 2, batch_first=True)

    def forward(self, tokens, lengths):
        return self.output(self.states(self.embedding(tokens), lengths)[1][0])


class OneDirection(Reader):
    """h_n[-1] of a layer with two directions: the backward one alone."""

    def __init__(self):
        super().__init__()
        self.recurrent = nn.GRU(16, 24, batch_first=True, bidirectional=True)


class LastOfBoth(Reader):
    def __init__(self):
        super().__init__(CLASSES)
        self.recurrent = nn.GRU(16, 12, batch_first=True, bidirectional=True)

    def forward(self, tokens):
        return self.output(self.recurrent(self.embedding(tokens))[0][:, -1])


class Forgotten(Reader):
    """A layer that nobody calls, though the loss is known."""

    def __init__(self):
        super().__init__()
        self.second = nn.Linear(24, 24)


class TimeMajorRows(sound_models.FlatTagger):
    """Flattened in the order of time, against targets in the order of sentences."""

    def forward(self, tokens):
        states, _ = self.recurrent(self.embedding(tokens))
        return self.output(states).transpose(0, 1)


def _reads(make, **options):
    return make(), (ragged(0), classes(0)), options


def _time_major():
    tokens, _ = stream(0)
    tags = torch.randint(0, CLASSES, tokens.shape, generator=correct_models.drawn(1))
    return TimeMajorRows(), (tokens, tags), {"loss": flat_loss}


FAULTS = {
    "M-row-order": ("rows", lambda: _reads(broken_modules.SortsAndForgets)),
    "M-over-batch": ("rows", lambda: _reads(SoftmaxOverBatch)),
    "M-batch-time": ("rows", lambda: _reads(broken_modules.StateByView)),
    "M-padding-state": ("rows", lambda: _reads(MaxOverZeros)),
    "M-not-finite": ("runs", lambda: _reads(MaskTheWrongWay)),
    "M-constant": (
        "memory",
        lambda: (OneOnly(), (ragged(0), torch.rand(8, 1)), {"loss": F.mse_loss}),
    ),
    "M-bidirectional-last": ("weights", lambda: (LastOfBoth(), (stream(0)[0], classes(0)), {})),
    "M-class-count": (
        "start",
        lambda: (Reader(CLASSES - 1), (ragged(0), classes(0)), {"loss": F.cross_entropy}),
    ),
    "M-loss-order": ("start", _time_major),
}


def test_a_view_for_a_transposition_is_found():
    def loss(answers, tags):
        return F.cross_entropy(answers.view(len(tags), CLASSES, -1), tags)

    torch.manual_seed(0)
    tokens, _ = stream(0)
    tags = torch.randint(0, CLASSES, tokens.shape, generator=correct_models.drawn(1))
    model = sound_models.CharWords()
    x = tokens[..., None].expand(-1, -1, 6).contiguous()
    assert diagnose(model, (x, tags), loss=loss)["start"].misconception == "M-loss-order"
    right = diagnose(model, (x, tags), loss=lambda a, t: F.cross_entropy(a.transpose(1, 2), t))
    right.assert_ok()


@pytest.mark.parametrize("misconception", FAULTS)
def test_the_cause_is_the_one_that_the_evidence_shows(misconception):
    torch.manual_seed(0)
    check, build = FAULTS[misconception]
    model, batch, options = build()
    report = diagnose(model, batch, **options)
    assert report[check].misconception == misconception, str(report)
    assert report[check].repair == MISCONCEPTIONS[misconception].repair


@pytest.mark.parametrize("make", [SoftmaxOverOne, LowerLayer, OneDirection, Forgotten])
def test_weights_without_use_are_named_and_get_no_repair_of_another_fault(make):
    torch.manual_seed(0)
    report = diagnose(*_reads(make)[:2], loss=F.cross_entropy)
    assert report["weights"].misconception == "M-unused-weights"
    assert "bidirectional" not in report["weights"].repair


def test_what_a_failure_explains_is_not_asked():
    torch.manual_seed(0)
    for make, check, others in (
        (MaskTheWrongWay, "runs", tuple(CHECKS)[1:]),
        (broken_modules.StateByView, "rows", ("padding", "memory", "interplay")),
    ):
        report = diagnose(*_reads(make)[:2])
        assert all(report[name].evidence.startswith(f"what {check} found") for name in others)
        assert all(report[name].verdict == "not applicable" for name in others)


def test_without_a_hint_nothing_is_said_of_a_model_that_wants_a_state():
    model, batch, _ = sound_models.build("a state that has to be given, untold", 0)
    report = diagnose(model, batch)
    assert not report.failures
    assert not report.passed
    assert "forward=" in report["runs"].evidence


def test_answers_of_an_unknown_form_say_which_option_tells():
    class Odd(Reader):
        def forward(self, tokens, lengths):
            return super().forward(tokens, lengths).repeat_interleave(2, 0).reshape(-1)[1:]

    torch.manual_seed(0)
    report = diagnose(Odd(), (ragged(0), classes(0)))
    assert not report.failures
    assert "answers=" in report["runs"].evidence


def test_checks_can_be_left_out():
    torch.manual_seed(0)
    batch = ragged(0), classes(0)
    report = diagnose(broken_modules.DropoutForever(), batch, skip=("repeatable",))
    assert report["repeatable"].verdict == "not applicable"
    assert "skip" in report["repeatable"].evidence
    with pytest.raises(ValueError, match="names of checks, got 'nonsense'"):
        diagnose(Reader(), batch, skip=("nonsense",))
    with pytest.raises(TypeError, match="skip must be a tuple"):
        diagnose(Reader(), batch, skip="rows")


def test_a_dictionary_must_name_its_targets_and_a_loader_hold_a_batch():
    with pytest.raises(TypeError, match="must name its targets labels"):
        diagnose(Reader(), {"tokens": ragged(0)[0], "answer": classes(0)})
    with pytest.raises(ValueError, match="holds no batch"):
        diagnose(Reader(), DataLoader([]))


def test_one_thread_is_used_and_a_loss_that_holds_the_model_leaves_it_alone():
    seen = []

    class Counts(sound_models.Crf):
        def forward(self, tokens, lengths):
            seen.append(torch.get_num_threads())
            return super().forward(tokens, lengths)

    torch.manual_seed(0)
    _, batch, _ = sound_models.build("CRF", 0)
    model = Counts()
    model.transitions.grad = torch.ones(CLASSES, CLASSES)
    before, weights, threads = model.transitions.grad, copy.deepcopy(model.state_dict()), 2
    torch.set_num_threads(threads)
    try:
        diagnose(model, batch, loss=model.loss).assert_ok()
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(1)
    assert set(seen) == {1}
    assert model.transitions.grad is before
    assert torch.equal(before, torch.ones(CLASSES, CLASSES))
    assert all(torch.equal(weights[name], value) for name, value in model.state_dict().items())


def test_a_mask_is_known_as_one_and_follows_the_padding():
    """The mask of the batch would be too narrow for more padding, and wrong for shorter rows."""

    class ByMask(Reader):
        def forward(self, tokens, mask):
            assert torch.equal(mask, steps_of(mask.sum(1), tokens.shape[1]).long())
            return super().forward(tokens, mask.sum(1))

    torch.manual_seed(0)
    tokens, _ = ragged(0)
    report = diagnose(ByMask(), ((tokens, (tokens != 0).long()), classes(0)))
    report.assert_ok()
    assert report["padding"].verdict == "pass"


def test_the_decoder_is_what_the_targets_belong_to():
    model, batch, options = sound_models.build("translation, as long as the source", 0)
    report = diagnose(model, batch, **options)
    assert report["causality"].verdict == report["shift"].verdict == "pass"

    class Ahead(sound_models.Translator):
        def forward(self, source, target):
            return super().forward(source, target.roll(-1, 1))

    torch.manual_seed(0)
    assert diagnose(Ahead(), batch, loss=spread_loss)["causality"].misconception == "M-future"


def test_targets_that_are_the_inputs_are_no_fault_of_an_autoencoder():
    x, _ = stream(0)
    torch.manual_seed(0)
    model = correct_models.LanguageModel()
    assert diagnose(model, (x, x.clone()))["shift"].misconception == "M-off-by-one"
    assert diagnose(model, (x, x.clone()), kind="tagger")["shift"].verdict == "not applicable"
