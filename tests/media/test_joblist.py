"""Files of jobs as people and their spreadsheets write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lipsmith.errors import JobsError
from lipsmith.media.joblist import JobRow, read_job_rows


def _rows(folder: Path, name: str, text: str | bytes) -> list[JobRow]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_job_rows(path)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_with_quoted_texts_over_several_lines(tmp_path: Path, delimiter: str) -> None:
    table = (
        '\ufeffpicture,--text-file,Text,out\r\n'
        'a.jpg,,"One, ""two"";\r\nthree.",a.mp4\r\n'
        "\r\n"
        "b.jpg,b.txt,, \r\n"
    ).replace(",", delimiter)  # fmt: skip
    rows = _rows(tmp_path, "jobs.csv", table)
    text = f'One{delimiter} "two";\r\nthree.'
    assert rows == [
        JobRow(2, {"picture": "a.jpg", "text": text, "out": "a.mp4"}),
        JobRow(5, {"picture": "b.jpg", "text_file": "b.txt"}),
    ]


def test_a_row_with_an_unquoted_comma_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    rows = _rows(tmp_path, "jobs.csv", "picture,text\na.jpg,Hello, you\nb.jpg\n")
    assert (rows[0].line, rows[0].values) == (2, {})
    assert "3 cells for 2 columns" in rows[0].problem
    assert rows[1] == JobRow(3, {"picture": "b.jpg"})


def test_json_lines(tmp_path: Path) -> None:
    lines = '{"picture": "a.jpg", "fps": 30, "box": [1, 2, 3, 4], "voice": null}\n\n{"a\n[1]\n'
    rows = _rows(tmp_path, "jobs.jsonl", lines)
    assert rows[0] == JobRow(1, {"picture": "a.jpg", "fps": 30, "box": [1, 2, 3, 4]})
    assert [row.line for row in rows] == [1, 3, 4]
    assert "no JSON" in rows[1].problem
    assert "no JSON object" in rows[2].problem


def test_yaml_keeps_what_is_written_and_fills_in_defaults(tmp_path: Path) -> None:
    text = (
        "defaults:\n  picture: a.jpg\n  size: 720p\njobs:\n"
        "- text: yes\n  language: no\n  fps: 29.97\n  voice: ~\n"
        "- text: |\n    Two\n    lines\n  picture: '~'\n  speakers: {anna: de, ben: en}\n"
        "  pads: [0, 1, 2, 3]\n"
        "- only words\n"
        "- text: a\n  text: b\n"
        "- text: [[a]]\n"
    )
    rows = _rows(tmp_path, "jobs.yml", text)
    usual = {"picture": "a.jpg", "size": "720p"}
    assert rows[0] == JobRow(5, {**usual, "text": "yes", "language": "no", "fps": "29.97"})
    assert rows[1].values["text"] == "Two\nlines\n"
    assert rows[1].values["picture"] == "~"
    assert rows[1].values["speakers"] == {"anna": "de", "ben": "en"}
    assert rows[1].values["pads"] == ["0", "1", "2", "3"]
    assert "no mapping" in rows[2].problem
    assert "text is given twice, again in line 17" in rows[3].problem
    assert "nested too deep" in rows[4].problem
    assert _rows(tmp_path, "list.yaml", "- picture: a.jpg\n  text: Hi\n")[0].line == 1


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("jobs.txt", "picture,text\n", r"jobs\.txt: jobs can be written as .*, not as \.txt"),
        ("jobs.csv", "", "is empty"),
        ("jobs.csv", "picture,text\n", "no jobs in it"),
        ("jobs.csv", "picture,text,text\na,b,c\n", "two columns are called text"),
        ("jobs.csv", 'picture,text\na,"b\n', r"jobs\.csv:2: this is no CSV"),
        ("jobs.csv", b"picture,text\n\xff\xfe\xfa,b\n", "UTF-8"),
        ("jobs.yaml", "jobs: [\n", r"jobs\.yaml:2: this is no YAML"),
        ("jobs.yaml", "rows: []\n", "`jobs:` and `defaults:`"),
        ("jobs.yaml", "just words\n", "a list of jobs"),
        ("jobs.yaml", "jobs: []\n", "no jobs in it"),
        ("jobs.yaml", "defaults: [a]\njobs: []\n", r"jobs\.yaml:1"),
    ],
)
def test_files_that_are_no_jobs(tmp_path: Path, name: str, text: str | bytes, words: str) -> None:
    with pytest.raises(JobsError, match=words):
        _rows(tmp_path, name, text)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(JobsError, match="no such file"):
        read_job_rows(tmp_path / "jobs.csv")
    (tmp_path / "jobs.csv").mkdir()
    with pytest.raises(JobsError, match="is a folder"):
        read_job_rows(tmp_path / "jobs.csv")
