"""What readers do with the pages, in a real browser: search, copy, unfold, switch, preview."""

import pytest
from playwright.sync_api import expect
from site_pages import DESKTOP, SHIFT

from tools.site.serving import serving

pytestmark = pytest.mark.browser

CHAPTER = "book/05_vanishing_gradients.html"
# a word, and a page that has to be among the first ten results
SEARCHES = {
    "LSTM": "Gates",
    "backpropagation through time": "Backpropagation through time",
    "W_hh": "Recurrence",
    "weight_hh": "Reference: networks",
    "σ": "Vanishing",
    "perplexity": "Text generation",
    "diagnose": "Reference: training",
    "Shakespeare": "Text generation",
    "sunspots": "Time series",
    "syllabus": "instructors",
}


@pytest.fixture
def page(open_page):
    return open_page(**DESKTOP)


def titles_found(page, address, words):
    """Search, and return the titles of the first results."""
    page.goto(f"{address}/search.html")
    page.fill("#main-content input[name=q]", words)
    page.keyboard.press("Enter")
    expect(page.locator(".search-summary")).to_contain_text("found", timeout=20_000)
    return page.locator("#search-results ul.search > li > a").all_text_contents()[:10]


def no_excerpt(route):
    """Answer for the page that an excerpt would come from; that takes longer than all the rest."""
    route.fulfill(body="", headers={"Cache-Control": "no-store"})


@pytest.mark.slow
def test_search_finds(page, address):
    page.route("**/book/*.html*", no_excerpt)
    found = {words: titles_found(page, address, words) for words in SEARCHES}
    missed = {w: found[w] for w in SEARCHES if not any(SEARCHES[w] in title for title in found[w])}
    assert not missed


def test_copy_button_copies_the_code(page, address):
    page.goto(f"{address}/{CHAPTER}")
    cell = page.locator("div.cell > div.cell_input div.highlight").first
    cell.hover()
    cell.locator("button.copybtn").click()
    expect(cell.locator("button.copybtn.success")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == cell.locator("pre").inner_text().strip()


def test_a_folded_answer_opens_with_the_keyboard(page, address):
    page.goto(f"{address}/{CHAPTER}")
    answer = page.locator("details.sd-dropdown, .admonition.dropdown").first
    summary = answer.locator("summary, .toggle-button, button").first
    text = answer.locator("p:not(.admonition-title)").first
    expect(text).not_to_be_visible()
    summary.focus()
    page.keyboard.press("Enter")
    expect(text).to_be_visible()


def test_the_theme_is_switched_and_remembered(page, address):
    page.goto(f"{address}/{CHAPTER}")
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "light")
    for _ in range(3):
        page.locator(".theme-switch-button").first.click()
        if root.get_attribute("data-mode") == "dark":
            break
    expect(root).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    page.goto(f"{address}/book/glossary.html")
    expect(root).to_have_attribute("data-theme", "dark")


def test_the_keyboard_reaches_the_text_and_the_search(page, address):
    page.goto(f"{address}/{CHAPTER}")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to main content")).to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.locator("#pst-search-dialog input")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#pst-search-dialog")).not_to_be_visible()


@pytest.mark.parametrize(
    ("link", "shown"),
    [("glossary.html#term-", "exponentially"), ("references.html#id", "Pascanu")],
)
def test_a_link_shows_what_it_leads_to(page, address, link, shown):
    page.goto(f"{address}/{CHAPTER}")
    place = page.locator(f'article a.internal[href*="{link}"]').first
    preview = page.locator("#preview")
    expect(preview).not_to_be_visible()
    place.focus()
    expect(preview).to_contain_text(shown)
    assert place.get_attribute("aria-describedby") == "preview"
    page.keyboard.press("Escape")
    expect(preview).not_to_be_visible()
    place.hover()
    expect(preview).to_be_visible()


def test_nothing_moves_while_a_page_arrives(page, address):
    page.add_init_script(SHIFT)
    page.goto(f"{address}/{CHAPTER}")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.shift") <= 0.01


def test_the_site_works_in_a_subfolder(page, built_site, tmp_path):
    (tmp_path / "some" / "where").mkdir(parents=True)
    (tmp_path / "some" / "where" / "book").symlink_to(built_site)
    failed = []
    page.on("response", lambda response: response.status >= 400 and failed.append(response.url))
    with serving(tmp_path) as address:
        folder = f"{address}/some/where/book"
        page.goto(folder)
        page.wait_for_url("**/book/book/index.html")
        page.goto(f"{folder}/{CHAPTER}")
        page.locator(".prev-next-footer a.right-next").click()
        page.wait_for_url("**/06_gates.html")
        assert any("Gates" in title for title in titles_found(page, folder, "LSTM"))
    assert not failed
