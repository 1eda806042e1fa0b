"""The files of the built site, read without a browser."""

import importlib
import re

import pytest
from site_pages import html_files, internal_target, is_external, loaded, parse, prose

import rnn_tutorial

# What is left in a page when MyST did not understand its source.
LEFTOVERS = re.compile(r"\$[^$\s\d]|\\\(|\\\[|\\[a-z]+\{|\{[a-z:]+\}|:::|```|\[\^|\]\(|\bNone\b")


@pytest.fixture(scope="module")
def pages(built_site):
    return {path: parse(path) for path in html_files(built_site)}


def test_every_page_of_the_toc_has_a_title_and_text(articles):
    for name, page in articles.items():
        assert page.title.get_text(strip=True), name
        assert len(page.find("article").get_text(" ", strip=True)) > 100, name


def test_start_page_leads_to_the_book(pages, built_site):
    refresh = pages[built_site / "index.html"].find("meta", attrs={"http-equiv": "Refresh"})
    assert refresh["content"].endswith("book/index.html")


def test_browsers_load_nothing_from_elsewhere(pages, built_site):
    for path, page in pages.items():
        external = [address for address in loaded(page) if is_external(address)]
        assert not external, f"{path.name} loads {external}"
    for path in built_site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        external = re.findall(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')]+)", text)
        assert not external, f"{path.name} loads {external}"


def test_links_and_anchors_inside_the_site_resolve(pages, built_site):
    anchors = {
        path.resolve(): {element["id"] for element in page.find_all(id=True)}
        for path, page in pages.items()
    }
    broken = []
    for path, page in pages.items():
        addresses = [link["href"] for link in page.find_all("a", href=True)] + loaded(page)
        for address in addresses:
            if is_external(address) or address.startswith(("data:", "mailto:")):
                continue
            target, anchor = internal_target(path, address)
            if not target.is_file() or (anchor and anchor not in anchors.get(target, {anchor})):
                broken.append(f"{path.relative_to(built_site)}: {address}")
    assert not broken


def test_figures_are_numbered_by_chapter(articles):
    for name, page in articles.items():
        chapter = re.match(r"book/0?(\d+[a-z]?)_", name)
        before = f"{chapter[1]}." if chapter else "P." if "published" in name else ""
        numbers = [n.get_text(strip=True) for n in page.select("figcaption .caption-number")]
        assert numbers == [f"Figure {before}{k}" for k in range(1, len(numbers) + 1)], name


def test_formulas_are_mathml_and_no_markup_is_left(articles):
    formulas = 0
    for name, page in articles.items():
        formulas += len(page.find_all("math"))
        for formula in page.select(".math"):
            assert formula.find("math"), f"{name}: {formula.get_text()}"
        if "api" not in name:
            found = LEFTOVERS.search(prose(page))
            assert not found, f"{name} shows {found[0]!r}"
    assert formulas


@pytest.fixture(scope="module")
def reference(articles):
    """Return the pages that document the package."""
    return [page for name, page in articles.items() if name.startswith("book/api_")]


def test_the_reference_documents_every_public_name(reference):
    documented = {element["id"] for page in reference for element in page.find_all(id=True)}
    for room in rnn_tutorial.__all__:
        module = importlib.import_module(f"rnn_tutorial.{room}") if room.islower() else None
        for name, thing in vars(module).items() if module else ():
            own = getattr(thing, "__module__", None) or ""
            is_ours = own.startswith("rnn_tutorial") and hasattr(thing, "__qualname__")
            if is_ours and name[0] != "_":
                assert {f"{module.__name__}.{name}", f"{own}.{name}"} & documented, name


def test_the_reference_links_to_torch(reference):
    torch = "https://docs.pytorch.org/docs/stable/"
    for page in reference[:4]:  # the last one is about evidence
        links = page.find_all("a", class_="external", href=True)
        assert f"{torch}tensors.html#torch.Tensor" in {link["href"] for link in links}
