"""The pages for students and instructors say what is there."""

import re

import pytest
import yaml

from assignments import build


def title(name):
    text = (build.HERE / name / "master.md").read_text(encoding="utf-8")
    return re.search(r"^# (.+)$", text, re.MULTILINE)[1]


@pytest.mark.parametrize("name", build.names())
def test_students_find_each_assignment(root, name):
    (row,) = (
        line
        for line in (root / "book" / "assignments.md").read_text().splitlines()
        if f"*{title(name)}*" in line
    )
    assert f"</_build/assignments/{name}/{name}-student.zip>" in row


def test_the_syllabus_has_all_chapters_and_assignments_once(root):
    text = (root / "book" / "instructors.md").read_text()
    rows = [line for line in text.splitlines() if re.match(r"\| \d+ \|", line)]
    assert [int(row.split("|")[1]) for row in rows] == [*range(1, 13)]
    contents = yaml.safe_load((root / "_toc.yml").read_text())
    files = [page["file"] for part in contents["parts"] for page in part["chapters"]]
    chapters = [file[5:] for file in files if re.match(r"book/\d\d_", file)]
    assert len(chapters) >= 13
    for chapter in chapters:
        assert any(f"<{chapter}>" in row for row in rows), chapter
    due = [row.split("|")[3].strip() for row in rows]
    assert [due.count(f"*{title(name)}*") for name in build.names()] == [1] * len(build.names())


def test_each_private_file_is_named_to_instructors(root):
    text = (root / "book" / "instructors.md").read_text()
    for name in build.names():
        for file in (build.HERE / name / "private").iterdir():
            assert f"{name}/{file.name}" in text
