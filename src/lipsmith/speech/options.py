"""The limits of `SpeechOptions`, the same for every engine."""

from __future__ import annotations

from lipsmith.errors import OptionError

RATE_WPM = (80, 450)
PITCH = (0, 99)


def check_rate(rate_wpm: int | None) -> None:
    """Raise OptionError for a rate that no voice is asked for."""
    _check("rate", rate_wpm, RATE_WPM, "words a minute")


def check_pitch(pitch: int | None) -> None:
    """Raise OptionError for a pitch that no voice is asked for."""
    _check("pitch", pitch, PITCH, "50 is the voice's own")


def _check(name: str, value: int | None, limits: tuple[int, int], unit: str) -> None:
    if value is not None and not limits[0] <= value <= limits[1]:
        raise OptionError(f"{name} must be {limits[0]}..{limits[1]} ({unit}), not {value}")
