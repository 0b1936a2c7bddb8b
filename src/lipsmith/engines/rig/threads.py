"""Settings of the process for frames that are drawn side by side."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import cv2

_SWITCH_S = 0.0002

_settings_lock = threading.Lock()
_settings_users = 0
_settings_before = (0, 0.0)


@contextmanager
def side_by_side() -> Iterator[None]:
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
