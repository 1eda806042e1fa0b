"""Ways to choose the next character, tried in the page as a reader would."""

import pytest
from explorable_pages import most_probable, reading
from playwright.sync_api import expect

NAME = "sampling"
pytestmark = pytest.mark.browser


WAYS = {
    "temperature 0.5": ("0.5", "no filter", None),
    "temperature 1": ("1", "no filter", None),
    "temperature 1.5": ("1.5", "no filter", None),
    "top-k 5": ("1", "top-k", ("k", "5")),
    "nucleus 0.9": ("1", "nucleus", ("p", "0.9")),
}


def choose(explorable, temperature, way, number):
    """Set the controls."""
    explorable.get_by_label("Temperature").fill(temperature)
    explorable.get_by_label("Filter").select_option(way)
    if number:
        explorable.get_by_label(number[0], exact=True).fill(number[1])


def test_sampling_shows_what_torch_computes(explorable, data):
    for context in data["contexts"]:
        explorable.get_by_role("button", name=context["name"]).tap()
        expect(explorable.locator("textarea")).to_have_value(context["text"])
        assert set(context["ways"]) == set(WAYS)
        for name, controls in WAYS.items():
            choose(explorable, *controls)
            expected = context["ways"][name]
            assert reading(explorable, "can be drawn") == expected["kept"]
            assert reading(explorable, "entropy") == pytest.approx(expected["entropy"], abs=6e-3)
            largest = reading(explorable, "largest probability")
            assert largest == pytest.approx(expected["largest"], abs=6e-4)
            assert most_probable(explorable)[1][0] == largest


def test_greedy_choice_leaves_one_and_goes_round_in_circles(explorable):
    explorable.get_by_role("button", name="a wide choice").tap()
    temperature = explorable.get_by_label("Temperature")
    temperature.fill("0.05")
    temperature.press("ArrowLeft")
    assert temperature.get_attribute("aria-valuetext") == "0, greedy"
    assert reading(explorable, "can be drawn") == 1
    expect(explorable.get_by_label("Filter")).to_be_disabled()
    texts = []
    for heat in ("0", "0", "1", "1"):
        temperature.fill(heat)
        explorable.get_by_role("button", name="Write 200 characters").tap()
        texts.append(explorable.locator(".colored").inner_text())
    assert texts[0] == texts[1]
    assert len(set(texts)) == 3, "each push of the button draws anew"
    assert {len(text) for text in texts} == {200}


def test_sampling_says_what_is_odd(explorable):
    explorable.locator("textarea").fill("")
    expect(explorable.get_by_role("status")).to_have_text("Nothing is read yet: type a character.")
    expect(explorable.get_by_role("button", name="Write 200 characters")).to_be_disabled()
    assert most_probable(explorable) == ([], [])
    explorable.locator("textarea").fill("naïve")
    expect(explorable.get_by_role("status")).to_contain_text("ï")
    explorable.locator("textarea").fill("n" * 10_000)
    expect(explorable.get_by_role("status")).to_contain_text("Only the first 2,000", timeout=20_000)
