"""What an online service told about its voices, kept for when it is not asked."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict

from lipsmith.core.speech import Timing, Voice


class VoiceCache:
    """A file in the cache folder. name: of the engine."""

    def __init__(self, name: str) -> None:
        from platformdirs import user_cache_path

        self._path = user_cache_path("lipsmith", appauthor=False) / f"{name}-voices.json"

    def read(self) -> tuple[Voice, ...]:
        """What was written last; () when nothing was, or when it cannot be read."""
        try:
            listed = json.loads(self._path.read_text(encoding="utf-8"))
            return tuple(Voice(**{**about, "timing": Timing(about["timing"])}) for about in listed)
        except (OSError, ValueError, TypeError, KeyError):
            return ()

    def write(self, voices: Iterable[Voice]) -> None:
        """Keep these; a folder that cannot be written is no error."""
        text = json.dumps([asdict(voice) for voice in voices], ensure_ascii=False, indent=1)
        aside = self._path.with_suffix(f".{os.getpid()}.part")
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(text, encoding="utf-8")
            aside.replace(self._path)
