"""The explorables of chapters 3, 5 and 6, used as a reader would, on a page of their own."""

import gzip
import json
import re
from contextlib import contextmanager

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright
from serving import FLAGS, serving
from stills import PAGE

from rnn_tutorial import gates
from rnn_tutorial.experiments import cliff, surname_lstm

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("explorables")]

NAMES = ("cliff", "gates_at_work", "gradient_dial", "unroll_a_word")
PHONE = {"width": 360, "height": 740}
ALLOWANCE = 250 * 1024  # bytes that an explorable may add to a page, gzipped
OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"
MINUS = "\N{MINUS SIGN}"


@pytest.fixture(scope="module")
def opened(chromium, root):
    """Return what opens an explorable on a phone, and fails if a script does."""
    with serving(root / "book" / "_static") as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)

        @contextmanager
        def open_explorable(name):
            context = browser.new_context(viewport=PHONE, has_touch=True, reduced_motion="reduce")
            page, faults = context.new_page(), []
            page.on(
                "console", lambda message: message.type == "error" and faults.append(message.text)
            )
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
            page.goto(f"{address}/explorables/data/{name}.json")  # any page of that address
            page.loaded = []
            page.on("response", lambda response: page.loaded.append(response))
            page.set_content(PAGE.format(name=name))
            explorable = page.locator(f"figure.is-live [data-explorable={name}]")
            explorable.wait_for()
            yield explorable
            assert not faults
            context.close()

        yield open_explorable
        browser.close()


@pytest.fixture(scope="module")
def data(root):
    folder = root / "book" / "_static" / "explorables" / "data"
    return {name: json.loads((folder / f"{name}.json").read_text("utf-8")) for name in NAMES}


def reading(explorable, name):
    """Return the number in a reading."""
    pair = explorable.locator(".readings div", has=explorable.page.locator(f"dt:text-is('{name}')"))
    return float(pair.locator("dd").inner_text().replace(",", "").replace(MINUS, "-"))


def bars(explorable):
    """Return the rows of the bars: labels with probabilities."""
    rows = [row.split("\t") for row in explorable.locator(".bars tr:visible").all_inner_texts()]
    return {row[0].strip(): float(row[-1]) for row in rows}


def slider(explorable, name):
    return explorable.get_by_role("slider", name=name)


def status(explorable):
    return explorable.locator("[role=status]").inner_text()


@pytest.mark.parametrize("name", NAMES)
def test_it_is_light_accessible_and_narrow_in_both_themes(opened, name):
    with opened(name) as explorable:
        page = explorable.page
        sizes = [len(gzip.compress(response.body())) for response in page.loaded]
        assert len(sizes) > 4
        assert sum(sizes) < ALLOWANCE
        for theme in ("light", "dark"):
            page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            assert page.evaluate(OVERFLOW) <= 0
            options = {"preload": False}  # else axe asks for files of its own
            found = Axe().run(page, ".explorable", options).response["violations"]
            assert not [fault["id"] for fault in found]


@torch.no_grad()
def test_gates_at_work(opened, data):
    model, vocabulary, classes = surname_lstm.load()
    forget = model.recurrent.bias_ih_l0.chunk(4)[1]
    with opened("gates_at_work") as explorable:
        assert next(iter(bars(explorable))) == "Slovak"
        field, bias = explorable.get_by_label("A surname"), slider(explorable, "forget bias")
        for key, shift in (("Home", -8), ("End", 8)):
            field.fill("Nguyen")
            bias.press(key)
            forget.add_(shift)
            found = gates.trace(
                model.recurrent, model.embedding(torch.tensor([vocabulary.encode("Nguyen")]))
            )
            forget.sub_(shift)
            for gate in "ifo":
                mean = found[gate][-1].mean().item()
                assert reading(explorable, f"mean {gate}") == pytest.approx(mean, abs=0.006)
            answer = model.output(found["h"][-1, 0]).softmax(-1)
            best, probability = next(iter(bars(explorable).items()))
            assert best == classes[answer.argmax()]
            assert probability == pytest.approx(answer.max().item(), abs=6e-4)
            accuracy = next(
                d["accuracy"] for d in data["gates_at_work"]["dial"] if d["shift"] == shift
            )
            assert f"{accuracy:.2f} of the test names" in status(explorable)
        # a tap on a map chooses a unit and a letter; the last unit of the first letter
        canvas = explorable.locator("canvas").first
        box = canvas.bounding_box()
        canvas.tap(position={"x": 3, "y": box["height"] - 1})
        assert slider(explorable, "Unit").input_value() == "63"
        assert slider(explorable, "Letter").input_value() == "1"
        assert reading(explorable, "f") == pytest.approx(found["f"][0, 0, 63].item(), abs=0.006)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  ", "nothing to read"),
        ("ab" * 5000, "Only the first 24 of 10,000 characters"),
        ("Li🙂", "read as unknown: 🙂"),
        ("שלם", "read as unknown: ש ל ם"),
    ],
)
def test_odd_names_are_handled_visibly(opened, text, said):
    with opened("gates_at_work") as explorable:
        explorable.get_by_label("A surname").fill(text)
        assert said in status(explorable)
        assert bool(bars(explorable)) == bool(text.strip())
        assert slider(explorable, "Unit").is_disabled() != bool(text.strip())


def test_unroll_a_word(opened, data):
    with opened("unroll_a_word") as explorable:
        step, table = slider(explorable, "Step"), explorable.locator(".sums")
        forward, back = (
            explorable.get_by_role("button", name=f"Step {way}") for way in ("forward", "back")
        )
        step.press("End")
        assert forward.is_disabled()
        letters, probabilities = (
            data["unroll_a_word"]["letters"],
            data["unroll_a_word"]["probabilities"],
        )
        found = bars(explorable)
        assert [found[x] for x in letters] == pytest.approx(probabilities, abs=6e-4)
        explorable.get_by_label("A word").fill("gu")
        step.press("Home")
        assert back.is_disabled()
        forward.tap()
        forward.tap()
        slider(explorable, "Unit").press("ArrowRight")  # unit 1
        expect(table.locator("caption")).to_have_text("What unit 1 adds up at step 2, the letter u")
        rows = [float(cell.replace(MINUS, "-")) for cell in table.locator("td").all_inner_texts()]
        assert sum(rows[:-2]) == pytest.approx(rows[-2], abs=0.006)
        weights = data["unroll_a_word"]["weights"]
        assert rows[0] == pytest.approx(weights["weight_ih"][1][letters.index("u")], abs=6e-4)
        assert bars(explorable)["u"] > 0.9
        back.tap()
        assert step.input_value() == "1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing to read"),
        ("guuu" * 2500, "Only the first 40 of 10,000 letters"),
        ("ba🙂 dii", "left out: 🙂"),
        ("Bשaא", "left out: ש א"),
    ],
)
def test_odd_words_are_handled_visibly(opened, text, said):
    with opened("unroll_a_word") as explorable:
        explorable.get_by_label("A word").fill(text)
        assert said in status(explorable)
        assert sum(bars(explorable).values()) == pytest.approx(1, abs=0.004)


def test_gradient_dial(opened, data):
    dial = data["gradient_dial"]
    with opened("gradient_dial") as explorable:
        sliders = [slider(explorable, name) for name in ("radius", "slope", "normality")]
        for each, key in zip(sliders, ("Home", "Home", "End"), strict=True):
            each.press(key)
        assert reading(explorable, "σ_max") == pytest.approx(dial["sigma_max"][0][-1], abs=0.006)
        measured = dial["norms"][0][-1][0]
        assert reading(explorable, "measured at 60") == pytest.approx(10 ** measured[-1], rel=0.5)
        dots = explorable.locator(".chart circle")
        assert dots.count() == 1 + sum(log > -40 for log in measured)
        for each in sliders[:2]:
            each.press("End")
        assert dots.count() == 0
        assert f"its mean slope is {dial['steepest'][-1][-1]:.2f}" in status(explorable)
        bound = dial["sigma_max"][-1][-1] ** 60
        assert reading(explorable, "bound at 60") == pytest.approx(bound, rel=0.5)


def test_cliff(opened, data):
    with opened("cliff") as explorable:
        assert re.search("plain path leaves the picture at update 1", status(explorable))
        assert reading(explorable, "first step") > 100
        assert reading(explorable, "clipped") == pytest.approx(0.1)
        box = explorable.locator(".overlay").bounding_box()
        mouse = explorable.page.mouse
        mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        mouse.down()
        mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] * 3 / 4)
        mouse.up()
        start = torch.tensor([4.45, -2.6], dtype=torch.float64)
        assert float(slider(explorable, "Start: w").input_value()) == pytest.approx(4.45, abs=0.006)
        norm = cliff.gradient(start).norm().item()
        assert reading(explorable, "gradient at the start") == pytest.approx(norm, abs=0.006)
        clipped = explorable.locator("polyline.clipped")
        before = clipped.get_attribute("points")
        slider(explorable, "Clip at").press("Home")
        assert clipped.get_attribute("points") != before
        assert reading(explorable, "clipped") == pytest.approx(0.01, abs=0.001)
        explorable.get_by_role("button", name="To the edge").tap()
        assert slider(explorable, "Start: w").input_value() == "4.8"
