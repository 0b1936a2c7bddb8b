"""A file of jobs as requests: what `lipsmith.batch` and `lipsmith batch` render."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from lipsmith.errors import JobsError, LipsmithError, OptionError
from lipsmith.media.joblist import JobRow, read_job_rows
from lipsmith.options import RenderOptions
from lipsmith.pipeline.batch import BadJob, Job
from lipsmith.requests import beside, make_request

if TYPE_CHECKING:
    from pydantic import BaseModel

_FILES = ("picture", "out", "visemes", "blendshapes")
"""Columns that are no options of a request."""

_ALWAYS_FILES = (
    *_FILES, "text_file", "audio", "clone", "weights", "restore_weights", "upscale_weights",
)  # fmt: skip
_MAYBE_FILES = ("face", "background", "transcript")


def read_jobs(path: Path, options: Mapping[str, Any] | None = None) -> list[Job | BadJob]:
    """The rows of a file, each as a request or with what is wrong with it.

    Paths in it are relative to its folder. options: of every row that does not give them.

    Raises:
        JobsError: the file cannot be read, or names an option that there is not.
        OptionError: `options` has something wrong in it.
    """
    usual = {name: value for name, value in (options or {}).items() if value is not None}
    for name in usual:
        _check_name(name, OptionError, "")
    rows = read_job_rows(path)
    if path.suffix.lower() in (".csv", ".tsv"):
        for name in {name: None for row in rows for name in row.values}:
            _check_name(name, JobsError, f"{path}: the first row names the columns, and ")
    return [_job(row, path.parent, usual) for row in rows]


def _job(row: JobRow, folder: Path, usual: Mapping[str, Any]) -> Job | BadJob:
    if row.problem:
        return BadJob(row.line, row.problem)
    try:
        given = {**usual, **row.values}
        for name in given:
            _check_name(name, OptionError, "")
        values = _typed(given)
        located = {name: _located(name, value, folder) for name, value in values.items()}
        files = {name: located.pop(name, None) for name in _FILES}
        request = make_request(files["picture"], **located)
        return Job(
            row.line,
            request,
            files["out"] or beside(request),
            files["visemes"],
            files["blendshapes"],
            json.dumps(given, sort_keys=True, default=str),
        )
    except LipsmithError as error:
        return BadJob(row.line, str(error))


def _check_name(name: str, error: type[LipsmithError], where: str) -> None:
    known = [*_FILES, *RenderOptions.__annotations__]
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(known)}"
        raise error(f"{where}there is no option {name!r}{hint}")


def _typed(given: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the types that `RenderOptions` has, from what is written in a row."""
    from pydantic import ValidationError

    if isinstance(given.get("speakers"), str):
        given = {**given, "speakers": _speakers(given["speakers"])}
    try:
        row = _model()(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        if first["type"] == "missing":
            raise OptionError(f"there is no {name}") from error
        message = first["msg"][:1].lower() + first["msg"][1:]
        raise OptionError(f"{name} is {given[name]!r}: {message}") from error
    return row.model_dump(exclude_unset=True)


@cache
def _model() -> type[BaseModel]:
    from pydantic import create_model

    options = {name: (kind, None) for name, kind in get_type_hints(RenderOptions).items()}
    files = {name: (str | None, None) for name in _FILES if name != "picture"}
    return create_model("Row", picture=(str, ...), **files, **options)  # type: ignore[call-overload, no-any-return]


def _speakers(written: str) -> dict[str, str]:
    """The voices by name, of "anna=en-us+f3; ben=de@1"."""
    pairs = [part.partition("=") for part in written.split(";") if part.strip()]
    if not all(equals for _, equals, _ in pairs):
        raise OptionError(f"speakers is {written!r}; write it as anna=en-us+f3; ben=de@1")
    return {name.strip(): voice.strip() for name, _, voice in pairs}


def _located(name: str, value: Any, folder: Path) -> Any:
    """A value that is a path, from the folder of the jobs."""
    if value is None or not isinstance(value, str | Path):
        return value
    if name in _ALWAYS_FILES:
        return folder / Path(value).expanduser()
    if name in _MAYBE_FILES:
        try:
            return folder / value if (folder / value).is_file() else value
        except (OSError, ValueError):  # no name of a file
            return value
    return value
