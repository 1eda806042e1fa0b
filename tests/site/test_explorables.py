"""The explorables in headless Chromium: each is used as a reader would, and its numbers checked."""

import gzip
import re
from contextlib import contextmanager

import pytest
import torch
from playwright.sync_api import expect, sync_playwright
from serving import FLAGS

from rnn_tutorial.experiments import character_model
from rnn_tutorial.explorables import export

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("explorables")]

CHAPTER = "book/10_text_generation.html"
MINUS = "\N{MINUS SIGN}"
ALLOWANCE = 250 * 1024  # bytes that the explorables of a page may add to it, gzipped


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def opened(browser, address, **options):
    """Open the chapter and write down what goes wrong and what is loaded."""
    context = browser.new_context(**{"viewport": {"width": 360, "height": 740}, **options})
    page = context.new_page()
    faults, loaded = [], {}
    page.on("console", lambda message: message.type == "error" and faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("response", lambda response: loaded.update({response.url: response}))
    page.goto(f"{address}/{CHAPTER}")
    yield page, loaded
    assert not faults
    context.close()


@pytest.fixture(scope="module")
def chapter(browser, address):
    """Return the chapter on a phone; what the tests do there they do one after the other."""
    with opened(browser, address, has_touch=True) as (page, _):
        yield page


def start(page, name):
    """Bring an explorable into view and wait until it has started."""
    page.locator(f"figure:has([data-explorable={name}])").scroll_into_view_if_needed()
    explorable = page.locator(f"figure.is-live [data-explorable={name}]")
    explorable.wait_for()
    return explorable


def reading(explorable, name):
    """Return the number that stands first in a reading."""
    pair = explorable.locator(".readings div", has=explorable.page.locator(f"dt:text-is('{name}')"))
    text = pair.locator("dd").inner_text().replace(",", "").replace(MINUS, "-")
    return float(text.split()[0])


def most_probable(explorable):
    """Return the rows of the bars that are shown: characters and probabilities."""
    rows = [row.split("\t") for row in explorable.locator(".bars tr:visible").all_inner_texts()]
    return [row[0].strip() for row in rows], [float(row[-1]) for row in rows]


@torch.no_grad()
def of_torch(text):
    """Return what PyTorch makes of a text: the last state and the next characters with theirs."""
    model, vocabulary, _ = character_model.load_checkpoint("small")
    tokens = torch.tensor(vocabulary.look_up(list(text)))
    states, _ = model.recurrent(model.embedding(tokens)[None])
    p = model.output(states[0, -1]).softmax(-1)
    order = p.argsort(descending=True)
    names = {" ": "␣", "\n": "↵"}
    characters = [names.get(vocabulary.tokens[i], vocabulary.tokens[i]) for i in order]
    return states[0, :, :], characters, p[order]


def test_it_is_loaded_when_it_comes_into_view_and_is_light(browser, address):
    with opened(browser, address) as (page, loaded):
        page.wait_for_load_state("networkidle")
        assert not [url for url in loaded if "/explorables/data/" in url]
        for name in ("character_model", "sampling"):
            start(page, name)
        own = [url for url in loaded if re.search(r"/explorables/|_images/\w+\.webp", url)]
        assert sum("small.safetensors" in url for url in own) == 1
        sizes = {url: len(gzip.compress(loaded[url].body())) for url in own}
        assert 170_000 < sum(sizes.values()) < ALLOWANCE, sizes


def test_paper_and_pages_without_scripts_show_the_still(browser, address, chapter):
    start(chapter, "sampling")
    figure = chapter.locator("figure:has([data-explorable=sampling])")
    for medium, live in (("print", False), ("screen", True)):
        chapter.emulate_media(media=medium)
        assert figure.locator("[data-explorable]").is_visible() == live
        assert figure.locator("img").is_visible() != live
    with opened(browser, address, java_script_enabled=False) as (page, _):
        picture = page.locator("figure:has([data-explorable=sampling]) img")
        assert picture.is_visible()
        assert picture.get_attribute("alt")
        assert page.locator("[data-explorable]:visible").count() == 0


def test_the_model_opens_as_the_chapter_says(chapter):
    explorable = start(chapter, "character_model")
    numbers = export("character_model")
    expect(explorable.locator("textarea")).to_have_value(numbers["text"])
    characters, probabilities = most_probable(explorable)
    assert characters[:5] == numbers["next"]
    assert probabilities[:5] == pytest.approx(numbers["probabilities"], abs=6e-4)
    assert explorable.get_by_label("Unit", exact=True).input_value() == str(numbers["unit"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("\n\nHAMLE", ""),
        ("To be, or not to be.\n" * 477, "Only the first 10,000 characters are read."),
        ("What 🙂👩‍👧 is this", '"unknown": 🙂 👩'),
        ("שלום, who goes?", '"unknown": ש ל'),
    ],
    ids=["a word", "10,000 characters", "emoji", "from the right"],
)
def test_the_model_reads_what_is_typed_as_torch_does(chapter, text, says):
    explorable = start(chapter, "character_model")
    explorable.locator("textarea").fill(text)
    expect(explorable.get_by_role("status")).not_to_contain_text("Read:", timeout=60_000)
    expect(explorable.get_by_role("status")).to_contain_text(says)
    states, expected, p = of_torch(text[:10_000])
    assert reading(explorable, "read") == len(states)
    characters, probabilities = most_probable(explorable)
    assert characters == expected[: len(characters)]
    assert probabilities == pytest.approx(p[:10].tolist(), abs=6e-4)
    unit = int(explorable.get_by_label("Unit", exact=True).input_value())
    assert reading(explorable, "value of the unit") == pytest.approx(
        float(states[-1, unit]), abs=6e-3
    )


def test_an_empty_text_is_said_to_be_empty(chapter):
    explorable = start(chapter, "character_model")
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


def test_a_unit_that_is_chosen_colors_the_text(chapter):
    explorable = start(chapter, "character_model")
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


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_model_writes_on_and_says_how_fast(chapter, motion):
    chapter.emulate_media(reduced_motion=motion)
    explorable = start(chapter, "character_model")
    explorable.get_by_role("button", name="Start again").tap()
    before = reading(explorable, "read")
    explorable.get_by_role("button", name="One character").tap()
    assert reading(explorable, "read") == before + 1
    explorable.get_by_label("Speed").select_option("as fast as it can")
    write = explorable.get_by_role("button", name="Write on")
    write.tap()
    expect(explorable.locator("textarea")).to_have_value(
        re.compile(r"^[\s\S]{1027}$"), timeout=20_000
    )
    expect(write).to_be_visible()
    assert reading(explorable, "read") == before + 1001
    assert reading(explorable, "written") >= 200
    text = explorable.locator("textarea").input_value()
    assert set(text) <= set(character_model.load_checkpoint("small")[1].tokens[2:])


def test_writing_can_be_paused(chapter):
    explorable = start(chapter, "character_model")
    explorable.get_by_role("button", name="Start again").tap()
    explorable.get_by_label("Speed").select_option("8 a second")
    explorable.get_by_role("button", name="Write on").tap()
    explorable.get_by_role("button", name="Pause").tap()
    text = explorable.locator("textarea").input_value()
    expect(explorable.get_by_role("button", name="Write on")).to_be_visible()
    assert len(text) < 200
    assert reading(explorable, "read") == len(text)


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


def test_sampling_shows_what_torch_computes(chapter):
    explorable = start(chapter, "sampling")
    for context in export("sampling")["contexts"]:
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


def test_greedy_choice_leaves_one_and_goes_round_in_circles(chapter):
    explorable = start(chapter, "sampling")
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


def test_sampling_says_what_is_odd(chapter):
    explorable = start(chapter, "sampling")
    explorable.locator("textarea").fill("")
    expect(explorable.get_by_role("status")).to_have_text("Nothing is read yet: type a character.")
    expect(explorable.get_by_role("button", name="Write 200 characters")).to_be_disabled()
    assert most_probable(explorable) == ([], [])
    explorable.locator("textarea").fill("naïve")
    expect(explorable.get_by_role("status")).to_contain_text("ï")
    explorable.locator("textarea").fill("n" * 10_000)
    expect(explorable.get_by_role("status")).to_contain_text("Only the first 2,000", timeout=20_000)
