"""Each kind of fault is found under its own name, and its sound siblings raise no alarm."""

import pytest
import torch
from torch.utils.data import DataLoader, Dataset, TensorDataset, random_split

from rnn_tutorial.checks import MISCONCEPTIONS, diagnose
from rnn_tutorial.checks._outcomes import FaultError
from rnn_tutorial.checks._overlap import overlap
from tests.checks.kinds_of_faults import KINDS

SEEDS = [pytest.param(0), *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))]
FAULTS, SOUND = (
    [
        pytest.param(kind, case, id=f"{kind} {place}")
        for kind, row in KINDS.items()
        for place, case in enumerate(row[column])
    ]
    for column in (2, 3)
)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("kind", "case"), FAULTS)
def test_a_fault_of_this_kind_is_found(kind, case, seed):
    check, misconception, _, _ = KINDS[kind]
    model, batch, options = case(seed)
    assert diagnose(model, batch, **options)[check].misconception == misconception


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("kind", "case"), SOUND)
def test_a_sound_sibling_raises_no_alarm(kind, case, seed):
    model, batch, options = case(seed)
    report = diagnose(model, batch, **options)
    report.assert_ok()
    assert report[KINDS[kind][0]].verdict == "pass"
    assert not [r for r in report.not_applicable if "could not be made" in r.evidence]


def test_every_misconception_of_a_kind_is_in_the_table():
    assert {row[1] for row in KINDS.values()} <= set(MISCONCEPTIONS)


def _leaks(train, test) -> bool:
    try:
        overlap(train, test)
    except FaultError as fault:
        return fault.misconception == "M-leak"
    return False


class Texts(Dataset):
    """A dataset that says how many items it has, and never that there are no more."""

    def __init__(self, *texts):
        self.texts = texts

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, place):
        return self.texts[place % len(self)], place


def _walk(seed=0, steps=300):
    generator = torch.Generator().manual_seed(seed)
    return 100 + torch.randn(steps, generator=generator, dtype=torch.float64).cumsum(0)


def test_overlap_is_found_in_datasets_and_pairs():
    windows = _walk().unfold(0, 12, 1)
    data = TensorDataset(windows, torch.arange(len(windows)))
    parts = random_split(data, [0.8, 0.2], torch.Generator().manual_seed(0))
    assert _leaks(*parts)
    assert _leaks(*(DataLoader(part, batch_size=8) for part in parts))
    assert _leaks(Texts("Ek", "Yu"), Texts("yu"))
    assert not _leaks(Texts("Ek", "Yu"), Texts("Li"))
    assert _leaks([("a text", "good")], [("a  text", "bad")])
    assert _leaks([{"text": "Ek", "label": 1}], [{"text": "Ek", "label": 0}])
    assert not _leaks([{"text": "Ek", "label": 1}], [{"text": "Yu", "label": 1}])
    assert not _leaks([["the", "cat"]], [["the", "dog"]])


def test_overlap_is_found_in_twins():
    assert _leaks(["Cafe\u0301"], ["Caf\u00e9"])
    series = _walk()
    assert _leaks([series[:30].float()], [series[:30]])
    assert _leaks([torch.arange(9)], [torch.arange(9, dtype=torch.int32)])


def test_overlap_is_found_in_windows_on_other_scales():
    windows = list(_walk().unfold(0, 15, 1))

    def first_is_one(window):
        return (window / window[0]).float()

    def standardized(window):
        return ((window - window.mean()) / window.std()).float()

    for form in (first_is_one, standardized):
        formed = [form(window) for window in windows]
        assert _leaks(formed[::2], formed[1::2])
        assert not _leaks(formed[:150], formed[165:])
    train, test = torch.stack(windows[::2]), torch.stack(windows[1::2])
    assert _leaks(list(train / train.max()), list((test - test.min()) / 7))


def test_windows_of_one_form_by_nature_are_no_overlap():
    time = torch.arange(200.0)
    counts = torch.randint(0, 4, (200,), generator=torch.Generator().manual_seed(0)).float()
    for series in (time + 0.5, 1.01**time, counts + 0.25 * time, time.sin().round(decimals=1)):
        windows = list(series.unfold(0, 10, 10))
        assert not _leaks(windows[:10], windows[10:])
