"""Names of the package lead from the chapters to the reference, and from there to the source."""

import pytest
from api_links import full_name, used_names
from reference_pages import source_address
from site_pages import html_files, parse


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("layers.LSTM", "rnn_tutorial.networks.layers.LSTM"),
        ("cells.lstm_step", "rnn_tutorial.networks.cells.lstm_step"),
        ("networks.LSTM()", "rnn_tutorial.networks.layers.LSTM"),
        ("rnn_tutorial.networks.layers.LSTM", "rnn_tutorial.networks.layers.LSTM"),
        ("rnn_tutorial.LSTM", "rnn_tutorial.networks.layers.LSTM"),
        ("checks.diagnose", "rnn_tutorial.checks.diagnose"),
        ("torch.nn.LSTM", None),
        ("LSTM", None),
        ("Mine", "rnn_tutorial.networks.layers.LSTM"),
        ("layers.LSTM(3, 4)", None),
    ],
)
def test_full_name(code, name):
    used = {
        "layers.LSTM": "rnn_tutorial.networks.layers.LSTM",
        "cells": "rnn_tutorial.networks.cells",
        "Mine": "rnn_tutorial.networks.LSTM",
        "LSTM": "torch.nn.LSTM",
    }
    documented = {
        "rnn_tutorial.networks.layers.LSTM": None,
        "rnn_tutorial.networks.cells.lstm_step": None,
        "rnn_tutorial.checks.diagnose": None,
    }
    assert full_name(code, used, documented) == name


def test_used_names():
    cells = [
        "%xmode Minimal\nfrom rnn_tutorial.data import text as t, Vocabulary\nimport torch",
        "from rnn_tutorial import LSTM\nt.clean(torch.ones(3))",
    ]
    assert used_names(cells) == {
        "t": "rnn_tutorial.data.text",
        "Vocabulary": "rnn_tutorial.data.Vocabulary",
        "LSTM": "rnn_tutorial.LSTM",
        "t.clean": "rnn_tutorial.data.text.clean",
    }


def test_most_chapters_lead_to_the_reference(built_site):
    leading = [
        path.name
        for path in html_files(built_site)
        if path.name[:2].isdigit()
        and path.name != "404.html"
        and parse(path).select('article a[href*="/api_"], article a[href^="api_"]')
    ]
    assert len(leading) > 8


def test_works_are_cited_by_the_number_that_the_docstring_gives_them(built_site):
    pages = [parse(path) for path in (built_site / "book").glob("api_*.html")]
    cited = [
        (link.get_text(), page.find(id=link["href"][1:]).select_one(".label").get_text())
        for page in pages
        for link in page.select("article a.internal[href^='#r']")
        if link.get_text().startswith("[")
    ]
    assert len(cited) > 20
    assert [pair for pair in cited if pair[0] != pair[1]] == []


def test_source_address_is_that_of_the_line(root):
    repository = "https://github.com/owner/book"
    address = source_address(repository, "rnn_tutorial.networks.layers.LSTM")
    path, _, line = address.removeprefix(f"{repository}/blob/main/").partition("#L")
    text = (root / path).read_text(encoding="utf-8").splitlines()
    assert text[int(line) - 1].startswith("class LSTM")
    assert source_address("", "rnn_tutorial.networks.layers.LSTM") is None
    assert source_address(repository, "rnn_tutorial.nothing") is None
    assert source_address(repository, "torch.nn.LSTM") is None
