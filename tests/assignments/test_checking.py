"""The helpers of hidden tests turn what goes wrong into a sentence for the student."""

import time
from contextlib import contextmanager

import pytest
import torch
from otter.test_files import test_case as otters_case

from assignments.checking import (
    Feedback,
    at_least,
    at_most,
    call,
    call_alone,
    close,
    expect,
    need,
    timed,
)

ENV = {
    "double": lambda x: 2 * x,
    "broken": lambda: 1 / 0,
    "leaves": lambda: exit(),
    "unfinished": lambda: None,
    "stub": ...,
    "number": 3,
}


def said(function, *arguments, **options):
    with pytest.raises(Feedback) as caught:
        function(*arguments, **options)
    return str(caught.value)


def test_a_condition_that_fails_is_said():
    expect(True, "never")
    assert said(expect, False, "Look at the bias.") == "Look at the bias."


def test_what_is_missing_is_named():
    assert need(ENV, "number", int) == 3
    assert "`half_life` is not defined" in said(need, ENV, "half_life")
    assert "`stub` is not defined" in said(need, ENV, "stub")
    assert "`number` must be of type dict, it is int" in said(need, ENV, "number", dict)


def test_shape_and_values_are_compared():
    wanted = torch.zeros(2, 3, dtype=torch.float64)
    close(torch.zeros(2, 3), wanted, "never")
    close(wanted + 1e-10, wanted, "never")
    assert said(close, wanted + 1e-8, wanted, "Differs.") == "Differs."
    assert "(3, 2)" in said(close, wanted.T, wanted, "Differs.")
    assert "must be a tensor" in said(close, [[0.0]], wanted, "Differs.")
    assert said(close, wanted * torch.nan, wanted, "Differs.") == "Differs."


def test_a_call_returns_or_says_what_happened():
    assert call(ENV, "double", 4) == 8
    assert "ZeroDivisionError" in said(call, ENV, "broken")
    assert "ended the program" in said(call, ENV, "leaves")
    assert "must be a function" in said(call, ENV, "number")
    assert "`unfinished` returned nothing" in said(call, ENV, "unfinished")


def test_a_test_can_refuse_how_its_arguments_are_used():
    def refuse():
        raise Feedback("By hand, please.")

    assert said(call, {"f": lambda given: given()}, "f", refuse) == "By hand, please."


def test_the_package_can_be_closed():
    def borrows():
        from rnn_tutorial.networks import cells

        return cells.rnn_step

    assert call({"f": borrows}, "f") is borrows()
    assert "the book's package is closed here" in said(call_alone, {"f": borrows}, "f")
    held = {"f": lambda: 1, "step": borrows()}
    assert "['step'] comes from it" in said(call_alone, held, "f")
    assert borrows() is held["step"], "it is open again"


def test_bounds_include_themselves():
    for check, inside in ((at_most, 0.5), (at_least, 1.5)):
        check(1.0, 1.0, "never")
        check(inside, 1.0, "never")
        assert said(check, 2.0 - inside, 1.0, "Beyond.") == "Beyond."
        assert said(check, float("nan"), 1.0, "No number.") == "No number."


def test_what_did_not_return_in_time_is_not_waited_for_again():
    calls = []

    def endless():
        calls.append(None)
        while True:
            time.sleep(0.01)

    first = said(call, {"f": endless}, "f", seconds=0.2)
    assert "did not return within 0.2 seconds" in first
    assert said(call, {"f": endless}, "f", seconds=0.2) == first
    assert len(calls) == 1
    quick = {"f": lambda: 1 / 0}
    assert said(call, quick, "f") == said(call, quick, "f"), "an error is not lateness"
    with pytest.raises(Feedback):
        call({"f": lambda: [None for _ in iter(int, 1)]}, "f", seconds=0.2)
    assert call(ENV, "double", 4, seconds=0.2) == 8


def test_a_public_test_has_a_time_limit_and_keeps_its_arguments(monkeypatch):
    limits = []

    @contextmanager
    def recorded(function, name, seconds):
        limits.append((function, name, seconds))
        yield

    monkeypatch.setattr("assignments.checking.waited_for", recorded)
    env = {"double": ENV["double"], "number": 3}

    def public(double, number):
        assert double(number) == 7

    made = timed(otters_case)(points=2, hidden=False, failure_message="Look.")(public)
    with pytest.raises(AssertionError):
        made.call_func(env)
    assert (made.points, made.hidden, made.failure_message) == (2, False, "Look.")
    assert limits == [(ENV["double"], "double", 10.0)]
    timed(otters_case)(points=1, hidden=True)(lambda env: env["double"](1)).call_func(env)
    assert len(limits) == 1
