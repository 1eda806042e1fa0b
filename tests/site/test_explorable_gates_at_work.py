"""The LSTM of chapter 6 and its gates, used in the page as a reader would."""

import pytest
import torch
from explorable_pages import MINUS, PHONE, most_probable, reading, slider, status

from rnn_tutorial.models import zoo
from rnn_tutorial.states import gates

NAME = "gates_at_work"
pytestmark = pytest.mark.browser


@torch.no_grad()
def of_torch(name, shift):
    """Return gates, cell and answer, with a number added to the forget biases."""
    model, vocabulary, about = zoo.load("surname_lstm")
    model.recurrent.bias_ih_l0.chunk(4)[1].add_(shift)
    found = gates.trace(model.recurrent, model.embedding(torch.tensor([vocabulary.encode(name)])))
    answer = model.output(found["h"][-1, 0]).softmax(-1)
    classes = about["classes"].split(",")
    return found, classes[answer.argmax()], answer.max().item()


def test_it_opens_with_the_name_of_the_figure(explorable, data):
    assert explorable.get_by_role("textbox").input_value() == "Hanáková"
    assert most_probable(explorable)[0][0] == "Slovak"
    assert slider(explorable, "Letter").input_value() == "8"
    assert slider(explorable, "Unit").input_value() == str(data["unit"])


@pytest.mark.parametrize(("key", "shift"), [("Home", -8), ("End", 8)])
def test_the_dial_is_that_of_torch(explorable, data, key, shift):
    explorable.get_by_role("textbox").fill("Nguyen")
    slider(explorable, "forget bias").press(key)
    found, best, probability = of_torch("Nguyen", shift)
    for gate in "ifo":
        mean = found[gate][-1].mean().item()
        assert reading(explorable, f"mean {gate}") == pytest.approx(mean, abs=0.006)
    names, probabilities = most_probable(explorable)
    assert names[0] == best
    assert probabilities[0] == pytest.approx(probability, abs=6e-4)
    dial = {each["shift"]: each["accuracy"] for each in data["dial"]}
    assert f"{dial[shift]:.2f} of the test names" in status(explorable)


HEIGHTS = """(bars) => bars.map((bar) => bar.offsetHeight / bar.parentElement.offsetHeight)"""


def test_one_gate_is_told_letter_by_letter_and_a_finger_chooses_the_unit(explorable):
    explorable.get_by_role("textbox").fill("Nguyen")
    slider(explorable, "forget bias").fill("0")
    slider(explorable, "Unit").fill("7")
    slider(explorable, "Letter").fill("2")
    explorable.get_by_role("button", name="Unit forward").tap()
    found, *_ = of_torch("Nguyen", 0)
    for strip, gate in zip(explorable.locator(".strip").all(), "ifo", strict=False):
        heights = strip.locator(".bar").evaluate_all(HEIGHTS)
        assert heights == pytest.approx(found[gate][:, 0, 8].tolist(), abs=0.04)
    keep, before = found["f"][1, 0, 8].item(), found["c"][0, 0, 8].item()
    told = explorable.locator(".story").inner_text().replace(MINUS, "-")
    assert f"At g unit 8 keeps {keep:.2f} · {before:.2f} and" in told
    explorable.locator(".strip").first.locator("> span").nth(4).tap()
    assert slider(explorable, "Letter").get_attribute("aria-valuetext") == "e"


def test_the_frame_is_seen_on_a_row_of_any_color(explorable):
    explorable.get_by_role("textbox").fill("Nguyen")
    for unit in ("Home", "End"):
        slider(explorable, "Unit").press(unit)
        frame, canvas = (
            explorable.locator(f".map > {name}").first for name in (".frame", "canvas")
        )
        box, map_ = frame.bounding_box(), canvas.bounding_box()
        assert box["height"] >= 9
        assert map_["y"] - 0.5 <= box["y"]
        assert box["y"] + box["height"] <= map_["y"] + map_["height"] + 0.5


def test_name_dial_and_answer_are_on_one_screen_of_a_phone(explorable):
    top = explorable.get_by_role("textbox").bounding_box()["y"]
    bars = explorable.locator(".bars").bounding_box()
    assert bars["y"] + bars["height"] - top < PHONE["height"] / 2


def test_a_tap_on_a_map_chooses_a_unit_and_a_letter(explorable):
    explorable.get_by_role("textbox").fill("Nguyen")
    slider(explorable, "forget bias").fill("0")
    canvas = explorable.locator("canvas").first
    canvas.tap(position={"x": 3, "y": canvas.bounding_box()["height"] - 1})
    assert slider(explorable, "Letter").get_attribute("aria-valuetext") == "n"
    assert slider(explorable, "Unit").input_value() == "63"
    slider(explorable, "Unit").press("ArrowLeft")
    found, *_ = of_torch("Nguyen", 0)
    for name in "ifogch":
        expected = found[name][0, 0, 62].item()
        assert reading(explorable, name) == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  ", "Nothing is read yet"),
        ("ab" * 5000, "Only the first 24 characters"),
        ("Li🙂", 'read as "unknown": 🙂'),
        ("שלם", 'read as "unknown": ש ל ם'),
    ],
)
def test_it_says_what_is_odd(explorable, text, said):
    explorable.get_by_role("textbox").fill(text)
    assert said in status(explorable)
    assert bool(most_probable(explorable)[0]) == bool(text.strip())
    assert slider(explorable, "Unit").is_disabled() != bool(text.strip())
