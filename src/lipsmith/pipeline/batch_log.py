"""The file that says what became of each row of a batch."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from lipsmith.core.request import RenderReport
from lipsmith.errors import OutputError
from lipsmith.media.output import check_writable, failure, written_aside
from lipsmith.pipeline.report import report_values


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line. key: of the row and the files that it read. bytes: of the output.

    values: what an earlier run's line said, instead of a report.
    """

    line: int
    state: str
    output: Path | None = None
    key: str = ""
    bytes: int = -1
    report: RenderReport | None = None
    error: str = ""
    values: Mapping[str, Any] | None = None


class BatchLog:
    """JSON Lines with one row each; use it as a context manager.

    A line is added when its row has ended, so that nothing is lost when the process is killed.
    When the block ends, each row has one line, in the order of the rows.
    """

    def __init__(self, path: Path) -> None:
        """Read what an earlier run has left.

        Raises:
            OutputError: it cannot be written there, or is something else.
        """
        check_writable(path, overwrite=True)
        self._path = path
        self._earlier = {entry.output: entry for entry in self._read() if entry.output is not None}
        self._added: list[LogEntry] = []
        self._file: IO[str] | None = None

    def earlier(self, output: Path) -> LogEntry | None:
        """What the last run that made this file said; None if none did."""
        entry = self._earlier.get(output.resolve())
        return entry if entry is not None and entry.state == "made" else None

    def add(self, entry: LogEntry) -> None:
        """Write a line now.

        Raises:
            RenderError: it cannot be written.
        """
        self._added.append(entry)
        try:
            if self._file is None:
                self._file = self._path.open("a", encoding="utf-8")
            self._file.write(self._line(entry))
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as problem:
            raise failure(self._path, problem) from problem

    def __enter__(self) -> BatchLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._file is None:
            return
        self._file.close()
        # What was not reached keeps what an earlier run said of it.
        reached = {entry.output.resolve() for entry in self._added if entry.output is not None}
        left = [entry for output, entry in self._earlier.items() if output not in reached]
        kept = left if error is not None else []
        with written_aside(self._path, overwrite=True) as aside:
            text = "".join(self._line(entry) for entry in [*self._added, *kept])
            aside.write_text(text, encoding="utf-8")

    def _read(self) -> list[LogEntry]:
        if not self._path.exists():
            return []
        try:
            text = self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise OutputError(f"{self._path} cannot be read as a report: {problem}") from problem
        entries = []
        lines = text.split("\n")
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                entries.append(self._entry(json.loads(line)))
            except (ValueError, TypeError, KeyError) as problem:
                if number == len(lines):
                    break  # its writer was killed
                raise OutputError(
                    f"{self._path}:{number} is no line of a report; give another with --report"
                ) from problem
        return entries

    def _entry(self, values: dict[str, Any]) -> LogEntry:
        output = values.get("output")
        return LogEntry(
            line=int(values["line"]),
            state=str(values["state"]),
            output=None if output is None else (self._path.parent / output).resolve(),
            key=str(values.get("key", "")),
            bytes=int(values.get("bytes", -1)),
            error=str(values.get("error", "")),
            values=values,
        )

    def _line(self, entry: LogEntry) -> str:
        values: dict[str, Any] = {"line": entry.line, "state": str(entry.state)}
        if entry.output is not None:
            values["output"] = _relative(entry.output.resolve(), self._path.parent.resolve())
        if entry.error:
            values["error"] = entry.error
        if entry.report is not None:
            report = report_values(entry.report)
            del report["output"]
            values |= {**report, "bytes": entry.bytes, "key": entry.key}
        elif entry.values is not None:
            values = {**entry.values, **values}
        return json.dumps(values, ensure_ascii=False) + "\n"


def _relative(file: Path, folder: Path) -> str:
    """How a file is called from a folder, so that both can be moved together."""
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:  # another drive
        return str(file)
