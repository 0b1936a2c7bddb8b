"""A long render in segments, which may be made at once and anywhere, and joined at the end."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from lipsmith.core.request import RenderRequest, Size
from lipsmith.errors import TextError
from lipsmith.media.audio import open_audio
from lipsmith.media.pictures import write_thumbnail
from lipsmith.media.video import VideoWriter
from lipsmith.pipeline.cache import RenderCache
from lipsmith.pipeline.checks import check_options
from lipsmith.pipeline.rendering import (
    ProgressCallback,
    Rendering,
    open_source,
)
from lipsmith.pipeline.scene import faces_of
from lipsmith.pipeline.speaking import open_speech, read_words
from lipsmith.pipeline.takes import (
    Take,
    as_one_take,
    cut_into_takes,
)

_MOST_CHARACTERS = 600
_LONG_RECORDING_S = 45.0


class Cut(StrEnum):
    """WHOLE: in one piece. PASSAGES: each passage of the text is said and drawn apart. TAKES: what
    is said is made first, and then cut."""

    WHOLE = "whole"
    PASSAGES = "passages"
    TAKES = "takes"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a render is best cut. passages: of the text, for PASSAGES. size, fps: of the video."""

    cut: Cut
    passages: tuple[str, ...]
    fps: Fraction
    size: Size
    warnings: tuple[str, ...]


def plan_segments(request: RenderRequest, poster: Path) -> Plan:
    """Check what can be checked before anything is drawn, and say how the render is to be cut.

    poster: a JPEG to write, of the picture as it will be seen.

    Raises:
        LipsmithError: what was asked for cannot be done.
    """
    check_options(request)
    text = read_words(request)
    with ExitStack() as stack:
        open_speech(request, text, stack)
        stop = threading.Event()
        stack.callback(stop.set)
        cache = stack.enter_context(RenderCache())
        source = open_source(request, faces_of(request), stop, cache)
        portrait = source.prepare(stack)[0]
    write_thumbnail(portrait.pixels, poster)
    cut, parts = Cut.WHOLE, tuple[str, ...]()
    if source.kind == "still":
        cut, parts = cut_of(request, text)
    size = Size(portrait.width, portrait.height)
    return Plan(cut, parts, source.fps, size, tuple(source.warnings()))


def cut_of(request: RenderRequest, text: str | None) -> tuple[Cut, tuple[str, ...]]:
    """How the render of a still is best cut, and the passages of `Plan`.

    text: what `read_words` gave.
    """
    if text is not None and _can_be_said_apart(request, text):
        parts = tuple(passages(text))
        return (Cut.PASSAGES, parts) if len(parts) > 1 else (Cut.WHOLE, parts)
    return (Cut.TAKES if _is_long(request, text) else Cut.WHOLE), ()


def passages(text: str) -> Iterator[str]:
    """A text in passages of some sentences, which are said apart; together they are the text.

    One ends behind each sentence whose hash is lower than its neighbours', so that a change in one
    sentence moves no end but those right beside it.
    """
    from lipsmith.speech.words.sentence_ends import split_sentences

    passage, before = "", b""
    sentences = [(sentence, _hash(sentence)) for sentence in split_sentences(text)]
    for (sentence, own), (_, behind) in pairwise([*sentences, ("", b"")]):
        passage += sentence
        is_lowest = own < before and own < behind
        if is_lowest or len(passage) >= _MOST_CHARACTERS:
            yield passage
            passage = ""
        before = own
    if passage.strip():
        yield passage


def _hash(sentence: str) -> bytes:
    return hashlib.sha256(sentence.strip().encode()).digest()


def _can_be_said_apart(request: RenderRequest, text: str) -> bool:
    """Whether passages of the text make the same sense as the whole: no script, no SSML."""
    from lipsmith.speech.words.ssml import is_ssml

    return not (request.speakers or request.ssml or is_ssml(text))


def _is_long(request: RenderRequest, text: str | None) -> bool:
    if text is not None:
        return len(text) > _MOST_CHARACTERS
    assert request.audio is not None
    duration_s = open_audio(request.audio).duration_s
    return duration_s is None or duration_s > _LONG_RECORDING_S


def takes_of(request: RenderRequest, fps: Fraction) -> Iterator[Take]:
    """What the request says, as takes.

    Raises:
        LipsmithError: it cannot be said.
    """
    with ExitStack() as stack:
        speech = open_speech(request, read_words(request), stack)()
        yield from cut_into_takes(speech, fps)


def take_of(request: RenderRequest, passage: str, fps: Fraction) -> Take | None:
    """A passage as one take, as loud as the voice is; None when there is nothing to say in it."""
    asked = replace(request, text=passage, text_file=None, normalise=False)
    with ExitStack() as stack:
        try:
            return as_one_take(open_speech(asked, passage, stack)(), fps)
        except TextError:
            return None


def render_segment(
    request: RenderRequest, take: Take, video: Path, on_progress: ProgressCallback | None = None
) -> tuple[str, ...]:
    """Make the video of a take; returns what people should know of it. video: .mp4 or .webm.

    Raises:
        LipsmithError: it could not be made.
    """
    with (
        Rendering(request, rgb=False, on_progress=on_progress, take=take) as rendering,
        VideoWriter(
            video,
            rendering.size,
            rendering.fps,
            rate_hz=rendering.rate_hz,
            channels=rendering.channels,
            overwrite=True,
        ) as writer,
    ):
        for frame in rendering:
            writer.write(frame)
        return rendering.report(more_warnings=writer.warnings).warnings
