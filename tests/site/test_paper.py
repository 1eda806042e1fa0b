"""A page of the site on paper: all of its text, and nothing to be clicked."""

import pytest
from printing import CONTROLS, EVENT, HIDDEN, THEME, WIDER

pytestmark = pytest.mark.browser

# A4 without the margins of a browser
PAPER = {"width": 718, "height": 1040}
MORE = ("index", "03_hidden_state", "06_gates")


@pytest.mark.parametrize(
    "name", ["api", *(pytest.param(name, marks=pytest.mark.slow) for name in MORE)]
)
def test_a_page_is_printed_whole_and_light(open_page, address, name):
    page = open_page(viewport=PAPER, color_scheme="dark")
    page.goto(f"{address}/book/{name}.html")
    assert page.evaluate(THEME) == "dark"
    page.emulate_media(media="print")
    page.evaluate(EVENT, "beforeprint")
    assert page.evaluate(THEME) == "light"
    assert page.evaluate(CONTROLS) == []
    assert page.evaluate(HIDDEN) == []
    assert page.evaluate(WIDER) == []
    page.evaluate(EVENT, "afterprint")
    assert page.evaluate(THEME) == "dark"
