"""What is asked for, what comes back, and how far it is."""

from __future__ import annotations

import base64
import html
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Literal, TypeAlias

from lipsmith.core.image import RgbImage
from lipsmith.core.options import EngineOptions, FinishingOptions, Length
from lipsmith.core.resources import Resources
from lipsmith.core.subtitle import SubtitleKind

_EMBED_LIMIT_BYTES = 20_000_000
_MIME_TYPES = {".mp4": "video/mp4", ".webm": "video/webm", ".gif": "image/gif"}


class Fit(StrEnum):
    """How a picture is made to fill a size of another shape."""

    CROP = "crop"
    PAD = "pad"


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels of the video, both even."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Background:
    """What stands behind the person.

    kind: "keep", "blur", "colour" or "image". colour: sRGB 0..255. image: a picture file.
    """

    kind: str = "keep"
    colour: tuple[int, int, int] = (0, 0, 0)
    image: Path | None = None


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says the parts of a text that begin with [name].

    voice: as `RenderRequest.voice`. face: of the picture, 0-based, by size; None is the request's.
    """

    name: str
    voice: str
    face: int | None = None


@dataclass(frozen=True, slots=True)
class Clone:
    """A voice to clone. recording: 3 to 15 s of it. text: what is said there, "" when unknown.

    consent: whoever asks declares that the person who speaks there agrees.
    """

    recording: Path
    text: str = ""
    consent: bool = False


FaceChoice: TypeAlias = int | Path | Literal["auto"]
"""Whose face speaks: its number by size, 0-based (in a video: in its first scene); a picture file
of the person; or "auto", who speaks in the video's own sound."""


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What is done to the picture or the video while it is read, in this order.

    rotate: 0, 90, 180 or 270 degrees clockwise. crop: x1, y1, x2, y2 in px of what is upright
    then, the last two exclusive; -1 there means as far as it goes. resize_factor: both sides are
    divided by it, 1 or more.
    """

    rotate: int = 0
    crop: tuple[int, int, int, int] | None = None
    resize_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """One video to make. Exactly one of `text`, `text_file` and `audio` is set.

    picture: the file of a still or of a video, or a still's pixels. rate: words a minute
    (80..450). pitch: 0..99, 50 is the voice's own. language: BCP 47, of the text or the recording.
    fps: 12..60, None is a video's own, and 25 for stills. size: None keeps the picture's own.
    face: None is the largest. source: what is done to the picture while it is read.
    motion, expression: 0..2, 1 is natural. seed: equal seeds, equal videos.
    speakers: of a text in which several speak. ssml: the text is SSML; one that begins with <speak>
    always is. transcript: what the recording says, or a text file
    with it. normalise: bring the sound to -16 LUFS. trim: leave out the silence around a recording.
    clone: whose voice says the
    text, for engines that clone. subtitles: BURN draws them, SRT and VTT are files beside the
    video. karaoke: the word that is being said is marked in them. length: of a video that is
    dubbed.
    """

    picture: Path | RgbImage
    text: str | None = None
    text_file: Path | None = None
    audio: Path | None = None
    engine: str = "rig"
    voice: str | None = None
    rate: int | None = None
    pitch: int | None = None
    language: str | None = None
    fps: Fraction | None = None
    size: str | None = None
    fit: Fit = Fit.CROP
    face: FaceChoice | None = None
    source: SourceOptions = SourceOptions()
    seed: int = 0
    motion: float = 1.0
    expression: float = 1.0
    blink: bool = True
    background: Background = Background()
    resources: Resources = field(default_factory=Resources)
    clone: Clone | None = None
    speakers: tuple[Speaker, ...] = ()
    ssml: bool = False
    transcript: Path | str | None = None
    normalise: bool = True
    trim: bool = False
    subtitles: SubtitleKind = SubtitleKind.NONE
    karaoke: bool = False
    length: Length = Length.AUDIO
    engine_options: EngineOptions = field(default_factory=EngineOptions)
    finishing: FinishingOptions = field(default_factory=FinishingOptions)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a render is.

    stage: "queued" (elsewhere), "portrait", "speech", "render" or "finish". fraction: 0..1 of the
    whole, None unknown. frames: made so far. fps: frames a second of work. eta_s: seconds left,
    None unknown.
    """

    stage: str
    fraction: float | None
    frames: int = 0
    fps: float = 0.0
    eta_s: float | None = None


@dataclass(frozen=True, slots=True)
class MarkTime:
    """When a mark of the text is reached, in seconds from the start of the video."""

    name: str
    time_s: float


@dataclass(frozen=True, slots=True)
class RenderReport:
    """What was made, and how fast.

    output: None when streamed. duration_s: of the sound. realtime_factor: processing seconds per
    second of video, below 1 is faster than real time. marks: those of the text that were reached.
    """

    output: Path | None
    frames: int
    fps: Fraction
    duration_s: float
    width: int
    height: int
    engine: str
    voice: str | None
    seed: int
    elapsed_s: float
    realtime_factor: float
    warnings: tuple[str, ...] = ()
    marks: tuple[MarkTime, ...] = ()

    def _repr_html_(self) -> str:
        """The video itself, for notebooks."""
        if self.output is None or not self.output.exists():
            return f"<pre>{html.escape(repr(self))}</pre>"
        suffix = self.output.suffix.lower()
        if self.output.stat().st_size <= _EMBED_LIMIT_BYTES:
            data = base64.b64encode(self.output.read_bytes()).decode("ascii")
            source = f"data:{_MIME_TYPES.get(suffix, 'video/mp4')};base64,{data}"
        else:
            source = html.escape(self.output.as_posix())
        if suffix == ".gif":
            return f'<img width="{min(self.width, 640)}" src="{source}">'
        return f'<video controls width="{min(self.width, 640)}" src="{source}"></video>'
