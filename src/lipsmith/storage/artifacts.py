"""Artefacts: files under the hash of what is in them, written once and never changed."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lipsmith.errors import MissingArtifactError, MissingExtraError, StorageError
from lipsmith.storage.s3 import open_bucket, reason_of

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_CHUNK_BYTES = 1 << 20
KEPT_AT_LEAST = timedelta(hours=1)
"""Whoever deletes what is not needed leaves alone what was put within this time."""
_LONGEST_SIGNED = timedelta(days=7)
_GREETING = b"Lipsmith keeps artefacts here.\n"
_FOREVER = "public, max-age=31536000, immutable"
_TYPES = {
    ".glb": "model/gltf-binary",
    ".srt": "application/x-subrip",
    ".vtt": "text/vtt",
    ".webm": "video/webm",
    ".webp": "image/webp",
}


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that is kept. name: "ab/abcd….mp4", its SHA-256 with its suffix."""

    name: str
    size: int
    changed: datetime

    @property
    def media_type(self) -> str:
        return media_type(self.name)


class ArtifactStore:
    """Keeps artefacts; safe to use from several threads and machines.

    Everything is put whole or not at all, and what was put lately is not written again.
    """

    def __init__(self, url: str) -> None:
        """url: a folder ("/srv/lipsmith", "file:///srv/lipsmith") or "s3://bucket/prefix", which
        reads the usual AWS_* variables; AWS_ENDPOINT_URL names another server than Amazon's.

        Raises:
            StorageError: the folder cannot be made, or nothing is known of such a URL.
            MissingExtraError: obstore is not installed.
        """
        self._url = url
        self._folder, self._store = _open(url)

    def check(self) -> None:
        """List, and put something, so that what is wrong is told before there is work.

        Raises:
            StorageError: one of these cannot be done.
        """
        next(self.list(), None)
        self.put_bytes(_GREETING, ".txt")

    @property
    def signs(self) -> bool:
        """Whether `sign` gives URLs that need nobody between."""
        return self._folder is None

    def put_file(self, path: Path, suffix: str | None = None) -> Artifact:
        """Keep a copy of a file. suffix: with its dot; None is the file's own."""
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(_CHUNK_BYTES):
                digest.update(block)
        return self._put(artifact_name(digest.hexdigest(), suffix or path.suffix), path)

    def put_bytes(self, data: bytes, suffix: str) -> Artifact:
        """Keep what is in memory."""
        return self._put(artifact_name(hashlib.sha256(data).hexdigest(), suffix), data)

    def find(self, name: str) -> Artifact | None:
        """The artefact of this name, if it is there."""
        import obstore
        from obstore.exceptions import BaseError, NotFoundError

        try:
            about = obstore.head(self._store, checked_name(name))
        except (NotFoundError, FileNotFoundError):
            return None
        except (BaseError, OSError) as error:
            raise self._failed("looked at", name, error) from error
        return Artifact(name, about["size"], about["last_modified"])

    def read(self, name: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `end`, in blocks of about a megabyte.

        Raises:
            MissingArtifactError: there is no such artefact.
        """
        import obstore
        from obstore.exceptions import BaseError

        found = self.find(name)
        if found is None:
            raise MissingArtifactError(f"there is no artefact {name}")
        end = found.size if end is None else min(end, found.size)
        while start < end:
            stop = min(start + _CHUNK_BYTES, end)
            try:
                yield bytes(obstore.get_range(self._store, name, start=start, end=stop))
            except (BaseError, OSError) as error:
                raise self._failed("read", name, error) from error
            start = stop

    def fetch(self, name: str, to: Path) -> Path:
        """Copy an artefact to a file; in a local folder it is linked, not copied.

        Raises:
            MissingArtifactError: there is no such artefact.
        """
        if self._folder is not None:
            kept = self._folder / checked_name(name)
            if not kept.is_file():
                raise MissingArtifactError(f"there is no artefact {name}")
            to.symlink_to(kept)
            return to
        with to.open("wb") as file:
            for block in self.read(name):
                file.write(block)
        return to

    def sign(self, name: str, expires: timedelta) -> str:
        """A URL of the store itself that anybody can read until it expires; see `signs`.

        expires: S3 allows no more than a week, so it is not longer.
        """
        import obstore
        from obstore.exceptions import BaseError
        from obstore.store import S3Store

        assert isinstance(self._store, S3Store)
        try:
            return obstore.sign(
                self._store, "GET", checked_name(name), min(expires, _LONGEST_SIGNED)
            )
        except (BaseError, OSError) as error:
            raise self._failed("signed", name, error) from error

    def delete(self, name: str) -> None:
        """Forget an artefact; nothing happens when it is not there."""
        import obstore
        from obstore.exceptions import BaseError, NotFoundError

        try:
            obstore.delete(self._store, checked_name(name))
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise self._failed("deleted", name, error) from error

    def list(self) -> Iterator[Artifact]:
        """Everything that is kept, in no order."""
        import obstore
        from obstore.exceptions import BaseError

        try:
            for page in obstore.list(self._store):
                for about in page:
                    if _is_name(about["path"]):
                        yield Artifact(about["path"], about["size"], about["last_modified"])
        except (BaseError, OSError) as error:
            told = f"what is kept in {self._url} cannot be listed: {reason_of(error)}"
            raise StorageError(told) from error

    def _put(self, name: str, data: Path | bytes) -> Artifact:
        import obstore
        from obstore.exceptions import BaseError

        found = self.find(name)
        # What is there already is put again before it is old enough to be deleted.
        if found is None or datetime.now(UTC) - found.changed > KEPT_AT_LEAST / 2:
            attributes = {"Content-Type": media_type(name), "Cache-Control": _FOREVER}
            told = {} if self._folder is not None else {"attributes": attributes}
            try:
                obstore.put(self._store, name, data, **told)  # type: ignore[arg-type]
            except (BaseError, OSError) as error:
                raise self._failed("written", name, error) from error
            found = self.find(name)
            assert found is not None
        return found

    def _failed(self, done: str, name: str, error: Exception) -> StorageError:
        reason = reason_of(error)
        return StorageError(f"the artefact {name} could not be {done} in {self._url}: {reason}")


def artifact_name(sha256: str, suffix: str) -> str:
    """The name of what has this hash; suffix: with its dot, or "" for none."""
    return f"{sha256[:2]}/{sha256}{suffix.lower()}"


def media_type(name: str) -> str:
    """The MIME type that a file of this name has."""
    suffix = PurePosixPath(name).suffix
    return _TYPES.get(suffix) or mimetypes.guess_type(f"x{suffix}")[0] or "application/octet-stream"


def checked_name(name: str) -> str:
    """`name`, when it is one that `artifact_name` gives.

    Raises:
        MissingArtifactError: it is not, so there cannot be such an artefact.
    """
    if not _is_name(name):
        raise MissingArtifactError(f"{name!r} is not the name of an artefact")
    return name


def _is_name(name: str) -> bool:
    folder, _, rest = name.partition("/")
    digest, _, suffix = rest.partition(".")
    hexadecimal = len(digest) == 64 and set(digest) <= set("0123456789abcdef")
    return (
        hexadecimal
        and digest.startswith(folder)
        and len(folder) == 2
        and (suffix.isalnum() or rest == digest)
    )


def _open(url: str) -> tuple[Path | None, ObjectStore]:
    try:
        from obstore.exceptions import BaseError
        from obstore.store import LocalStore
    except ImportError as error:
        raise MissingExtraError("keeping artefacts", "service") from error
    parts = urlsplit(url)
    if parts.scheme in ("", "file"):
        folder = Path(parts.path if parts.scheme else url).expanduser().absolute()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"cannot make the folder {folder}: {error.strerror}") from error
        return folder, LocalStore(folder)
    if parts.scheme != "s3":
        raise StorageError(
            f"artefacts cannot be kept in {url}; give a folder or s3://bucket/prefix"
        )
    try:
        return None, open_bucket(url)
    except (BaseError, ValueError) as error:
        raise StorageError(f"artefacts cannot be kept in {url}: {reason_of(error)}") from error
