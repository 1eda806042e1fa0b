"""The tanh network of chapter 3, stepped through a word as a reader would."""

import pytest
from explorable_pages import MINUS, most_probable, slider, status
from playwright.sync_api import expect

NAME = "unroll_a_word"
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("explorables")]


def button(explorable, way):
    return explorable.get_by_role("button", name=f"Step {way}")


def test_after_the_last_letter_it_expects_what_torch_does(explorable, data):
    slider(explorable, "Step").press("End")
    expect(button(explorable, "forward")).to_be_disabled()
    letters, probabilities = most_probable(explorable)
    assert letters == list(data["letters"])
    assert probabilities == pytest.approx(data["probabilities"], abs=6e-4)


def test_steps_go_forward_and_back_and_show_the_weights(explorable, data):
    explorable.locator("textarea").fill("gu")
    slider(explorable, "Step").press("Home")
    expect(button(explorable, "back")).to_be_disabled()
    button(explorable, "forward").tap()
    button(explorable, "forward").tap()
    slider(explorable, "Unit").press("ArrowRight")
    table = explorable.locator(".sums")
    expect(table.locator("caption")).to_have_text("What unit 1 adds up at step 2, the letter u")
    rows = [float(cell.replace(MINUS, "-")) for cell in table.locator("td").all_inner_texts()]
    assert rows[0] == pytest.approx(data["weights"]["weight_ih"][1][5], abs=6e-4)
    assert sum(rows[:-2]) == pytest.approx(rows[-2], abs=0.006)
    before = most_probable(explorable)[1]
    button(explorable, "back").tap()
    assert slider(explorable, "Step").input_value() == "1"
    assert most_probable(explorable)[1] != before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing to read"),
        ("guuu" * 2500, "Only the first 40 of 10,000 letters"),
        ("ba🙂 dii", "left out: 🙂"),
        ("Bשaא", "left out: ש א"),
    ],
)
def test_it_says_what_is_odd(explorable, text, said):
    explorable.locator("textarea").fill(text)
    assert said in status(explorable)
    assert sum(most_probable(explorable)[1]) == pytest.approx(1, abs=0.004)
