"""A speech engine of another package, which says every text with the recording to clone itself."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lipsmith import registry
from lipsmith.settings import settings

_MODULE = """
from lipsmith.core.speech import Phone
from lipsmith.errors import SpeechError
from lipsmith.speech.base import SpeechCapabilities, SpeechEngine
from lipsmith.speech.chunks.sentences import Speaker, Utterance
class Parrot(SpeechEngine):
    capabilities = SpeechCapabilities(cloning=True)
    def voices(self):
        return ()
    def speak(self, text, options, characters=None):
        rate_hz = options.reference.rate_hz
        def say(sentence, stop):
            if 'BREAK' in sentence:
                raise SpeechError('the parrot is tired')
            said = options.reference.samples[: rate_hz // 2, None]
            return Utterance(said, rate_hz, (Phone('a', 0, len(said)),))
        return Speaker(say, 1).speak(text, language='en', voice='parrot')
"""


@contextmanager
def parrot_voice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install it as "parrot"; it fails at sentences with "BREAK" in them. Consents are kept in
    folder/home."""
    (folder / "parrot.py").write_text(_MODULE)
    about = folder / "parrot-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.4\nName: parrot\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[lipsmith.engines]\nspeech.parrot = parrot:Parrot\n")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("LIPSMITH_HOME", str(folder / "home"))
    importlib.invalidate_caches()
    registry._installed.cache_clear()
    settings.cache_clear()
    yield
    registry._installed.cache_clear()
    settings.cache_clear()
    sys.modules.pop("parrot", None)
