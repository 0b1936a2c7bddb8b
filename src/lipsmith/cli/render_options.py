"""The options of `lipsmith render`, by the panels of its help; the rare ones come last."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lipsmith.cli.completion import (
    complete_engine,
    complete_language,
    complete_restorer,
    complete_upscaler,
    complete_voice,
)
from lipsmith.cli.options import FILES
from lipsmith.core.options import FinishingOrder, Length, Precision, Runtime
from lipsmith.core.request import Fit
from lipsmith.core.subtitle import SubtitleKind
from lipsmith.options import Detector


def _option(panel: str, text: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=text, rich_help_panel=panel, **more)


_SPEECH = "What is said"

Text = Annotated[str | None, _option(_SPEECH, "The words to say.")]
Remote = Annotated[
    str | None,
    _option(
        "Where it is made",
        "The address of a service that makes it: http://...; its key is LIPSMITH_KEY.",
        metavar="URL",
    ),
]
TextFile = Annotated[
    Path | None, _option(_SPEECH, "A file with the words to say, UTF-8; - is standard input.")
]
Audio = Annotated[
    Path | None,
    _option(_SPEECH, "Recorded speech: a sound file, or a video with sound; - is standard input."),
]
VoiceName = Annotated[
    str | None,
    _option(
        _SPEECH,
        "Who says a text, such as en-us; see: lipsmith voices.",
        "--voice",
        autocompletion=complete_voice,
    ),
]
Language = Annotated[
    str | None,
    _option(
        _SPEECH,
        "Language of the text or the recording, such as en or pt-br.",
        autocompletion=complete_language,
    ),
]
Rate = Annotated[int | None, _option(_SPEECH, "Words a minute, 80 to 450.")]
Pitch = Annotated[int | None, _option(_SPEECH, "0 to 99; 50 is the voice's own.")]
Speaker = Annotated[
    list[str] | None,
    _option(
        _SPEECH,
        "Who says what follows [NAME] in the text; give it once for each speaker.",
        metavar="NAME=VOICE[@FACE]",
    ),
]
Ssml = Annotated[
    bool, _option(_SPEECH, "The text is SSML; one that begins with <speak> always is.", "--ssml")
]
CloneRecording = Annotated[
    Path | None,
    _option(
        _SPEECH,
        "A recording, 3 to 15 s, whose voice says the text; takes consent.",
        "--clone",
        metavar="RECORDING",
    ),
]
CloneText = Annotated[str | None, _option(_SPEECH, "What is said in that recording.")]
Consent = Annotated[
    bool,
    _option(
        _SPEECH,
        "Declare that the person in that recording agrees to be cloned.",
        "--i-have-consent",
    ),
]
Transcript = Annotated[
    str | None,
    _option(_SPEECH, "What the recording says, or a text file with it.", metavar="TEXT|FILE"),
]
Normalise = Annotated[
    bool, _option(_SPEECH, "Bring the sound to -16 LUFS.", "--normalise/--no-normalise")
]
Trim = Annotated[
    bool, _option(_SPEECH, "Leave out the silence before and behind a recording.", "--trim")
]

_SUBTITLES = "Subtitles"

Subtitles = Annotated[
    SubtitleKind,
    _option(_SUBTITLES, "Into a file beside the video, or burned into the picture."),
]
Karaoke = Annotated[
    bool, _option(_SUBTITLES, "Mark the word that is being said (vtt and burn).", "--karaoke")
]

Out = Annotated[
    Path | None,
    _option(
        FILES,
        "The video: .mp4, .webm or .gif. Without it, an MP4 beside the picture.",
        "--out",
        "-o",
    ),
]
Visemes = Annotated[Path | None, _option(FILES, "Also write the visemes and times, as JSON.")]
Blendshapes = Annotated[
    Path | None, _option(FILES, "Also write ARKit-52 blendshapes for every frame, as CSV.")
]

_VIDEO = "The video"

Fps = Annotated[
    str | None,
    _option(
        _VIDEO,
        "Frames a second, 12 to 60, such as 29.97.",
        show_default="25, or a video's own",
    ),
]
VideoSize = Annotated[
    str | None,
    _option(_VIDEO, "Without it, the size of the picture.", "--size", metavar="WxH|720p|1080p"),
]
FitInto = Annotated[Fit, _option(_VIDEO, "When the size has another shape.", "--fit")]
Behind = Annotated[
    str,
    _option(
        _VIDEO,
        "What is behind the person: a colour is a name or #rrggbb.",
        "--background",
        metavar="keep|blur|COLOUR|IMAGE",
    ),
]

_FACE = "The face"

Engine = Annotated[
    str | None,
    _option(
        _FACE,
        "What draws the face; see: lipsmith engines.",
        autocompletion=complete_engine,
        show_default="rig",
    ),
]
WhichFace = Annotated[
    str | None,
    _option(
        _FACE,
        "Which face: its number by size, from 0 (see: lipsmith inspect), a picture of the "
        "person, or auto: who speaks in the video.",
        "--face",
        metavar="N|PICTURE|auto",
    ),
]
Motion = Annotated[float, _option(_FACE, "Of head and gaze, 0 to 2.")]
Expression = Annotated[float, _option(_FACE, "From serious, 0, to smiling, 2.")]
Blink = Annotated[bool, _option(_FACE, "Whether it blinks.", "--blink/--no-blink")]
Seed = Annotated[int, _option(_FACE, "Another seed, other small motions.")]

_SOURCE = "The source, a picture or a video"

VideoLength = Annotated[
    Length,
    _option(
        _SOURCE,
        "As the sound or the video; loop, bounce, hold: as the sound, and what is seen when the "
        "video is shorter.",
        "--length",
    ),
]
Rotate = Annotated[int, _option(_SOURCE, "Turn it clockwise, in degrees.", metavar="0|90|180|270")]
CropSource = Annotated[
    str | None,
    _option(
        _SOURCE,
        "Keep this much of it, in px; -1 is as far as it goes.",
        "--crop",
        metavar="X1,Y1,X2,Y2",
    ),
]
ResizeFactor = Annotated[float, _option(_SOURCE, "Divide both sides by this, 1 or more.")]
Stabilize = Annotated[bool, _option(_SOURCE, "Steady a video's camera.", "--stabilize")]

_FINISHING = "Finishing"

Restore = Annotated[
    str | None,
    _option(
        _FINISHING,
        "Sharpens the face: gfpgan, codeformer or restoreformer.",
        metavar="NAME",
        autocompletion=complete_restorer,
    ),
]
RestoreStrength = Annotated[float, _option(_FINISHING, "From 0, nothing, to 1.")]
Upscale = Annotated[
    str | None,
    _option(
        _FINISHING,
        "Enlarges the frames: realesrgan, lanczos or bicubic.",
        metavar="NAME",
        autocompletion=complete_upscaler,
    ),
]
UpscaleFactor = Annotated[
    int | None,
    _option(_FINISHING, "Without it, what --size needs.", metavar="2|4"),
]
Order = Annotated[
    FinishingOrder, _option(_FINISHING, "Which of the two comes first.", "--finishing-order")
]
RestoreWeights = Annotated[
    Path | None, _option(_FINISHING, "A file of your own for --restore.", metavar="FILE")
]
UpscaleWeights = Annotated[
    Path | None, _option(_FINISHING, "A file of your own for --upscale.", metavar="FILE")
]

_NETWORK = "Neural engines"

Device = Annotated[
    str | None,
    _option(_NETWORK, "auto, cpu, cuda, cuda:N or mps.", metavar="NAME", show_default="auto"),
]
NumberFormat = Annotated[Precision, _option(_NETWORK, "Of the network's numbers.", "--precision")]
RunBy = Annotated[Runtime, _option(_NETWORK, "The library that runs the network.", "--runtime")]
BatchSize = Annotated[
    int | None, _option(_NETWORK, "Frames at once; without it, as many as fit.", metavar="N")
]
Weights = Annotated[
    Path | None, _option(_NETWORK, "A file of your own for --engine.", metavar="FILE")
]

_BOX = "Cutting the face out, for neural engines"

Pads = Annotated[
    str | None,
    _option(
        _BOX,
        "Added to the box of the face, in px: top, bottom, left, right.",
        metavar="T,B,L,R",
        show_default="0,10,0,0",
    ),
]
Box = Annotated[
    str | None,
    _option(
        _BOX,
        "Where the face is, in px of the source: left, top, right, bottom.",
        metavar="L,T,R,B",
    ),
]
StaticBox = Annotated[
    bool,
    _option(_BOX, "The first box holds for the whole video.", "--static-box/--no-static-box"),
]
SmoothBox = Annotated[
    bool, _option(_BOX, "Boxes are means over time.", "--smooth-box/--no-smooth-box")
]
_DETECTION = "Finding the face"

DetectorName = Annotated[
    Detector, _option(_DETECTION, "What finds the face.", "--detector", metavar="builtin|s3fd")
]
DetectorBatchSize = Annotated[
    int | None, _option(_DETECTION, "Pictures at once; without it, as many as fit.", metavar="N")
]
