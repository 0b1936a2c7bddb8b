"""Videos out: frames with their sound -> MP4, WebM or GIF."""

from __future__ import annotations

import contextlib
import mmap
import queue
import threading
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Frame, Nv12Image
from lipsmith.core.request import Size
from lipsmith.errors import RenderError
from lipsmith.media.encoders import MP4, WEBM, ContainerEncoder, Encoder
from lipsmith.media.gif import GifEncoder
from lipsmith.media.output import check_output, failure, written_aside

__all__ = ["VideoWriter", "check_output"]

_QUEUED_FRAMES = 6
_Item = tuple[av.VideoFrame, NDArray[np.float32]]


class VideoWriter:
    """Writes frames and their sound; use it as a context manager.

    Frame i is shown from i / fps seconds; the sound starts with frame 0 and is kept whole. Frames
    are encoded in a thread of their own. The file appears at `path` when the block ends without
    an error, and not otherwise.

        with VideoWriter(path, Size(512, 512), Fraction(25), rate_hz=22050, channels=1) as writer:
            for frame in frames:
                writer.write(frame)
    """

    def __init__(
        self,
        path: Path | str,
        size: Size,
        fps: Fraction,
        *,
        rate_hz: int,
        channels: int,
        overwrite: bool = False,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        """rate_hz: 8000..48000. channels: 1 or 2. metadata: as {"title": ..., "comment": ...}.

        Raises:
            OutputError: see `check_output`.
            ValueError: odd sides.
        """
        if size.width % 2 or size.height % 2:
            raise ValueError(f"videos need even sides, got {size}")
        self._path = Path(path)
        check_output(self._path, overwrite=overwrite)
        self._size = size
        self._fps = fps
        self._rate_hz = rate_hz
        self._channels = channels
        self._overwrite = overwrite
        self._metadata = dict(metadata or {})
        self._cleanup = contextlib.ExitStack()
        self._encoder: Encoder
        self._thread: _EncodingThread
        self._frames = 0
        self._aside: Path
        self._comment: str | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the viewer of the video will miss."""
        if self._path.suffix.lower() == ".gif":
            return ("a GIF has no sound; write .mp4 or .webm to keep it",)
        return ()

    def write(self, frame: Frame) -> None:
        """Add the next frame and its sound; both are copied.

        Raises:
            DiskFullError: no room; nothing is left behind once the block is left.
            RenderError: writing failed for another reason.
            ValueError: the frame has another size than the video.
        """
        image = frame.image
        height, width = (image.luma if isinstance(image, Nv12Image) else image).shape[:2]
        if (width, height) != (self._size.width, self._size.height):
            raise ValueError(f"a frame of {width}x{height} for a video of {self._size}")
        samples = np.array(frame.samples, np.float32).reshape(-1, self._channels)
        self._thread.put((self._encoder.prepare(image), samples))
        self._frames += 1

    def correct_comment(self, comment: str) -> None:
        """Say this instead of the comment in `metadata`, once the file is whole.

        Raises:
            ValueError: it is longer.
        """
        first = self._metadata["comment"]
        if len(comment.encode()) > len(first.encode()):
            raise ValueError(f"no room for the comment {comment!r}")
        self._comment = comment

    def __enter__(self) -> VideoWriter:
        with contextlib.ExitStack() as stack:
            aside = stack.enter_context(written_aside(self._path, overwrite=self._overwrite))
            try:
                self._aside = aside
                self._encoder = self._open(aside)
            except av.error.FFmpegError as problem:
                raise failure(self._path, problem) from problem
            self._thread = _EncodingThread(self._encoder, self._path)
            self._cleanup = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            with self._cleanup:
                self._finish()
        else:
            try:
                self._thread.abandon()
            finally:
                self._cleanup.__exit__(kind, error, traceback)

    def _finish(self) -> None:
        try:
            self._thread.finish()
            self._write_comment()
            if not self._frames:
                raise RenderError(f"{self._path}: there was not a single frame to write")
        except BaseException:
            self._thread.abandon()
            raise

    def _write_comment(self) -> None:
        first, comment = self._metadata.get("comment", "").encode(), (self._comment or "").encode()
        if self._comment is None or comment == first:
            return
        with self._aside.open("r+b") as file, mmap.mmap(file.fileno(), 0) as content:
            at = content.find(first)
            if at >= 0:  # in a GIF there is none
                content[at : at + len(first)] = comment.ljust(len(first))

    def _open(self, aside: Path) -> Encoder:
        suffix = self._path.suffix.lower()
        if suffix == ".gif":
            return GifEncoder(aside, self._size, self._fps, self._metadata)
        kind = WEBM if suffix == ".webm" else MP4
        return ContainerEncoder(
            aside,
            kind,
            self._size,
            self._fps,
            rate_hz=self._rate_hz,
            channels=self._channels,
            metadata=self._metadata,
        )


class _EncodingThread:
    """Feeds an encoder from a short queue, so that drawing and encoding overlap."""

    def __init__(self, encoder: Encoder, path: Path) -> None:
        self._encoder = encoder
        self._path = path
        self._items: queue.Queue[_Item | None] = queue.Queue(_QUEUED_FRAMES)
        self._problem: Exception | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lipsmith-encoding", daemon=True)
        self._thread.start()

    def put(self, item: _Item) -> None:
        self._raise()
        self._items.put(item)

    def finish(self) -> None:
        """Wait until everything is in the file."""
        self._items.put(None)
        self._thread.join()
        self._raise()

    def abandon(self) -> None:
        """Stop as soon as possible; the file stays incomplete."""
        self._stopped.set()
        while self._thread.is_alive():
            with contextlib.suppress(queue.Full):
                self._items.put_nowait(None)
            self._thread.join(0.02)
        with contextlib.suppress(Exception):
            self._encoder.close()

    def _run(self) -> None:
        while (item := self._items.get()) is not None:
            # After a problem the queue is still emptied, or `put` would wait for ever.
            if self._problem is None and not self._stopped.is_set():
                self._attempt(self._encoder.add, *item)
        if self._problem is None and not self._stopped.is_set():
            self._attempt(self._encoder.finish)

    def _attempt(self, work: Callable[..., None], *arguments: object) -> None:
        try:
            work(*arguments)
        except Exception as problem:
            self._problem = problem

    def _raise(self) -> None:
        if isinstance(self._problem, OSError | av.error.FFmpegError):
            raise failure(self._path, self._problem) from self._problem
        if self._problem is not None:
            raise self._problem
