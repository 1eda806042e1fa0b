"""Bounds of hidden tests have room: the solutions over seeds and roundings, as margins.csv has it.

Twice the spread over seeds is the least. `python -m assignments.margins` measures anew.
"""

import types

import pandas as pd
import pytest

from assignments import build
from assignments.checking import Feedback
from assignments.margins import KEY, ROUNDINGS, TABLE, Recorder, measure, summary

SEEDS = 10


@pytest.fixture(scope="module")
def table():
    return pd.read_csv(TABLE, keep_default_na=False)


def test_each_assignment_is_measured_over_ten_seeds_and_other_roundings(table):
    roundings = {"", *(f"{name}={value}" for name, value in ROUNDINGS.items())}
    for name in build.names():
        rows = table[table["assignment"] == name]
        assert {*rows["rounding"]} == roundings, name
        for bound, seeds in rows.groupby([*KEY, "rounding"])["seed"]:
            assert sorted(seeds) == [*range(SEEDS)], bound


def test_each_bound_keeps_twice_the_spread_away(table):
    found = summary(table)
    assert (found["margin"] >= 2 * found["spread"]).all(), found[
        found["margin"] < 2 * found["spread"]
    ].to_string()
    assert (found["margin"] >= 0).all()


def test_the_nearest_value_to_each_bound_is_kept():
    def at_most(value, bound, text):
        calls.append((value, bound))
        if value > bound:
            raise Feedback(text)

    calls, checking = [], types.SimpleNamespace(__file__="", at_most=at_most, at_least=at_most)
    recorder = Recorder(checking)

    def _some_test():
        checking.at_most(1, 5, "")
        checking.at_most(3, 5, "")
        checking.at_least(2, 4, "")
        checking.at_least(1, 4, "")

    _some_test()
    assert recorder.nearest == {
        ("some_test", "at most", 5.0): 3.0,
        ("some_test", "at least", 4.0): 1.0,
    }
    assert calls == [(1, 5), (3, 5), (2, 4), (1, 4)]
    with pytest.raises(Feedback, match="too much"):
        checking.at_most(6, 5, "too much")


def test_a_margin_is_the_distance_on_the_right_side():
    row = dict(zip(KEY, ("a", "q", "t", "at most", 5.0), strict=True), rounding="", seed=0)
    found = summary(pd.DataFrame([row | {"value": 3.0}, row | {"value": 4.0, "seed": 1}]))
    assert found["margin"].tolist() == [1.0]
    assert found["spread"].tolist() == [pytest.approx(0.5**0.5)]
    row |= {"side": "at least"}
    found = summary(pd.DataFrame([row | {"value": 4.0}, row | {"value": 7.0, "seed": 1}]))
    assert found["margin"].tolist() == [-1.0]


@pytest.mark.slow
@pytest.mark.parametrize("name", build.names())
def test_a_seed_is_what_the_table_has(name, table, trial):
    stored = table[(table["assignment"] == name) & (table["rounding"] == "")]
    spread = summary(stored)["spread"]
    stored = stored[stored["seed"] == 3].set_index(KEY)["value"]
    found = pd.DataFrame(measure(trial(name), name, 3)).set_index(KEY)["value"]
    assert {*found.index} == {*stored.index}
    for bound, value in found.items():
        room = max(2 * spread[bound], 0.01 * abs(bound[-1]))
        assert value == pytest.approx(stored[bound], abs=room), bound
