"""Compare two printed texts: to the letter, or the numbers within what a contract accepts."""

import re
from decimal import Decimal

# Digits and points that are not a number, such as a version 2.13.0, or the code of a color.
_DOTTED = r"(?<![\w.])[0-9]+(?:\.[0-9]+){2,}"
_COLOR = r"\x1b\[[0-9;]*m"
# A number may follow a bracket, an equals sign, a color or a blank, not a letter (h_3, GRU2).
# Letters may follow it (0.5s), letters with digits may not (640x480, 0x7f3a). A sign belongs to
# it unless something stands before the sign (3-5).
_NUMBER = r"""
    (?:(?<![\w.)\]])[-+\u2212])?
    (?:(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)
    (?:[eE][-+]?[0-9]+(?![A-Za-z]))?
    (?![0-9]|[A-Za-z_]+[0-9])
"""
_TOKEN = re.compile(
    rf"{_DOTTED} | (?:{_COLOR}|(?<![\w.])) (?P<number>{_NUMBER}) | {_COLOR}", re.VERBOSE
)


def differences(expected: str, actual: str, atol: float = 0.0, rounding: bool = False) -> list[str]:
    """Say line by line where two texts differ.

    They agree to the letter unless there is ``atol`` or ``rounding``. Then words and integers still
    do; a number printed with a point or an exponent may differ by ``atol`` or by one unit in its
    last printed place, whichever is larger, and where the two texts print different numbers of
    places (0.5 and 0.4999) that is a unit of the finer one. A number that ends in its point (5.)
    prints no place and is exact; ``nan`` and ``inf`` are words. A percentage is a fraction times a
    hundred: with ``atol=0.01``, 83.2% may become 84.2%, and so may 83% become 84%.

    A number that changes its width (9.99 to 10.00, 0.00 to -0.00) moves the columns of a table. If
    one of the accepted numbers does, runs of blanks count as one blank throughout the text, and as
    none beside a number; line breaks stay exact.
    """
    if expected == actual:
        return []
    old_lines = [_tokens(line) for line in expected.split("\n")]
    new_lines = [_tokens(line) for line in actual.split("\n")]
    if len(old_lines) != len(new_lines):
        return [
            f"{len(old_lines)} lines expected, got {len(new_lines)}:\n"
            f"    expected {expected!r}\n    got      {actual!r}"
        ]
    pairs = list(zip(old_lines, new_lines, strict=True))
    moved = any([*map(len, old[1::2])] != [*map(len, new[1::2])] for old, new in pairs)
    found = []
    for index, (old, new) in enumerate(pairs, start=1):
        if _words(old, moved) != _words(new, moved):
            reasons = ["the text differs"]
        else:
            numbers = zip(old[1::2], new[1::2], old[2::2], strict=True)
            reasons = [
                _number_difference(ours, theirs, atol, after.lstrip().startswith("%"))
                if atol or rounding
                else f"{ours} became {theirs}, which is exact"
                for ours, theirs, after in numbers
                if ours != theirs
            ]
        if any(reasons):
            found.append(
                f"line {index}: {'; '.join(filter(None, reasons))}\n"
                f"    expected {''.join(old)!r}\n    got      {''.join(new)!r}"
            )
    return found


def _tokens(line: str) -> list[str]:
    """Split a line into words at even places and numbers at odd ones."""
    tokens, end = [], 0
    for match in _TOKEN.finditer(line):
        if match["number"]:
            tokens += [line[end : match.start("number")], match["number"]]
            end = match.end()
    return [*tokens, line[end:]]


def _words(tokens: list[str], moved: bool) -> list[str]:
    words = tokens[0::2]
    return [re.sub(r"[ \t]+", " ", word).strip() for word in words] if moved else words


def _number_difference(old: str, new: str, atol: float, percentage: bool) -> str | None:
    """Say why two numbers of different spelling do not agree, None if they do."""
    tolerance = Decimal(str(atol)) * (100 if percentage else 1)
    integers = [not re.search("[.eE]", number) for number in (old, new)]
    if any(integers):
        comparable = all(integers) and percentage and atol
    else:
        tolerance = max(tolerance, _last_place(old, new))
        signs = {old[0], new[0]}  # +0.0 may become -0.0, not 0.0
        comparable = "+" not in signs or signs <= {"+", "-", "\u2212"}
    if not comparable:
        return f"{old} became {new}, which is exact"
    ours, theirs = (Decimal(n.replace(",", "").replace("\u2212", "-")) for n in (old, new))
    if abs(ours - theirs) > tolerance:
        return f"{old} became {new}, which is more than {tolerance} away"
    return None


def _last_place(*numbers: str) -> Decimal:
    """Return one unit in the last place of the finest of the numbers, 0 if none prints a place."""
    units = []
    for number in numbers:
        mantissa, _, exponent = number.lower().partition("e")
        places = len(mantissa.partition(".")[2])
        if places or exponent:
            units.append(Decimal(1).scaleb(int(exponent or 0) - places))
    return min(units, default=Decimal(0))
