r"""Turns the MyST of a notebook's Markdown cells into Markdown that JupyterLab and Colab show.

Ordinary Markdown stays as the author wrote it. Only what those readers would show raw is
rewritten: roles become the text that stands on the site, ``:::`` blocks become quotes, folded
details or figures.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from launchable.directives import Block, parts

CODE_OR_ROLE = re.compile(
    r"(?:\{(?P<role>[a-zA-Z][\w:-]*)\})?(?P<ticks>`+)(?P<content>.+?)(?<!`)(?P=ticks)(?!`)",
    re.DOTALL,
)
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?:[^)\s:]+\.md(?:#[^)\s]*)?|#[^)\s]*)\)")
DISPLAY = re.compile(r"\$\$(?P<latex>.+?)\$\$[ \t]*\((?P<label>[\w:.-]+)\)", re.DOTALL)
# fmt: off
ADMONITIONS = {"admonition", "attention", "caution", "danger", "error", "hint", "important",
               "note", "seealso", "tip", "warning"}
# fmt: on


@dataclass(frozen=True)
class Site:
    """What the rest of the book knows, as functions that the builder supplies.

    ``role(name, content)`` gives the text of a role, ``number(kind, label)`` the number of a
    figure, table, exercise or equation, ``title(label)`` the title of an exercise, and
    ``picture(path)`` what to write for the address of a picture.
    """

    role: Callable[[str, str], str]
    number: Callable[[str, str], str]
    title: Callable[[str], str]
    picture: Callable[[str], str]


def plain(source: str, site: Site) -> str:
    """Rewrite the source of a Markdown cell.

    Parameters
    ----------
    source : str
        MyST Markdown.
    site : Site
        What roles and labels stand for.

    Returns
    -------
    str
        The same in plain Markdown.

    Raises
    ------
    ValueError
        If the source holds a directive that has no plain form.
    """
    written = [
        plain_text(part, site) if isinstance(part, str) else plain_block(part, site)
        for part in parts(source)
    ]
    return "\n\n".join(part.strip("\n") for part in written if part.strip())


def plain_text(text: str, site: Site) -> str:
    """Rewrite roles, links into the book and labels of formulas; code stays as it is."""

    def formula(match: re.Match) -> str:
        return (
            f"$${match['latex'].rstrip()} \\tag{{{site.number('displaymath', match['label'])}}}\n$$"
        )

    def between(text: str) -> str:
        return LINK.sub(r"\1", DISPLAY.sub(formula, text))

    pieces, end = [], 0
    for match in CODE_OR_ROLE.finditer(text):
        pieces.append(between(text[end : match.start()]))
        name = match["role"]
        pieces.append(site.role(name, match["content"]) if name else match[0])
        end = match.end()
    return "".join([*pieces, between(text[end:])])


def plain_block(block: Block, site: Site) -> str:
    """Rewrite a directive; other fenced code stays as it is."""
    if not block.name:
        return "\n".join(block.lines)
    body = plain("\n".join(block.lines), site)
    folded = "dropdown" in block.options.get("class", "")
    name = block.name
    if name in ADMONITIONS:
        title = plain_text(block.argument, site) or name.capitalize()
        return details(title, body) if folded else quote(title, body)
    if name == "dropdown":
        return details(plain_text(block.argument, site), body)
    if name == "prediction":
        question, answer = (plain(part, site) for part in "\n".join(block.lines).split("\n---\n"))
        return f"{quote('Your prediction', question)}\n\n{details('The answer', answer)}"
    if name in {"exercise", "exercise-start"}:
        return quote(site.title(block.options["label"]), body)
    if name == "solution":
        return details(f"Solution to {site.title(block.argument)}", body)
    if name == "solution-start":
        return f"**Solution to {site.title(block.argument)}** (its code is folded)\n\n{body}"
    if name in {"solution-end", "exercise-end"}:
        return ""
    if name == "explorable":  # its still image
        block.argument = f"_static/explorables/{block.argument}.webp"
    if name in {"figure", "image", "explorable"}:
        picture = f"![{block.options.get('alt', '')}]({site.picture(block.argument)})"
        return f"{picture}\n\n{caption('figure', block.options, body, site)}".strip()
    if name == "table":
        text = plain_text(block.argument, site)
        return f"{caption('table', block.options, text, site)}\n\n{body}"
    if name == "math":
        tag = (
            f" \\tag{{{site.number('displaymath', label)}}}"
            if (label := block.options.get("label"))
            else ""
        )
        return "\n".join(["$$", *block.lines]) + f"{tag}\n$$"
    if name in {"code", "code-block"}:
        return "\n".join([f"```{block.argument}", *block.lines, "```"])
    raise ValueError(f"directive {name!r} has no plain form: add one to plain_markdown.py")


def caption(kind: str, options: dict[str, str], text: str, site: Site) -> str:
    """Write a caption, after its number if it has a name and so a number."""
    label = options.get("name")
    number = f"**{kind.capitalize()} {site.number(kind, label)}.** " if label else ""
    return number + text


def quote(title: str, body: str) -> str:
    """Write a block quote under a bold title."""
    lines = [f"**{title}**", "", *body.splitlines()]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def details(title: str, body: str) -> str:
    """Write text that a click unfolds."""
    return f"<details>\n<summary><b>{title}</b></summary>\n\n{body}\n\n</details>"
