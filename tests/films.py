"""Small videos, made of the packaged portrait or of plain pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.codec.context import Flags
from numpy.typing import NDArray
from scipy.spatial import Delaunay

Pixels = NDArray[np.uint8]

FACE = (224.0, 120.0)
"""The middle of the face in the portrait, px."""


def write_film(
    path: Path,
    pictures: Iterable[Pixels],
    *,
    fps: Fraction = Fraction(25),
    gop: int = 250,
    times: Sequence[int] | None = None,
    rotation: int = 0,
    aspect: Fraction = Fraction(1),
    sound: NDArray[np.float32] | None = None,
    rate_hz: int = 16000,
    interlaced: bool = False,
) -> Path:
    """Nearly lossless H.264. times: of each picture, in ms. rotation: degrees counter-clockwise to
    be shown. sound: (n,). interlaced: even lines are of an earlier moment than odd ones."""
    with av.open(str(path), "w") as container:
        stream = None
        audio = container.add_stream("aac", rate=rate_hz) if sound is not None else None
        for index, pixels in enumerate(pictures):
            if stream is None:
                stream = container.add_stream(
                    "libx264", rate=fps, options={"crf": "4", "preset": "ultrafast"}
                )
                stream.width, stream.height = pixels.shape[1], pixels.shape[0]
                stream.pix_fmt = "yuv444p" if pixels.shape[0] % 2 else "yuv420p"
                stream.codec_context.gop_size = gop
                stream.codec_context.sample_aspect_ratio = aspect
                stream.codec_context.time_base = Fraction(1, 1000) if times else 1 / fps
                if interlaced:
                    stream.codec_context.flags |= Flags.interlaced_dct | Flags.interlaced_me
                if rotation:
                    stream.set_display_rotation(rotation)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            frame = frame.reformat(format=stream.pix_fmt)
            frame.pts = times[index] if times else index
            frame.time_base = stream.codec_context.time_base
            container.mux(stream.encode(frame))
        assert stream is not None
        container.mux(stream.encode(None))
        if audio is not None and sound is not None:
            block = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(sound[None], np.float32), format="fltp", layout="mono"
            )
            block.sample_rate, block.pts = rate_hz, 0
            container.mux(audio.encode(block))
            container.mux(audio.encode(None))
    return path


def numbered(count: int, height: int = 96, width: int = 128) -> list[Pixels]:
    """Grey pictures whose brightness tells their number: 20 + 4 * number."""
    return [np.full((height, width, 3), 20 + 4 * (index % 55), np.uint8) for index in range(count)]


def number_of(pixels: Pixels) -> int:
    """Which of the `numbered` pictures it is."""
    return round((float(pixels.mean()) - 20) / 4)


def view(
    portrait: Pixels,
    *,
    shift: tuple[float, float] = (0.0, 0.0),
    zoom: float = 1.0,
    turn_deg: float = 0.0,
    side: int = 256,
) -> Pixels:
    """A square look at the portrait's face, (side, side, 3), moved by px of the result."""
    return np.asarray(
        cv2.warpAffine(
            portrait,
            placing(shift=shift, zoom=zoom, turn_deg=turn_deg, side=side),
            (side, side),
            flags=cv2.INTER_AREA,
            borderMode=cv2.BORDER_REFLECT,
        ),
        np.uint8,
    )


def placing(
    *,
    shift: tuple[float, float] = (0.0, 0.0),
    zoom: float = 1.0,
    turn_deg: float = 0.0,
    side: int = 256,
) -> NDArray[np.float64]:
    """(2, 3): from px of the portrait to those of such a `view`."""
    matrix = cv2.getRotationMatrix2D(FACE, turn_deg, zoom * side / 256)
    matrix[:, 2] += (side / 2 - FACE[0] + shift[0], side / 2 - FACE[1] + shift[1])
    return np.asarray(matrix)


def turned_head(
    pixels: Pixels, landmarks: NDArray[np.float64], turn_deg: float
) -> tuple[Pixels, NDArray[np.float64]]:
    """The face of (478, 3) landmarks turned to the viewer's right about the middle of its head, as
    far as one picture can show it, and where its landmarks are then. Around it nothing moves."""
    mesh = landmarks[:468]
    middle = mesh.mean(0) + np.array([0.0, 0.0, 0.35 * np.ptp(mesh[:, 0])])
    cos, sin = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    turned = (landmarks - middle) @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]) + middle
    triangles = Delaunay(mesh[:, :2]).simplices
    triangles = triangles[np.argsort(-turned[triangles, 2].mean(1))]  # the farthest first
    height, width = pixels.shape[:2]
    shown = np.zeros((height, width), np.int32)
    for number, corners in enumerate(triangles, 1):
        cv2.fillConvexPoly(
            shown, np.rint(turned[corners, :2] * 16).astype(np.int32), number, shift=4
        )
    ones = np.ones((len(triangles), 3, 1))
    there = np.concatenate([turned[triangles][..., :2], ones], 2) + 1e-9 * np.eye(3)
    maps = np.linalg.solve(there, landmarks[triangles][..., :2])
    y, x = np.nonzero(shown)
    at = np.stack([x, y, np.ones_like(x)], -1)[:, None] @ maps[shown[y, x] - 1]
    places = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1).astype(np.float32)
    places[y, x] = at[:, 0]
    made = cv2.remap(pixels, places[..., 0], places[..., 1], cv2.INTER_CUBIC)
    return np.asarray(made, np.uint8), turned
