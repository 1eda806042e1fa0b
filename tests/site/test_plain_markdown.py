"""MyST becomes Markdown that a reader without MyST shows as meant."""

import pytest
from launchable.plain_markdown import Site, plain

# It answers every question with what it was asked.
ECHO = Site(
    role=lambda name, content: f"<{name} {content}>",
    number=lambda kind, label: "9.1",
    title=lambda label: f"Exercise 9.1 ({label})",
    picture=lambda path: f"attachment:{path}",
)


@pytest.mark.parametrize(
    "source",
    [
        "# A title\n\nText with **bold**, `code` and $\\mathbf{h}_t$.",
        "| a | b |\n|---|---|\n| *c* | `d` |",
        "- one\n- two\n  - nested\n\n1. first",
        '```python\nx = {"a": 1}  # {ref}`not-a-role`\n:::{note}\n```',
        "Write ``{cite}`key` `` for a citation.",
        "[elsewhere](https://example.org/page.md#part)",
    ],
)
def test_ordinary_markdown_stays(source):
    assert plain(source, ECHO) == source


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("By {cite:t}`a1990`, {ref}`here <x>`.", "By <cite:t a1990>, <ref here <x>>."),
        ("`code` {term}`state` `more`", "`code` <term state> `more`"),
        ("(sec-data)=\n## Data", "## Data"),
        ("[the set-up](setup.md), [data](#sec-data)", "the set-up, data"),
        ("$$\na = b\n$$ (eq-a)", "$$\na = b \\tag{9.1}\n$$"),
        (":::{note}\nMind {ref}`x`.\n:::", "> **Note**\n>\n> Mind <ref x>."),
        (":::{admonition} Why?\n- a\n- b\n:::", "> **Why?**\n>\n> - a\n> - b"),
        (
            ":::{exercise} By hand\n:label: ex-a\n\nCount.\n:::",
            "> **Exercise 9.1 (ex-a)**\n>\n> Count.",
        ),
        (
            ":::{solution} ex-a\n:class: dropdown\n\nFour.\n:::",
            "<details>\n<summary><b>Solution to Exercise 9.1 (ex-a)</b></summary>\n\n"
            "Four.\n\n</details>",
        ),
        (
            ":::{figure} loop.svg\n:alt: A loop\n:name: fig-a\n\nIt *turns*.\n:::",
            "![A loop](attachment:loop.svg)\n\n**Figure 9.1.** It *turns*.",
        ),
        (
            ":::{explorable} gates\n:alt: A gate\n\nIt *opens*.\n:::",
            "![A gate](attachment:_static/explorables/gates.webp)\n\nIt *opens*.",
        ),
        (
            "::::{note}\n:::{tip}\nIn.\n:::\n::::",
            "> **Note**\n>\n> > **Tip**\n> >\n> > In.",
        ),
        (
            ":::{prediction}\n:number: steps\n\nHow *many*?\n\n---\n\nFour {ref}`x`.\n:::",
            "> **Your prediction**\n>\n> How *many*?\n\n"
            "<details>\n<summary><b>The answer</b></summary>\n\nFour <ref x>.\n\n</details>",
        ),
        ("```{math}\n:label: eq-a\na = b\n```", "$$\na = b \\tag{9.1}\n$$"),
    ],
)
def test_myst_becomes_readable(source, expected):
    assert plain(source, ECHO) == expected


def test_unknown_directive_is_an_error():
    with pytest.raises(ValueError, match="literalinclude"):
        plain(":::{literalinclude} file.py\n:::", ECHO)
