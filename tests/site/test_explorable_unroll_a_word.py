"""The tanh network of chapter 3, stepped through a word as a reader would."""

import pytest
from explorable_pages import MINUS, most_probable, slider, status
from playwright.sync_api import expect

NAME = "unroll_a_word"
pytestmark = pytest.mark.browser


def button(explorable, name):
    return explorable.get_by_role("button", name=name, exact=True)


def field(explorable):
    return explorable.get_by_role("textbox")


def test_after_the_last_letter_it_expects_what_torch_does(explorable, data):
    slider(explorable, "Step").press("End")
    letters, probabilities = most_probable(explorable)
    assert letters == list(data["letters"])
    assert probabilities == pytest.approx(data["probabilities"], abs=6e-4)
    longest = explorable.locator(".bar").evaluate_all("(all) => all.map((bar) => bar.offsetWidth)")
    assert max(longest) == explorable.locator(".track").first.evaluate(
        "(track) => track.firstElementChild.offsetWidth"
    )


def test_steps_go_forward_and_back_and_keep_the_focus_at_the_ends(explorable):
    field(explorable).fill("gu")
    slider(explorable, "Step").press("Home")
    names = ("Step forward", "Step back")
    for name, other, end in ((*names, "2"), (*reversed(names), "0")):
        for _ in range(3):
            button(explorable, name).press("Enter")
        assert slider(explorable, "Step").input_value() == end
        expect(button(explorable, name)).to_be_focused()
        expect(button(explorable, name)).to_have_attribute("aria-disabled", "true")
        expect(button(explorable, other)).to_have_attribute("aria-disabled", "false")


def test_a_step_shows_the_weights_that_the_unit_adds_up(explorable, data):
    field(explorable).fill("gu")
    slider(explorable, "Step").press("End")
    slider(explorable, "Unit").fill("1")
    table = explorable.locator(".sums")
    expect(table.locator("caption")).to_have_text("What unit 1 adds up at step 2, the letter u")
    rows = [float(cell.replace(MINUS, "-")) for cell in table.locator("td").all_inner_texts()]
    assert rows[0] == pytest.approx(data["weights"]["weight_ih"][1][5], abs=6e-4)
    assert sum(rows[:-2]) == pytest.approx(rows[-2], abs=0.006)
    before = most_probable(explorable)[1]
    button(explorable, "Step back").tap()
    assert slider(explorable, "Step").input_value() == "1"
    assert most_probable(explorable)[1] != before
    # what is framed is what is added up: one row of the weights, and the whole state before
    frames = explorable.locator(".equation .frame").evaluate_all(
        "(all) => all.map((frame) => ['y', 'width', 'height'].map("
        "(name) => Math.round(frame.getAttribute(name))))"
    )
    assert frames == [[1, 1, 1], [1, 1, 1], [1, 8, 1], [0, 1, 8], [1, 1, 1], [1, 1, 1]]


def test_it_plays_to_the_end_and_typing_keeps_the_step(explorable):
    field(explorable).fill("guu")
    slider(explorable, "Step").fill("1")
    button(explorable, "Play").tap()
    expect(slider(explorable, "Step")).to_have_value("3")
    expect(button(explorable, "Play")).to_be_visible()
    field(explorable).press("End")
    field(explorable).press_sequentially("ba")
    field(explorable).press("Enter")
    expect(field(explorable)).to_have_value("guuba")
    expect(slider(explorable, "Step")).to_have_value("3")
    explorable.page.emulate_media(reduced_motion="reduce")
    expect(button(explorable, "Play")).to_be_hidden()
    explorable.page.emulate_media(reduced_motion="no-preference")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing to read"),
        ("guuu" * 2500, "Only the first 40 of 10,000 letters"),
        ("ba🙂 dii", "left out: 🙂"),
        ("Bשaא", "left out: ש א"),
    ],
)
def test_it_says_what_is_odd_and_nothing_moves(explorable, text, said):
    field(explorable).fill("gu")
    height = explorable.bounding_box()["height"]
    field(explorable).fill(text)
    assert said in status(explorable)
    assert sum(most_probable(explorable)[1]) == pytest.approx(1, abs=0.004)
    assert explorable.bounding_box()["height"] == height
