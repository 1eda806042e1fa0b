"""The gradient dial and the cliff of chapter 5, moved as a reader would."""

import json
from itertools import pairwise

import pytest
import torch
from explorable_pages import alone, reading, slider, status

from rnn_tutorial.experiments.long_range import cliff
from rnn_tutorial.figures._surfaces import LEVELS
from tools.site.stills import STATIC

CLIFF = STATIC / "explorables" / "data" / "cliff.json"
DIAL = STATIC / "explorables" / "data" / "gradient_dial.json"
pytestmark = pytest.mark.browser


def test_gradient_dial(browser):
    dial = json.loads(DIAL.read_text("utf-8"))
    with alone(browser, "gradient_dial") as explorable:
        # it opens where the bound explodes and the gradient vanishes
        assert reading(explorable, "bound at lag 60") > 1e9
        assert (
            reading(explorable, "line at lag 60") < reading(explorable, "measured at lag 60") < 1e-4
        )
        sliders = [slider(explorable, name) for name in ("radius", "slope", "normality")]
        dots = explorable.locator(".chart circle")
        for each, key in zip(sliders, ("Home", "Home", "End"), strict=True):
            each.press(key)
        measured = dial["norms"][0][-1][0]
        assert dots.count() == 1 + sum(log > -20 for log in measured)
        assert reading(explorable, "measured at lag 60") == pytest.approx(
            10 ** measured[-1], rel=0.5
        )
        for each in sliders[:2]:
            each.press("End")
        assert dots.count() == 0
        assert f"its mean slope is {dial['steepest'][-1][-1]:.2f}" in status(explorable)
        bound = dial["sigma_max"][-1][-1] ** 60
        assert reading(explorable, "bound at lag 60") == pytest.approx(bound, rel=0.5)


def test_cliff(browser):
    with alone(browser, "cliff") as explorable:
        assert "plain leaves the picture at update 1 and" in status(explorable)
        assert reading(explorable, "first step, plain") > 100
        assert reading(explorable, "first step, clipped") == pytest.approx(0.1)
        box, mouse = explorable.locator(".overlay").bounding_box(), explorable.page.mouse
        mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        mouse.down()
        mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] * 3 / 4)
        mouse.up()
        w, b = (float(slider(explorable, f"start {name}").input_value()) for name in "wb")
        assert (w, b) == (pytest.approx(4.45, abs=0.006), pytest.approx(-2.6, abs=0.006))
        norm = cliff.gradient(torch.tensor([w, b], dtype=torch.float64)).norm().item()
        assert reading(explorable, "gradient at the start") == pytest.approx(norm, abs=0.01)
        clipped = explorable.locator("polyline.clipped")
        before = clipped.get_attribute("points")
        slider(explorable, "clip at").press("Home")
        assert clipped.get_attribute("points") != before
        assert reading(explorable, "first step, clipped") == pytest.approx(0.01, abs=0.001)
        explorable.get_by_role("button", name="To the edge").tap()
        assert reading(explorable, "first step, plain") > 100
        slider(explorable, "start w").press("ArrowRight")
        assert reading(explorable, "first step, plain") < 100
        # the descent is drawn to the update that is chosen, with every update on the way
        slider(explorable, "Update").fill("7")
        assert len(clipped.get_attribute("points").split()) == 1 + 7
        slider(explorable, "Update").press("End")
        assert len(clipped.get_attribute("points").split()) == 1 + cliff.UPDATES


GRAYS = """(map) => {
    const { width, height } = map;
    const { data } = map.getContext("2d").getImageData(0, 0, width, height);
    return [width, height, Array.from({ length: width * height }, (_, at) => data[4 * at + 3])];
}"""


def test_cliff_is_dark_where_the_loss_is_high_as_in_the_figure_before(browser):
    box = json.loads(CLIFF.read_text("utf-8"))["box"]
    with alone(browser, "cliff") as explorable:
        width, height, opacity = explorable.locator("canvas").evaluate(GRAYS)
    middles = [(torch.arange(n, dtype=torch.float64) + 0.5) / n for n in (width, height)]
    w = box["w"][0] + middles[0] * (box["w"][1] - box["w"][0])
    b = box["b"][1] - middles[1] * (box["b"][1] - box["b"][0])
    loss = cliff.loss(torch.cartesian_prod(b, w).flip(1))
    shade = torch.tensor(opacity).reshape(height * width)
    for low, high in pairwise(LEVELS):
        inside = shade[(loss.log10() >= low) & (loss.log10() < high)]
        assert len(inside) == 0 or inside.max() - inside.min() <= 1  # one shade a level
    assert shade[loss > 0.3].min() > shade[loss < 0.01].max() + 50
