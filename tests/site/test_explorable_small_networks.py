"""The explorables of one and two units, moved as a reader would: one page for each."""

import json
import re

import pytest
from explorable_pages import MINUS, alone, reading, slider, status

from rnn_tutorial.explorables import backward_pass, cobweb
from tools.site.stills import STATIC

pytestmark = pytest.mark.browser

FORGETS, REMEMBERS, SWINGS = "forgets where it began", "remembers which", "a cycle of period 2"


def numbers_of(name):
    path = STATIC / "explorables" / "data" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def number(text):
    return float(text.replace(MINUS, "-").split(":")[0])


def rows(explorable):
    texts = [row.split("\t") for row in explorable.locator("tbody tr").all_inner_texts()]
    return [row for row in texts if row[0].strip()]


def test_cobweb(browser):
    data = numbers_of("cobweb")
    with alone(browser, "cobweb") as explorable:
        assert REMEMBERS in status(explorable)
        for place in data["places"]:
            w = place["w"]
            slider(explorable, "Weight").fill(str(w))
            points, slopes, fates = zip(*rows(explorable), strict=True)
            assert [number(p) for p in points] == pytest.approx(place["fixed_points"], abs=6e-4)
            assert [number(s) for s in slopes] == pytest.approx(place["slopes"], abs=6e-4)
            stable = [abs(slope) < 1 for slope in place["slopes"]]
            assert ["unstable" not in fate for fate in fates] == stable
            assert explorable.locator("circle.stable").count() == sum(stable)
            assert explorable.locator("circle.unstable").count() == len(stable) - sum(stable)
            said = REMEMBERS if w > 1 else SWINGS if w < -1 else FORGETS
            assert said in status(explorable)
            frame = corners(explorable, "polyline.map")  # from -1 to 1
            (left, _), (right, _), (end, _) = frame[0], frame[-1], corners(explorable)[-1]
            state = 2 * (end - left) / (right - left) - 1
            assert state == pytest.approx(place["ends"][0], abs=5e-3)
        for w in ("1", "-1"):
            slider(explorable, "Weight").fill(w)
            assert "at the edge" in status(explorable).lower()
        slider(explorable, "Weight").fill("2")
        slider(explorable, "Bias").fill("0.6")
        assert FORGETS in status(explorable)
        assert len(rows(explorable)) == len(cobweb.place(2.0, 0.6)["fixed_points"]) == 1
        slider(explorable, "Step").press("Home")
        assert len(corners(explorable)) == 1
        explorable.get_by_role("button", name="Step forward").tap()
        assert len(corners(explorable)) == 3


def corners(explorable, line="polyline.first"):
    """Return the points of a line of the first plane."""
    points = explorable.locator(f".plane {line}").first.get_attribute("points").split()
    return [tuple(map(float, point.split(","))) for point in points]


def test_backward_pass(browser):
    data = numbers_of("backward_pass")
    with alone(browser, "backward_pass") as explorable:
        drawing = explorable.locator("svg.network")
        assert reading(explorable, "dL/dw") == -0.551
        assert reading(explorable, "dh3/dh1") == 0.21
        assert reading(explorable, "kept") == 100
        for text in ("0.762", "0.363", "0.180", "× 0.484", "× 0.434", f"= {MINUS}0.551"):
            assert drawing.get_by_text(text, exact=True).count() == 1
        slider(explorable, "Step").press("Home")
        gradients, said = [], []
        for _ in range(10):
            explorable.get_by_role("button", name="Step forward").tap()
            gradients.append(explorable.locator("svg .arrow.gradient").count())
            said.append(status(explorable))
        assert gradients == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6]
        for text, words in {"0.762": 0, "0.363": 1, "0.180": 2, "0.336": 3}.items():
            assert f"= {text}." in said[words]
        for text, words in {"0.820": 4, "0.288": 5, "0.397": 6, "0.262": 7, "0.172": 8}.items():
            assert f"= {MINUS}{text}" in said[words]
        explorable.get_by_label("Truncate").select_option("after 1 step")
        assert reading(explorable, "kept") == 52
        assert reading(explorable, "dL/dw") == -0.288
        slider(explorable, "Step").press("End")
        assert status(explorable).startswith("Cut: the gradient does not go on to h₂")
        assert explorable.locator(".share.lost").count() == 1
        explorable.get_by_label("Truncate").select_option("not at all")
        for w, target in ((data["most"]["w"], 1.0), (-1.4, 0.3)):
            slider(explorable, "Weight").fill(str(w))
            slider(explorable, "Target").fill(str(target))
            expected = backward_pass.both_ways(w, target)
            assert reading(explorable, "dh3/dh1") == pytest.approx(expected["derivative"], abs=6e-4)
            assert reading(explorable, "dL/dw") == pytest.approx(expected["kept"][2], abs=6e-4)
            assert reading(explorable, "loss") == pytest.approx(expected["loss"], abs=6e-4)


def test_circle_to_ellipse(browser):
    data = numbers_of("circle_to_ellipse")
    with alone(browser, "circle_to_ellipse") as explorable:
        menu = explorable.get_by_label("Matrix")
        for name, preset in data["presets"].items():
            menu.select_option(name)
            for lag in (1, 6):
                slider(explorable, "Lag").fill(str(lag))
                expected = [*preset["values"][lag], preset["rho"] ** lag]
                found = [reading(explorable, name) for name in ("longest", "shortest", "ρk")]
                assert found == pytest.approx(expected, rel=0.02, abs=0.006)
            assert explorable.locator(".plane .earlier").count() == 5
        menu.select_option("growth first")
        assert re.search(r"grows first, to 2\.17 at lag 3\. From lag 10 on", status(explorable))
        slider(explorable, "Turn").press("Home")
        assert menu.input_value() == "your own"
        assert "radius 1.60 is above 1" in status(explorable)
        slider(explorable, "Smallest").fill("1.9")  # the smallest takes the largest along
        assert slider(explorable, "Largest").input_value() == "1.9"
        menu.select_option("the network of the drawing")
        slider(explorable, "Lag").fill("9")
        longest, _ = data["network"]["values"][9]
        assert reading(explorable, "longest") == pytest.approx(longest, abs=0.006)
        assert not explorable.locator(".plane .bound").count()
        assert explorable.locator(".dials").evaluate("(dials) => dials.inert")
