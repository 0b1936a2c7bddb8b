"""Speech made by hand: phones of known times over a simple sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from lipsmith.articulation.track import make_track
from lipsmith.core.motion import TrackFrame
from lipsmith.core.speech import Phone, Speech, SpeechChunk

RATE_HZ = 16000
Said = Sequence[tuple[str, int]]
"""Phones as (symbol, milliseconds); "ˈ" before a symbol stresses it, "" is a pause."""

SENTENCE: Said = (
    ("", 300), ("h", 50), ("ə", 50), ("l", 80), ("ˈoʊ", 200), ("", 400),
    ("m", 70), ("aɪ", 90), ("n", 60), ("ˈeɪ", 110), ("m", 60), ("ɪ", 50), ("z", 80),
    ("b", 60), ("ˈɑː", 120), ("b", 60), ("f", 80), ("ˈuː", 120), ("d", 60), ("", 700),
    ("ð", 50), ("ɪ", 60), ("s", 90), ("p", 70), ("ˈiː", 100), ("t", 60), ("ə", 70), ("", 600),
)  # fmt: skip


def chunk(said: Said, start: int = 0, text: str | None = None, channels: int = 1) -> SpeechChunk:
    """A chunk of hummed vowels, hissed consonants and silent pauses."""
    phones = []
    sounds = []
    at = start
    for symbol, ms in said:
        count = ms * RATE_HZ // 1000
        plain = symbol.lstrip("ˈ")
        phones.append(Phone(plain, at, at + count, 2 if symbol != plain else 0))
        level = 0.0 if not symbol else 0.3 if plain[0] in "aɑeəɪioʊuæ" else 0.05
        time = np.arange(at, at + count) / RATE_HZ
        sounds.append(level * np.sin(2 * np.pi * 150 * time))
        at += count
    mono = np.concatenate(sounds).astype(np.float32)
    return SpeechChunk(np.repeat(mono[:, None], channels, 1), start, tuple(phones), text)


def cut(whole: SpeechChunk, at_pause: Callable[[Phone], bool]) -> list[SpeechChunk]:
    """The same sound and phones in more chunks, cut behind pauses."""
    phones = whole.phones or ()
    ends = [p.end for p in phones if not p.symbol and at_pause(p)]
    pieces, start = [], whole.start
    for end in [*ends, whole.end]:
        if end > start:
            inside = tuple(p for p in phones if start <= p.start < end)
            samples = whole.samples[start - whole.start : end - whole.start]
            pieces.append(SpeechChunk(samples, start, inside, whole.text))
            start = end
    return pieces


def frames_of(
    chunks: Sequence[SpeechChunk], fps: Fraction | int = 25, **how: object
) -> list[TrackFrame]:
    channels = chunks[0].samples.shape[1] if chunks else 1
    speech = Speech(RATE_HZ, channels, "en", iter(chunks))
    return list(make_track(speech, fps=Fraction(fps), **how).frames)  # type: ignore[arg-type]
