"""The helpers of hidden tests turn what goes wrong into a sentence for the student."""

import time

import pytest
import torch

from assignments.checking import Feedback, call, close, expect, need

ENV = {
    "double": lambda x: 2 * x,
    "broken": lambda: 1 / 0,
    "leaves": lambda: exit(),
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


def test_a_call_has_a_time_limit():
    def polite():
        while True:
            time.sleep(0.01)

    start = time.monotonic()
    assert "did not return within 0.2 seconds" in said(call, {"f": polite}, "f", seconds=0.2)
    assert time.monotonic() - start < 5
    with pytest.raises(Feedback):
        call({"f": lambda: [None for _ in iter(int, 1)]}, "f", seconds=0.2)
    assert call(ENV, "double", 4, seconds=0.2) == 8
