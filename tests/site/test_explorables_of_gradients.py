"""The gradient dial and the cliff of chapter 5, moved as a reader would."""

import json

import pytest
import torch
from explorable_pages import alone, reading, slider, status

from rnn_tutorial.experiments.long_range import cliff
from tools.site.stills import STATIC

DIAL = STATIC / "explorables" / "data" / "gradient_dial.json"
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("explorables")]


def test_gradient_dial(browser):
    dial = json.loads(DIAL.read_text("utf-8"))
    with alone(browser, "gradient_dial") as explorable:
        sliders = [slider(explorable, name) for name in ("radius", "slope", "normality")]
        dots = explorable.locator(".chart circle")
        for each, key in zip(sliders, ("Home", "Home", "End"), strict=True):
            each.press(key)
        measured = dial["norms"][0][-1][0]
        assert dots.count() == 1 + sum(log > -40 for log in measured)
        assert reading(explorable, "σ_max") == pytest.approx(dial["sigma_max"][0][-1], abs=0.006)
        assert reading(explorable, "measured at 60") == pytest.approx(10 ** measured[-1], rel=0.5)
        for each in sliders[:2]:
            each.press("End")
        assert dots.count() == 0
        assert f"its mean slope is {dial['steepest'][-1][-1]:.2f}" in status(explorable)
        bound = dial["sigma_max"][-1][-1] ** 60
        assert reading(explorable, "bound at 60") == pytest.approx(bound, rel=0.5)


def test_cliff(browser):
    with alone(browser, "cliff") as explorable:
        assert "plain path leaves the picture at update 1" in status(explorable)
        assert reading(explorable, "first step") > 100
        assert reading(explorable, "clipped") == pytest.approx(0.1)
        box, mouse = explorable.locator(".overlay").bounding_box(), explorable.page.mouse
        mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        mouse.down()
        mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] * 3 / 4)
        mouse.up()
        w, b = (float(slider(explorable, f"Start: {name}").input_value()) for name in "wb")
        assert (w, b) == (pytest.approx(4.45, abs=0.006), pytest.approx(-2.6, abs=0.006))
        norm = cliff.gradient(torch.tensor([w, b], dtype=torch.float64)).norm().item()
        assert reading(explorable, "gradient at the start") == pytest.approx(norm, abs=0.01)
        clipped = explorable.locator("polyline.clipped")
        before = clipped.get_attribute("points")
        slider(explorable, "Clip at").press("Home")
        assert clipped.get_attribute("points") != before
        assert reading(explorable, "clipped") == pytest.approx(0.01, abs=0.001)
        explorable.get_by_role("button", name="To the edge").tap()
        assert reading(explorable, "first step") > 100
        slider(explorable, "Start: w").press("ArrowRight")
        assert reading(explorable, "first step") < 100
