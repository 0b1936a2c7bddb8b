"""Files that the user already has, in place of a download."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from lipsmith.errors import WeightsError, WrongHashError
from lipsmith.weights.download import check
from lipsmith.weights.entry import Trust, WeightsEntry, WeightsFile
from lipsmith.weights.record import FileRecord, sha256_of
from lipsmith.weights.transfer import check_room


def match_given(entry: WeightsEntry, given: Sequence[Path]) -> Iterator[tuple[WeightsFile, Path]]:
    """Which file of the weights each given file is: by its name, else by its hash.

    Raises:
        WeightsError: a file is not there, or is none of them.
    """
    for path in given:
        if path.is_dir():
            inside = [(file, path / file.name) for file in entry.files]
            found = [(file, inner) for file, inner in inside if inner.is_file()]
            if not found:
                names = ", ".join(file.name for file in entry.files)
                raise WeightsError(f"{path} has none of the files of {entry.name}: {names}")
            yield from found
        elif path.is_file():
            yield _match(entry, path), path
        else:
            raise WeightsError(f"no such file: {path}")


def take_given(
    file: WeightsFile, source: Path, folder: Path, remembered: FileRecord | None
) -> FileRecord:
    """Copy `source` to its place in `folder`, whole and verified.

    Raises:
        WrongHashError: it is another file.
        DownloadError: there is no room.
        WeightsError: it cannot be read.
    """
    aside = folder / f"{file.name}.new"
    try:
        check_room(folder, source.stat().st_size, file.name)
        shutil.copyfile(source, aside)
        record, expected = check(file, aside, str(source.absolute()), None, remembered)
        if record.sha256 != expected:
            raise WrongHashError(
                f"{source} is not {file.name}: its SHA-256 is {record.sha256} instead of "
                f"{expected}; it was not taken"
            )
        aside.replace(folder / file.name)
    except OSError as error:
        raise WeightsError(
            f"cannot copy {source} to {folder}: {error.strerror or error}"
        ) from error
    finally:
        aside.unlink(missing_ok=True)
    if record.trust is Trust.FIRST_USE:
        return replace(record, trust=Trust.GIVEN)
    return record


def _match(entry: WeightsEntry, path: Path) -> WeightsFile:
    for file in entry.files:
        if file.name == path.name:
            return file
    if len(entry.files) == 1:
        return entry.files[0]
    found = sha256_of(path)
    for file in entry.files:
        if file.sha256 == found:
            return file
    names = ", ".join(file.name for file in entry.files)
    raise WeightsError(f"{path} is none of the files of {entry.name}: {names}")
