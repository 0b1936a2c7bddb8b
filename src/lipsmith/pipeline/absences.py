"""Where in a video there was no face to dub."""

from __future__ import annotations

from fractions import Fraction

_MOST_PLACES = 4


class Absences:
    """Counts the frames without a face, and remembers where the first of them are."""

    def __init__(self, fps: Fraction) -> None:
        self._fps = fps
        self._frames = self._absent = self._stretches = 0
        self._places: list[list[int]] = []
        self._since: int | None = None

    def count(self, present: bool) -> None:
        """Take note of the next frame."""
        if present:
            self._since = None
        else:
            self._absent += 1
            if self._since is None:
                self._since = self._frames
                self._stretches += 1
                if self._stretches <= _MOST_PLACES:
                    self._places.append([self._frames, self._frames])
            elif self._stretches <= _MOST_PLACES:
                self._places[-1][1] = self._frames
        self._frames += 1

    def warnings(self) -> list[str]:
        """One line, or none when the face was always there."""
        if not self._absent:
            return []
        places = [f"{self._time(first)} to {self._time(last + 1)}" for first, last in self._places]
        if self._stretches > len(places):
            places.append(f"{self._stretches - len(places)} more times")
        return [
            f"no face to dub in {self._absent} of {self._frames} frames ({', '.join(places)}); "
            "they stay as they are"
        ]

    def _time(self, frame: int) -> str:
        minutes, seconds = divmod(float(frame / self._fps), 60)
        return f"{int(minutes)}:{seconds:04.1f}"
