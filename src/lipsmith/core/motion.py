"""What a face does in each video frame.

Lengths are millimetres on an adult face whose pupils are 63 mm apart; the engine scales them to
the picture. "left" and "right" are the viewer's, as in the picture. x points right, y down,
z away from the viewer, all in the head's own frame.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.speech import Mark


class Viseme(StrEnum):
    """The 15 mouth classes of the Oculus lip-sync convention."""

    SIL = "sil"
    PP = "PP"
    FF = "FF"
    TH = "TH"
    DD = "DD"
    KK = "kk"
    CH = "CH"
    SS = "SS"
    NN = "nn"
    RR = "RR"
    AA = "aa"
    E = "E"
    IH = "ih"
    OH = "oh"
    OU = "ou"


@dataclass(frozen=True, slots=True)
class TimedViseme:
    """A viseme and its stretch of sound, in samples from the start of the speech."""

    viseme: Viseme
    start: int
    end: int
    stress: int = 0


@dataclass(frozen=True, slots=True)
class MouthPose:
    """The mouth, as offsets from a closed mouth at rest.

    upper_raise_mm, lower_drop_mm: the lips' inner edges away from the closed lip line, >= 0.
    width_mm: change of each mouth corner's distance from the middle, negative narrows.
    jaw_mm: drop of the chin and the lower teeth.
    press: 0..1 lips pressed together (m, b, p). labiodental: 0..1 lower lip under the upper
    teeth (f, v). round: 0..1 lips pushed forward (u, w, sh). smile: -1..1 corners down or up.
    tongue: 0..1 tip raised behind the upper teeth (t, d, n, l). tongue_out: 0..1 between the
    teeth (th).
    """

    upper_raise_mm: float = 0.0
    lower_drop_mm: float = 0.0
    width_mm: float = 0.0
    jaw_mm: float = 0.0
    press: float = 0.0
    labiodental: float = 0.0
    round: float = 0.0
    smile: float = 0.0
    tongue: float = 0.0
    tongue_out: float = 0.0


@dataclass(frozen=True, slots=True)
class EyesPose:
    """Lids, gaze and brows.

    blink_left, blink_right: 0 open as in the picture .. 1 shut.
    gaze_x_mm, gaze_y_mm: shift of the irises. brow_mm: raise of the brows, may be negative.
    squint: 0..1 raise of the lower lids, as in a smile.
    """

    blink_left: float = 0.0
    blink_right: float = 0.0
    gaze_x_mm: float = 0.0
    gaze_y_mm: float = 0.0
    brow_mm: float = 0.0
    squint: float = 0.0


@dataclass(frozen=True, slots=True)
class HeadPose:
    """The head and the body, as offsets from the picture.

    yaw_rad: turns to the viewer's right. pitch_rad: nods down. roll_rad: tilts clockwise.
    x_mm, y_mm: translation. breath: -1..1, chest and shoulders rise with it.
    """

    yaw_rad: float = 0.0
    pitch_rad: float = 0.0
    roll_rad: float = 0.0
    x_mm: float = 0.0
    y_mm: float = 0.0
    breath: float = 0.0


@dataclass(frozen=True, slots=True)
class Pose:
    """Everything that the face does in one frame."""

    mouth: MouthPose = field(default_factory=MouthPose)
    eyes: EyesPose = field(default_factory=EyesPose)
    head: HeadPose = field(default_factory=HeadPose)


@dataclass(frozen=True, slots=True)
class TrackFrame:
    """One video frame's worth of a mouth track: the pose and the sound that goes with it.

    samples: (n, channels) float32, the sound from this frame's start to the next frame's.
    viseme: the one that dominates the frame. progress: share of the input consumed, 0..1.
    marks: those of the text that are reached in it.
    """

    index: int
    pose: Pose
    samples: NDArray[np.float32]
    viseme: Viseme
    progress: float
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class MouthTrack:
    """A stream of track frames; frame i starts at i / fps seconds of the sound."""

    fps: Fraction
    rate_hz: int
    channels: int
    frames: Iterator[TrackFrame]


def first_sample(frame: int, rate_hz: int, fps: Fraction) -> int:
    """Where a frame begins in the sound."""
    return math.ceil(frame * rate_hz / fps)


def frame_count(samples: int, rate_hz: int, fps: Fraction) -> int:
    """Frames of a video that holds all of `samples`: those that begin before the last one ends."""
    return math.floor((samples - 1) * fps / rate_hz) + 1
