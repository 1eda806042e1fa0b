"""Finds the directives in the MyST of a Markdown cell."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

FENCE = re.compile(r"^(?P<marks>:{3,}|`{3,}|~{3,})(?:\{(?P<name>[\w:-]+)\})?(?P<argument>.*)$")
OPTION = re.compile(r"^:([\w-]+):\s*(.*)$")
TARGET = re.compile(r"^\([\w:.-]+\)=\s*$")


@dataclass
class Block:
    """A directive: its name, its argument, its options and its lines."""

    name: str
    argument: str
    options: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def parts(source: str) -> Iterator[str | Block]:
    """Split a cell into text and directives; other fenced code is a block without a name.

    Parameters
    ----------
    source : str
        MyST Markdown.

    Yields
    ------
    str or Block
        Text without the labels of sections, or a directive.
    """
    text = []
    lines = iter(source.splitlines())
    for line in lines:
        fence = FENCE.match(line)
        if fence:
            yield "\n".join(text)
            text = []
            inside = list(until_closed(lines, fence["marks"]))
            whole = [line, *inside, fence["marks"]]
            yield read_block(fence, inside) if fence["name"] else Block("", "", {}, whole)
        elif not TARGET.match(line):
            text.append(line)
    yield "\n".join(text)


def until_closed(lines: Iterator[str], marks: str) -> Iterator[str]:
    """Yield the lines up to the fence that closes ``marks``."""
    for line in lines:
        stripped = line.strip()
        if stripped.startswith(marks) and not stripped.strip(marks[0]):
            return
        yield line


def read_block(fence: re.Match, lines: list[str]) -> Block:
    """Split the inside of a directive into its options and its text."""
    block = Block(fence["name"], fence["argument"].strip())
    while lines and (option := OPTION.match(lines[0])):
        block.options[option[1]] = option[2]
        lines = lines[1:]
    block.lines = lines
    return block
