"""How large things may be. The one place where the limits of files live."""

from __future__ import annotations

MIN_PICTURE_SIDE_PX = 64
MAX_PICTURE_PIXELS = 100_000_000
MAX_PICTURE_SIDE_PX = 8192
"""Larger pictures are shrunk while they are read; faces are looked for at this size."""
MAX_PICTURE_ASPECT = 8.0
"""Longer side by shorter side; beyond it a picture is a banner, not a portrait."""

MIN_VIDEO_SIDE_PX = 64
MAX_VIDEO_SIDE_PX = 3840
MIN_FPS = 12
MAX_FPS = 60

MAX_RATE_HZ = 48_000
"""Recordings above this are resampled to it; nothing in speech lies higher."""
MIN_RATE_HZ = 8_000
