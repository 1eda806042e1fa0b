"""In what chapters store, each digit, word, table header, output and picture counts.

No kernel runs: the stored outputs are compared with what they would be after one change.
"""

import base64
import copy
import io
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tools.contracts.compare import is_text, output_differences, parts
from tools.contracts.contract import FIGURE_RMS, contract_of
from tools.contracts.rewrite import code_cells, read

BOOK = Path(__file__).resolve().parents[2] / "book"
# The first has the widest tables, the second tolerances, glued values and messages of exceptions.
CHAPTERS = ("03_hidden_state", "09_text_classification")
# This one has the figure whose pixels may differ the most.
ROOMY = "04_backpropagation_through_time"
PICTURES = 2

NUMBER = re.compile(r"\d+(?:\.\d+)?")
WORD = re.compile(r"(?<![</\w])[^\W\d_]{2,}")  # not the name of a tag
HEADER = re.compile(r"(?<=<th>)[^<]+(?=</th>)")
NEXT = dict(zip("0123456789", "1234567898", strict=True))


def cells_of(chapter):
    """Return the number, the outputs and the contract of each cell that stores something."""
    cells = enumerate(code_cells(read(BOOK / f"{chapter}.ipynb")), start=1)
    return [(count, cell.outputs, contract_of(cell)) for count, cell in cells if cell.outputs]


def numbers(text, contract):
    """Yield the text with the last digit of one number changed by one.

    Where the contract may accept that, in a decimal or a percentage, the number grows by a digit.
    """
    loose = contract.atol or contract.rounding
    for match in NUMBER.finditer(text):
        before, number, after = text[: match.start()], match[0], text[match.end() :]
        if loose and ("." in number or after.lstrip().startswith("%")):
            yield f"{before}1{number}{after}"
        else:
            yield f"{before}{number[:-1]}{NEXT[number[-1]]}{after}"


def words(text, _):
    """Yield the text with one word replaced by another of its words."""
    found = {match[0]: match for match in WORD.finditer(text)}
    others = [*found][1:] + [*found][:1]
    for match, other in zip(found.values(), others, strict=True):
        new = other if other != match[0] else f"{other}s"
        yield f"{text[: match.start()]}{new}{text[match.end() :]}"


def headers(text, _):
    """Yield a table with one header renamed."""
    for match in HEADER.finditer(text):
        yield f"{text[: match.end()]}s{text[match.end() :]}"


def with_text(output, name, text):
    """Return a copy of an output with another text in the place of one of its `parts`."""
    changed = copy.copy(output)
    if "data" in output:
        changed.data = {**output.data, name: text}
    else:
        changed["text" if output.output_type == "stream" else "evalue"] = text
    return changed


@pytest.mark.parametrize(("change", "least"), [(numbers, 300), (words, 300), (headers, 50)])
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_change_of_a_text_is_noticed(chapter, change, least):
    changes, unnoticed = 0, []
    for count, outputs, contract in cells_of(chapter):
        for output in outputs:
            for name, (mime, text) in parts(output).items():
                for new in change(text, contract) if is_text(mime) else ():
                    changes += 1
                    assert new != text
                    if not output_differences([output], [with_text(output, name, new)], contract):
                        unnoticed.append(f"code cell {count}: {text!r} became {new!r}")
    assert unnoticed == []
    assert changes >= least


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_lost_output_is_noticed(chapter):
    for count, outputs, contract in cells_of(chapter):
        assert output_differences(outputs, copy.deepcopy(outputs), contract) == []
        for lost in range(len(outputs)):
            rest = outputs[:lost] + outputs[lost + 1 :]
            assert output_differences(outputs, rest, contract), f"code cell {count}"


def shifted(picture, pixels):
    """Return a picture whose columns have moved to the right."""
    with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
        moved = np.roll(np.asarray(image), pixels, axis=1)
    buffer = io.BytesIO()
    Image.fromarray(moved).save(buffer, format="PNG", compress_level=1)
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.mark.parametrize("chapter", [*CHAPTERS, ROOMY])
def test_a_picture_that_moved_or_changed_places_is_noticed(chapter):
    found = [
        (count, output, contract)
        for count, outputs, contract in cells_of(chapter)
        for output in outputs
        if "image/png" in output.get("data", {})
    ]
    found.sort(key=lambda each: -each[2].rms)
    assert chapter != ROOMY or found[0][2].rms > FIGURE_RMS, "ROOMY is another chapter by now"
    for (count, output, contract), (_, other, _) in pairwise(found[: PICTURES + 1]):
        picture = output.data["image/png"]
        for new in (shifted(picture, 1), other.data["image/png"]):
            changed = with_text(output, "image/png", new)
            assert output_differences([output], [changed], contract), f"code cell {count}"
        same = with_text(output, "image/png", shifted(picture, 0))
        assert output_differences([output], [same], contract) == []
