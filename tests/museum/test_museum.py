"""The exhibits: each runs, shows its symptom, is found broken and healthy when repaired."""

import pytest
import torch

from rnn_tutorial import experiments
from rnn_tutorial.checks import MISCONCEPTIONS
from rnn_tutorial.museum import EXHIBITS, ROOMS, VERSIONS

SEEDS = [pytest.param(0), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))]
# of each symptom a value that every broken version is on one side of, every repaired on the other
BETWEEN = {
    "first_batch": (6, 6),
    "last_column": (0.65, 0.75),
    "batch_as_time": (0.05, 0.0),
    "last_of_both": (0.4, 0.95),
    "no_tanh": (0.7, 0.9),
    "random_start": (0.005, 0.0),
    "lone_dropout": (0.0, 0.9),
    "plain_list": (0.1, 0.99),
    "sees_future": (0.2, 0.528),
    "missing_transpose": (0.7, 0.95),
    "softmax_twice": (0.743, 0.4),
    "padding_scored": (5.0, 8.0),
    "unshifted": (0.7, 0.95),
    "keeps_graph": (1, 16),
    "never_zeroed": (0.9, 0.1),
    "leaked_copies": (0.9, 0.75),
    "shuffled_chunks": (0.65, 0.6),
    "unscaled": (0.1, 0.6),
    "target_column": (0.9, 0.1),
    "all_with_all": (0.3, 0.6),
    "clipped_late": (0.5, 0.0),
}


def test_there_are_exhibits_enough_and_few_that_no_check_finds():
    assert len(EXHIBITS) == sum(map(len, ROOMS.values())) >= 15
    found = [exhibit for exhibit in EXHIBITS.values() if exhibit.check]
    assert len(found) >= 12
    assert all(exhibit.misconception in MISCONCEPTIONS for exhibit in EXHIBITS.values())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", EXHIBITS)
def test_what_is_shown_fits_on_a_page_with_the_sign_of_a_difference(name, version):
    assert max(map(len, EXHIBITS[name].source_of(version).split("\n"))) <= 71


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", EXHIBITS)
def test_a_broken_exhibit_is_found(name, seed):
    exhibit = EXHIBITS[name]
    failures = {r.name: r.misconception for r in exhibit.diagnose("broken", seed).failures}
    if exhibit.check:
        assert failures.get(exhibit.check) == exhibit.misconception
    else:
        assert not failures


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", EXHIBITS)
def test_a_repaired_exhibit_raises_no_alarm(name, seed):
    EXHIBITS[name].diagnose("repaired", seed).assert_ok()


@pytest.mark.slow  # chapter 12, which runs with every suite, measures them too
@pytest.mark.parametrize("name", EXHIBITS)
def test_the_symptom_parts_broken_from_repaired(name):
    broken, repaired = (EXHIBITS[name].symptom(version, 0) for version in VERSIONS)
    _assert_apart(name, broken, repaired)


@pytest.mark.parametrize("name", EXHIBITS)
def test_the_evidence_parts_them_on_every_seed(name):
    evidence = experiments.load("museum")
    rows = evidence[evidence["variant"] == name]
    assert len(rows) == 5
    for _, row in rows.iterrows():
        _assert_apart(name, row["broken"], row["repaired"])
        assert row["found"] == bool(EXHIBITS[name].check)
        assert row["alarms"] == 0


def _assert_apart(name, broken, repaired):
    first, second = BETWEEN[name]
    if first < second or (first == second and broken < repaired):
        assert broken <= first <= second <= repaired
    else:
        assert broken >= first >= second >= repaired


def test_building_an_exhibit_leaves_the_random_state():
    before = torch.get_rng_state()
    EXHIBITS["sees_future"].make("broken", 3)
    EXHIBITS["keeps_graph"].symptom("broken", 3)
    assert torch.equal(before, torch.get_rng_state())


def test_the_source_that_is_shown_is_that_of_the_version():
    exhibit = EXHIBITS["softmax_twice"]
    assert "softmax" in exhibit.source_of("broken")
    assert "softmax" not in exhibit.source_of("repaired")
    with pytest.raises(ValueError, match="version"):
        exhibit.source_of("fixed")
