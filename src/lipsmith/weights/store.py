"""A folder of weights: pulled whole and verified, or not there at all.

A file is written aside as NAME.part, verified, and renamed, so that what has its own name is whole;
what an interrupted pull left is continued by the next one. `weights.json` beside the files holds
their hashes. Pulls of the same weights by several processes or threads wait for each other.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lipsmith.errors import LicenceError, MissingWeightsError, OfflineError, WeightsError
from lipsmith.weights import piper
from lipsmith.weights.catalog import all_weights, find_weights
from lipsmith.weights.download import Patience, fetch, http_client
from lipsmith.weights.entry import Trust, WeightsEntry, WeightsFile, size_text
from lipsmith.weights.given import match_given, take_given
from lipsmith.weights.progress import DownloadProgress, DownloadStage, ProgressCallback
from lipsmith.weights.record import FileRecord, add_record, read_records, sha256_of
from lipsmith.weights.transfer import forget


class WeightsState(StrEnum):
    """How much of some weights is here."""

    ABSENT = "absent"
    PARTIAL = "partial"
    """A pull was interrupted, or some of several files are here."""
    READY = "ready"
    DAMAGED = "damaged"
    """A file has another size than it had, or was not put here by the store."""


@dataclass(frozen=True, slots=True)
class WeightsStatus:
    """disk_bytes: what the weights take up, unfinished files included."""

    entry: WeightsEntry
    state: WeightsState
    disk_bytes: int
    folder: Path


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What `verify` found. problem: "" for a file that is as it was. trust: None if unknown."""

    path: Path
    problem: str
    trust: Trust | None


class WeightsStore:
    """The weights in one folder. Making a store touches neither the disk nor the network."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        offline: bool = False,
        commercial: bool = False,
        patience: Patience | None = None,
    ) -> None:
        """
        folder: None for "lipsmith/models" in the user's cache folder.
        offline: refuse what needs the network.
        commercial: refuse weights whose licence does not clearly allow commercial use.
        """
        self.folder = _default_folder() if folder is None else folder.expanduser().absolute()
        self._offline = offline
        self._commercial = commercial
        self._patience = patience or Patience()

    def paths(self, name: str) -> tuple[Path, ...]:
        """The files of the weights, the main one first. Sizes are checked, hashes are not.

        Raises:
            UnknownWeightsError: there is nothing of this name.
            MissingWeightsError: it is not here or not whole; the message says what to type.
            LicenceError: its licence is not for commercial use.
        """
        entry = self._allowed(name)
        state = self._status(entry).state
        if state is not WeightsState.READY:
            size = "" if entry.size is None else f", {size_text(entry.size)}"
            raise MissingWeightsError(
                f"{entry.needed_by} needs the weights {name}{size} (they are {state} in "
                f"{self.folder}); type: lipsmith models pull {name}"
            )
        return tuple(self._folder_of(entry) / file.name for file in entry.files)

    def path(self, name: str) -> Path:
        """The main file of the weights; see `paths`."""
        return self.paths(name)[0]

    def pull(self, name: str, progress: ProgressCallback | None = None) -> tuple[Path, ...]:
        """Download what is missing or damaged, continue what was interrupted; result as `paths`.

        Raises:
            UnknownWeightsError, LicenceError: as in `paths`.
            OfflineError: something is missing, and the network is not to be used.
            WrongHashError, DownloadError: it cannot be had.
            WeightsError: the folder cannot be written.
        """
        entry = self._allowed(name)
        tell = progress or (lambda _: None)
        with self._locked(entry, tell) as folder:
            missing = [file for file in entry.files if not self._is_intact(entry, file)]
            if missing and self._offline:
                raise OfflineError(
                    f"{name} is not here and the network is not to be used (LIPSMITH_OFFLINE); get "
                    f"{', '.join(f.name for f in missing)} on another machine and type: "
                    f"lipsmith models pull {name} --from FILE"
                )
            if missing:
                self._download(entry, missing, folder, tell)
        return self.paths(name)

    def register(self, name: str, given: Sequence[Path]) -> WeightsStatus:
        """Copy files that are already on this machine into the store, verified like downloads.

        given: files, or folders with them; they may have other names where the catalogue has
        hashes. Not all files of the weights need to be given.

        Raises:
            UnknownWeightsError, LicenceError: as in `paths`.
            WrongHashError: a file is not what it should be; it is left as it is.
            WeightsError: a file cannot be read, or belongs to no file of the weights.
        """
        entry = self._allowed(name)
        with self._locked(entry, lambda _: None) as folder:
            remembered = read_records(folder)
            for file, source in match_given(entry, given):
                add_record(folder, take_given(file, source, folder, remembered.get(file.name)))
        return self._status(entry)

    def verify(self, name: str) -> tuple[FileCheck, ...]:
        """Read every file again and compare its hash.

        Raises:
            UnknownWeightsError: there is nothing of this name.
            MissingWeightsError: none of it is here.
        """
        entry = find_weights(name)
        if self._status(entry).state is WeightsState.ABSENT:
            raise MissingWeightsError(f"{name} is not in {self.folder}")
        return tuple(self._check(entry, file) for file in entry.files)

    def remove(self, name: str) -> int:
        """Delete the weights and what is remembered of them; returns the bytes that are free now.

        Raises:
            UnknownWeightsError: there is nothing of this name.
            MissingWeightsError: none of it is here.
        """
        entry = find_weights(name)
        status = self._status(entry)
        if status.state is WeightsState.ABSENT:
            raise MissingWeightsError(f"{name} is not in {self.folder}")
        with self._locked(entry, lambda _: None) as folder:
            shutil.rmtree(folder)
        return status.disk_bytes

    def list(self) -> tuple[WeightsStatus, ...]:
        """The whole catalogue, and the further Piper voices that are here."""
        entries = {entry.name: entry for entry in all_weights()}
        voices = self.folder / piper.PREFIX.rstrip(":")
        for folder in sorted(voices.iterdir()) if voices.is_dir() else ():
            voice = piper.voice_entry(folder.name)
            if voice is not None:
                entries.setdefault(voice.name, voice)
        return tuple(self._status(entry) for entry in entries.values())

    def _allowed(self, name: str) -> WeightsEntry:
        entry = find_weights(name)
        if self._commercial and entry.commercial is not True:
            why = "does not allow" if entry.commercial is False else "does not clearly allow"
            raise LicenceError(
                f"the licence of {name} {why} commercial use ({entry.licence}; {entry.page}), and "
                "LIPSMITH_COMMERCIAL asks for that; `lipsmith models list` shows which do"
            )
        return entry

    def _download(
        self,
        entry: WeightsEntry,
        files: Sequence[WeightsFile],
        folder: Path,
        tell: ProgressCallback,
    ) -> None:
        remembered = read_records(folder)
        with http_client(self._patience) as client:
            for file in files:

                def report(
                    stage: DownloadStage,
                    done: int,
                    total: int | None,
                    detail: str,
                    file: WeightsFile = file,
                ) -> None:
                    tell(DownloadProgress(stage, entry.name, file.name, done, total, detail))

                part = folder / f"{file.name}.part"
                known = remembered.get(file.name)
                record = fetch(client, file, part, known, self._patience, report)
                with part.open("r+b") as whole:
                    os.fsync(whole.fileno())
                part.replace(folder / file.name)
                forget(part)
                add_record(folder, record)

    def _has(self, entry: WeightsEntry, file: WeightsFile) -> bool:
        """Whether a file is here with the size that it had when it was verified."""
        folder = self._folder_of(entry)
        path = folder / file.name
        record = read_records(folder).get(file.name)
        if record is None or not path.is_file():
            return False
        return record.size == path.stat().st_size and file.sha256 in (None, record.sha256)

    def _is_intact(self, entry: WeightsEntry, file: WeightsFile) -> bool:
        """Whether a file is here and has its hash, also one that somebody else put here."""
        check = self._check(entry, file)
        if check.problem:
            return False
        if not self._has(entry, file) and file.sha256:
            size = check.path.stat().st_size
            source = str(check.path)
            record = FileRecord(file.name, file.sha256, size, Trust.PINNED, source)
            add_record(check.path.parent, record)
        return True

    def _check(self, entry: WeightsEntry, file: WeightsFile) -> FileCheck:
        folder = self._folder_of(entry)
        path = folder / file.name
        record = read_records(folder).get(file.name)
        trust = Trust.PINNED if file.sha256 else record.trust if record else None
        expected = file.sha256 or (record.sha256 if record else None)
        if not path.is_file():
            return FileCheck(path, "it is missing", trust)
        if expected is None:
            return FileCheck(path, "nothing is known of its hash", trust)
        found = sha256_of(path)
        problem = f"its SHA-256 is {found} instead of {expected}" if found != expected else ""
        return FileCheck(path, problem, trust)

    def _status(self, entry: WeightsEntry) -> WeightsStatus:
        folder = self._folder_of(entry)
        files = [path for path in folder.glob("*") if path.is_file()] if folder.is_dir() else []
        whole = [file for file in entry.files if (folder / file.name).is_file()]
        if len(whole) == len(entry.files) and all(self._has(entry, file) for file in whole):
            state = WeightsState.READY
        elif not all(self._has(entry, file) for file in whole):
            state = WeightsState.DAMAGED
        elif files:
            state = WeightsState.PARTIAL
        else:
            state = WeightsState.ABSENT
        return WeightsStatus(entry, state, sum(path.stat().st_size for path in files), folder)

    def _folder_of(self, entry: WeightsEntry) -> Path:
        return self.folder.joinpath(*entry.name.split(":"))

    @contextmanager
    def _locked(self, entry: WeightsEntry, tell: ProgressCallback) -> Iterator[Path]:
        """The folder of the weights, while nobody else changes it."""
        from filelock import FileLock, Timeout

        folder = self._folder_of(entry)
        locks = self.folder / ".locks"
        try:
            locks.mkdir(parents=True, exist_ok=True)
            lock = FileLock(locks / f"{entry.name.replace(':', '_')}.lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                tell(DownloadProgress(DownloadStage.WAIT, entry.name, entry.files[0].name))
                lock.acquire()
            try:
                folder.mkdir(parents=True, exist_ok=True)
                yield folder
            finally:
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()
                lock.release()
        except OSError as error:
            raise WeightsError(
                f"cannot write into {folder}: {error.strerror or error}; "
                "LIPSMITH_MODELS can name another folder"
            ) from error


def _default_folder() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("lipsmith", appauthor=False) / "models"
