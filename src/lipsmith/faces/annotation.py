"""A picture with what was found drawn over it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from lipsmith.core.image import Picture, RgbImage
from lipsmith.core.portrait import Face
from lipsmith.core.request import Size
from lipsmith.faces import framing, pose

_MIN_SIDE_PX = 720
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_COLOURS = ((64, 224, 128), (255, 176, 32), (64, 176, 255), (255, 96, 192), (200, 160, 255))
_AXES = ((255, 64, 64), (64, 224, 64), (64, 128, 255))


def annotate(picture: Picture, faces: Sequence[Face]) -> RgbImage:
    """Draw each face's number, box, mesh and axes over a copy of the picture, and notes below it.

    Small pictures are enlarged, so that the writing can be read. The axes point to the viewer's
    right (red), down (green) and out of the face (blue).
    """
    scale = max(1.0, _MIN_SIDE_PX / max(picture.width, picture.height))
    size = Size(round(picture.width * scale), round(picture.height * scale))
    canvas = framing.resize(picture.pixels, size).copy()
    thickness = max(1, round(max(size.width, size.height) / 700))
    for number, face in enumerate(faces):
        moved = framing.move(face, scale, scale, 0, 0)
        _draw_mesh(canvas, moved, number, thickness)
        _draw_axes(canvas, moved, thickness + 1)
        _draw_box(canvas, moved, number, thickness)
    return np.concatenate([canvas, _notes(canvas, faces, thickness)])


def _colour(number: int) -> tuple[int, int, int]:
    return _COLOURS[number % len(_COLOURS)]


def _draw_mesh(canvas: RgbImage, face: Face, number: int, thickness: int) -> None:
    """The landmarks joined to a net, and the irises as circles."""
    points = face.landmarks[:468, :2].astype(np.float32)
    low, high = points.min(0) - 1, points.max(0) + 1
    net = cv2.Subdiv2D((float(low[0]), float(low[1]), *(float(v) for v in high - low)))
    net.insert([(float(x), float(y)) for x, y in points])
    layer = canvas.copy()
    for x1, y1, x2, y2 in net.getEdgeList():
        if min(x1, x2) >= low[0] and max(x1, x2) <= high[0] and max(y1, y2) <= high[1]:
            ends = (round(x1), round(y1)), (round(x2), round(y2))
            cv2.line(layer, *ends, _colour(number), 1, cv2.LINE_AA)
    cv2.addWeighted(layer, 0.45, canvas, 0.55, 0, dst=canvas)
    for centre in (468, 473):
        rim = face.landmarks[centre + 1 : centre + 5, :2]
        x, y = face.landmarks[centre, :2]
        radius = round(np.linalg.norm(rim - (x, y), axis=1).mean())
        cv2.circle(canvas, (round(x), round(y)), radius, (255, 255, 255), thickness, cv2.LINE_AA)


def _draw_axes(canvas: RgbImage, face: Face, thickness: int) -> None:
    axes = pose.rotation(face.landmarks) * (1, 1, -1)
    length = 0.45 * face.box.width
    start = face.landmarks[4, :2]
    for axis, colour in zip(axes.T, _AXES, strict=True):
        end = start + axis[:2] * length
        from_point, to_point = (tuple(int(v) for v in np.round(p)) for p in (start, end))
        cv2.arrowedLine(
            canvas, from_point, to_point, colour, thickness, cv2.LINE_AA, tipLength=0.15
        )


def _draw_box(canvas: RgbImage, face: Face, number: int, thickness: int) -> None:
    colour = _colour(number)
    left, top = round(face.box.left), round(face.box.top)
    corner = (round(face.box.right), round(face.box.bottom))
    cv2.rectangle(canvas, (left, top), corner, colour, thickness + 1, cv2.LINE_AA)
    scale = 1.3 * _font_scale(canvas)
    _write(canvas, str(number), left, max(top, round(40 * scale)), colour, scale, thickness + 1)


def _notes(canvas: RgbImage, faces: Sequence[Face], thickness: int) -> RgbImage:
    """A strip as wide as the canvas: a line for each face, and its warnings under it."""
    lines = []
    for number, face in enumerate(faces):
        where = f"yaw {face.yaw_deg:+.0f}, pitch {face.pitch_deg:+.0f}, roll {face.roll_deg:+.0f}"
        size = f"{face.box.width:.0f}x{face.box.height:.0f} px"
        lines.append((f"{number}: {size}, {where}, score {face.score:.2f}", _colour(number)))
        lines.extend((f"   {warning}", (255, 255, 255)) for warning in face.warnings)
    if not faces:
        lines.append(("no face that can be animated", (255, 255, 255)))
    scale = _font_scale(canvas)
    pitch = round(56 * scale)
    strip = np.full((pitch * len(lines) + pitch // 2, canvas.shape[1], 3), 24, np.uint8)
    for line, (text, colour) in enumerate(lines, 1):
        _write(strip, text, 0, pitch * line, colour, scale, thickness)
    return strip


def _font_scale(canvas: RgbImage) -> float:
    height, width = canvas.shape[:2]
    return float(max(height, width)) / 1600


def _write(
    canvas: RgbImage,
    text: str,
    left: int,
    bottom: int,
    colour: tuple[int, int, int],
    scale: float,
    thickness: int,
) -> None:
    """Write on a darkened ground, smaller where the width does not suffice."""
    (width, height), below = cv2.getTextSize(text, _FONT, scale, thickness)
    room = canvas.shape[1] - left - height
    if width > room > 0:
        scale *= room / width
        (width, height), below = cv2.getTextSize(text, _FONT, scale, thickness)
    edge = max(2, height // 3)
    top = max(0, bottom - height - below - 2 * edge)
    ground = canvas[top:bottom, max(0, left) : left + width + 2 * edge]
    ground[:] = ground // 4
    baseline = (left + edge, top + edge + height)
    cv2.putText(canvas, text, baseline, _FONT, scale, colour, thickness, cv2.LINE_AA)
