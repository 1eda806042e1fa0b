"""What machines read of a page, and the buttons and addresses that need to know where it is."""

import json
import math
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import jinja2
import yaml
from bs4 import BeautifulSoup
from page_head import citation

from tools.site import cover

CHAPTER = re.compile(r"book/\d\d[a-z]?_")
ADDRESS = "https://owner.github.io/book/"
CONF = """
project = "A book"
extensions = ["addresses", "page_head", "sphinxext.opengraph"]
ogp_social_cards = {"enable": False}
"""


def meta(page, name):
    element = page.find("meta", attrs={"name": name}) or page.find("meta", property=name)
    return element and element["content"]


def test_every_page_has_a_description_of_its_own(articles):
    descriptions = {name: meta(page, "description") for name, page in articles.items()}
    for name, description in descriptions.items():
        assert description, name
        assert 30 <= len(description) <= 160, f"{name}: {description}"
    assert len(set(descriptions.values())) == len(descriptions)


def test_structured_data_says_what_the_page_is(articles):
    for name, page in articles.items():
        element = page.find("script", type="application/ld+json")
        data = json.loads(element.string) if element else {}
        if name == "book/index":
            assert [part["@type"] for part in data["@graph"]] == ["Book", "Course"]
        elif CHAPTER.match(name):
            assert data["@type"] == ["Chapter", "LearningResource"]
            assert data["name"] == meta(page, "og:title")
        else:
            assert not data, name


def test_without_an_address_no_page_claims_one(articles):
    for name, page in articles.items():
        assert not page.find("link", rel="canonical"), name
        assert meta(page, "og:url") is None
        assert meta(page, "og:image") is None
        assert not page.select('.launch a[href*="mybinder"], .launch form')


def test_with_an_address_pages_say_it_and_the_site_has_a_map(root, tmp_path):
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "index.rst").write_text("Title\n=====\n\nA paragraph that says what this is.\n")
    (tmp_path / "CITATION.cff").write_bytes((root / "CITATION.cff").read_bytes())
    subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", ".", "html"],
        cwd=tmp_path,
        env={
            **os.environ,
            "BOOK_ADDRESS": ADDRESS.rstrip("/"),
            "PYTHONPATH": str(root / "book/_ext"),
        },
        check=True,
    )
    page = BeautifulSoup((tmp_path / "html" / "index.html").read_text("utf-8"), "html.parser")
    assert page.find("link", rel="canonical")["href"] == f"{ADDRESS}index.html"
    assert meta(page, "og:url") == f"{ADDRESS}index.html"
    assert meta(page, "og:image") == f"{ADDRESS}_static/cover.png"
    assert meta(page, "twitter:card") == "summary_large_image"
    places = re.findall("<loc>(.*?)</loc>", (tmp_path / "html" / "sitemap.xml").read_text("utf-8"))
    assert sorted(places) == [f"{ADDRESS}genindex.html", f"{ADDRESS}index.html"]


def test_a_chapter_can_be_cited(articles, root):
    version = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))["version"]
    chapters = [page for name, page in articles.items() if CHAPTER.match(name)]
    assert chapters
    for page in chapters:
        text = page.select("details.cite")[-1].get_text()
        assert f"version {version}" in text
        assert re.search(r"@incollection\{rnn\d{4}\w+,\n.*\n}", text, re.DOTALL)


def test_with_an_address_a_citation_leads_there(root):
    config = SimpleNamespace(book_address=ADDRESS, root_doc="book/index", copyright="2026")
    app = SimpleNamespace(srcdir=root, config=config)
    found = citation(app, "book/02_recurrence", "2. Recurrence: one rule")
    address = f"{ADDRESS}book/02_recurrence.html"
    assert found["text"].endswith(f"version 0.1.0. {address}")
    assert f"url = {{{address}}}" in found["bibtex"]
    assert "title = {Recurrence: one rule}" in found["bibtex"]
    assert citation(app, "book/glossary", "Glossary") is None


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
        assert f"{number:.3f}" in shown


def test_the_cover_is_stored_as_it_is_drawn(root):
    assert cover.drawing() + "\n" == (root / "book/_static/cover.svg").read_text(encoding="utf-8")
