"""Predictions: an entry is kept in the browser and shown beside the answer, and nothing is sent."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from site_pages import PHONE

pytestmark = pytest.mark.browser

CHAPTER = "book/06_gates.html"
LEAVE_THE_PREDICTIONS = """document.querySelector("article").replaceChildren(
    ...document.querySelectorAll(".prediction"))"""
BEYOND = """[...document.querySelectorAll(".prediction form *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth).map((one) => one.outerHTML)"""
HEIGHT = """document.fonts.ready.then(
    () => document.querySelector("article").getBoundingClientRect().height)"""


@pytest.fixture
def page(open_page):
    return open_page(has_touch=True, **PHONE)


def number(page):
    """Return the first prediction, which asks for a number."""
    return page.locator(".prediction", has=page.get_by_label("Your number")).first


def choice(page):
    """Return the first prediction with choices."""
    return page.locator(".prediction", has=page.get_by_role("radio")).first


def answer(prediction):
    """Return what a prediction uncovers."""
    return prediction.locator("details > :not(summary)")


def enter_a_number(page, value):
    """Type a number as a reader would, and press the button from the keyboard."""
    number(page).get_by_label("Your number").focus()
    page.keyboard.type(value)
    page.keyboard.press("Enter")


def test_a_number_is_shown_beside_the_answer_and_kept(page, address):
    page.goto(f"{address}/{CHAPTER}")
    expect(answer(number(page))).not_to_be_visible()
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    enter_a_number(page, "-1.5e3")
    expect(answer(number(page))).to_contain_text("You predicted -1.5e3")
    expect(answer(number(page))).to_contain_text("The derivative is more than 1")
    expect(answer(number(page))).to_be_visible()
    expect(number(page).get_by_label("Your number")).to_be_focused()
    assert number(page).locator("[aria-live=polite]").count() == 1
    assert requests == []
    page.reload()
    assert number(page).get_by_label("Your number").input_value() == "-1.5e3"
    expect(answer(number(page))).not_to_be_visible()
    number(page).locator("summary").click()
    expect(answer(number(page))).to_contain_text("You predicted -1.5e3")
    expect(choice(page).locator(".own-prediction")).to_have_count(0)


def test_a_choice_is_shown_beside_the_answer_and_kept(page, address):
    page.goto(f"{address}/{CHAPTER}")
    radios = choice(page).get_by_role("radio")
    radios.first.focus()
    page.keyboard.press("ArrowDown")
    label = radios.nth(1).evaluate("(radio) => radio.parentElement.textContent.trim()")
    choice(page).get_by_role("button", name="Compare").press("Enter")
    expect(answer(choice(page))).to_be_visible()
    expect(answer(choice(page)).locator(".own-prediction")).to_have_text(f"You predicted {label}")
    page.reload()
    expect(radios.nth(1)).to_be_checked()
    expect(answer(choice(page)).locator(".own-prediction")).to_have_text(f"You predicted {label}")


@pytest.mark.slow
def test_without_an_entry_only_the_answer_itself_opens(page, address):
    page.goto(f"{address}/{CHAPTER}")
    for prediction in (number(page), choice(page)):
        prediction.get_by_role("button", name="Compare").click()
        expect(answer(prediction)).not_to_be_visible()  # the browser asks for an entry
        prediction.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(answer(prediction)).to_be_visible()
        expect(prediction.locator(".own-prediction")).to_have_count(0)
    assert page.evaluate("Object.keys(localStorage).filter((k) => k.includes('prediction'))") == []


@pytest.mark.slow
def test_neither_the_script_nor_what_is_kept_moves_the_text(page, address):
    page.route("**/predictions.js*", lambda route: route.fulfill(body=""))
    page.goto(f"{address}/{CHAPTER}")
    heights = [page.evaluate(HEIGHT)]
    page.unroute_all()
    page.goto(f"{address}/{CHAPTER}")
    heights.append(page.evaluate(HEIGHT))
    enter_a_number(page, "7")
    page.goto(f"{address}/{CHAPTER}")
    assert number(page).get_by_label("Your number").input_value() == "7"
    heights.append(page.evaluate(HEIGHT))
    assert max(heights) - min(heights) < 1


def test_without_scripts_and_on_paper_there_is_no_form(open_page, page, address):
    still = open_page(java_script_enabled=False, **PHONE)
    still.goto(f"{address}/{CHAPTER}")
    assert still.locator(".prediction form:visible").count() == 0
    expect(answer(still.locator(".prediction").first)).not_to_be_visible()
    still.locator(".prediction summary").first.click()
    expect(answer(still.locator(".prediction").first)).to_be_visible()
    page.goto(f"{address}/{CHAPTER}")
    assert page.locator(".prediction form:visible").count() > 1
    page.emulate_media(media="print")
    assert page.locator(".prediction form:visible").count() == 0
    expect(answer(page.locator(".prediction").first)).to_be_visible()


def test_axe_finds_nothing_and_a_phone_is_wide_enough(page, address):
    page.goto(f"{address}/{CHAPTER}")
    enter_a_number(page, "7")
    assert page.evaluate(BEYOND) == []
    page.evaluate(LEAVE_THE_PREDICTIONS)  # axe takes its time for all the rest
    options = {"preload": False, "resultTypes": ["violations"]}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"document.documentElement.dataset.theme == '{scheme}'")
        response = Axe().run(page, context=".prediction", options=options).response
        assert response["passes"]
        assert not [(fault["id"], fault["nodes"][0]["html"]) for fault in response["violations"]]


def test_only_pages_with_a_prediction_load_the_script(built_site):
    pages = {p: p.read_text(encoding="utf-8") for p in (built_site / "book").glob("*.html")}
    with_script = {path.stem for path, text in pages.items() if "predictions.js" in text}
    assert with_script == {path.stem for path, text in pages.items() if "data-key=" in text}
    assert "06_gates" in with_script
    assert "setup" not in with_script
