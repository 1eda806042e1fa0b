"""Folded code: what it is called, that it is closed, how it opens; and a program copied whole."""

import re

import pytest
from playwright.sync_api import expect
from site_pages import DESKTOP, ROOT

from tools.contracts.rewrite import code_cells, read

CHAPTER = "book/06_gates"
KINDS = {"Code": "tag_hide-input", "Proof": "tag_proof"}
# What MyST-NB makes of the tag of a cell, since no chapter need have one
MAKE_A_LISTING = """document.querySelector("div.cell:has(> .cell_input)")
    .classList.add("tag_listing")"""


@pytest.fixture
def page(open_page):
    return open_page(**DESKTOP)


def test_folds_say_what_they_hold_and_are_closed(articles):
    folds = {name: page.select("details.hide") for name, page in articles.items()}
    for name, found in folds.items():
        for fold in found:
            prompts = {prompt.get_text() for prompt in fold.select("summary > p")}
            assert len(prompts) == 1, name
            assert prompts <= {"Code", "Proof", "Output"}, name
            assert not fold.has_attr("open"), name
    assert folds[CHAPTER]


def test_every_tagged_cell_is_folded(articles):
    tags = [cell.metadata.get("tags", []) for cell in code_cells(read(ROOT / f"{CHAPTER}.ipynb"))]
    cells = articles[CHAPTER].select("div.cell")
    assert len(cells) == len(tags)
    for cell, own in zip(cells, tags, strict=True):
        prompt = cell.select_one("summary > p")
        expected = "Proof" if "proof" in own else "Code" if "hide-input" in own else None
        assert (prompt and prompt.get_text()) == expected
        outputs = cell.select(".cell_output")
        if expected == "Code":  # a figure stays where it is
            assert not [output for output in outputs if output.find_parent("details")]
        if expected == "Proof":
            assert all(output.find_parent("details") for output in outputs)
    open_code = [cell for cell in cells if not cell.select_one("details")]
    assert not [cell for cell in open_code if "assert" in cell.select_one(".cell_input").get_text()]


@pytest.mark.browser
def test_folds_open_and_close_with_the_keyboard_and_solutions_at_their_names(page, address):
    page.goto(f"{address}/{CHAPTER}.html")
    for prompt, kind in KINDS.items():
        fold = page.locator(f"div.{kind} > details").first
        code = fold.locator("pre").first
        expect(code).not_to_be_visible()
        fold.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(code).to_be_visible()
        expect(fold.locator("summary")).to_have_text(prompt, use_inner_text=True)
        page.keyboard.press("Space")
        expect(code).not_to_be_visible()
    title = page.locator(".solution > .admonition-title:has(a)").first
    title.scroll_into_view_if_needed()
    box = title.locator("a").bounding_box()  # the name of the exercise, which is a link
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".solution").first).not_to_have_class(re.compile("toggle-hidden"))


# What is inside of the first fold has this style when the page is loaded, and when it is called.
FOLDED = """() => getComputedStyle(document.querySelector("details.hide"), "::details-content")"""


@pytest.mark.browser
def test_a_fold_costs_nothing_while_the_page_loads_and_is_found_by_a_search_after(page, address):
    page.add_init_script(f"addEventListener('load', () => window.first = ({FOLDED})().display)")
    page.goto(f"{address}/{CHAPTER}.html")
    assert page.evaluate("window.first") == "none"
    page.locator("html.settled").wait_for()
    assert page.evaluate(f"({FOLDED})().display") == "block"
    assert page.evaluate(f"({FOLDED})().contentVisibility") == "hidden", "a search opens it"


@pytest.mark.browser
def test_what_is_too_wide_in_an_open_fold_scrolls_with_the_keyboard(page, address):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{address}/{CHAPTER}.html")
    page.locator("html.settled").wait_for()
    fold = page.locator("details.hide:has(pre)").first
    fold.locator("summary").click()
    code = fold.locator("pre").first
    assert code.evaluate("code => code.scrollWidth > code.clientWidth")
    expect(code).to_have_attribute("tabindex", "0")


@pytest.mark.browser
def test_paper_says_where_folded_code_is(page, address):
    page.goto(f"{address}/{CHAPTER}.html")
    page.emulate_media(media="print")
    for is_open in ("false", "true"):  # as readers left it; the printed book opens all
        page.evaluate(
            f"document.querySelectorAll('details').forEach((d) => {{ d.open = {is_open} }})"
        )
        for prompt, kind in KINDS.items():
            fold = page.locator(f"div.{kind} > details").first
            expect(fold.locator("pre").first).not_to_be_visible()
            line = fold.locator("summary > p:visible")
            expect(line).to_have_text(prompt)
            said = line.evaluate("(line) => getComputedStyle(line, '::after').content")
            assert said == '": in the notebook"'
        expect(page.locator("div.tag_hide-input :is(img, svg.drawing)").first).to_be_visible()


@pytest.mark.browser
def test_a_listing_is_copied_whole_by_a_button_that_says_so(page, address):
    page.goto(f"{address}/{CHAPTER}.html")
    page.evaluate(MAKE_A_LISTING)
    listing = page.locator("div.cell.tag_listing")
    button = listing.get_by_role("button", name="Copy the whole program")
    page.mouse.move(0, 0)
    expect(button).to_have_css("opacity", "1")  # without a pointer
    button.focus()
    page.keyboard.press("Enter")
    expect(listing.locator("button.success")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == listing.locator("pre").inner_text().strip()
    assert copied.count("\n") > 10
