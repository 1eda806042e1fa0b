"""The character model in the page, used as a reader would; its numbers are PyTorch's."""

import re

import pytest
import torch
from explorable_pages import MINUS, most_probable, reading
from playwright.sync_api import expect

from rnn_tutorial.models import zoo

NAME = "character_model"
pytestmark = pytest.mark.browser


@torch.no_grad()
def of_torch(text):
    """Return what PyTorch makes of a text: the last state and the next characters with theirs."""
    model, vocabulary, _ = zoo.load("small")
    tokens = torch.tensor(vocabulary.look_up(list(text)))
    states, _ = model.recurrent(model.embedding(tokens)[None])
    p = model.output(states[0, -1]).softmax(-1)
    order = p.argsort(descending=True)
    names = {" ": "␣", "\n": "↵"}
    characters = [names.get(vocabulary.tokens[i], vocabulary.tokens[i]) for i in order]
    return states[0, :, :], characters, p[order]


def test_the_model_opens_as_the_chapter_says(explorable, data):
    expect(explorable.locator("textarea")).to_have_value(data["text"])
    characters, probabilities = most_probable(explorable)
    assert characters[:5] == data["next"]
    assert probabilities[:5] == pytest.approx(data["probabilities"], abs=6e-4)
    assert explorable.get_by_label("Unit", exact=True).input_value() == str(data["unit"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("\n\nHAMLE", ""),
        pytest.param(
            "To be, or not to be.\n" * 477,
            "Only the first 10,000 characters are read.",
            marks=pytest.mark.slow,
        ),
        ("What 🙂👩‍👧 is this", '"unknown": 🙂 👩'),
        ("שלום, who goes?", '"unknown": ש ל'),
    ],
    ids=["a word", "10,000 characters", "emoji", "from the right"],
)
def test_the_model_reads_what_is_typed_as_torch_does(explorable, text, says):
    explorable.locator("textarea").fill(text)
    expect(explorable.get_by_role("status")).not_to_contain_text("Read:", timeout=60_000)
    expect(explorable.get_by_role("status")).to_contain_text(says)
    states, expected, p = of_torch(text[:10_000])
    assert reading(explorable, "read") == len(states)
    characters, probabilities = most_probable(explorable)
    assert characters == expected[: len(characters)]
    assert probabilities == pytest.approx(p[:10].tolist(), abs=6e-4)
    unit = int(explorable.get_by_label("Unit", exact=True).input_value())
    shown = explorable.get_by_label("Unit", exact=True).get_attribute("aria-valuetext")
    value = float(shown.removeprefix(f"{unit}: ").replace(MINUS, "-"))
    assert value == pytest.approx(float(states[-1, unit]), abs=6e-3)


def test_an_empty_text_is_said_to_be_empty(explorable):
    explorable.locator("textarea").fill("")
    expect(explorable.get_by_role("status")).to_have_text("Nothing is read yet: type a character.")
    assert most_probable(explorable) == ([], [])
    expect(explorable.get_by_role("button", name="Write on")).to_be_disabled()
    explorable.get_by_role("button", name="Start again").tap()
    expect(explorable.get_by_role("status")).to_have_text("")
    expect(explorable.get_by_role("button", name="Write on")).to_be_enabled()


COLORS = """(marks) => marks.map((mark) => [
    mark.classList.contains("positive") ? "positive" : "negative",
    Number(mark.style.getPropertyValue("--size")),
])"""


def test_a_unit_that_is_chosen_colors_the_text(explorable):
    explorable.locator("textarea").fill("Who's there?")
    states, _, _ = of_torch("Who's there?")
    squares = explorable.locator(".squares rect")
    squares.nth(5).tap()
    explorable.get_by_label("Unit", exact=True).press("ArrowRight")
    expect(explorable.get_by_text("colored by unit 6")).to_be_visible()
    shown = explorable.locator(".colored span").evaluate_all(COLORS)
    expected = [("positive" if h >= 0 else "negative", abs(h)) for h in states[:, 6].tolist()]
    assert [sign for sign, _ in shown] == [sign for sign, _ in expected]
    sizes = [size for _, size in expected]
    assert [size for _, size in shown] == pytest.approx(sizes, abs=1e-3)
    shown = squares.evaluate_all(COLORS)[: states.shape[1]]
    assert [size for _, size in shown] == pytest.approx(states[-1].abs().tolist(), abs=1e-3)


def written_so_far(explorable):
    return explorable.locator(".readings div", has_text="written").locator("dd")


def test_the_model_writes_on_and_says_how_fast(explorable):
    explorable.get_by_role("button", name="Start again").tap()
    before = reading(explorable, "read")
    explorable.get_by_role("button", name="One character").tap()
    assert reading(explorable, "read") == before + 1
    explorable.get_by_label("Speed").select_option("as fast as it can")
    write = explorable.get_by_role("button", name="Write on")
    write.tap()
    written = re.compile(rf"^[\s\S]{{{int(before) + 1 + 1000}}}$")
    expect(explorable.locator("textarea")).to_have_value(written, timeout=60_000)
    expect(write).to_be_visible()
    assert reading(explorable, "read") == before + 1 + 1000
    assert re.fullmatch(r"1,000, [\d,]+ a second", written_so_far(explorable).inner_text())
    text = explorable.locator("textarea").input_value()
    assert set(text) <= set(zoo.load("small")[1].tokens[2:])


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_it_says_how_much_it_has_written_and_can_be_paused(explorable, motion):
    explorable.page.emulate_media(reduced_motion=motion)
    explorable.get_by_role("button", name="Start again").tap()
    explorable.get_by_label("Speed").select_option("8 a second")
    explorable.get_by_role("button", name="Write on").tap()
    expect(written_so_far(explorable)).to_have_text(re.compile(r"^[1-9]\d* of 1,000$"))
    explorable.get_by_role("button", name="Pause").tap()
    text = explorable.locator("textarea").input_value()
    expect(explorable.get_by_role("button", name="Write on")).to_be_visible()
    assert len(text) < 300
    assert reading(explorable, "read") == len(text)
