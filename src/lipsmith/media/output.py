"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from av.error import FFmpegError

from lipsmith.errors import DiskFullError, OutputError, RenderError

VIDEO_SUFFIXES = (".mp4", ".webm", ".gif")
_ASIDE_SUFFIX = ".lipsmith.part"
_LOCKED_WITHIN_S = 1.0
# EFBIG: the file system's or the process's limit on one file.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def check_output(path: Path | str, *, overwrite: bool = False) -> None:
    """Make sure that a video can be written at `path`, before any work is done.

    Raises:
        OutputError: exists already, is a folder, its folder is missing or unwritable, or the
            suffix is none of .mp4, .webm, .gif.
    """
    path = Path(path)
    if path.is_dir():
        raise OutputError(f"{path} is a folder; give a file name in it, as {path / 'video.mp4'}")
    if path.suffix.lower() not in VIDEO_SUFFIXES:
        raise OutputError(
            f"{path}: cannot write {path.suffix or 'a file without a suffix'}; "
            f"end the name with one of {', '.join(VIDEO_SUFFIXES)}"
        )
    check_writable(path, overwrite=overwrite)


def check_writable(path: Path, *, overwrite: bool = False) -> None:
    """As `check_output`, for files of any suffix."""
    folder = path.parent
    if path.exists() and not path.is_file():
        raise OutputError(f"{path} is not a plain file; choose another name")
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists already; choose another name or say --overwrite")
    if not folder.is_dir():
        raise OutputError(f"no such folder: {folder}; make it first: mkdir -p {folder}")
    aside = _aside(path)
    try:
        _create(aside)
        aside.unlink()
    except OSError as problem:
        raise OutputError(
            f"cannot write in {folder.absolute()}: {problem.strerror}; choose another place with -o"
        ) from problem


@contextlib.contextmanager
def written_aside(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a hidden name beside `path` to write to; rename it to `path` when the block ends.

    When the block is left by any exception, the hidden file is removed and `path` is untouched.

    Raises:
        OutputError: see `check_output`, except for the suffix.
        RenderError: the finished file cannot be renamed.
    """
    target = path.resolve()  # of a link, what it points at is replaced
    check_writable(target, overwrite=overwrite)
    _remove_abandoned(target.parent)
    aside = _aside(target)
    try:
        with _owned(aside):
            yield aside
            if not overwrite and target.exists():
                raise OutputError(
                    f"{path} was made by something else meanwhile; choose another name"
                )
            try:
                aside.replace(target)
            except OSError as problem:
                raise failure(path, problem) from problem
    finally:
        aside.unlink(missing_ok=True)


def failure(path: Path, problem: OSError | FFmpegError) -> RenderError:
    """The error for a person when writing `path` failed."""
    if problem.errno in _NO_ROOM:
        return DiskFullError(
            f"no room left for {path}; free some space or choose another place (nothing was left)"
        )
    return RenderError(f"writing {path} failed: {problem.strerror or problem}")


def _aside(path: Path) -> Path:
    # 255 bytes is the usual limit of a name; what follows the stem has to fit as well.
    stem = path.stem.encode()[:180].decode(errors="ignore")
    return path.with_name(f".{stem}.{secrets.token_hex(4)}{_ASIDE_SUFFIX}")


def _create(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))


@contextlib.contextmanager
def _owned(path: Path) -> Iterator[None]:
    """Create a file that is locked until the block ends or the process does, however it ends."""
    _create(path)
    if sys.platform != "linux":
        yield
        return
    handle = os.open(path, os.O_WRONLY)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            _lock(handle)
        yield
    finally:
        os.close(handle)


def _remove_abandoned(folder: Path) -> None:
    """Delete what a killed process left in a folder: the files written aside that nobody locks."""
    if sys.platform != "linux":
        return
    for path in folder.glob(f".*{_ASIDE_SUFFIX}"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime < _LOCKED_WITHIN_S:
                continue  # its owner may be about to lock it
            handle = os.open(path, os.O_WRONLY)
            try:
                _lock(handle)
                path.unlink()
            finally:
                os.close(handle)


def _lock(handle: int) -> None:
    """Lock an open file for this handle alone, on Linux.

    Raises:
        OSError: another handle has locked it, or its file system has no locks.
    """
    import fcntl

    # A byte far behind the end: some network file systems keep others from writing what is locked.
    asked = struct.pack("hhqqi0q", fcntl.F_WRLCK, os.SEEK_SET, 1 << 62, 1, 0)
    fcntl.fcntl(handle, fcntl.F_OFD_SETLK, asked)
