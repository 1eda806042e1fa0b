"""What makes a build quick does the same as what it takes the place of."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.core import publish_doctree

SOURCE = "Title\n=====\n\nOne *two* three.\n\n- four\n- *five* and *six*\n"


@pytest.fixture
def quick_build(extension):
    return extension("quick_build")


def test_a_function_is_replaced_once_and_never_silently(quick_build):
    owner = SimpleNamespace(value=lambda: 1)
    for _ in range(2):
        quick_build.replace(owner, "value", lambda function: lambda: function() + 1)
    assert owner.value() == 2
    with pytest.raises(AttributeError, match="renamed"):
        quick_build.replace(owner, "renamed", lambda function: function)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"condition": nodes.Text},
        {"condition": nodes.emphasis},
        {"condition": lambda node: len(node.children) == 1},
        {"condition": nodes.Text, "include_self": False},
        {"descend": False, "siblings": True},
    ],
)
def test_trees_are_searched_as_docutils_does(quick_build, arguments):
    def replacing(findall):
        seen = []
        for node in findall(publish_doctree(SOURCE)[1], **arguments):
            seen.append(str(node))
            if isinstance(node, nodes.emphasis):  # Sphinx's transforms do so while they walk
                node.replace_self(nodes.strong("", "", nodes.emphasis("", node.astext())))
        return seen

    findall = nodes.Node.findall
    expected = replacing(findall)
    assert expected
    assert replacing(quick_build.find_without_recursion(findall)) == expected


def test_every_page_is_dealt_out_and_the_reference_in_one_share(quick_build):
    pages = ["book/01", "book/02", "book/api", "book/api_data", "book/changelog", "book/setup"]
    shares = quick_build.deal(None)(pages, 2)
    assert sorted(page for share in shares for page in share) == pages
    assert ["book/api", "book/api_data"] in shares
    assert quick_build.deal(None)(["book/01"], 2) == [["book/01"]]


def test_an_entry_is_written_once_in_a_row(quick_build):
    written = []
    write = quick_build.format_entry_once(lambda style, label, entry: written.append(entry))
    first, second = object(), object()
    for entry in (first, first, second, first):
        write("style", "label", entry)
    assert written == [first, second, first]
