"""What is the same for all references is looked up once in a build."""

from unittest.mock import Mock

import looked_up_once
import pybtex.plugin


def test_a_page_is_unpacked_once_and_the_rest_is_the_environment():
    env = Mock()
    pages = looked_up_once.Pages(env)
    assert pages.get_doctree("book/a") is pages.get_doctree("book/a")
    env.get_doctree.assert_called_once_with("book/a")
    assert pages.titles is env.titles


def test_what_pybtex_finds_is_kept(monkeypatch):
    found = Mock(return_value=())
    monkeypatch.setattr(pybtex.plugin, "entry_points", found)
    looked_up_once.setup(Mock())
    for _ in range(2):
        pybtex.plugin.entry_points(group="pybtex.backends", name="html")
    found.assert_called_once()
