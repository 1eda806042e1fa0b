import numpy as np
import pytest

from rnn_tutorial.states import probing


@pytest.fixture
def draw():
    return np.random.default_rng(0)


def test_a_unit_that_is_the_property_scores_one_and_its_opposite_zero(draw):
    labels = draw.random(500) < 0.3
    states = np.stack([labels, -1.0 * labels, np.zeros(500), draw.normal(size=500)], axis=1)
    scores = probing.unit_scores(states, labels)
    np.testing.assert_allclose(scores[:3], [1, 0, 0.5])
    assert abs(scores[3] - 0.5) < 0.1


def test_the_score_is_the_share_of_pairs_that_stand_in_the_right_order(draw):
    values, labels = draw.integers(0, 5, 60).astype(float), draw.random(60) < 0.5
    pairs = [
        (high > low) + 0.5 * (high == low) for high in values[labels] for low in values[~labels]
    ]
    score = probing.unit_scores(values[:, None], labels)[0]
    assert score == pytest.approx(np.mean(pairs), abs=1e-12)


@pytest.mark.parametrize("hidden_units", [0, 20])
def test_a_probe_finds_a_label_that_is_in_the_state_and_none_in_noise(draw, hidden_units):
    labels = draw.integers(0, 3, 1200)
    noise = draw.normal(size=(1200, 4))
    with_it = np.concatenate([noise, np.eye(3)[labels]], axis=1)
    assert probing.probe(with_it, labels, hidden_units=hidden_units) > 0.99
    assert abs(probing.probe(noise, labels, hidden_units=hidden_units) - 1 / 3) < 0.1


def test_only_a_probe_with_units_of_its_own_computes_an_exclusive_or(draw):
    bits = draw.integers(0, 2, (800, 2))
    labels = bits[:, 0] ^ bits[:, 1]
    assert probing.probe(bits, labels) < 0.85  # a line gets three of the four corners at most
    assert probing.probe(bits, labels, hidden_units=50) > 0.95


def test_a_group_is_never_on_both_sides(draw):
    groups = np.repeat(np.arange(60), 20)
    labels = draw.integers(0, 2, 60)[groups]  # to be memorized, group by group
    states = np.eye(60)[groups]
    assert probing.probe(states, labels) == 1.0
    assert probing.probe(states, labels, groups) < 0.75


def test_control_labels_depend_on_the_type_alone_and_have_the_labels_frequencies(draw):
    types = [f"{number:03}" for number in draw.integers(0, 1000, 20_000)]
    labels = draw.random(20_000) < 0.2
    control = probing.control_labels(types, labels, seed=1)
    by_type = dict(zip(types, control, strict=True))
    assert all(by_type[kind] == label for kind, label in zip(types, control, strict=True))
    assert 0.15 < np.mean(list(by_type.values())) < 0.25
    assert abs(np.corrcoef(labels, control)[0, 1]) < 0.05
    assert (control == probing.control_labels(types, labels, seed=1)).all()
    assert (control != probing.control_labels(types, labels, seed=2)).any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: probing.unit_scores(np.ones((3, 2)), [True] * 3), "both kinds, got only one"),
        (lambda: probing.probe(np.ones((3, 2)), [0, 1]), r"labels must have shape \(3,\), got"),
        (lambda: probing.probe(np.ones((3, 2)), [1, 1, 1]), "at least two kinds"),
        (lambda: probing.probe(np.ones((2, 2)), [0, 1], test=0.0), "test must be a share"),
        (lambda: probing.control_labels(["a"], [0, 1], seed=0), "got 1 and 2"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_lists_do_as_well_as_arrays_and_what_is_not_finite_is_refused(draw):
    states, labels = draw.normal(size=(200, 2)), draw.random(200) < 0.5
    ours = probing.unit_scores(states.tolist(), labels.tolist())
    np.testing.assert_array_equal(ours, probing.unit_scores(states, labels))
    assert probing.probe(states.tolist(), labels.tolist()) == probing.probe(states, labels)
    broken = np.where(states > 2, np.nan, states)
    for call in (probing.unit_scores, probing.probe):
        with pytest.raises(ValueError, match="states must be finite"):
            call(broken, labels)
    with pytest.raises(ValueError, match="labels must be true or false"):
        probing.unit_scores(states, ["no"] * 200)
