"""Files of jobs in: CSV, JSON Lines and YAML -> rows of options by name."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipsmith.errors import JobsError, TextError
from lipsmith.media.text import read_text

if TYPE_CHECKING:
    from yaml.nodes import Node

_DELIMITERS = ",;\t"
_NOTHING = ("", "~", "null")


@dataclass(frozen=True, slots=True)
class JobRow:
    """One row. line: where it begins, from 1. values: what is written there, by option name with
    underscores; strings, but for JSON; what is empty is left out. problem: why it has none.
    """

    line: int
    values: Mapping[str, Any]
    problem: str = ""


def read_job_rows(path: Path) -> list[JobRow]:
    """The rows of a file, in its order; a row that cannot be read has a problem instead of values.

    CSV has the names in its first row; JSON Lines an object in every line; YAML a list of mappings,
    or a mapping with the list as `jobs` and what holds for all of them as `defaults`.

    Raises:
        JobsError: the file is missing, is none of the three, or has no rows.
    """
    readers = {
        ".csv": _read_csv, ".tsv": _read_csv, ".jsonl": _read_json_lines,
        ".ndjson": _read_json_lines, ".yaml": _read_yaml, ".yml": _read_yaml,
    }  # fmt: skip
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise JobsError(
            f"{path}: jobs can be written as .csv, .jsonl or .yaml, not as "
            f"{path.suffix or 'a file without a suffix'}"
        )
    try:
        text = read_text(path)
    except TextError as error:
        message = str(error).replace("give something to say", "write a row for each video")
        raise JobsError(message) from error
    rows = list(reader(path, text))
    if not rows:
        raise JobsError(f"{path} has no jobs in it; write at least a picture and a text in a row")
    return rows


def _read_csv(path: Path, text: str) -> Iterator[JobRow]:
    header = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    names: list[str] = []
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise JobsError(f"{path}:{reader.line_num}: this is no CSV: {error}") from error
        if cells is None:
            return
        at, line = line, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        if not names:
            names = [_option(cell) for cell in cells]
            _check_header(path, names)
        elif len(cells) > len(names):
            problem = (
                f"{len(cells)} cells for {len(names)} columns; put a text with "
                f"{'commas' if delimiter == ',' else repr(delimiter)} in double quotes"
            )
            yield JobRow(at, {}, problem)
        else:
            filled = zip(names, cells, strict=False)
            yield JobRow(at, {name: cell for name, cell in filled if name and cell.strip()})


def _check_header(path: Path, names: list[str]) -> None:
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        raise JobsError(f"{path}:1: two columns are called {min(twice)}")


def _read_json_lines(path: Path, text: str) -> Iterator[JobRow]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except ValueError as error:
            yield JobRow(number, {}, f"this is no JSON: {error}")
            continue
        if isinstance(values, dict):
            given = {_option(n): v for n, v in values.items() if v is not None and v != ""}
            yield JobRow(number, given)
        else:
            yield JobRow(number, {}, 'this is no JSON object, as in {"picture": "face.jpg", ...}')


def _read_yaml(path: Path, text: str) -> Iterator[JobRow]:
    import yaml
    from yaml.nodes import MappingNode, SequenceNode

    try:
        # Every scalar stays the string that is written there: `no` is a language.
        root = yaml.compose(text, yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = "" if mark is None else f":{mark.line + 1}"
        reason = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise JobsError(f"{path}{at}: this is no YAML: {reason}") from error
    jobs, defaults = root, {}
    if isinstance(root, MappingNode):
        parts = {key.value: value for key, value in root.value}
        if "jobs" not in parts or set(parts) - {"jobs", "defaults"}:
            raise JobsError(f"{path}: write a list of jobs, or `jobs:` and `defaults:`")
        jobs = parts["jobs"]
        if "defaults" in parts:
            row = _yaml_row(parts["defaults"])
            if row.problem:
                raise JobsError(f"{path}:{row.line}: {row.problem}")
            defaults = dict(row.values)
    if not isinstance(jobs, SequenceNode):
        raise JobsError(f"{path}: write a list of jobs, each beginning with `- picture: ...`")
    for node in jobs.value:
        row = _yaml_row(node)
        yield JobRow(row.line, {**defaults, **row.values}, row.problem)


def _yaml_row(node: Node) -> JobRow:
    from yaml.nodes import MappingNode

    line = node.start_mark.line + 1
    if not isinstance(node, MappingNode):
        return JobRow(line, {}, "this is no mapping, as in `picture: face.jpg`")
    values: dict[str, Any] = {}
    for key, value in node.value:
        name, at = _option(str(key.value)), key.start_mark.line + 1
        if name in values:
            return JobRow(line, {}, f"{name} is given twice, again in line {at}")
        try:
            values[name] = _yaml_value(value, nested=False)
        except ValueError:
            return JobRow(line, {}, f"the value of {name} in line {at} is nested too deep")
    return JobRow(line, {name: value for name, value in values.items() if value is not None})


def _yaml_value(node: Node, *, nested: bool) -> Any:
    """A string, a list or a mapping of strings, or None."""
    from yaml.nodes import MappingNode, ScalarNode

    if isinstance(node, ScalarNode):
        is_plain = node.style is None
        return None if is_plain and node.value in _NOTHING else str(node.value)
    if nested:
        raise ValueError
    if isinstance(node, MappingNode):
        return {str(key.value): _yaml_value(value, nested=True) for key, value in node.value}
    return [_yaml_value(item, nested=True) for item in node.value]


def _option(name: str) -> str:
    """The option that a column's or a key's name means: `--text-file` is text_file, too."""
    return name.strip().removeprefix("--").replace("-", "_").lower()
