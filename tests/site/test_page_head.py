"""What machines read of a page, and the buttons and addresses that need to know where it is."""

import json
import math
import re
from types import SimpleNamespace

import jinja2
import pytest
import yaml
from docutils import nodes
from site_pages import html_files, is_redirect, parse


@pytest.fixture
def page_head(extension):
    return extension("page_head")


@pytest.fixture
def published(root):
    """Stand for a build that knows the address of the site."""
    config = SimpleNamespace(
        book_address="https://owner.github.io/book/", root_doc="book/index", copyright="2026"
    )
    return SimpleNamespace(srcdir=root, config=config)


@pytest.fixture(scope="module")
def pages(built_site):
    found = {p: parse(p) for p in html_files(built_site) if not is_redirect(p)}
    return {path: page for path, page in found.items() if path.name != "404.html"}


def meta(page, name):
    element = page.find("meta", attrs={"name": name}) or page.find("meta", property=name)
    return element and element["content"]


def test_every_page_has_a_description_of_its_own(pages):
    descriptions = {path.name: meta(page, "description") for path, page in pages.items()}
    for name, description in descriptions.items():
        assert description, name
        assert 30 <= len(description) <= 160, f"{name}: {description}"
    assert len(set(descriptions.values())) == len(descriptions)


def test_structured_data_says_what_the_page_says(pages):
    for path, page in pages.items():
        data = json.loads(page.find("script", type="application/ld+json").string)
        assert data["@context"] == "https://schema.org"
        if path.name == "index.html":
            assert [part["@type"] for part in data["@graph"]] == ["Book", "Course"]
        elif re.match(r"\d\d[a-z]?_", path.name):
            assert data["@type"] == ["Chapter", "LearningResource"]
            assert data["description"] == meta(page, "description")
            if path.name[2] == "_":  # optional pages need not say how long they take
                assert f"{data['timeRequired'][2:-1]} minutes" in page.get_text()


def test_without_an_address_no_page_claims_one(pages):
    for path, page in pages.items():
        assert not page.find("link", rel="canonical"), path.name
        assert meta(page, "og:image") is None
        assert not page.select('.launch a[href*="mybinder"], .launch form')


def test_a_chapter_can_be_cited(pages, root):
    version = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))["version"]
    chapters = [page for path, page in pages.items() if re.match(r"\d\d[a-z]?_", path.name)]
    assert chapters
    for page in chapters:
        text = page.select("details.cite")[-1].get_text()
        assert f"version {version}" in text
        assert re.search(r"@incollection\{rnn\d{4}\w+,\n.*\n}", text, re.DOTALL)


def test_with_an_address_a_citation_leads_there(page_head, published):
    found = page_head.citation(published, "book/02_recurrence", "2. Recurrence: one rule")
    address = "https://owner.github.io/book/book/02_recurrence.html"
    assert found["text"].endswith(f"version 0.1.0. {address}")
    assert f"url = {{{address}}}" in found["bibtex"]
    assert "title = {Recurrence: one rule}" in found["bibtex"]
    assert page_head.citation(published, "book/glossary", "Glossary") is None


def test_description_is_the_first_paragraph_without_a_formula(page_head):
    first = nodes.paragraph(
        "", "Here $x$ stands as a formula in a text that is long enough by far."
    )
    first += nodes.math("x", "x")
    second = nodes.paragraph("", "A sentence of ten letters each. " * 10)
    document = nodes.section("", first, second)
    text = page_head.first_paragraph(document)
    assert text.startswith("A sentence of ten letters each. A")
    assert text.endswith(" …")
    assert len(text) <= 160


def test_map_of_the_site(page_head, published, tmp_path):
    published.outdir = tmp_path
    published.builder = SimpleNamespace(name="html", get_target_uri=lambda name: f"{name}.html")
    published.env = SimpleNamespace(found_docs={"book/a", "book/b&c"})
    page_head.write_sitemap(published, None)
    text = (tmp_path / "sitemap.xml").read_text(encoding="utf-8")
    found = re.findall("<loc>(.*?)</loc>", text)
    base = "https://owner.github.io/book/book/"
    assert found == [f"{base}a.html", f"{base}b&amp;c.html"]


def test_buttons_open_the_launchable_branch(root):
    loader = jinja2.FileSystemLoader(root / "book" / "_templates")
    template = jinja2.Environment(loader=loader, autoescape=True).get_template("launch.html")
    pull = "git-pull?repo=https%3A%2F%2Fgithub.com%2Fowner%2Fbook&branch=launchable"
    values = {"name": "02_x", "project": "owner/book", "pathto": lambda path, _: f"../{path}"}
    text = template.render(pull=pull, **values)
    assert 'href="../notebooks/02_x.ipynb" download' in text
    assert "https://mybinder.org/v2/gh/owner/book/main?urlpath=git-pull%3Frepo%3Dhttps%253A" in text
    assert "https://colab.research.google.com/github/owner/book/blob/launchable/02_x.ipynb" in text
    assert 'data-pull="git-pull?repo=' in text
    assert "mybinder" not in template.render(pull="", **values)


def test_numbers_of_the_cover(root):
    states = [0.0]
    for x in (1, 0, 0):
        states.append(math.tanh(0.5 * states[-1] + x))
    gradient = math.prod(0.5 * (1 - state**2) for state in states[2:])
    shown = (root / "book" / "_static" / "cover.svg").read_text(encoding="utf-8")
    for number in (*states[1:], gradient):
        assert f"{number:.3f}".lstrip("0") in shown
