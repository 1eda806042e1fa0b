"""Texts and labels of your own, from a file or a table of pandas, with every odd row named."""

import codecs
import csv
import difflib
import io
import json
import os
import re
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from numbers import Real
from pathlib import Path

from rnn_tutorial.data.labeled import LabeledTexts, same_texts
from rnn_tutorial.data.text import clean, is_unspaced

SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
JSON_LINES = (".jsonl", ".ndjson", ".json")
FEW = 10  # texts of a class below which a split may leave a part without one
LISTED = 10  # rows that a note names
WIDTH = 70  # characters of a printed line
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a]")  # bytes that texts do not have
_AS_FRAME = "or read it with pandas and pass the frame"


def read_texts(
    source,
    *,
    text: str = "text",
    label: str = "label",
    separator: str | None = None,
    encoding: str = "utf-8",
    quiet: bool = False,
) -> LabeledTexts:
    """Read texts with a label each from a file or a table.

    Labels are names, also if they look like numbers; the classes are in alphabetical order. Rows
    without a text or without a label are left out. What was left out, texts that look alike,
    classes that are small and the like are said in ``notes``, which are printed too.

    A row is counted as a spreadsheet counts it: the names of the columns are row 1. In JSON lines
    it is a line, in a frame the label of its index.

    Parameters
    ----------
    source : path or pandas.DataFrame
        A file whose name ends in ``.csv`` (with commas), ``.tsv`` (with tabs) or ``.jsonl`` (a JSON
        object on each line), or a frame, which may be filtered. The first line of a table names its
        columns. A text that holds the separator, a quotation mark or a line break is in quotation
        marks, and those inside are doubled, as spreadsheet programs write it.
    text, label : str
        The names of the two columns, or keys.
    separator : str, optional
        What stands between the fields, if it is not what the file's name says.
    encoding : str
        How the file is stored, such as ``utf-16``, or ``cp1252`` for an old file of Windows.
    quiet : bool
        Whether to print no notes.

    Returns
    -------
    LabeledTexts
        The texts as they are in the file; `clean` is up to whoever encodes them.

    Raises
    ------
    ValueError
        If the file is no such table, a column is missing, or no row has both a text and a label;
        the message names file, row and remedy.
    FileNotFoundError
        If there is no such file.
    TypeError
        If `source` is neither a path nor a frame.
    """
    if text == label:
        raise ValueError(f"text and label must be two columns, got {text!r} for both")
    if isinstance(source, str | os.PathLike):
        path = Path(source).expanduser()
        name = path.name
        rows = _rows_of_file(path, (text, label), separator, encoding)
    elif hasattr(source, "columns") and hasattr(source, "index"):
        name = "the frame"
        rows = _rows_of_frame(source, (text, label))
    else:
        raise TypeError(
            f"source must be the path of a file or a pandas.DataFrame, got "
            f"{type(source).__name__}; pandas.DataFrame(rows) makes one of lists and dicts"
        )
    data = _labeled(name, rows, (text, label))
    if not quiet:
        for note in data.notes:
            print(textwrap.fill(note, WIDTH, subsequent_indent="  "))
    return data


def _labeled(name, rows, columns):
    """Keep the rows that have both a text and a label, and say what there is to say."""
    numbers, texts, labels, missing = [], [], [], {column: [] for column in columns}
    for number, *values in rows:
        text, label = (
            _as_text(value, f"{name}, row {number}", column)
            for value, column in zip(values, columns, strict=True)
        )
        if clean(text) and clean(label):
            numbers.append(number)
            texts.append(text)
            labels.append(clean(label))
        else:
            for column, value in zip(columns, (text, label), strict=True):
                if not clean(value):
                    missing[column].append(number)
    if not texts:
        raise ValueError(
            f"{name} must hold at least one row with both {columns[0]!r} and {columns[1]!r}, got "
            f"none among {_number(len(rows), 'row')}; see whether these are the right columns"
        )
    data = LabeledTexts(texts, labels)
    notes = [f"{name}: {_number(len(rows), 'row')}, {len(data):,} with text and label"]
    notes += [
        f"left out, no {column!r}: {_listed(found)}" for column, found in missing.items() if found
    ]
    return replace(data, notes=notes + _remarks(data, numbers))


def _remarks(data, numbers):
    """Return what a reader should know about texts and classes before training on them."""
    dropped = same_texts(data)[1]
    counts = data.counts()
    folded = Counter(name.casefold() for name in counts)
    alike = [name for name in counts if folded[name.casefold()] > 1]
    few = [f"{name} ({count})" for name, count in counts.items() if count < FEW]
    found = {
        "look like an earlier row with the same label (a split leaves them out)": [
            numbers[i] for i in dropped.repeated
        ],
        "look alike and have different labels (a split leaves all of them out)": [
            numbers[i] for i in dropped.contradictory
        ],
        "in a script without spaces between words (cut all texts into characters)": [
            number for number, text in zip(numbers, data.texts, strict=True) if is_unspaced(text)
        ],
        "hold the mark U+FFFD of a character that was lost (see `encoding`)": [
            number for number, text in zip(numbers, data.texts, strict=True) if "\ufffd" in text
        ],
    }
    notes = [f"{what}: {_listed(rows)}" for what, rows in found.items() if rows]
    shown = [f"{name} {count:,}" for name, count in list(counts.items())[:20]]
    more = f" and {len(counts) - 20:,} more" if len(counts) > 20 else ""
    notes.append(f"{len(counts)} classes: {', '.join(shown)}{more}")
    if len(counts) == 1:
        notes[-1] = f"one class only, {shown[0]}: there is nothing to tell apart"
    if len(counts) > max(len(data) / 2, FEW):
        notes.append("most rows have a label of their own: is this the right column?")
    if alike:
        notes.append(f"labels that differ in capitals only are different classes: {alike}")
    if few:
        more = f" and {len(few) - LISTED} more" if len(few) > LISTED else ""
        notes.append(
            f"fewer than {FEW} texts, maybe too few for a split: {', '.join(few[:LISTED])}{more}"
        )
    return notes


def _listed(rows: Sequence) -> str:
    shown = ", ".join(map(str, rows[:LISTED]))
    more = f" and {len(rows) - LISTED:,} more" if len(rows) > LISTED else ""
    return f"{_number(len(rows), 'row')} ({shown}{more})"


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _as_text(value, where, column):
    """Return a value as a str, "" if there is none: labels may be numbers, texts too."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)  # halves of a character cannot be stored
    if isinstance(value, Real):  # pandas makes 1.0 of a 1 where a row of the column is empty
        return str(int(value) if isinstance(value, float) and value.is_integer() else value)
    raise ValueError(
        f"{where}: {column!r} must be text, got {type(value).__name__} {str(value)[:40]!r}; make a "
        f"str of it first"
    )


def _rows_of_frame(frame, columns):
    for column in columns:
        if list(frame.columns).count(column) != 1:
            raise ValueError(_missing("the frame", column, list(frame.columns)))
    values = [frame[column].astype(object).where(frame[column].notna(), None) for column in columns]
    return list(zip(frame.index.tolist(), *(column.tolist() for column in values), strict=True))


def _rows_of_file(path, columns, separator, encoding):
    """Return row number, text and label of each row."""
    ending = path.suffix.lower()
    if separator is None and ending not in (*SEPARATORS, *JSON_LINES) and path.is_file():
        raise ValueError(
            f"{path.name} must end in .csv, .tsv or .jsonl; say separator=',' or whatever stands "
            f"between its columns, {_AS_FRAME}"
        )
    content = _decoded(path, encoding)
    if separator is None and ending in JSON_LINES:
        return _json_rows(path.name, content, columns)
    separator = SEPARATORS[ending] if separator is None else separator
    return _table_rows(path.name, content, columns, separator)


def _decoded(path, encoding):
    """Return the text of a file."""
    name = path.name
    try:
        encoding = codecs.lookup(encoding).name
        " ".encode(encoding)  # some codecs are not for text
    except LookupError:
        raise ValueError(f"encoding must be one that Python knows, got {encoding!r}") from None
    if path.is_dir():
        raise ValueError(f"{path} is a folder; give the path of a file in it")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(
            f"there is no file {path} in {Path.cwd()}; give its whole path"
        ) from None
    if encoding == "utf-8":
        encoding = "utf-8-sig"  # spreadsheet programs begin with a byte order mark
        _refuse_other_encodings(name, content)
    try:
        text = content.decode(encoding)
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        row = 1 + content[:start].count(b"\n")
        if _CONTROL.search(content):
            raise ValueError(_binary(name, row)) from error
        remedy = "say the encoding that it was saved in"
        if encoding == "utf-8-sig":
            remedy = 'say encoding="cp1252" (Latin-1) if an old program of Windows wrote it'
        raise ValueError(
            f"{name}, line {row}: this is not {encoding.removesuffix('-sig').upper()}; {remedy}, "
            f"or save it as UTF-8"
        ) from error
    if "\0" in text:
        raise ValueError(_binary(name, 1 + text[: text.index("\0")].count("\n")))
    if not text.strip():
        raise ValueError(
            f"{name} is empty; its first line must name the columns, and a row for each text follow"
        )
    return text


def _refuse_other_encodings(name, content):
    marks = {
        "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
        "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    }
    found = [other for other, begins in marks.items() if content.startswith(begins)]
    zeros = [content[first::2].count(0) / max(1, len(content) // 2) for first in (0, 1)]
    binary = _CONTROL.search(content.replace(b"\0", b""))
    if not found and not binary and max(zeros) > 0.4 > 10 * min(zeros):  # Latin text
        found = ["utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"]
    if found:
        raise ValueError(
            f"{name}, line 1: this is {found[0].upper()}; say encoding={found[0]!r}, or save it as "
            f"UTF-8"
        )


def _binary(name, line):
    return (
        f"{name}, line {line}: here is a byte that no text has, so this is no text file, or a "
        f"damaged one; save a spreadsheet as CSV (UTF-8), unpack an archive, {_AS_FRAME}"
    )


def _missing(where, column, there):
    """Say that a column is missing or there more than once, and what may be meant."""
    known = [str(other) for other in there]
    if [clean(other) for other in known].count(column) > 1 or there.count(column) > 1:
        return f"{where}: the column {column!r} is there twice; give the two different names"
    shown = ", ".join(repr(other[:40]) for other in known[:LISTED])
    message = f"{where}: there is no column {column!r} among {shown}"
    lower = {other.lower(): other for other in known}
    close = difflib.get_close_matches(str(column).lower(), lower, 1)
    if close:
        return f"{message}; is it {lower[close[0]]!r}? Say text= and label="
    between = next((mark for mark in ";\t|," if len(known) == 1 and mark in known[0]), None)
    if between:
        return f"{message}; say separator={between!r} if that stands between the columns"
    return f"{message}; say text= and label=, and name the columns in the first line"


def _table_rows(name, content, columns, separator):
    if not isinstance(separator, str) or len(separator) != 1 or separator in '\r\n"':
        raise ValueError(f"separator must be one character, got {separator!r}")
    if content.lstrip().startswith('{"'):
        raise ValueError(f"{name}, row 1: this is JSON; give the file a name that ends in .jsonl")
    parsed = _parsed(name, content, separator)
    header = [clean(field) for field in parsed[0][1]]
    for column in columns:
        if header.count(column) != 1:
            raise ValueError(_missing(f"{name}, row 1", column, parsed[0][1]))
    places = [header.index(column) for column in columns]
    rows = []
    for number, (line, fields) in enumerate(parsed[1:], start=2):
        where = f"{name}, row {number}" + (f" (line {line})" if line != number else "")
        if not clean("".join(fields)):
            rows.append((number, "", ""))
            continue
        if len(fields) != len(header):
            remedy = "give it all fields, and put a line break inside quotation marks"
            if len(fields) > len(header):
                remedy = "put quotation marks around a text that holds a separator"
            raise ValueError(
                f"{where}: {_number(len(fields), 'field')} between {separator!r}, where row 1 "
                f"names {len(header)} columns; {remedy}"
            )
        values = [fields[place] for place in places]
        if [clean(value) for value in values] == list(columns):
            raise ValueError(f"{where}: the names of the columns again; delete this row")
        rows.append((number, *values))
    if not rows:
        raise ValueError(
            f"{name} holds the names of the columns and no row; add a row for each text"
        )
    return rows


def _parsed(name, content, separator):
    """Return the line in which each row begins, and its fields."""
    reader = csv.reader(
        io.StringIO(content, newline=""), delimiter=separator, strict=True, skipinitialspace=True
    )
    parsed, line = [], 1
    limit = csv.field_size_limit(max(len(content), csv.field_size_limit()))
    try:
        for fields in reader:
            parsed.append((line, fields))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(
            f"{name}, row {len(parsed) + 1} (line {line}): a quotation mark opens a field and is "
            f"not closed before the next {separator!r} ({error}); close it, double those inside a "
            f"field, {_AS_FRAME} (pandas.read_csv has quoting= and escapechar=)"
        ) from error
    finally:
        csv.field_size_limit(limit)
    return parsed


def _json_rows(name, content, columns):
    remedy = f"write one object on each line, such as {json.dumps(dict.fromkeys(columns, '...'))}"
    if content.lstrip().startswith("["):
        raise ValueError(
            f"{name}, line 1: this is one JSON list; {remedy}, or pass pandas.read_json({name!r})"
        )
    rows, seen = [], set()
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ValueError(
                f"{name}, line {number}: this is not JSON ({error}); {remedy}"
            ) from error
        if not isinstance(found, dict):
            raise ValueError(f"{name}, line {number}: this is a {type(found).__name__}; {remedy}")
        seen |= found.keys()
        rows.append((number, *map(found.get, columns)))
    for column in columns:
        if column not in seen:
            raise ValueError(_missing(f"{name}, all lines", column, sorted(seen)))
    return rows
