"""Files and tables of a reader: what is read, what is said, what is refused, with a remedy."""

import json
import math
import re

import pandas as pd
import pytest

from rnn_tutorial.data import read_texts, split

GOOD = "text,label\nfine film,good\nbad film,bad\n"


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.csv", GOOD, {}),
        ("a.csv", "\ufeff" + GOOD.replace("\n", "\r\n"), {}),
        ("a.csv", '\ufeff"text","label"\n"fine film","good"\n"bad film",bad', {}),
        ("a.csv", "id, text , label\n1, fine film, good\n2,bad film ,bad\n", {}),
        ("a.csv", GOOD.replace(",", ";"), {"separator": ";"}),
        ("a.csv", GOOD.encode("utf-16"), {"encoding": "utf-16"}),
        ("a.csv", GOOD.encode("cp1252"), {"encoding": "cp1252"}),
        ("a.csv", GOOD.replace("text,label", "a,b"), {"text": "a", "label": "b"}),
        ("a.tsv", GOOD.replace(",", "\t"), {}),
        ("a.txt", GOOD, {"separator": ","}),
        (
            "a.jsonl",
            '{"text": "fine film", "label": "good", "id": 1}\n\n{"label":"bad","text":"bad film"}',
            {},
        ),
    ],
)  # fmt: skip
def test_tables_and_json_lines_are_read(tmp_path, capsys, name, content, options):
    data = read_texts(written(tmp_path / name, content), **options)
    assert [text.strip() for text in data.texts] == ["fine film", "bad film"]
    assert data.classes == ("bad", "good")
    assert data.labels == (1, 0)
    said = capsys.readouterr().out
    assert f"{name}: 2 rows, 2 with text and label" in said
    assert "fewer than 10 texts, maybe too few for a split: bad (1), good (1)" in said


def test_a_text_keeps_what_is_in_quotation_marks(tmp_path):
    long = "x" * 200_000  # above the limit of Python's csv module
    content = f'text,label\n"He said ""no"", and\nleft",a\nNull,b\nNA,1\n"{long}",1\n'
    data = read_texts(written(tmp_path / "a.csv", content), quiet=True)
    assert data.texts == ('He said "no", and\nleft', "Null", "NA", long)
    assert data.classes == ("1", "a", "b")


def test_odd_rows_are_said_by_number(tmp_path, capsys):
    rows = [f"a text {n},{'pos' if n % 2 else 'neg'}" for n in range(40)]
    rows[3:7] = [",pos", "   ,neg", "no label,", '"\u200b",pos']
    rows += [
        "A  text 0,neg",
        '"a text\n 1",neg',
        "很好,Pos",
        "lost \ufffd,pos",
        "  ",
        "a text 2, neg ",
    ]
    data = read_texts(written(tmp_path / "own.csv", "text,label\n" + "\n".join(rows)))
    said = capsys.readouterr().out
    assert said.split() == " ".join(data.notes).split()
    assert max(map(len, said.splitlines())) <= 70
    assert list(data.notes) == [
        "own.csv: 46 rows, 41 with text and label",
        "left out, no 'text': 4 rows (5, 6, 8, 46)",
        "left out, no 'label': 2 rows (7, 46)",
        "look like an earlier row with the same label (a split leaves them out): 2 rows (42, 47)",
        "look alike and have different labels (a split leaves all of them out): 2 rows (3, 43)",
        "in a script without spaces between words (cut all texts into characters): 1 row (44)",
        "hold the mark U+FFFD of a character that was lost (see `encoding`): 1 row (45)",
        "3 classes: Pos 1, neg 21, pos 19",
        "labels that differ in capitals only are different classes: ['Pos', 'pos']",
        "fewer than 10 texts, maybe too few for a split: Pos (1)",
    ]
    with pytest.raises(ValueError, match=r"too few of Pos \(1\)"):
        split(data)
    parts = split(data.without("Pos"), validation=0.2)
    assert [len(rows) for rows in parts.dropped] == [0, 2, 2]


def test_half_a_character_is_lost_and_said(tmp_path, capsys):
    content = json.dumps({"text": "a\ud83d", "label": "\ud83d"})
    data = read_texts(written(tmp_path / "a.jsonl", content))
    assert (data.texts, data.classes) == (("a\ufffd",), ("\ufffd",))
    said = capsys.readouterr().out
    assert "hold the mark U+FFFD" in said
    assert "one class only" in said


def test_a_frame_is_read_and_its_rows_go_by_their_index(capsys):
    frame = pd.DataFrame(
        {
            "review": ["good", None, "bad", 3.14, " ", "fine", "dull", "again"],
            "stars": [5, 4, 1, 2, math.nan, 5, None, 9],
        },
        index=range(100, 108),
    )
    data = read_texts(frame[frame["stars"] != 9], text="review", label="stars")
    assert data.texts == ("good", "bad", "3.14", "fine")
    assert data.classes == ("1", "2", "5")
    assert data.labels == (2, 0, 1, 2)
    assert "no 'review': 2 rows (101, 104)" in capsys.readouterr().out
    assert "no 'stars': 2 rows (104, 106)" in data.notes[2]
    categories = frame.astype({"stars": "category"}).convert_dtypes()
    assert read_texts(categories, text="review", label="stars", quiet=True).classes[0] == "1"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (pd.DataFrame({"Text": ["a"], "label": ["b"]}), {}, "'text' among 'Text', 'label'"),
        (pd.DataFrame([["a", "b", "c"]], columns=["text", "text", "label"]), {}, "there twice"),
        (pd.DataFrame({"text": [["a"]], "label": ["b"]}), {}, "row 0: 'text' must be text, got li"),
        (pd.DataFrame({"text": [b"a"], "label": ["b"]}), {}, "row 0: 'text' must be text, got byt"),
        (pd.DataFrame({"text": [], "label": []}), {}, "the frame must hold at least one row"),
        (pd.DataFrame({"text": ["a"], "label": [None]}), {}, "none among 1 row;"),
        (pd.DataFrame({"text": ["a"]}), {"label": "text"}, "two columns, got 'text' for both"),
    ],
)  # fmt: skip
def test_odd_frames_are_refused(source, options, message):
    with pytest.raises(ValueError, match=message):
        read_texts(source, **options)


@pytest.mark.parametrize("source", [None, 3, [("a", "b")], {"text": ["a"]}, pd.Series(["a"])])
def test_other_sources_are_refused(source):
    with pytest.raises(TypeError, match=r"the path of a file or a pandas\.DataFrame, got"):
        read_texts(source)


def lines(**rows):
    """Return a hundred good rows of a table, some of them replaced, as in ``row_7="..."``."""
    table = ["text,label"] + [f"text {n},{'good' if n % 2 else 'bad'}" for n in range(2, 102)]
    for name, row in rows.items():
        table[int(name.removeprefix("row_")) - 1] = row
    return "\n".join(table) + "\n"


def objects(**rows):
    table = [json.dumps({"text": f"text {n}", "label": str(n % 2)}) for n in range(1, 101)]
    for name, row in rows.items():
        table[int(name.removeprefix("line_")) - 1] = row
    return "\n".join(table) + "\n"


LATIN = lines(row_8="très bon,good").encode("latin-1")
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
# the file, what is in it, where the fault is, the remedy
MALFORMED = [
    ("empty.csv", "", "empty.csv is empty", "must name the columns"),
    ("blank.csv", " \n\n\t\n", "blank.csv is empty", "must name the columns"),
    ("mark.csv", "\ufeff", "mark.csv is empty", "must name the columns"),
    ("empty.jsonl", "\n", "empty.jsonl is empty", "must name the columns"),
    ("names.csv", "text,label\n", "names.csv holds the names", "add a row"),
    ("nothing.csv", "text,label\n,\n ,\n", "none among 2 rows", "right columns"),
    ("no_labels.csv", "text,label\na,\nb,\n", "none among 2 rows", "right columns"),
    ("no_texts.jsonl", '{"text": null, "label": "a"}', "none among 1 row;", "right columns"),
    ("utf16.csv", lines().encode("utf-16"), "utf16.csv, line 1", 'encoding="utf-16"'),
    ("utf16le.csv", lines().encode("utf-16-le"), "line 1", 'encoding="utf-16-le"'),
    ("utf16be.csv", lines().encode("utf-16-be"), "line 1", 'encoding="utf-16-be"'),
    ("utf32.csv", lines().encode("utf-32"), "line 1", 'encoding="utf-32"'),
    ("utf16.jsonl", objects().encode("utf-16"), "line 1", 'encoding="utf-16"'),
    ("latin.csv", LATIN, "latin.csv, line 8", 'encoding="cp1252"'),
    ("latin.tsv", LATIN.replace(b",", b"\t"), "latin.tsv, line 8", 'encoding="cp1252"'),
    ("latin.jsonl", objects(line_9='{"text": "é"}').encode("cp1252"), "line 9", "cp1252"),
    ("mixed.csv", lines(row_4="é,good").encode() + b"\xe9,bad\n", "line 102", "cp1252"),
    ("cut.csv", lines(row_101="é,x").encode()[:-4], "cut.csv, line 101", "save it as UTF-8"),
    ("picture.csv", PNG * 9, "picture.csv, line 1", "no text file"),
    ("sheet.csv", b"PK\x03\x04\x14\x00\x06\x00\x08\x00" * 9, "line 1", "save a spreadsheet as CSV"),
    ("packed.csv", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff", "line 1", "unpack an archive"),
    ("weights.jsonl", b"\x80\x02}q\x00X\x04\x00\x00\x00", "line 1", "no text file"),
    ("zero.csv", lines(row_6="a\0b,good"), "zero.csv, line 6", "no text file"),
    ("long_row.csv", lines(row_7="well, fine,good"), "row 7: 3 fields", "quotation marks around"),
    ("short_row.csv", lines(row_9="no label"), "row 9: 1 field ", "all fields"),
    ("long_end.csv", lines(row_101="a,b,c,d"), "row 101: 4 fields", "quotation marks around"),
    ("broken_line.csv", lines(row_7="a text\nthat goes on,good"), "row 7: 1 field ", "line break"),
    ("tabs.tsv", lines().replace(",", "\t") + "a\tb\tc\n", "row 102: 3 fields", "quotation marks"),
    ("spaces.tsv", lines().replace(",", "\t") + "a  b\n", "row 102: 1 field ", "all fields"),
    ("semicolons.csv", lines(row_3="a;good"), "row 3: 1 field ", "all fields"),
    ("open.csv", lines(row_7='"an open quote,good'), "row 7 (line 7)", "close it"),
    ("open_end.csv", lines(row_101='"an open quote,good'), "row 101 (line 101)", "close it"),
    ("two_open.csv", lines(row_7='"one,good', row_9='"two,good'), "row 7 (line 7)", "close it"),
    ("inner.csv", lines(row_5='"He said "no", and left",good'), "row 5", "double those"),
    ("escaped.csv", lines(row_5=r'"He said \"no\" and",good'), "row 5", "escapechar="),
    ("after.csv", lines(row_5='"closed" too early,good'), "row 5 (line 5)", "close it"),
    ("later.csv", lines(row_4='"a\n\nb",good', row_9='"open,good'), "row 9 (line 11)", "close it"),
    ("column.csv", lines(row_1="Text,label"), "no column 'text'", "is it 'Text'?"),
    ("typo.csv", lines(row_1="text,labels"), "no column 'label'", "is it 'labels'?"),
    ("other.csv", lines(row_1="review,stars"), "no column 'text'", "say text= and label="),
    ("headless.csv", lines(row_1="fine,good"), "no column 'text'", "name the columns"),
    ("twice.csv", lines(row_1="text,text,label"), "'text' is there twice", "different names"),
    ("between.csv", lines().replace(",", ";"), "row 1", "separator=';'"),
    ("bars.csv", lines().replace(",", "|"), "row 1", "separator='|'"),
    ("tab.csv", lines().replace(",", "\t"), "row 1", "separator='\\t'"),
    ("comma.tsv", lines(), "row 1", "separator=','"),
    ("page.csv", "<!DOCTYPE html>\n<html></html>\n", "page.csv, row 1", "name the columns"),
    ("lines.csv", objects(), "lines.csv, row 1", "that ends in .jsonl"),
    ("excel.csv", "sep=;\ntext;label\na;b\n", "excel.csv, row 1", "separator=';'"),
    ("joined.csv", lines() + lines(), "row 102: the names of the columns again", "delete this row"),
    ("notes.txt", lines(), "notes.txt must end in", "separator=','"),
    ("no_ending", lines(), "no_ending must end in", "separator=','"),
    ("list.json", json.dumps([{"text": "a", "label": "b"}]), "line 1", "pandas.read_json"),
    ("pretty.json", json.dumps({"text": "a", "label": "b"}, indent=1), "line 1", "on each line"),
    ("comma.jsonl", objects(line_3='{"text": "a",}'), "comma.jsonl, line 3", "such as"),
    ("single.jsonl", objects(line_4="{'text': 'a'}"), "line 4", 'such as {"text": "..."'),
    ("two.jsonl", objects(line_5='{"text": "a"} {"text": "b"}'), "line 5", "on each line"),
    ("cut.jsonl", objects(line_100='{"text": "te'), "line 100", "on each line"),
    ("word.jsonl", objects(line_6='"text"'), "line 6: this is a str", "on each line"),
    ("null.jsonl", objects(line_6="null"), "line 6: this is a NoneType", "on each line"),
    ("row.jsonl", objects(line_7='["a", "b"]'), "line 7: this is a list", "on each line"),
    ("nested.jsonl", objects(line_8='{"text": ["a"], "label": "b"}'), "row 8", "make a str"),
    ("deep.jsonl", objects(line_8='{"text":' + "[" * 99_999), "line 8", "on each line"),
    ("number.jsonl", objects(line_8='{"text": ' + "9" * 5000 + "}"), "line 8", "on each line"),
    ("label.jsonl", objects(line_9='{"text": "a", "label": {"b": 1}}'), "row 9", "make a str"),
    ("keys.jsonl", '{"Text": "a", "label": "b"}\n', "no column 'text'", "is it 'Text'?"),
    ("table.jsonl", lines(), "table.jsonl, line 1", "such as"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "place", "remedy"), MALFORMED)
def test_malformed_files_are_refused_by_row_and_remedy(tmp_path, name, content, place, remedy):
    path = written(tmp_path / name, content)
    with pytest.raises(ValueError, match=re.escape(place)) as caught:
        read_texts(path)
    message = str(caught.value)
    assert remedy.replace('"', "'") in message.replace('"', "'")
    assert name in message
    assert len(message) < 500


def test_paths_without_a_table_are_refused(tmp_path):
    with pytest.raises(ValueError, match="is a folder; give the path of a file in it"):
        read_texts(tmp_path)
    with pytest.raises(
        FileNotFoundError, match=r"no file .*missing\.csv in .*; give its whole path"
    ):
        read_texts(tmp_path / "missing.csv")
    path = written(tmp_path / "a.csv", GOOD)
    with pytest.raises(ValueError, match="encoding must be one that Python knows, got 'utf-9'"):
        read_texts(path, encoding="utf-9")
    with pytest.raises(ValueError, match="encoding must be one that Python knows, got 'hex'"):
        read_texts(path, encoding="hex")
    for separator in ("", "::", '"', 3):
        with pytest.raises(ValueError, match="separator must be one character, got"):
            read_texts(path, separator=separator)
    path.write_bytes(b"text,label\nfine\x81,good\n")
    with pytest.raises(
        ValueError, match="line 2: this is not CP1252; say the encoding that it was"
    ):
        read_texts(path, encoding="cp1252")
