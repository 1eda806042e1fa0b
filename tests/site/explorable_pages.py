"""Explorables on a page of their own, on a phone, and what can be read on them."""

import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page

from tools.site.serving import serving
from tools.site.stills import PAGE, STATIC

MINUS = "\N{MINUS SIGN}"
PHONE = {"width": 360, "height": 740}
OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"

STRINGS, LONGEST = 200, 20


def random_strings(symbols: Sequence, seed: int) -> list[list]:
    """Draw lists of symbols, of different lengths, for a page and PyTorch to read."""
    draws = random.Random(seed)
    return [draws.choices(symbols, k=draws.randint(1, LONGEST)) for _ in range(STRINGS)]


@contextmanager
def watched(browser: Browser, expected: str | None = None, **options) -> Iterator[Page]:
    """Yield an empty page on a phone, and fail if a script fails in another way than expected."""
    context = browser.new_context(viewport=PHONE, has_touch=True, **options)
    page, faults = context.new_page(), []
    page.on("console", lambda message: message.type == "error" and faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    yield page
    context.close()
    assert not [fault for fault in faults if expected is None or expected not in fault]


@contextmanager
def alone(browser: Browser, name: str) -> Iterator[Locator]:
    """Start an explorable on a page with nothing else; that needs no built site."""
    with serving(STATIC) as address, watched(browser) as page:
        page.goto(f"{address}/explorables/data/{name}.json")  # any page of that address
        page.set_content(PAGE.format(name=name))
        explorable = page.locator(f"figure.is-live [data-explorable={name}]")
        explorable.wait_for()
        yield explorable


def slider(explorable: Locator, name: str) -> Locator:
    """Return a control of the explorable that has a value."""
    return explorable.get_by_role("slider", name=name)


def status(explorable: Locator) -> str:
    """Return what the explorable says of what it was given."""
    return explorable.get_by_role("status").inner_text()


def reading(explorable: Locator, name: str) -> float:
    """Return the number that stands first in a reading, also as a factor and a power of ten.

    A reading with a formula as its name is found by the letters of it.
    """
    named = explorable.page.locator("dt", has_text=re.compile(f"^{re.escape(name)}$"))
    value = explorable.locator(".readings div", has=named).locator("dd")
    text = value.text_content().replace(",", "").replace(MINUS, "-")
    if value.locator("math").count() == 0:
        return float(text.split()[0])
    factor, _, exponent = value.locator("mn").all_text_contents()
    return float(f"{factor}e{'-' if '-' in text else ''}{exponent}")


def most_probable(explorable: Locator) -> tuple[list[str], list[float]]:
    """Return the characters and the probabilities of the bars that are shown."""
    rows = [row.split("\t") for row in explorable.locator(".bars tr:visible").all_inner_texts()]
    return [row[0].strip() for row in rows], [float(row[-1]) for row in rows]
