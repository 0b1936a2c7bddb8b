"""What the store remembers of files: their hashes, and why these are believed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from lipsmith.weights.entry import Trust

_RECORD = "weights.json"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file as it was verified. source: an address, or the path of a file that was given."""

    name: str
    sha256: str
    size: int
    trust: Trust
    source: str


def read_records(folder: Path) -> dict[str, FileRecord]:
    """The records of a folder by file name; nothing where there are none that can be read."""
    try:
        files = json.loads((folder / _RECORD).read_text(encoding="utf-8"))["files"]
        records = [FileRecord(**{**file, "trust": Trust(file["trust"])}) for file in files]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {record.name: record for record in records}


def add_record(folder: Path, record: FileRecord) -> None:
    """Remember `record`, in place of an earlier one of the same file."""
    records = {**read_records(folder), record.name: record}
    aside = folder / f"{_RECORD}.new"
    text = json.dumps({"files": [asdict(r) for r in records.values()]}, indent=1)
    aside.write_text(text + "\n", encoding="utf-8")
    aside.replace(folder / _RECORD)


def sha256_of(path: Path) -> str:
    """64 hexadecimal digits; reads the whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
