"""Frames drawn side by side, and the settings of the process for that."""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeAlias

import cv2

from lipsmith.core.image import Frame, Nv12Image, RgbImage
from lipsmith.core.motion import TrackFrame

_SWITCH_S = 0.0002

Drawing: TypeAlias = Callable[[], RgbImage | Nv12Image]
"""Draws one frame when it is called, in any thread."""

_settings_lock = threading.Lock()
_settings_users = 0
_settings_before = (0, 0.0)


def drawn(
    drawings: Iterable[tuple[TrackFrame, Drawing]], workers: int, name: str
) -> Iterator[Frame]:
    """The frames in order; up to `workers` are drawn side by side. name: of the threads."""
    waiting: deque[tuple[TrackFrame, Future[RgbImage | Nv12Image]]] = deque()
    pool = ThreadPoolExecutor(workers, name)
    try:
        with _settings():
            for frame, drawing in drawings:
                waiting.append((frame, pool.submit(drawing)))
                if len(waiting) > workers:
                    yield _finished(*waiting.popleft())
            while waiting:
                yield _finished(*waiting.popleft())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _finished(frame: TrackFrame, image: Future[RgbImage | Nv12Image]) -> Frame:
    return Frame(frame.index, image.result(), frame.samples)


@contextmanager
def _settings() -> Iterator[None]:
    """Frames are drawn side by side: OpenCV must not split each of them over threads as well, and
    a thread that comes back from OpenCV must not wait long for the interpreter.

    The settings belong to the process: the first user changes them, the last one puts them back.
    """
    global _settings_users, _settings_before
    with _settings_lock:
        if _settings_users == 0:
            _settings_before = (cv2.getNumThreads(), sys.getswitchinterval())
            cv2.setNumThreads(1)
            sys.setswitchinterval(_SWITCH_S)
        _settings_users += 1
    try:
        yield
    finally:
        with _settings_lock:
            _settings_users -= 1
            if _settings_users == 0:
                cv2.setNumThreads(_settings_before[0])
                sys.setswitchinterval(_settings_before[1])
