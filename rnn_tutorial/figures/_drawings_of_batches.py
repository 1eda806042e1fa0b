"""Drawings of what reaches a network: padded and packed batches, streams, resets, a look-up."""

from collections.abc import Sequence
from itertools import pairwise

from matplotlib.axes import Axes

from rnn_tutorial.figures._drawing import GRADIENT, W_HH, Canvas

_SIZE = 0.62  # of a cell


def padded_and_packed(texts: Sequence[str]) -> Axes:
    """Draw the same texts three times: padded to one length, as a mask, and packed by time steps.

    Parameters
    ----------
    texts : sequence of str
        From 2 to 4 texts of 1 to 6 letters.

    Returns
    -------
    Axes
        Without scales. The packed batch is sorted, longest first; below it stands how many texts
        still go on at each step.

    Raises
    ------
    ValueError
        If there are not 2 to 4 texts of 1 to 6 letters.
    """
    if not 2 <= len(texts) <= 4 or not all(1 <= len(text) <= 6 for text in texts):
        raise ValueError(f"texts must be 2 to 4 of 1 to 6 letters, got {list(texts)}")
    steps, rows = max(map(len, texts)), len(texts)
    wide = _SIZE * steps
    high = 1.5 + _SIZE * rows + 0.8  # the lower edge of the upper tables
    canvas = Canvas(2 * wide + 1.6, high + _SIZE * rows + 0.65)
    left, right = 0.3, wide + 1.2
    canvas.text(left, high + _SIZE * rows, "padded", "heading")
    canvas.text(right, high + _SIZE * rows, "mask", "heading")
    for row, text in enumerate(texts):
        y = high + _SIZE * (rows - 1 - row)
        for t in range(steps):
            real = t < len(text)
            canvas.cell(left + _SIZE * t, y, text[t] if real else "", padding=not real)
            canvas.cell(right + _SIZE * t, y, "1" if real else "0", marked=real)
    low, middle = 0.95, (2 * wide + 1.6 - wide) / 2
    canvas.text(middle, low + _SIZE * rows, "packed", "heading")
    for row, text in enumerate(sorted(texts, key=len, reverse=True)):
        for t, letter in enumerate(text):
            canvas.cell(middle + _SIZE * t, low + _SIZE * (rows - 1 - row), letter)
    canvas.code(middle - 0.1, 0.5, "batch_sizes", "left")
    for t in range(steps):
        going = sum(len(text) > t for text in texts)
        canvas.code(middle + _SIZE * (t + 0.5), 0.5, str(going))
    return canvas.ax


def streams_and_chunks(text: str, streams: int = 3, steps: int = 3) -> Axes:
    """Draw a text cut into rows that are read side by side, and into chunks that follow each other.

    Parameters
    ----------
    text : str
        The text; what does not fill the rows with whole chunks is left out.
    streams : int
        The number of rows, from 2 to 4.
    steps : int
        The length of a chunk.

    Returns
    -------
    Axes
        Without scales. An arrow from chunk to chunk carries each row's state on; the gradient that
        would go back is cut.

    Raises
    ------
    ValueError
        If there are not 2 to 4 streams, or not two or three chunks in each.
    """
    chunks = len(text) // streams // steps if streams and steps else 0
    if not 2 <= streams <= 4 or chunks not in (2, 3):
        raise ValueError(
            f"text must give 2 to 4 streams of 2 or 3 chunks, got {len(text)} letters, "
            f"{streams} streams and steps of {steps}"
        )
    each, between, pitch = len(text) // streams, 1.25, 1.15
    wide = steps * _SIZE
    left = 1.35
    canvas = Canvas(left + chunks * wide + (chunks - 1) * between + 0.4, pitch * streams + 0.75)
    for row in range(streams):
        y = 0.25 + pitch * (streams - 1 - row)
        canvas.text(left - 0.2, y + _SIZE / 2, f"row {row}", "left")
        for chunk in range(chunks):
            x = left + chunk * (wide + between)
            for t in range(steps):
                canvas.cell(x + _SIZE * t, y, text[row * each + chunk * steps + t])
            if chunk:
                start, stop = x - between + 0.05, x - 0.05
                canvas.arrow((start, y + 0.47), (stop, y + 0.47), color=W_HH)
                canvas.arrow((stop, y + 0.13), (start, y + 0.13), color=GRADIENT, dashed=True)
                canvas.cut((start + stop) / 2, y + 0.13)
    top = pitch * streams
    for chunk in range(chunks):
        x = left + chunk * (wide + between)
        canvas.brace(x, x + wide, top, f"chunk {chunk + 1}")
    return canvas.ax


def rows_and_resets(rows: Sequence[str], steps: int = 3) -> Axes:
    """Draw a batch whose rows each begin new documents at places of their own.

    Parameters
    ----------
    rows : sequence of str
        Two to four rows of as many letters, enough for two calls. A ``|`` stands before a letter
        that begins a document.
    steps : int
        How many letters a call reads, from 2 to 3.

    Returns
    -------
    Axes
        Without scales. An arrow carries the state of a row from letter to letter and out of the
        last call; where a document begins, a closed valve is on its line.

    Raises
    ------
    ValueError
        If there are not 2 to 4 rows, or a row does not have the letters of two calls.
    """
    letters = [row.replace("|", "") for row in rows]
    if not 2 <= len(rows) <= 4 or not 2 <= steps <= 3 or {*map(len, letters)} != {2 * steps}:
        raise ValueError(
            f"rows must be 2 to 4 of two calls of 2 or 3 letters, got {list(rows)} and {steps=}"
        )
    pitch, high, gap = 1.42, 1.05, 0.8
    left = 2.15
    canvas = Canvas(left + pitch * 2 * steps + 0.15, high * len(rows) + 0.7)
    for row, text in enumerate(rows):
        y = 0.2 + high * (len(rows) - 1 - row)
        line = y + _SIZE / 2
        canvas.text(left - gap - 0.1, line, f"row {row}", "left")
        begins = [pair[0] == "|" for pair in pairwise(" " + text) if pair[1] != "|"]
        for t, letter in enumerate(letters[row]):
            x = left + pitch * t
            canvas.arrow((x - gap + 0.04, line), (x - 0.03, line), color=W_HH)
            if begins[t]:
                canvas.valve(x - gap / 2 - 0.1, line, 0)
            canvas.cell(x, y, letter, marked=begins[t])
        end = left + pitch * 2 * steps
        canvas.arrow((end - gap + 0.04, line), (end - 0.03, line), color=W_HH)
    for call in range(2):
        x = left + pitch * steps * call
        canvas.brace(x, x + pitch * (steps - 1) + _SIZE, high * len(rows) + 0.1, f"call {call + 1}")
    return canvas.ax


def look_up(
    tokens: Sequence[str], indices: Sequence[int], rows: int = 6, features: int = 4
) -> Axes:
    """Draw how an embedding fetches a row of its table for each token.

    Parameters
    ----------
    tokens : sequence of str
        Two or three tokens.
    indices : sequence of int
        Their different indices, from 0 to `rows` - 1.
    rows, features : int
        The size of the table.

    Returns
    -------
    Axes
        Without scales: the tokens at the left, the table in the middle, its rows at the right.

    Raises
    ------
    ValueError
        If there are not as many indices as tokens, or an index is not in the table.
    """
    if len(tokens) != len(indices) or len(set(indices)) != len(indices):
        raise ValueError(f"indices must be different, one for each token, got {list(indices)}")
    if not set(indices) <= set(range(rows)):
        raise ValueError(f"indices must be from 0 to {rows - 1}, got {list(indices)}")
    size = 0.46
    table, fetched = 3.5, 3.5 + size * features + 1.5
    canvas = Canvas(fetched + size * features + 0.35, size * rows + 1.1)
    low = 0.75
    for row in range(rows):
        y = low + size * (rows - 1 - row)
        canvas.code(table - 0.06, y + size / 2, str(row), "left")
        for k in range(features):
            canvas.cell(table + size * k, y, size=size, marked=row in indices)
    middle = low + size * rows / 2
    pitch = 0.95
    for place, (token, index) in enumerate(zip(tokens, indices, strict=True)):
        y = middle + pitch * ((len(tokens) - 1) / 2 - place)
        of_row = low + size * (rows - 0.5 - index)
        canvas.cell(0.3, y - 0.31, token)
        canvas.code(1.55, y, str(index))
        canvas.arrow((0.97, y), (1.36, y))
        canvas.arrow((1.75, y), (table - 0.42, of_row))
        canvas.arrow((table + size * features + 0.05, of_row), (fetched - 0.05, y))
        for k in range(features):
            canvas.cell(fetched + size * k, y - size / 2, size=size, marked=True)
    canvas.code(1.1, 0.3, f"({len(tokens)},)")
    canvas.code(table + size * features / 2, 0.3, f"({rows}, {features})")
    canvas.code(fetched + size * features / 2, 0.3, f"({len(tokens)}, {features})")
    return canvas.ax
